// SPDX-License-Identifier: Apache-2.0
// `goodgate explain REQUEST-ID`: asks the running gateway for the story of one request.
#pragma once

#include <string>
#include <string_view>

namespace gg {

/// Which gateway is asked, and how the answer is given.
struct GatewayQuestion {
  std::string config_file;  // that it runs with; empty: the only one there is
  std::string admin;        // its admin address; empty: found by itself
  bool json = false;
};

/// Is this what the gateway makes up as ids: 32 hex digits, or the first of them (at least 8)?
bool looks_like_request_id(std::string_view text);

/// Prints what is known of that request; the exit status.
int explain_request(const std::string& id, const GatewayQuestion& question);

}  // namespace gg
