// SPDX-License-Identifier: Apache-2.0
// The body of a client's request as attempts see it: read from the client once, kept while it may
// have to be sent again, read by each attempt from its start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "http/stream.h"

namespace gg {

/// Room for kept bodies of all exchanges of a worker. One thread.
struct KeptBodies {
  std::size_t most = std::size_t{64} << 20;  // bytes
  std::size_t used = 0;
};

/// One exchange's; its thread. At most one reader takes from the client at a time; readers of what
/// is kept do not disturb each other.
class RequestBody {
 public:
  /// How far one attempt has read.
  struct Cursor {
    std::size_t chunk = 0;
    std::size_t offset = 0;      // in that chunk
    std::uint64_t position = 0;  // in the body
    bool ended = false;
    bool is_lent = false;  // the last part is the client stream's
  };

  /// `client` outlives the body.
  explicit RequestBody(ServerStream& client) : client_(client) {}
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;
  ~RequestBody() { drop(); }

  /// Keeps what is read from now on, up to `most` bytes, while `room` has room. Both outlive the
  /// body.
  void keep(std::uint64_t most, KeptBodies& room, BufferPool& pool);
  /// Could an attempt that begins now read the body from its start?
  bool can_be_replayed() const { return received_ == kept_bytes_ && !failed_; }
  /// Is all of it here, so that several attempts may send it at a time?
  bool is_whole() const { return whole_ && can_be_replayed(); }
  /// Has all of it been read from the client?
  bool has_ended() const { return whole_; }
  /// Is what is read being kept?
  bool is_kept() const { return room_ != nullptr; }
  /// Bytes taken from the client, without framing.
  std::uint64_t received() const { return received_; }

  /// All of it, which is_whole(). Trailers are left out.
  std::string copy() const;

  /// Would read() give something (or fail) at once?
  bool is_ready(const Cursor& cursor) const;
  /// The next part. It lives until the next read() of the same cursor. Fails as
  /// Stream::read_body does.
  Task<Result<BodyPart, StreamError>> read(Cursor& cursor, Deadline deadline);
  /// The part that `cursor` read last is needed no more.
  void release(Cursor& cursor);
  /// Makes a read() that waits for the client fail as cancelled.
  void interrupt() { client_.interrupt_reading(); }

 private:
  BodyPart replay(Cursor& cursor);
  void note(const BodyPart& part, Cursor& cursor);
  void keep_bytes(std::string_view bytes);
  void drop();

  ServerStream& client_;
  BufferPool* pool_ = nullptr;
  KeptBodies* room_ = nullptr;  // while bytes are kept
  std::uint64_t most_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t kept_bytes_ = 0;
  std::vector<Chunk> kept_;
  const Fields* trailers_ = nullptr;  // of the client's stream, as long as the exchange
  bool whole_ = false;
  bool failed_ = false;
};

}  // namespace gg
