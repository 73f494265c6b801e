// SPDX-License-Identifier: Apache-2.0
// The seam between the gateway and the world: time, chance, sockets and timers as operations that
// complete. Implemented by epoll/ (sockets) and sim/ (a simulated network); shaped so that a
// completion-based system (io_uring) fits as well: a read lends a buffer, and what is in flight
// belongs to the engine until it completes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/buffer.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/time.h"
#include "engine/address.h"
#include "engine/io_error.h"
#include "engine/operation.h"
#include "engine/socket.h"
#include "engine/timers.h"
#include "task/ready_queue.h"

namespace gg {

/// A message for another thread's engine. `run` is called once on the engine's thread, which then
/// owns the message.
class Message {
 public:
  virtual ~Message() = default;
  virtual void run() = 0;

 private:
  friend class Engine;
  Message* next_ = nullptr;
};

/// What the engine itself has done so far; for metrics and for tests of cost.
struct EngineCounters {
  std::uint64_t turns = 0;
  std::uint64_t accepts = 0;
  std::uint64_t connects = 0;
  std::uint64_t receives = 0;  // system calls, the futile ones included
  std::uint64_t sends = 0;
  std::uint64_t other_calls = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
};

/// One per worker. Everything but post() belongs to the engine's own thread.
class Engine {
 public:
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine();

  /// The time as of this turn; monotonic. Refreshed several times in a long turn.
  Instant now() const { return now_; }
  /// How long ago, at most, what is told now happened: for so long this thread was busy with other
  /// things (or was not let run) and did not look.
  Duration lag() const { return now_ - looked_; }
  /// The calendar time that belongs to now().
  WallTime wall_now() const {
    return {wall_at_start_.microseconds + now_.since_start.count() / 1000};
  }
  Rng& rng() { return rng_; }
  BufferPool& buffers() { return buffers_; }
  ReadyQueue& ready() { return ready_; }
  const EngineCounters& counters() const { return counters_; }

  /// Starts `operation`. True: it has completed already (its result is set, nobody is resumed).
  /// False: it will complete in a later turn, through Operation::finish. The operation and the
  /// memory it names must stay until then. A deadline that has passed still gets one try.
  bool submit(Operation& operation) {
    if (begin(operation)) return true;
    park(operation);
    return false;
  }
  /// Makes a waiting operation complete as `cancelled` within this or the next turn; never inline.
  /// One that does not wait is left alone. A Watch or a Connect with a callback is forgotten at
  /// once, uncalled.
  void cancel(Operation& operation);
  /// The same for a waiting operation that a stream above the engine keeps (tls/).
  void complete_as_cancelled(Operation& operation);
  /// Ends a socket and frees it; waiting operations complete as cancelled on the next turn.
  virtual void close(Socket& socket, Closing how) = 0;
  /// Sends an end of stream, and keeps reading possible.
  virtual void end_sending(Socket& socket) = 0;
  /// The address of a connected socket's own end; none if it has none any more.
  virtual Address local_address(const Socket& socket) const = 0;
  /// Takes over a listening socket that the process was given or has bound (a descriptor for
  /// epoll, a simulated address for sim). The engine works on a duplicate: closing what it returns
  /// leaves the process's own socket listening.
  virtual Result<SocketPtr, IoError> adopt_listener(int descriptor, const Address& address) = 0;
  /// Waits until something completes, a timer is due or `most` has passed, and handles what is
  /// there. `most` of zero only looks.
  virtual void turn(Duration most) = 0;

  /// Runs `message` on this engine's thread soon. Any thread; wait-free but for the wake-up.
  void post(std::unique_ptr<Message> message);

 protected:
  Engine(std::uint64_t seed, Instant start, WallTime wall_at_start)
      : now_(start), looked_(start), wall_at_start_(wall_at_start), rng_(seed), timers_(start) {}

  /// Makes turn() return early. Any thread.
  virtual void wake() = 0;
  /// Tries the operation: true if it is done. False if it now waits in the backend.
  virtual bool begin(Operation& operation) = 0;
  /// Drops a waiting operation from the backend; it never hears of it again.
  virtual void forget(Operation& operation) = 0;

  /// Runs what other threads posted.
  void run_messages();
  /// Fails every waiting operation whose deadline has passed, ends every sleep that is due.
  void run_timers();
  /// Finishes what was cancelled since.
  void run_cancelled();
  bool has_cancelled() const { return !cancelled_.empty(); }

  Instant now_;
  Instant looked_;  // nothing that is told now was there by then
  WallTime wall_at_start_;
  EngineCounters counters_;
  Rng rng_;
  BufferPool buffers_;
  ReadyQueue ready_;
  TimerWheel timers_;

 private:
  void park(Operation& operation);

  IntrusiveList<Operation> cancelled_;
  std::atomic<Message*> inbox_{nullptr};
};

inline void SocketCloser::operator()(Socket* socket) const {
  socket->engine().close(*socket, Closing::orderly);
}

}  // namespace gg
