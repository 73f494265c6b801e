// SPDX-License-Identifier: Apache-2.0
#include "upstream/admission/waiting_room.h"

#include <algorithm>

namespace gg {

namespace {

/// An answer within this is quick enough for anybody, however quick it could be.
constexpr Duration comfortable = 100ms;

/// How long a request may wait under overload.
Duration allowed_wait(const Pressure& pressure) {
  Duration most = std::max(2 * pressure.usual, comfortable);
  return std::max(most - pressure.bearable, Duration(5ms));
}

}  // namespace

WaitingRoom::Line& WaitingRoom::line_of(const Waiting& waiting) {
  return waiting.is_stale_ ? stale_ : lines_[static_cast<std::size_t>(waiting.priority)];
}

Waiting& WaitingRoom::take(Waiting& waiting) {
  --line_of(waiting).count;
  --count_;
  waiting.unlink();
  return waiting;
}

void WaitingRoom::leave(Waiting& waiting) { take(waiting); }

Duration WaitingRoom::expected_wait(Priority priority, const Pressure& pressure) const {
  if (pressure.places_per_second <= 0) return {};
  double ahead = pressure.excess + 1;
  for (auto i = static_cast<std::size_t>(priority); i < priorities; ++i) {
    ahead += static_cast<double>(lines_[i].count);
  }
  return Duration(static_cast<Duration::rep>(ahead / pressure.places_per_second * 1e9));
}

WaitingRoom::Verdict WaitingRoom::join(Waiting& newcomer, const Pressure& pressure, Instant now) {
  if (pressure.is_overloaded && !was_overloaded_) put_back_stale(pressure);
  was_overloaded_ = pressure.is_overloaded;

  Duration expected = expected_wait(newcomer.priority, pressure);
  bool in_vain = pressure.is_measured && newcomer.deadline.time_left(now) <= expected;
  if (in_vain) return {.refusal = Fault::overload_shed};
  Duration allowed = allowed_wait(pressure);
  if (pressure.is_overloaded && expected > allowed) {
    last_shed_ = now;
    return {.refusal = Fault::overload_shed};
  }

  Waiting* evicted = nullptr;
  std::size_t depth = pressure.is_doubtful ? settings_.depth / 2 : settings_.depth;
  bool is_crowded = pressure.is_overloaded && expected_wait(Priority::low, pressure) > allowed;
  bool is_full = count_ >= depth;
  if (is_crowded || is_full) {
    evicted = newest_below(newcomer.priority);
    if (is_full && evicted == nullptr) return {.refusal = Fault::queue_full};
    if (evicted != nullptr) take(*evicted);
  }
  Line& line = line_of(newcomer);
  line.waiting.push_back(newcomer);
  ++line.count;
  ++count_;
  return {.refusal = Fault::none, .evicted = evicted};
}

Waiting& WaitingRoom::next(const Pressure& pressure, Instant now) {
  GG_ASSERT(!empty());
  if (pressure.is_overloaded && !was_overloaded_) put_back_stale(pressure);
  was_overloaded_ = pressure.is_overloaded;

  Line* line = first_line();
  bool has_time =
      stale_.count > 0 && expected_wait(Priority::low, pressure) < allowed_wait(pressure) / 2;
  if (line == nullptr || has_time) return take(stale_.waiting.back());
  // A line that is long enough to be felt: rather some quick answers than all of them late, but
  // none too late.
  bool is_long = now - line->waiting.front().since > std::max(pressure.usual / 4, Duration(10ms));
  bool is_pressing = now - line->waiting.front().since > settings_.wait / 2;
  bool newest_first = is_long && !is_pressing && !pressure.is_overloaded;
  return take(newest_first ? line->waiting.back() : line->waiting.front());
}

/// The line of the highest priority in which somebody waits, or null.
WaitingRoom::Line* WaitingRoom::first_line() {
  for (std::size_t i = priorities; i-- > 0;) {
    if (lines_[i].count > 0) return &lines_[i];
  }
  return nullptr;
}

Waiting* WaitingRoom::newest_below(Priority priority) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(priority); ++i) {
    if (lines_[i].count > 0) return &lines_[i].waiting.back();
  }
  return nullptr;
}

/// Overload has begun: only the newest keep their turn, as many as can be served soon.
void WaitingRoom::put_back_stale(const Pressure& pressure) {
  double seconds = std::chrono::duration<double>(allowed_wait(pressure)).count();
  auto kept = static_cast<std::size_t>(seconds * pressure.places_per_second);
  for (Line& line : lines_) {
    while (line.count > 0 && count_ - stale_.count > kept) make_stale(line);
  }
}

void WaitingRoom::make_stale(Line& line) {
  Waiting& oldest = line.waiting.front();
  oldest.unlink();
  --line.count;
  oldest.is_stale_ = true;
  stale_.waiting.push_back(oldest);
  ++stale_.count;
}

void WaitingRoom::take_expired(Instant now, IntrusiveList<Waiting>& expired) {
  // While newcomers are refused, nobody else's time will come.
  bool is_hopeless = last_shed_ != Instant{} && now - last_shed_ < 20ms;
  Duration stale_wait = is_hopeless ? std::min(2 * comfortable, settings_.wait) : settings_.wait;
  auto take_from = [&](Line& line) {
    Duration most = &line == &stale_ ? stale_wait : settings_.wait;
    line.waiting.for_each([&](Waiting& waiting) {
      bool is_over = now - waiting.since >= most || waiting.deadline.has_passed(now);
      if (is_over) expired.push_back(take(waiting));
    });
  };
  take_from(stale_);
  for (Line& line : lines_) take_from(line);
}

Duration WaitingRoom::longest_wait(Instant now) const {
  Instant first = now;
  for (const Line& line : lines_) {
    if (line.count > 0) first = std::min(first, line.waiting.front().since);
  }
  if (stale_.count > 0) first = std::min(first, stale_.waiting.front().since);
  return now - first;
}

}  // namespace gg
