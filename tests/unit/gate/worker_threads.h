// SPDX-License-Identifier: Apache-2.0
// Worker threads with real sockets on the loopback, and one blocking client: for the tests of what
// crosses threads.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gate/worker_thread.h"
#include "unit/gate/gate_fixture.h"

namespace gg {

/// A listening socket on a port of the system's choice.
class Door {
 public:
  Door() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    GG_ASSERT(::bind(descriptor_, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0);
    GG_ASSERT(::listen(descriptor_, 16) == 0);
    socklen_t size = sizeof address_;
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  ~Door() { ::close(descriptor_); }

  WorkerListener listener() const {
    return {.descriptor = descriptor_,
            .address = Address::v4({127, 0, 0, 1}, ntohs(address_.sin_port)),
            .name = "door"};
  }
  /// Connects, sends `bytes`, and reads until the other side ends, for ten seconds at most.
  std::string ask(std::string_view bytes) const {
    int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    GG_ASSERT(::connect(client, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) ==
              0);
    GG_ASSERT(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(bytes.size()));
    std::string heard;
    char buffer[4096];
    for (ssize_t got = 1; got > 0;) {
      got = ::recv(client, buffer, sizeof buffer, 0);
      if (got > 0) heard.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(client);
    return heard;
  }

 private:
  int descriptor_;
  sockaddr_in address_{};
};

/// Nobody listens where the upstream is: every request is answered with a 502 at once.
class WorkerThreads : public testing::Test {
 protected:
  ~WorkerThreads() override {
    for (const std::unique_ptr<WorkerThread>& worker : workers_) worker->cut();
  }

  /// To be changed before anything else is used.
  Config& config() { return *config_; }
  const std::vector<std::unique_ptr<WorkerThread>>& workers() const { return workers_; }
  WorkerThread& worker(std::size_t index = 0) { return *workers_[index]; }
  /// Once there is a worker.
  SharedUpstreams& shared() { return *shared_; }
  const CounterSlots& route_slots() const { return routes_; }
  const CounterSlots& upstream_slots() const { return upstreams_; }

  /// One more worker, not started.
  WorkerThread& add_worker(LogWriter* log = nullptr) {
    if (!snapshot_) {
      snapshot_.emplace(config_, 1, routes_, upstreams_);
      shared_.emplace(*config_);
    }
    WorkerShared shared{
        .snapshot = *snapshot_, .upstreams = *shared_, .client_connections = client_connections_};
    workers_.push_back(std::move(*WorkerThread::make(shared, log)));
    return *workers_.back();
  }
  /// Runs `call(Worker&)` on a worker's thread and returns what it returned.
  template <class Call>
  static auto on_worker(WorkerThread& worker, Call call) {
    using Answer = std::invoke_result_t<Call, Worker&>;
    auto promise = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = promise->get_future();
    worker.run([promise, call](Worker& its) { promise->set_value(call(its)); });
    return answer.get();
  }
  static Endpoint& endpoint_of(Worker& worker, std::size_t index = 0) {
    return *worker.upstreams().at(0).endpoints()[index];
  }
  /// Waits for a condition that another thread brings about, for ten seconds at most.
  template <class Condition>
  static bool comes_true(Condition condition) {
    for (int i = 0; i < 10'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  static std::string last_request() {
    return "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  }

 private:
  std::shared_ptr<Config> config_ = config_to("http://127.0.0.1:1");
  CounterSlots routes_;
  CounterSlots upstreams_;
  std::optional<Snapshot> snapshot_;
  std::optional<SharedUpstreams> shared_;
  std::atomic<std::uint32_t> client_connections_{0};
  std::vector<std::unique_ptr<WorkerThread>> workers_;
};

}  // namespace gg
