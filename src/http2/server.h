// SPDX-License-Identifier: Apache-2.0
// A client's HTTP/2 connection: frames in and out through nghttp2, each request a stream of its
// own. gate/ runs it; what one connection may do to us is bounded in conduct.h.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "http2/conduct.h"
#include "http2/head_builder.h"
#include "http2/server_stream.h"
#include "http2/settings.h"
#include "net/byte_stream.h"
#include "task/scope.h"

struct nghttp2_session;

namespace gg {

/// Who serves the requests of a connection.
class Http2Requests {
 public:
  /// A request's head has come, or what is wrong with it. Starts serving it.
  virtual void begin(std::unique_ptr<Http2ServerStream> stream) = 0;

 protected:
  ~Http2Requests() = default;
};

class Http2ServerConnection {
 public:
  /// `first` is what was read of the connection already. `settings` outlives it.
  Http2ServerConnection(std::unique_ptr<ByteStream> bytes, Chunk first,
                        const Http2ServerSettings& settings);
  Http2ServerConnection(const Http2ServerConnection&) = delete;
  Http2ServerConnection& operator=(const Http2ServerConnection&) = delete;
  ~Http2ServerConnection();

  /// Reads until nothing more is to come: the client has left, broke the rules, idled for too long,
  /// or was told that this is the end. Streams that are left are lost then, unless they are what
  /// the end waits for.
  Task<void> read_all(Http2Requests& requests);
  /// Writes what is left, then ends the connection so that it arrives. No stream is left.
  Task<void> close_gracefully();

  /// Tells the client to take its next requests elsewhere, and a round trip later that none is
  /// taken from now on (RFC 9113 6.8).
  void retire();
  /// None is taken from now on; the connection ends with its last stream.
  void drain();
  /// Ends it at once, without a word.
  void end_now();

  /// Why the connection was ended over the client's conduct, if it was.
  Http2Abuse abuse() const { return abuse_; }
  /// Does a request that comes now get a connection that stays?
  bool persists() const { return goodbye_ == Goodbye::none; }
  std::size_t streams() const { return stream_count_; }
  ByteStream& bytes() const { return *bytes_; }

 private:
  friend class Http2ServerStream;
  friend struct Http2ServerCallbacks;

  /// How far the client was told of the end.
  enum class Goodbye : std::uint8_t { none, announced, said };

  // Input.
  void feed(std::string_view bytes);
  void start_requests(Http2Requests& requests);
  bool may_read() const;
  Deadline read_deadline() const;
  void read_timed_out();
  void condemn(Http2Abuse abuse, std::uint32_t code);
  void lose_streams();
  void stop_reading();
  void say_goodbye();

  // Output.
  /// Moves frames into output_ while there is room.
  void pump();
  void write(std::string_view bytes);
  Task<void> write_all();
  void wake_writer();
  auto next_output();

  // For streams.
  void submit_head(Http2ServerStream& stream, const OutgoingResponse& response, bool has_body);
  void submit_interim(Http2ServerStream& stream, const OutgoingResponse& response);
  void resume(const Http2ServerStream& stream);
  void reset(const Http2ServerStream& stream, std::uint32_t code);
  void reset_aborted(const Http2ServerStream& stream);
  void consume(std::int32_t stream, std::size_t count);
  void forget(Http2ServerStream& stream);

  std::unique_ptr<ByteStream> bytes_;
  Engine& engine_;
  const Http2ServerSettings& settings_;
  nghttp2_session* session_ = nullptr;
  Http2HeadBuilder builder_;
  Http2Conduct conduct_;
  std::unique_ptr<Http2ServerStream> arriving_;  // its header block is not whole yet
  std::vector<std::unique_ptr<Http2ServerStream>> begun_;
  IntrusiveList<Http2ServerStream> streams_;
  std::size_t stream_count_ = 0;
  Chunk first_;
  Chunk output_;
  Scope writing_;
  std::coroutine_handle<> writer_;
  Receive* reading_ = nullptr;
  Instant idle_since_{};
  Instant block_began_{};  // of a header block, or of the connection
  Http2Abuse abuse_ = Http2Abuse::none;
  Goodbye goodbye_ = Goodbye::none;
  bool in_block_ = true;       // before the first SETTINGS, or within a header block
  bool has_settings_ = false;  // the client's
  bool has_left_ = false;      // the client ended its side
  bool is_broken_ = false;     // nghttp2 must not be asked any more
  bool is_lost_ = false;       // no byte goes either way
  bool is_ending_ = false;     // nothing is written after what is there
};

}  // namespace gg
