// SPDX-License-Identifier: Apache-2.0
// A simulated HTTP/1.1 origin: answers as it is told, well or badly, and remembers every request
// that reached it, whole or in part. For simulations of the whole gateway.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/sim/sim_engine.h"
#include "support/sim_http.h"
#include "task/scope.h"

namespace gg {

/// What an origin does with one request. The default is a quick, whole, keep-alive 200.
struct SimBehaviour {
  enum class First : std::uint8_t {
    read_all,      // the whole request, then the rest of this
    answer_early,  // the head only; the answer, then the body is read and thrown away
    reset,         // nothing is answered: a reset as soon as the head is there
    close,         // nothing is answered: an end as soon as the head is there
  };
  enum class Framing : std::uint8_t { sized, chunked, until_end };
  /// What happens when `stop_after` bytes of the answer (head included) are on their way.
  enum class Stop : std::uint8_t { end, reset, hang };

  First first = First::read_all;
  /// What happens when so many bytes of the request's body are read; `stop` says how.
  std::optional<std::size_t> upload_stop_after;
  Duration delay{};                // before the answer
  bool hangs = false;              // never answers; waits for the gateway to go
  std::optional<std::string> raw;  // sent instead of an answer; then an end
  bool echoes = false;             // after `raw`: sends back what comes until it ends (a tunnel)

  std::vector<int> interim;  // 1xx before the answer
  int status = 200;
  std::size_t body = 100;
  Framing framing = Framing::sized;
  /// The body and a strong entity tag depend on this alone, and ranges of it can be had.
  std::optional<std::uint64_t> resource;
  SimFields fields;              // more of them
  SimFields trailers;            // of a chunked answer
  std::size_t piece = SIZE_MAX;  // bytes sent at a time,
  Duration pause{};              // with this between them
  std::optional<std::size_t> stop_after;
  Stop stop = Stop::end;
  bool closes = false;  // the connection, after the answer
  bool says_that_it_closes = true;
  bool sends_continue = true;  // 100 when the request expects it
};

/// One request as it reached the origin. It is here from the moment its head was whole.
struct SimSeenRequest {
  std::uint64_t id = 0;  // its x-sim-id; 0 if it had none
  std::string method;
  std::string target;
  SimFields fields;
  std::uint64_t connection = 0;  // the simulated connection's number
  std::size_t place = 0;         // 1 for the first on its connection
  Instant head_at;
  bool is_whole = false;  // the body came to its end
  Instant whole_at;
  std::size_t body_bytes = 0;
  bool body_is_right = true;  // what came is a prefix of (whole: is) what its id stands for
};

/// One answer that an origin began.
struct SimGivenAnswer {
  std::uint64_t id = 0;
  int status = 0;
  std::size_t body = 0;
  bool is_whole = false;  // all of it was handed to the network
  Instant at;
};

struct SimOriginSettings {
  Duration idle_close{};                    // after so long without a request; 0: never
  std::size_t requests_per_connection = 0;  // then it closes; 0: no limit
  bool announces_last = true;               // the last answer says `connection: close`
  /// How many requests it works on at once, each for its behaviour's delay; others wait for their
  /// turn, in the order in which they came. 0: as many as there are.
  std::size_t slots = 0;
  double closes_at_next = 0;  // of further requests: closed as they come, unread
};

/// Decides for each request, if a queue and a default are not enough.
class SimScript {
 public:
  virtual ~SimScript() = default;
  virtual SimBehaviour behaviour_for(const SimSeenRequest& request) = 0;
};

/// Must be stopped, and the world run until is_over(), before it dies.
class SimOrigin {
 public:
  SimOrigin(SimWorld& world, std::uint64_t number, const Address& address,
            const SimOriginSettings& settings = {});

  // What it does: the script if there is one, else the next in the queue, else the default.
  void always(const SimBehaviour& behaviour) { default_ = behaviour; }
  void next(const SimBehaviour& behaviour) { queue_.push_back(behaviour); }
  void set_script(SimScript* script) { script_ = script; }
  SimOriginSettings& settings() { return settings_; }

  /// As SimNetwork::crash and restart; is_up() follows.
  void crash(Closing how = Closing::reset);
  void restart();
  bool is_up() const { return up_; }
  /// Stops listening and ends all connections.
  void stop();
  bool is_over() const { return scope_.running() == 0; }

  std::uint64_t number() const { return number_; }
  const Address& address() const { return address_; }
  SimEngine& engine() { return engine_; }

  const std::deque<SimSeenRequest>& requests() const { return requests_; }
  const std::deque<SimGivenAnswer>& answers() const { return answers_; }
  /// How often a request of that id came (its head at least), and how often all of it.
  std::size_t times_seen(std::uint64_t id) const;
  std::size_t times_whole(std::uint64_t id) const;
  /// Connections that ended inside a head, and heads that made no sense.
  std::size_t heads_cut() const { return heads_cut_; }
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  struct Serving;

  Task<void> accept_all();
  Task<void> serve(SocketPtr socket);
  Task<bool> serve_one(Serving& serving);
  Task<bool> read_request_body(Serving& serving);
  Task<bool> break_upload(Serving& serving);
  Task<bool> answer(Serving& serving);
  Instant end_of_work(Duration work);
  Task<void> echo(Serving& serving);
  Task<bool> send_pieces(Serving& serving, std::string wire);
  Task<bool> send_and_stop(Serving& serving, std::string wire);
  SimSeenRequest& note(const Serving& serving);
  SimBehaviour choose(const SimSeenRequest& request);
  std::string wire_of(Serving& serving, SimGivenAnswer& answer);
  std::string body_on_wire(const Serving& serving, std::string body);

  SimWorld& world_;
  std::uint64_t number_;
  Address address_;
  SimOriginSettings settings_;
  SimEngine engine_;
  SocketPtr listener_;
  Scope scope_;
  bool up_ = true;
  SimBehaviour default_;
  std::deque<SimBehaviour> queue_;
  SimScript* script_ = nullptr;
  std::vector<Instant> slots_free_;
  std::deque<SimSeenRequest> requests_;  // a deque: references stay good
  std::deque<SimGivenAnswer> answers_;
  std::size_t heads_cut_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace gg
