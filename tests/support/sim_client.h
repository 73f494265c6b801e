// SPDX-License-Identifier: Apache-2.0
// Simulated clients of HTTP/1.1 and HTTP/2: they send what they are told, read strictly, and write
// down what became of every request. For simulations of the whole gateway.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/sim/sim_engine.h"
#include "support/sim_http.h"
#include "task/scope.h"

namespace gg {

/// One request. Its body, if it has one, is sim_bytes(request_key(id), body).
struct SimRequest {
  std::uint64_t id = 0;  // goes out as x-sim-id; unique in a simulation
  std::string method = "GET";
  std::string target = "/";
  std::string host = "sim.example";
  std::string version = "HTTP/1.1";
  SimFields fields;
  std::optional<std::size_t> body;
  bool chunked = false;
  bool expects_continue = false;         // waits for 100, or a second, before the body
  std::size_t piece = SIZE_MAX;          // of the body, sent at a time,
  Duration pause{};                      // with this between them
  bool closes = false;                   // says `connection: close`
  std::optional<Duration> leaves_after;  // since the request began: goes away with a reset
};

/// What became of one request, as its client saw it.
struct SimOutcome {
  enum class How : std::uint8_t {
    pending,
    whole,      // an answer that came to its proper end
    refused,    // no connection
    nothing,    // the connection ended or failed before any byte of an answer
    cut,        // the connection ended or failed inside the answer
    malformed,  // bytes that are no answer
    late,       // the client's patience ended
    left,       // the client left, as it was told to
  };

  std::uint64_t id = 0;
  How how = How::pending;
  std::string method;
  std::vector<int> interim;
  int status = 0;
  SimFields fields;
  std::string body;
  /// The body is, as far as it goes, what the origin named in the answer sent for this very id; for
  /// an answer of the gateway's own (no x-sim-origin), true.
  bool body_is_right = true;
  /// As long as the origin said. An answer that is `whole` but not this is a lie.
  bool body_is_complete = true;
  std::optional<std::uint64_t> origin;  // who answered; nothing: the gateway itself, or nobody
  std::optional<IoError> error;
  std::string complaint;
  bool reused = false;      // not the first request on its connection
  bool sent_whole = false;  // the request went out to its last byte
  Instant began;
  Instant head_at;
  Instant ended;
};

/// Requests for one connection, one after the other; a new connection whenever one is over.
struct SimSession {
  Address gateway;
  std::vector<SimRequest> requests;
  std::size_t pipeline = 1;  // requests that may be under way at once
  bool http2 = false;        // by prior knowledge; support/sim_http2.h
  Duration pause{};          // before each request but the first
  Duration patience = 300s;  // for connecting, and for each answer from its request on
};

/// Judges what came of a body by what its head says of it.
void check_body(SimOutcome& outcome, SimFraming framing);

/// Any number of sessions at once. Must be idle before it dies.
class SimClient {
 public:
  explicit SimClient(SimWorld& world) : engine_(world), scope_(engine_.ready()) {}

  void start(SimSession session);
  bool is_idle() const { return scope_.running() == 0; }
  SimEngine& engine() { return engine_; }

  /// In the order in which the requests began. Sessions only add to it.
  const std::deque<SimOutcome>& outcomes() const { return outcomes_; }
  /// Bytes that came when no answer was due: somebody's answer went astray.
  std::size_t stray_bytes() const { return stray_bytes_; }

 private:
  struct Line;

  Task<void> run(SimSession session);
  Task<void> use_connection(Line& line);
  Task<void> send_requests(Line& line);
  Task<bool> wait_to_begin(Line& line, std::size_t i);
  Task<bool> send_request(Line& line, const SimRequest& request, SimOutcome& outcome);
  Task<bool> send_body(Line& line, const SimRequest& request);
  Task<void> read_answers(Line& line);
  Task<bool> read_answer(Line& line, const SimRequest& request, SimOutcome& outcome);
  Task<bool> read_final_head(Line& line, SimOutcome& outcome, SimHead& head);
  SimOutcome& begin(Line& line, const SimRequest& request);
  void note_failure(const Line& line, const SimRequest& request, SimOutcome& outcome);
  Task<void> nap_until(Sleep*& slot, Instant until);
  void rouse(Sleep* slot);

  SimEngine engine_;
  Scope scope_;
  std::deque<SimOutcome> outcomes_;
  std::size_t stray_bytes_ = 0;
};

}  // namespace gg
