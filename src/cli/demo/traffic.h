// SPDX-License-Identifier: Apache-2.0
// The demo's built-in clients: they ask through the gateway as clients do, and check every answer
// to its last byte. Run by an EngineThread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/demo/content.h"
#include "http1/client.h"
#include "record/histogram.h"
#include "record/tally.h"
#include "task/scope.h"

namespace gg {

/// What a client can hold against an answer.
enum class ClientError : std::uint8_t {
  none,
  not_connected,  // the gateway refused the connection
  broken,         // a reset, an early end, or bytes that are no response
  no_answer,      // not whole within five seconds
  bad_status,     // anything but 200
  bad_body,       // not what the origin sent
  last = bad_body,
};
inline constexpr std::size_t client_error_count = static_cast<std::size_t>(ClientError::last) + 1;

/// "connection_refused", "broken_response", ...: for people and scripts.
std::string_view name_of(ClientError error);

/// Written by the clients' thread, read by any.
struct TrafficCounts {
  Tally requests;
  std::array<Tally, client_error_count> errors;  // `none` is not counted
  Tally late;                                    // answers that took as long as a hang
  Histogram times;
  Gauge slowest;  // nanoseconds

  std::uint64_t errors_in_all() const;
};

class DemoTraffic {
 public:
  /// The Host of the clients' requests, by which the gateway's counters tell them from others.
  static constexpr std::string_view host = "clients.demo";

  /// `gateway`: where it listens.
  DemoTraffic(Engine& engine, const Address& gateway);
  DemoTraffic(const DemoTraffic&) = delete;
  DemoTraffic& operator=(const DemoTraffic&) = delete;
  ~DemoTraffic() = default;

  const TrafficCounts& counts() const { return counts_; }
  /// The first few errors, a line each. Only when the thread has stopped.
  const std::vector<std::string>& examples() const { return examples_; }

  // The engine's thread.
  void start();
  /// Every client gets its answer first.
  void stop() { stopping_ = true; }
  bool is_stopped() const { return tasks_.running() == 0; }

 private:
  struct Question {
    DemoPayload payload;
    bool head_only = false;
  };
  struct Outcome {
    ClientError error = ClientError::none;
    std::string detail;
  };

  Task<void> be_a_client();
  Task<std::unique_ptr<Http1ClientConnection>> connect();
  Task<Outcome> ask(Http1ClientConnection& connection, Question question);
  Task<Outcome> check_body(Http1ClientConnection& connection, Question question, Deadline deadline);
  Question next_question();
  void count(const Outcome& outcome, Duration time, const Question& question);

  Engine& engine_;
  Address gateway_;
  HeadLimits limits_;
  TrafficCounts counts_;
  std::vector<std::string> examples_;
  bool stopping_ = false;
  Scope tasks_;
};

}  // namespace gg
