// SPDX-License-Identifier: Apache-2.0
#include "report/trace_queue.h"

#include <algorithm>
#include <utility>

namespace gg {

const std::string* TraceQueue::due(Instant now) {
  if (now < not_before_) return nullptr;
  if (!batch_.empty()) return &batch_;
  bool is_full = waiting_.size() >= batch_most || hurries_;
  bool is_time = is_full || now >= waiting_since_ + batch_wait;
  if (waiting_.empty() || !is_time) return nullptr;
  batch_ = std::exchange(waiting_, {});
  batch_spans_ = std::exchange(waiting_spans_, 0);
  batch_since_ = now;
  return &batch_;
}

std::optional<Instant> TraceQueue::next() const {
  if (is_empty()) return std::nullopt;
  bool is_ready = !batch_.empty() || waiting_.size() >= batch_most || hurries_;
  return is_ready ? not_before_ : std::max(not_before_, waiting_since_ + batch_wait);
}

void TraceQueue::sent(Outcome outcome, Instant now, Duration pause, double chance,
                      std::uint64_t rejected) {
  if (outcome == Outcome::taken) {
    failures_ = 0;
    rejected = std::min(rejected, batch_spans_);
    counts_.exported += batch_spans_ - rejected;
    counts_.refused += rejected;
    batch_.clear();
    return;
  }
  // Twice as long after each failure, and never all gateways at the same moment.
  Duration backed_off = std::min(longest_pause, shortest_pause * (1 << std::min(failures_, 6U)));
  auto spread =
      static_cast<Duration::rep>(static_cast<double>(backed_off.count()) * (0.5 + chance / 2));
  not_before_ =
      now + std::clamp(std::max(pause, Duration(spread)), Duration::zero(), longest_pause);
  ++failures_;
  if (outcome == Outcome::refused) {
    give_up(counts_.refused);
  } else if (hurries_ || now - batch_since_ >= too_old) {
    give_up(counts_.unreachable);
  }
}

void TraceQueue::give_up(std::uint64_t& reason) {
  reason += batch_spans_;
  batch_.clear();
}

}  // namespace gg
