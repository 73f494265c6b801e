// SPDX-License-Identifier: Apache-2.0
// What a worker is given, on simulated sockets, and the records that come out: for the tests of
// workers and sessions.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"
#include "gate/worker.h"
#include "support/sim_pair.h"

namespace gg {

/// What is looked at of a record.
struct Recorded {
  std::string target;
  std::string peer;
  std::string id;
  int status = 0;
  Fault fault = Fault::none;
  std::uint32_t number = 0;
};

class RecordKeeper final : public RecordSink {
 public:
  void finished(const ExchangeRecord& record) override {
    all.push_back({.target = std::string(record.target),
                   .peer = std::string(record.peer_address),
                   .id = std::string(record.id.view()),
                   .status = record.status,
                   .fault = record.fault,
                   .number = record.client_request_number});
  }

  std::vector<Recorded> all;
};

inline std::shared_ptr<Config> config_to(const std::string& endpoint) {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::vector<std::string> to{endpoint};
  LoadResult loaded = config_from_command_line(listen, to);
  GG_ASSERT(loaded.has_value());
  auto config = std::make_shared<Config>(*loaded->config);
  config->name = "gw";
  return config;
}

class GateFixture : public SimPair {
 protected:
  static Address gateway_address() { return Address::v4({10, 0, 0, 1}, 8080); }

  /// To be changed before anything else is used.
  Config& config() { return *config_; }
  const Snapshot& snapshot() {
    if (!snapshot_) snapshot_.emplace(config_, 1, routes_, upstreams_);
    return *snapshot_;
  }
  SharedUpstreams& shared_upstreams() {
    if (!shared_) shared_.emplace(snapshot().config());
    return *shared_;
  }
  std::vector<Recorded>& records() { return keeper_.all; }
  RecordKeeper& keeper() { return keeper_; }

  static std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  /// A response that leaves its connection open.
  static std::string ok(std::string_view body) {
    return "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
  }

 private:
  std::shared_ptr<Config> config_ = config_to("http://" + to_text(peer_address()));
  CounterSlots routes_;
  CounterSlots upstreams_;
  std::optional<Snapshot> snapshot_;
  std::optional<SharedUpstreams> shared_;
  RecordKeeper keeper_;
};

}  // namespace gg
