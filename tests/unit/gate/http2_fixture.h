// SPDX-License-Identifier: Apache-2.0
// A worker and a client that speaks HTTP/2 to it frame by frame, on simulated sockets.
#pragma once

#include <string>

#include "support/http2_talk.h"
#include "unit/gate/gate_fixture.h"

namespace gg {

class Http2Fixture : public GateFixture {
 protected:
  ~Http2Fixture() override {
    if (!worker_) return;
    worker_->drain();
    worker_->cut();
    world().run(20s);
    EXPECT_TRUE(worker_->is_stopped());
    EXPECT_EQ(worker_->counters().client_connections_active.read(), 0);
    EXPECT_EQ(worker_->counters().client_connections_idle.read(), 0);
    EXPECT_EQ(worker_->counters().requests_active.read(), 0);
  }

  Worker& worker() {
    if (!worker_) {
      WorkerShared shared{.snapshot = snapshot(),
                          .upstreams = shared_upstreams(),
                          .client_connections = client_connections_};
      worker_.emplace(engine(), shared, &keeper());
      GG_ASSERT(worker_->listen({.address = gateway_address(), .name = "test", .http2 = http2_})
                    .has_value());
    }
    return *worker_;
  }
  /// Before the first client.
  void without_http2() { http2_ = false; }

  SimPeer& client() {
    if (client_ == nullptr) {
      worker();
      client_ = &connect_to(gateway_address());
    }
    return *client_;
  }
  /// The client says this and everything happens that follows.
  void say(std::string_view bytes, Duration time = 10ms) {
    client().say(bytes);
    pass(time);
  }
  void hello(std::string_view settings = {}) { say(http2::hello(settings)); }
  Http2Ear& ear() {
    ear_.hear(client().heard());
    return ear_;
  }
  const Http2Ear::Answer& answer(std::uint32_t stream) { return ear().answer(stream); }
  std::string status(std::uint32_t stream) { return ear().status(stream); }

 private:
  std::atomic<std::uint32_t> client_connections_{0};
  std::optional<Worker> worker_;
  SimPeer* client_ = nullptr;
  Http2Ear ear_;
  bool http2_ = true;
};

}  // namespace gg
