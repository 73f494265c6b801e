// SPDX-License-Identifier: Apache-2.0
#include "upstream/members/membership.h"

#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "upstream/pool_health.h"

namespace gg {

namespace {

/// The answer without what is named twice and what the configuration lists.
class Newcomers {
 public:
  explicit Newcomers(const MembershipQuestion& question) {
    std::unordered_set<std::string> seen;
    for (const EndpointConfig& endpoint : question.configured) {
      seen.insert(member_key(endpoint.url));
    }
    for (const EndpointConfig& endpoint : question.answer) {
      std::string key = member_key(endpoint.url);
      if (!seen.insert(key).second) continue;
      order_.push_back(&endpoint);
      by_key_.emplace(std::move(key), &endpoint);
    }
  }

  std::size_t size() const { return order_.size(); }
  /// What the answer says of who is there already; null: nothing.
  const EndpointConfig* take(const EndpointConfig& present) {
    auto found = by_key_.find(member_key(present.url));
    if (found == by_key_.end()) return nullptr;
    const EndpointConfig* answered = found->second;
    by_key_.erase(found);
    return answered;
  }
  /// Those that nobody took, in the answer's order.
  std::vector<const EndpointConfig*> rest() const {
    std::vector<const EndpointConfig*> left;
    for (const EndpointConfig* endpoint : order_) {
      if (by_key_.contains(member_key(endpoint->url))) left.push_back(endpoint);
    }
    return left;
  }

 private:
  std::vector<const EndpointConfig*> order_;
  std::unordered_map<std::string, const EndpointConfig*> by_key_;
};

}  // namespace

std::string member_key(const EndpointUrl& url) {
  return url.scheme == Scheme::https ? "https " + name_of(url) : name_of(url);
}

MembershipChange decide_membership(const MembershipQuestion& question) {
  MembershipChange change;
  Newcomers answered(question);
  bool would_be_empty = answered.size() == 0 && question.configured.empty();
  if (would_be_empty && !question.present.empty()) {
    change.members.assign(question.present.begin(), question.present.end());
    change.keeps_last = true;
    return change;
  }
  for (const EndpointConfig& present : question.present) {
    const EndpointConfig* now = answered.take(present);
    if (now == nullptr) {
      change.gone.push_back(present);
      continue;
    }
    EndpointConfig as_before = *now;
    as_before.drains = present.drains;
    if (as_before != present) change.altered.push_back(*now);
    if (now->drains != present.drains) {
      (now->drains ? change.drained : change.undrained).push_back(*now);
    }
    change.members.push_back(*now);
  }
  for (const EndpointConfig* endpoint : answered.rest()) {
    if (change.members.size() >= question.most) {
      ++change.left_out;
      continue;
    }
    change.come.push_back(*endpoint);
    change.members.push_back(*endpoint);
  }
  return change;
}

}  // namespace gg
