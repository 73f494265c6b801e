// SPDX-License-Identifier: Apache-2.0
// What a drill can play: one table, a row per way in which an endpoint fails. `goodgate drill
// --list`, the origin that plays them and the tests of the gateway and of `doctor` read it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "fault/fault.h"
#include "tls/practice_context.h"

namespace gg {

/// Where in the life of a connection it goes wrong: the headings of the list.
enum class DrillStage : std::uint8_t {
  connect,
  tls,
  upload,
  head,
  body,
  answer,
  keep_alive,
  http2
};
std::string_view title_of(DrillStage stage);

/// How an origin acts.
enum class DrillAct : std::uint8_t {
  answer,            // as it should be
  refuse,            // its port is bound, and nobody listens
  ignore,            // its queue of new connections is full and stays so
  leave_in_tls,      // closes when the TLS hello has come
  silent_in_tls,     // takes the TLS hello and says nothing
  talk_first,        // says its bytes before it was asked
  talk,              // says its bytes in place of an answer, then ends as `ending` says
  dribble,           // an answer, a byte at a time, `after` between two
  answer_late,       // after `after`
  unavailable,       // 503 to every `every`th request
  close_on_next,     // answers, then closes when the next request comes on the same connection
  close_when_idle,   // after `after` without a request
  answer_and_close,  // every time, and says so
  proxy_header,      // closes on whoever does not begin with a PROXY header
  stop_in_upload,    // as `talk`, within the body of a request; answers what has none
  talk_http2,        // hears HTTP/2, and says its bytes, which are frames, to each request
};

/// How a connection ends on which DrillAct::talk has said its bytes.
enum class DrillEnding : std::uint8_t {
  close,
  reset,
  silence,
  deafness,  // nothing is read any more either
};

/// One way to fail. All text is static.
struct DrillScenario {
  std::string_view name;
  DrillStage stage = DrillStage::answer;
  std::string_view does;  // "resets the connection ...": what it does, without a full stop
  DrillAct act = DrillAct::talk;
  DrillEnding ending = DrillEnding::close;
  std::optional<PracticeTls> tls = std::nullopt;  // what its own side speaks; none: plain text
  bool is_https = false;                          // how it is to be asked
  bool is_http2 = false;                          // likewise: without being agreed on
  bool is_upload = false;                         // likewise: with a long body
  Duration after = Duration::zero();
  std::uint32_t every = 1;
  std::uint64_t hears = 0;  // bytes of an upload before it acts
  // What it says: `bytes`, `repeated` so many `times`, `last`.
  std::string_view bytes = {};
  std::string_view repeated = {};
  std::uint32_t times = 0;
  std::string_view last = {};
  /// What the gateway names it; none: it serves every request in spite of it.
  Fault gateway = Fault::none;
  /// What `doctor` names it.
  Fault doctor = Fault::none;
};

std::span<const DrillScenario> drill_scenarios();
/// Null if there is none of that name.
const DrillScenario* find_drill(std::string_view name);

/// Everything that DrillAct::talk says.
std::string words_of(const DrillScenario& scenario);

/// The same as frames of HTTP/2: those of stream 1 are of `stream`.
std::string frames_of(const DrillScenario& scenario, std::uint32_t stream);
/// The stream of the first request in `heard`, which begins with a frame; what was looked at is
/// taken away. Zero: there is none yet.
std::uint32_t take_http2_request(std::string& heard);

}  // namespace gg
