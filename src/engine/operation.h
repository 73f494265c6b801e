// SPDX-License-Identifier: Apache-2.0
// The six things that can be waited for. Each is an awaitable that tries before it suspends:
//   Receive receive(stream, most, deadline);
//   Result<Chunk, IoError> bytes = co_await receive;
#pragma once

#include <sys/uio.h>

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/buffer.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/address.h"
#include "engine/io_error.h"
#include "engine/socket.h"
#include "engine/timers.h"

namespace gg {

class Engine;

/// One wait. Lives in the frame of whoever waits, does not move while it waits, and cannot be
/// destroyed before it has completed (cancel it, then let it complete).
class Operation : public Timer {
 public:
  enum class Kind : std::uint8_t {
    accept,
    connect,
    receive,
    send,
    watch,
    sleep,
    handshake,  // of a stream above the engine (tls/), which never sees it
  };
  enum class State : std::uint8_t { fresh, waiting, done };

  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  Kind kind() const { return kind_; }
  bool is_waiting() const { return state_ == State::waiting; }
  Deadline deadline() const { return deadline_; }
  const std::optional<IoError>& error() const { return error_; }

  /// For implementations of engines and streams.
  void set_waiting() { state_ = State::waiting; }
  void set_done() {
    state_ = State::done;
    unlink();
  }
  void fail(IoError error) {
    error_ = error;
    set_done();
  }
  /// Completes a waiting operation: hands it to its layer, or resumes who awaits it. The result is
  /// set. The operation may be gone when this returns.
  void finish() {
    if (on_complete_ != nullptr) {
      on_complete_(*this, layer_);
    } else if (waiter_) {
      std::exchange(waiter_, {}).resume();
    }
  }
  /// For a stream that does more than one step per operation (TLS), or for a wait that no
  /// coroutine awaits: called instead of resuming.
  void on_complete(void (*callback)(Operation&, void*), void* layer) {
    on_complete_ = callback;
    layer_ = layer;
  }
  bool has_callback() const { return on_complete_ != nullptr; }
  void set_waiter(std::coroutine_handle<> waiter) { waiter_ = waiter; }

 protected:
  Operation(Kind kind, Deadline deadline) : kind_(kind), deadline_(deadline) {}
  ~Operation();
  void set_deadline(Deadline deadline) { deadline_ = deadline; }

  std::optional<IoError> error_;

 private:
  Kind kind_;
  State state_ = State::fresh;
  Deadline deadline_;
  std::coroutine_handle<> waiter_;
  void (*on_complete_)(Operation&, void*) = nullptr;
  void* layer_ = nullptr;
};

/// Where operations on a byte stream go: straight to the engine, or through TLS first. The stream
/// half of net/byte_stream.h.
class OperationSink {
 public:
  /// As Engine::submit.
  virtual bool submit(Operation& operation) = 0;
  /// As Engine::cancel.
  virtual void cancel(Operation& operation) = 0;

 protected:
  ~OperationSink() = default;
};

namespace operation_detail {

/// The awaiting half, shared by all kinds. `Derived` gives take_result().
template <class Derived>
struct Awaitable {
  bool await_ready() { return self().start(); }
  void await_suspend(std::coroutine_handle<> waiter) { self().set_waiter(waiter); }
  auto await_resume() { return self().take_result(); }

 private:
  Derived& self() { return static_cast<Derived&>(*this); }
};

}  // namespace operation_detail

/// Reads what is there, at most `most` bytes, into a lent chunk. An empty chunk is the end; after
/// any operation on the socket has failed with a reset, no receive shows a clean end.
class Receive final : public Operation, public operation_detail::Awaitable<Receive> {
 public:
  Receive(OperationSink& sink, Socket* socket, std::size_t most, Deadline deadline)
      : Operation(Kind::receive, deadline), sink_(&sink), socket_(socket), most_(most) {}

  bool start() { return sink_->submit(*this); }
  Result<Chunk, IoError> take_result() {
    if (error_) return Failure(*error_);
    return std::move(bytes_);
  }

  Socket& socket() const { return *socket_; }
  std::size_t most() const { return most_; }
  void complete(Chunk bytes) {
    bytes_ = std::move(bytes);
    set_done();
  }

 private:
  OperationSink* sink_;
  Socket* socket_;
  std::size_t most_;
  Chunk bytes_;
};

/// Writes all of a few runs of bytes, or fails; sent() says how much went to the kernel either way.
/// The bytes must stay until it completes.
class Send final : public Operation, public operation_detail::Awaitable<Send> {
 public:
  static constexpr std::size_t parts_max = 4;

  Send(OperationSink& sink, Socket* socket, SendLimit limit)
      : Operation(Kind::send, limit.deadline()), sink_(&sink), socket_(socket), limit_(limit) {}
  Send(OperationSink& sink, Socket* socket, std::string_view bytes, SendLimit limit)
      : Send(sink, socket, limit) {
    add(bytes);
  }

  /// Empty runs are left out. At most parts_max others, before it is awaited.
  void add(std::string_view bytes);

  bool start() { return sink_->submit(*this); }
  Result<void, IoError> take_result() {
    if (error_) return Failure(*error_);
    return {};
  }

  Socket& socket() const { return *socket_; }
  std::size_t sent() const { return sent_; }
  std::size_t left() const { return left_; }
  std::span<iovec> parts() { return std::span(parts_).subspan(first_, count_ - first_); }
  /// Counts `count` more bytes as sent by `now` and drops them from parts().
  void advance(std::size_t count, Instant now);

  const SendLimit& limit() const { return limit_; }
  /// For engines, when the deadline has passed: true if it has moved, for bytes went meanwhile.
  bool renew(Instant now) {
    if (!limit_.renew(now)) return false;
    set_deadline(limit_.deadline());
    return true;
  }

 private:
  OperationSink* sink_;
  Socket* socket_;
  std::array<iovec, parts_max> parts_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t sent_ = 0;
  std::size_t left_ = 0;
  SendLimit limit_;
};

/// Waits for news of an idle socket and reads nothing: for pooled connections, and for noticing a
/// client that has gone. A peer that only finished sending is not gone.
class Watch final : public Operation, public operation_detail::Awaitable<Watch> {
 public:
  enum class For : std::uint8_t {
    anything,  // bytes, an end of stream, a failure
    failure,   // a reset, or both directions closed
  };
  enum class Seen : std::uint8_t { bytes, end, failure };

  Watch(OperationSink& sink, Socket* socket, For what, Deadline deadline)
      : Operation(Kind::watch, deadline), sink_(&sink), socket_(socket), what_(what) {}

  bool start() { return sink_->submit(*this); }
  Result<Seen, IoError> take_result() {
    if (error_) return Failure(*error_);
    return seen_;
  }

  Socket& socket() const { return *socket_; }
  For what() const { return what_; }
  void complete(Seen seen) {
    seen_ = seen;
    set_done();
  }

 private:
  OperationSink* sink_;
  Socket* socket_;
  For what_;
  Seen seen_ = Seen::bytes;
};

/// A connection that was accepted, and who made it.
struct Accepted {
  SocketPtr socket;
  Address peer;
};

class Accept final : public Operation, public operation_detail::Awaitable<Accept> {
 public:
  Accept(Engine& engine, Socket& listener)
      : Operation(Kind::accept, Deadline::never()), engine_(&engine), listener_(&listener) {}

  bool start();
  Result<Accepted, IoError> take_result();

  Socket& listener() const { return *listener_; }
  void complete(SocketPtr socket, const Address& peer);

 private:
  Engine* engine_;
  Socket* listener_;
  SocketPtr socket_;
  Address peer_;
};

class Connect final : public Operation, public operation_detail::Awaitable<Connect> {
 public:
  Connect(Engine& engine, const Address& to, Deadline deadline)
      : Operation(Kind::connect, deadline), engine_(&engine), to_(to) {}

  bool start();
  Result<SocketPtr, IoError> take_result();

  const Address& to() const { return to_; }
  /// The socket that is being connected; set by the engine, handed out on success.
  SocketPtr& socket() { return socket_; }

 private:
  Engine* engine_;
  Address to_;
  SocketPtr socket_;
};

/// Ends at its moment, or earlier through Engine::cancel. The result says which: true if it slept
/// to the end.
class Sleep final : public Operation, public operation_detail::Awaitable<Sleep> {
 public:
  Sleep(Engine& engine, Instant until)
      : Operation(Kind::sleep, Deadline::at(until)), engine_(&engine) {}

  bool start();
  bool take_result() const { return !error_.has_value(); }

 private:
  Engine* engine_;
};

}  // namespace gg
