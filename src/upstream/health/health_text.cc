// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/health_text.h"

#include <array>

#include "fault/catalogue.h"

namespace gg {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Standing::last) + 1> standings = {
    "up", "slow", "ejected", "probing", "recovering"};

std::string microseconds(std::uint32_t count) {
  return time_text(std::chrono::microseconds(count));
}

std::string faults_text(Fault fault, std::uint32_t count) {
  std::string name(row_of(fault).name);
  if (count <= 1) return name;
  return std::to_string(count) + " faults in a row, the last " + name;
}

}  // namespace

std::string_view standing_text(const HealthState& state) {
  return state.drains() ? "draining" : standings[static_cast<std::size_t>(state.standing)];
}

std::string time_text(Duration time) {
  if (time < 1s) {
    auto ms = std::chrono::ceil<std::chrono::milliseconds>(time);
    return std::to_string(ms.count()) + " ms";
  }
  auto tenths = std::chrono::duration_cast<std::chrono::duration<std::int64_t, std::deci>>(time);
  std::string text = std::to_string(tenths.count() / 10);
  if (tenths.count() % 10 != 0) text += "." + std::to_string(tenths.count() % 10);
  return text + " s";
}

std::string event_text(const HealthEvent& event) {
  std::string text(event.endpoint);
  text += " of ";
  text += event.upstream;
  text += " is ";
  text += standing_text(event.to);
  if (event.to.standing == Standing::out && event.to.at > event.now) {
    text += " for " + time_text(event.to.at - event.now);
  }
  text += ", was ";
  text += standing_text(event.from);
  std::string reason = reason_text(event.to.reason, event.fault, event.figures);
  return reason.empty() ? text : text + ": " + reason;
}

std::string reason_text(HealthReason reason, Fault fault, const HealthFigures& figures) {
  switch (reason) {
    case HealthReason::none:
      return "";
    case HealthReason::unreachable:
    case HealthReason::faults_in_a_row:
      return faults_text(fault, figures.first);
    case HealthReason::failure_rate:
      return std::to_string(figures.first) + " % of its requests failed, " +
             std::to_string(figures.second) + " % of the others'";
    case HealthReason::slow:
      return "answers took " + microseconds(figures.first) + ", the others' " +
             microseconds(figures.second);
    case HealthReason::hanging:
      return std::to_string(figures.first) +
             (figures.first == 1 ? " request has" : " requests have") + " waited " +
             microseconds(figures.second) + " without a byte";
    case HealthReason::outrun:
      return std::to_string(figures.first) + " requests in a row were answered elsewhere sooner, " +
             "the last after " + microseconds(figures.second);
    case HealthReason::going_away:
      return "it closed " + std::to_string(figures.first) + " connections in a row";
    case HealthReason::checks_failed:
      return std::to_string(figures.first) + " checks in a row failed";
    case HealthReason::probe_sent:
      return "one request finds out whether it is back";
    case HealthReason::probe_unheard:
      return "the request that was to find out ended without an answer";
    case HealthReason::answered:
      return "it answered";
    case HealthReason::checks_passed:
      return std::to_string(figures.first) + " checks in a row passed";
    case HealthReason::can_be_reached:
      return "it can be connected to again";
    case HealthReason::ramp_ended:
      return "it has its whole share again";
    case HealthReason::added:
      return "it is new";
    case HealthReason::by_operator:
      return "an operator said so";
    case HealthReason::drain_ended:
      return "its drain has ended";
  }
  return "";
}

}  // namespace gg
