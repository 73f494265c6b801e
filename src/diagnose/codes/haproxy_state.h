// SPDX-License-Identifier: Apache-2.0
// HAProxy's termination state: two letters on how the exchange ended, two on the session cookie.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gg {

struct HaproxyState {
  char text[4];  // '-' where nothing is said
  bool has_cookie_letters = false;

  std::string_view letters() const { return {text, 2}; }
};

/// "SH--", "sH", "--VN"; capital and small letters differ. Nothing if it is no such state.
std::optional<HaproxyState> parse_haproxy_state(std::string_view text);

/// Every letter in words.
std::string haproxy_state_meaning(const HaproxyState& state);

}  // namespace gg
