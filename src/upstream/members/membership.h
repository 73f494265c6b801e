// SPDX-License-Identifier: Apache-2.0
// Who belongs to an upstream whose endpoints are looked up: the members now and what the source
// says in, the members to be out. Pure; carried out by member_desk.h.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "config/model.h"

namespace gg {

/// Discovered endpoints of one upstream at a time; the rest of a longer answer is left out.
inline constexpr std::size_t discovered_most = 1000;

/// By which two endpoints of one upstream are the same: scheme, host and port.
std::string member_key(const EndpointUrl& url);

struct MembershipQuestion {
  std::span<const EndpointConfig> configured;  // that the configuration lists: members in any case
  std::span<const EndpointConfig> present;     // that were discovered, in the order they came
  std::span<const EndpointConfig> answer;      // what the source says, as it says it
  std::size_t most = discovered_most;
};

struct MembershipChange {
  /// Discovered members from now on: who stays in the order before, then who comes, as answered.
  std::vector<EndpointConfig> members;
  std::vector<EndpointConfig> come;
  std::vector<EndpointConfig> gone;
  std::vector<EndpointConfig> altered;  // who stays, with another weight, tier or zone
  std::vector<EndpointConfig> drained;  // who stays, but is to get nothing new from now on
  std::vector<EndpointConfig> undrained;
  /// The answer names nobody and the upstream would be empty: everybody stays.
  bool keeps_last = false;
  std::size_t left_out = 0;  // of the answer, beyond the most

  bool is_none() const {
    return come.empty() && gone.empty() && altered.empty() && drained.empty() && undrained.empty();
  }
};

/// Of what the answer names twice the first counts; what the configuration lists is a member
/// already. Where there is no room for all, who is present goes before who would come.
MembershipChange decide_membership(const MembershipQuestion& question);

}  // namespace gg
