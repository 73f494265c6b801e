// SPDX-License-Identifier: Apache-2.0
#include "upstream/members/member_notes.h"

#include <algorithm>
#include <string>

#include "config/endpoint_file.h"
#include "upstream/health/health_board.h"

namespace gg {

namespace {

std::uint64_t check_of(std::string_view text) { return HealthBoard::key_of("members", text); }

}  // namespace

/// Where the list is, or would be.
std::optional<std::size_t> MemberNotes::find(std::uint64_t key, Claim claim) const {
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    std::size_t place = (key + i) % heads_.size();
    std::uint64_t held = heads_[place].key.load(std::memory_order_acquire);
    if (held == 0 && claim == Claim::no) return std::nullopt;
    if (held == 0) heads_[place].key.compare_exchange_strong(held, key, std::memory_order_acq_rel);
    if (held == 0 || held == key) return place;
  }
  return std::nullopt;
}

void MemberNotes::note(std::string_view upstream, std::string_view source,
                       std::span<const EndpointConfig> members) {
  std::optional<std::size_t> place = find(HealthBoard::key_of(upstream, source), Claim::yes);
  if (!place) return;
  std::string all;
  for (const EndpointConfig& member : members) {
    std::string line = endpoint_line(member);
    if (all.size() + line.size() > text_most) break;
    all += line;
  }
  Head& head = heads_[*place];
  head.check.store(0, std::memory_order_release);
  std::ranges::copy(all, text(*place).begin());
  head.size.store(all.size(), std::memory_order_release);
  head.check.store(check_of(all), std::memory_order_release);
}

std::vector<EndpointConfig> MemberNotes::recall(std::string_view upstream,
                                                std::string_view source) const {
  std::optional<std::size_t> place = find(HealthBoard::key_of(upstream, source), Claim::no);
  if (!place) return {};
  const Head& head = heads_[*place];
  std::size_t size = std::min(head.size.load(std::memory_order_acquire), text_most);
  std::span<char> kept = text(*place);
  // A copy, for another process may write there while it is read.
  std::string all(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(size));
  if (check_of(all) != head.check.load(std::memory_order_acquire)) return {};
  return parse_endpoint_file(all, "").value_or(std::vector<EndpointConfig>());
}

}  // namespace gg
