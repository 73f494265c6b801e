// SPDX-License-Identifier: Apache-2.0
// A connection of ours to an endpoint that speaks HTTP/2: frames in and out through nghttp2, each
// request a stream of its own. upstream/ pools it. Driven by completions, not by a coroutine, so
// that its owner may end it at any moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/intrusive_list.h"
#include "http/stream.h"
#include "http2/conduct.h"
#include "http2/head_builder.h"
#include "http2/settings.h"
#include "net/byte_stream.h"

struct nghttp2_session;

namespace gg {

class Http2ClientStream;

class Http2ClientConnection {
 public:
  class Owner {
   public:
    /// It opened, was lost, is to be used no more, or its last stream is gone. Called from the
    /// engine alone; the connection may be destroyed there if it has no stream.
    virtual void connection_changed(Http2ClientConnection& connection) = 0;

   protected:
    ~Owner() = default;
  };

  /// Says hello. `settings` and `owner` outlive the connection; `greeting` is when the endpoint
  /// must have said hello, too.
  Http2ClientConnection(std::unique_ptr<ByteStream> bytes, const Http2ClientSettings& settings,
                        Owner& owner, Deadline greeting);
  Http2ClientConnection(const Http2ClientConnection&) = delete;
  Http2ClientConnection& operator=(const Http2ClientConnection&) = delete;
  /// No stream is left. Ends the connection, in an orderly way if it is whole.
  ~Http2ClientConnection();

  /// Has the endpoint shown that it speaks HTTP/2? No request is sent before.
  bool is_open() const { return has_settings_; }
  /// Why nothing goes either way any more.
  const std::optional<StreamError>& failure() const { return failure_; }
  /// Why it takes no requests, whether it goes on or not: the endpoint said goodbye, or what was
  /// sent did not go out.
  std::optional<StreamError> reason_of_retirement() const;
  /// What came in place of HTTP/2.
  std::string_view first_bytes() const { return first_bytes_.view(); }
  /// So many more requests could begin now.
  std::size_t room() const;
  bool may_begin() const { return room() > 0; }
  /// Does the endpoint let a stream be a WebSocket (RFC 8441 3)? Once it is open.
  bool takes_websockets() const;
  /// It takes none any more; the present ones go on.
  void retire();
  bool is_retired() const { return is_retired_ || failure_.has_value(); }
  std::size_t streams() const { return stream_count_; }
  /// When anything came last.
  Instant last_heard() const { return last_heard_; }

 private:
  friend class Http2ClientStream;
  friend struct Http2ClientCallbacks;

  // Input.
  static void received(Operation& operation, void* connection);
  void start_receiving();
  void take_received();
  void feed(std::string_view bytes);
  bool is_something_else(std::string_view bytes);
  Deadline read_deadline() const;
  void look_at_the_clock();
  void fail(const StreamError& error);
  StreamError reason_of_end(const Http2ClientStream& stream) const;
  void tell_owner();

  // Output.
  static void sent(Operation& operation, void* connection);
  static void turn_ended(Operation& operation, void* connection);
  /// Writes once for everything that is said in this turn.
  void write_soon();
  void pump();
  void write(std::string_view bytes);
  void write_out();
  void take_sent();
  void say_goodbye();
  void close(Closing how);

  // For streams.
  void submit(Http2ClientStream& stream, const OutgoingRequest& request, bool has_body);
  void resume(const Http2ClientStream& stream);
  void reset(const Http2ClientStream& stream, std::uint32_t code);
  void consume(std::int32_t stream, std::size_t count);
  void forget(Http2ClientStream& stream);
  /// Asks whether the endpoint is there. The answer ends the doubt.
  void ask();
  /// Has the kernel taken more than so many bytes of the output?
  bool has_left(std::uint64_t offset) const;

  std::unique_ptr<ByteStream> bytes_;
  Engine& engine_;
  const Http2ClientSettings& settings_;
  Owner& owner_;
  nghttp2_session* session_ = nullptr;
  Http2HeadBuilder builder_;
  Http2Conduct conduct_;
  IntrusiveList<Http2ClientStream> streams_;
  std::size_t stream_count_ = 0;
  Deadline greeting_;
  Instant idle_since_;
  Instant last_heard_;
  Chunk first_bytes_;
  Chunk output_;   // to be sent next
  Chunk sending_;  // send_ points into it
  std::optional<Receive> receive_;
  std::optional<Send> send_;
  std::optional<Sleep> turn_end_;
  std::optional<StreamError> failure_;
  std::optional<IoError> send_error_;
  std::uint64_t queued_ = 0;  // bytes of output ever
  std::uint64_t left_ = 0;    // of these, taken by the kernel
  std::uint32_t questions_ = 0;
  std::uint32_t answers_ = 0;
  std::uint32_t goaway_last_ = UINT32_MAX;  // the last stream that the endpoint looks at
  std::uint32_t goaway_code_ = 0;
  Http2Abuse abuse_ = Http2Abuse::none;
  bool has_heard_ = false;     // anything
  bool has_settings_ = false;  // of the endpoint
  bool is_retired_ = false;
  bool is_in_doubt_ = false;  // an answer did not come, and nothing else has since
  bool writes_soon_ = false;
  bool has_news_ = false;
};

}  // namespace gg
