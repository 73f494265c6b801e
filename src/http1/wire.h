// SPDX-License-Identifier: Apache-2.0
// What both ends of an HTTP/1 connection share: unread input, and bodies in and out by their
// framing. Used by server.cc and client.cc only; knows nothing of heads' meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "http/framing.h"
#include "http/stream.h"
#include "http1/chunked.h"
#include "net/byte_stream.h"

namespace gg {

/// What only a chunked body needs; apart, so that other connections are smaller.
struct ChunkedBody {
  explicit ChunkedBody(BufferPool& pool) : decoder(pool) {}

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* body, std::size_t size) noexcept { release_frame(body, size); }

  ChunkedDecoder decoder;
  Fields trailers;
};

/// One connection's bytes. One reader and one writer at a time; one thread.
class Http1Wire {
 public:
  explicit Http1Wire(std::unique_ptr<ByteStream> bytes)
      : bytes_(std::move(bytes)), pool_(&bytes_->engine().buffers()) {}

  ByteStream& bytes() const { return *bytes_; }
  BufferPool& pool() const { return *pool_; }

  // Input
  // ------------------------------------------------------------------------------------------

  /// What came and was not consumed yet; lives until the next accept or consume.
  std::string_view unread() const { return input_.view().substr(lent_); }
  /// Forgets `count` bytes of unread(); the last one gives the buffer back.
  void consume(std::size_t count);
  /// A receive to await; then give its chunk to accept().
  Receive receive(std::size_t most, Deadline deadline) { return bytes_->receive(most, deadline); }
  /// Puts `chunk` behind what is unread.
  void accept(Chunk chunk);
  /// What was accepted and not consumed, for who goes on with another protocol.
  Chunk take_input() { return std::move(input_); }
  std::unique_ptr<ByteStream> take_bytes() { return std::move(bytes_); }
  /// Moves a little unread input out of a large block, before a wait that may be long.
  void compact();

  // Bodies in
  // --------------------------------------------------------------------------------------

  /// The body that follows has this framing.
  void expect_body(const Framing& framing);
  bool body_is_complete() const { return incoming_ == Incoming::done; }
  Task<Result<BodyPart, StreamError>> read_body(Deadline deadline);
  void interrupt_reading();
  /// The one operation that reads, while it waits: who awaits one of their own names it here.
  void note_reading(Operation* operation) { reading_ = operation; }
  bool body_is_ready() const { return incoming_ == Incoming::done || input_.size() > lent_; }

  // Bodies out
  // -------------------------------------------------------------------------------------

  enum class Outgoing : std::uint8_t { done, length, chunked, raw };

  /// What is sent next is a body of this kind; `length` counts for `length` only.
  void begin_body(Outgoing kind, std::uint64_t length = 0);
  bool body_is_sent() const { return outgoing_ == Outgoing::done; }
  /// Would the peer notice that a connection closed now breaks off a body?
  bool break_is_visible() const {
    return outgoing_ == Outgoing::length || outgoing_ == Outgoing::chunked;
  }
  /// Spare bytes behind a head that let a small `first` part be sent with it as one run.
  static std::size_t room_for(const BodyPart& first);
  /// Sends `head` (may be empty) and a part of the body in one call of the system.
  Task<Result<void, StreamError>> send(Chunk head, BodyPart part, SendLimit limit);
  /// Makes a send that waits fail as cancelled. The message it belongs to stays incomplete.
  void interrupt_sending();

  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t bytes_written() const { return bytes_written_; }
  /// Starts counting bytes anew, for the next exchange.
  void reset_counts() { bytes_read_ = bytes_written_ = 0; }
  /// Body bytes without framing since expect_body and begin_body.
  std::uint64_t body_read() const { return body_read_; }
  std::uint64_t body_sent() const { return body_sent_; }

 private:
  enum class Incoming : std::uint8_t { done, length, chunked, until_close };

  /// The next part of the body out of what is unread, or nothing if more must be read.
  Result<std::optional<BodyPart>, StreamError> next_part();
  Result<std::optional<BodyPart>, StreamError> next_chunked_part();
  BodyPart lend(std::size_t count, bool last);
  void return_lent();
  std::size_t next_read_size() const;

  std::unique_ptr<ByteStream> bytes_;
  BufferPool* pool_;
  Chunk input_;
  std::size_t lent_ = 0;  // bytes at input_'s front that the last body part still points into
  std::size_t read_size_ = body_read_first;  // where the length of a body is not known
  Operation* reading_ = nullptr;
  Send* sending_ = nullptr;
  std::uint64_t incoming_left_ = 0;
  std::uint64_t outgoing_left_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_written_ = 0;
  std::uint64_t body_read_ = 0;
  std::uint64_t body_sent_ = 0;
  Incoming incoming_ = Incoming::done;
  Outgoing outgoing_ = Outgoing::done;
  std::unique_ptr<ChunkedBody> chunked_;  // while a chunked body comes in, and its trailers live

  static constexpr std::size_t body_read_first = std::size_t{64} << 10;
  static constexpr std::size_t body_read_most = std::size_t{256} << 10;
};

}  // namespace gg
