// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/tally.h"

#include <algorithm>
#include <functional>

#include "diagnose/printable.h"
#include "fault/catalogue.h"

namespace gg {
namespace {

constexpr std::string_view others = "(others)";
/// An upstream that closes after so long has had a timeout; one that closes before has not.
constexpr std::int64_t long_wait_ms = 5000;
/// An error may be this much older than the line of the request that it spoiled, which is written
/// after the last attempt; and a little younger, as the clocks of two logs are read apart.
constexpr LogTime oldest_error = 180'000;
constexpr LogTime youngest_error = 1'000;
constexpr std::size_t example_longest = 400;

/// "GET /a/b HTTP/1.1" and "/a/b?c" as "/a/b".
std::string_view path_of(std::string_view request) {
  std::size_t space = request.find(' ');
  if (space != std::string_view::npos) request = request.substr(space + 1);
  return request.substr(0, request.find_first_of(" ?"));
}

/// FNV-1a: two texts and what stands between them.
std::uint64_t join_key(std::string_view client, std::string_view request) {
  std::uint64_t hash = 14695981039346656037U;
  auto add = [&](std::string_view text) {
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    hash = (hash ^ 0xff) * 1099511628211U;
  };
  add(client);
  add(request);
  return hash;
}

}  // namespace

void WordCount::add(std::string_view word) {
  if (word.empty()) return;
  word = word.substr(0, longest);
  if (auto found = counts_.find(word); found != counts_.end()) {
    ++found->second;
    return;
  }
  if (counts_.size() < most) {
    counts_.emplace(word, 1);
  } else {
    ++counts_[std::string(others)];
  }
}

std::vector<std::pair<std::string, std::uint64_t>> WordCount::top(std::size_t count) const {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts_.begin(), counts_.end());
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (sorted.size() > count) sorted.resize(count);
  return sorted;
}

void CauseGroup::add_duration(std::int64_t ms) {
  if (ms < 0) return;
  shortest_ms = shortest_ms < 0 ? ms : std::min(shortest_ms, ms);
  longest_ms = std::max(longest_ms, ms);
}

std::vector<Fault> CauseGroup::causes() const {
  std::span<const Fault> all = causes_of(*sign);
  std::vector<Fault> left(all.begin(), all.end());
  bool has_late = std::ranges::find(left, Fault::closed_after_long_wait) != left.end();
  if (!has_late || longest_ms < 0) return left;
  if (shortest_ms >= long_wait_ms) return {Fault::closed_after_long_wait};
  if (longest_ms < long_wait_ms) std::erase(left, Fault::closed_after_long_wait);
  return left;
}

bool CauseGroup::is_about_clients() const {
  std::span<const Fault> causes = causes_of(*sign);
  return !causes.empty() && std::ranges::all_of(causes, [](Fault fault) {
    return row_of(fault).blame == Blame::client;
  });
}

std::size_t LogTally::group_of(Product product, const Sign* sign, LineKind kind) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    if (slot.group.sign == sign && slot.group.product == product && slot.kind == kind) return i;
  }
  slots_.push_back({.kind = kind, .group = {}});
  slots_.back().group.product = product;
  slots_.back().group.sign = sign;
  return slots_.size() - 1;
}

void LogTally::count(CauseGroup& group, std::string_view text, const ReadLine& line) {
  ++group.count;
  group.pattern.add(line.at);
  group.add_duration(line.duration_ms);
  group.endpoints.add(line.endpoint);
  group.paths.add(path_of(line.request));
  if (group.examples.size() < examples_most) {
    group.examples.push_back(printable(text, example_longest));
  }
}

void LogTally::keep_trace(std::vector<Trace>& traces, const ReadLine& line, std::size_t group) {
  if (line.client.empty() || line.request.empty() || line.at == 0) return;
  if (traces.size() >= join_most) {
    join_is_complete_ = false;
    return;
  }
  auto duration = static_cast<std::int32_t>(std::min<std::int64_t>(line.duration_ms, 1 << 30));
  traces.push_back({.key = join_key(line.client, line.request),
                    .at = line.at,
                    .duration_ms = duration,
                    .group = static_cast<std::uint16_t>(group)});
}

void LogTally::add(std::string_view text, const ReadLine& line) {
  if (line.kind == LineKind::unknown) {
    add_unknown(text);
    return;
  }
  ++lines_;
  if (line.at != 0) {
    if (first_ == 0 || line.at < first_) first_ = line.at;
    if (line.at > last_) last_ = line.at;
  }
  if (!line.is_message) ++requests_;
  if (!line.is_message && line.status >= 500) ++errors_[line.status];
  if (line.kind == LineKind::notice) ++notices_;
  if (line.kind == LineKind::fine || line.sign == nullptr) return;

  bool is_worth_keeping = line.kind != LineKind::notice || line.sign->causes[0] != Fault::none;
  if (!is_worth_keeping) return;
  std::size_t group = group_of(line.product, line.sign, line.kind);
  count(slots_[group].group, text, line);
  if (line.kind == LineKind::failure && line.is_message) keep_trace(messages_, line, group);
  if (line.kind == LineKind::unexplained) keep_trace(accesses_, line, group);
}

void LogTally::add_unknown(std::string_view text) {
  ++lines_;
  ++unknown_;
  if (unknown_examples_.size() < 5) unknown_examples_.push_back(printable(text, example_longest));
}

void LogTally::join() {
  auto by_key = [](const Trace& a, const Trace& b) {
    return a.key != b.key ? a.key < b.key : a.at < b.at;
  };
  std::ranges::sort(messages_, by_key);
  std::ranges::sort(accesses_, by_key);
  auto message = messages_.begin();
  for (Trace& access : accesses_) {
    while (message != messages_.end() &&
           (message->key < access.key ||
            (message->key == access.key && message->at < access.at - oldest_error))) {
      ++message;
    }
    // One message for each request: what is left over are attempts that another one saved.
    bool is_its = message != messages_.end() && message->key == access.key &&
                  message->at <= access.at + youngest_error;
    if (!is_its) continue;
    CauseGroup* cause = &slots_[message->group].group;
    ++message;
    ++joined_;
    ++cause->failed_requests;
    cause->add_duration(access.duration_ms);
    --slots_[access.group].group.count;
  }
  messages_.clear();
  accesses_.clear();
}

std::vector<const CauseGroup*> LogTally::groups_of(LineKind kind) const {
  std::vector<const CauseGroup*> groups;
  for (const Slot& slot : slots_) {
    if (slot.kind == kind && slot.group.count > 0) groups.push_back(&slot.group);
  }
  std::ranges::sort(groups, [](const CauseGroup* a, const CauseGroup* b) {
    if (a->is_about_clients() != b->is_about_clients()) return b->is_about_clients();
    if (a->count != b->count) return a->count > b->count;
    return a->sign->code < b->sign->code;
  });
  return groups;
}

std::vector<const CauseGroup*> LogTally::failures() const { return groups_of(LineKind::failure); }
std::vector<const CauseGroup*> LogTally::warnings() const { return groups_of(LineKind::notice); }
std::vector<const CauseGroup*> LogTally::unexplained() const {
  return groups_of(LineKind::unexplained);
}

}  // namespace gg
