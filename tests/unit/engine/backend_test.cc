// SPDX-License-Identifier: Apache-2.0
// The two kinds of backend that the conformance suite runs on, and what they promise it.
#include "backend.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/epoll/epoll_engine.h"
#include "engine/epoll/sockaddr.h"
#include "engine/sim/sim_engine.h"

namespace gg {

namespace {

class EpollBackend final : public Backend {
 public:
  EpollBackend() : engine_(std::move(*EpollEngine::make())) {}
  ~EpollBackend() override {
    for (int descriptor : kept_) ::close(descriptor);
  }

  Engine& engine() override { return *engine_; }

  Listening listen() override {
    int descriptor = bound_socket();
    // Fixed, as what is accepted inherits it: the kernel may let a buffer grow to more than big().
    int most = 1 << 20;
    GG_ASSERT(setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &most, sizeof most) == 0);
    ::listen(descriptor, 128);
    Address address = address_of(descriptor);
    Result<SocketPtr, IoError> socket = engine_->adopt_listener(descriptor, address);
    ::close(descriptor);
    return {.socket = std::move(*socket), .address = address};
  }

  Address nobody() override {
    kept_.push_back(bound_socket());  // bound, so that nobody else gets it, but not listening
    return address_of(kept_.back());
  }

  Address silence() override {
    // A full accept queue: the kernel ignores further attempts.
    int descriptor = bound_socket();
    ::listen(descriptor, 0);
    kept_.push_back(descriptor);
    SystemAddress to = to_system(address_of(descriptor));
    for (int i = 0; i < 4; ++i) {
      kept_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      [[maybe_unused]] int started = ::connect(kept_.back(), to.get(), to.size);
    }
    return address_of(descriptor);
  }

 private:
  static int bound_socket() {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    SystemAddress any = to_system(Address::v4({127, 0, 0, 1}, 0));
    GG_ASSERT(::bind(descriptor, any.get(), any.size) == 0);
    return descriptor;
  }
  static Address address_of(int descriptor) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
    return from_system(storage);
  }

  std::unique_ptr<EpollEngine> engine_;
  std::vector<int> kept_;
};

class SimBackend final : public Backend {
 public:
  SimBackend(std::uint64_t seed, const LinkSettings& link) : world_(seed), engine_(world_) {
    world_.network().defaults() = link;
  }

  Engine& engine() override { return engine_; }
  Listening listen() override {
    Address address = next_address();
    return {.socket = std::move(*engine_.adopt_listener(-1, address)), .address = address};
  }
  Address nobody() override { return next_address(); }
  Address silence() override {
    Address address = next_address();
    world_.network().set_answer(address, ConnectAnswer::black_hole);
    return address;
  }
  std::size_t big() override {
    return 4 *
           (world_.network().defaults().send_buffer + world_.network().defaults().receive_buffer);
  }

 private:
  Address next_address() { return Address::v4({10, 0, 0, 1}, ++port_); }

  SimWorld world_;
  SimEngine engine_;
  std::uint16_t port_ = 0;
};

}  // namespace

std::unique_ptr<Backend> make_backend(std::string_view kind, std::uint64_t seed) {
  if (kind == "epoll") return std::make_unique<EpollBackend>();
  LinkSettings link = kind == "sim_calm" ? LinkSettings::calm() : LinkSettings{};
  link.reset_loses_unread = 0;  // as the Linux under the other backend
  if (kind == "sim_every_byte") {
    link.every_byte = true;
    link.send_buffer = link.receive_buffer = 4096;
  }
  return std::make_unique<SimBackend>(seed, link);
}

void run_to_end(Engine& engine, Task<void> task) {
  Scope scope(engine.ready());
  Instant limit = engine.now() + 60s;
  scope.start(std::move(task));
  while (scope.running() > 0) {
    engine.turn(100ms);
    if (engine.now() >= limit) GG_UNREACHABLE("the task hangs");
  }
  engine.turn(Duration::zero());
}

TEST(Backends, SimulatedTimeAndRealTimeBothAdvanceByTurning) {
  std::unique_ptr<Backend> epoll = make_backend("epoll", 0);
  std::unique_ptr<Backend> sim = make_backend("sim", 1);
  Instant epoll_before = epoll->engine().now();
  Instant sim_before = sim->engine().now();

  epoll->engine().turn(3ms);
  sim->engine().turn(3ms);

  EXPECT_GE(epoll->engine().now() - epoll_before, 3ms);
  EXPECT_EQ(sim->engine().now() - sim_before, 3ms);
}

}  // namespace gg
