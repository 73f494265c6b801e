// SPDX-License-Identifier: Apache-2.0
// One real worker on real sockets, between clients and an origin that live in the same thread and
// neither allocate nor use coroutines: whatever a test here counts is the gateway's own.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.h"
#include "engine/epoll/epoll_engine.h"
#include "gate/worker.h"
#include "report/access_log.h"
#include "report/fd_log_writer.h"

namespace gg {

/// A descriptor of the test's own, never waited for.
class PlainSocket {
 public:
  explicit PlainSocket(int descriptor) : descriptor_(descriptor) { GG_ASSERT(descriptor >= 0); }
  PlainSocket(PlainSocket&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), tail_(other.tail_) {}
  PlainSocket& operator=(PlainSocket&&) = delete;
  ~PlainSocket();

  /// On a loopback port that the kernel chooses.
  static PlainSocket listening();
  static PlainSocket connected_to(std::uint16_t port);

  int descriptor() const { return descriptor_; }
  std::uint16_t port() const;
  /// The descriptor of a connection that waits here; -1: none does.
  int accept() const;
  /// Returns how many of the bytes the kernel took.
  std::size_t send(std::string_view bytes) const;
  /// Takes what has come. Returns whether it ends with `end`, of at most 8 bytes; false if nothing
  /// has come.
  bool receive_until(std::string_view end);

 private:
  int descriptor_;
  std::array<char, 8> tail_{};  // the last bytes that came
};

/// What a client sends and an origin answers. Nobody parses anything: a message is whole when its
/// last bytes have come, which therefore occur nowhere else in it.
struct CostExchange {
  std::string request;
  std::string_view request_end;
  std::string answer;
  std::string_view answer_end;

  static CostExchange small_get();
  static CostExchange post_64k();
};

class OneWorker {
 public:
  OneWorker();
  OneWorker(const OneWorker&) = delete;
  OneWorker& operator=(const OneWorker&) = delete;
  ~OneWorker();

  Engine& engine() { return *engine_; }
  std::size_t sessions() const { return worker_->sessions(); }

  PlainSocket connect();
  /// One exchange, one at a time. True when the client has the whole answer.
  bool ask(PlainSocket& client, const CostExchange& exchange);
  /// Runs the gateway until it has that many clients. False: it does not come to that.
  bool run_until_sessions(std::size_t count);

 private:
  /// What the origin does between two turns of the gateway.
  void serve(const CostExchange& exchange);

  PlainSocket origin_ = PlainSocket::listening();
  PlainSocket door_ = PlainSocket::listening();
  PlainSocket nowhere_;  // where the access log goes
  FdLogWriter log_writer_;
  Tally log_dropped_;
  AccessLog log_;
  std::shared_ptr<const Config> config_;
  CounterSlots route_slots_;
  CounterSlots upstream_slots_;
  std::unique_ptr<Snapshot> snapshot_;
  std::unique_ptr<SharedUpstreams> shared_upstreams_;
  std::atomic<std::uint32_t> client_connections_{0};
  std::unique_ptr<EpollEngine> engine_;
  std::unique_ptr<Worker> worker_;
  std::vector<PlainSocket> served_;  // the origin's connections
};

}  // namespace gg
