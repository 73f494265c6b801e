// SPDX-License-Identifier: Apache-2.0
// `goodgate explain REQUEST-ID`: asks the running gateway for the story of one request.
#pragma once

#include <string>
#include <string_view>

#include "cli/ask_gateway.h"

namespace gg {

/// Is this what the gateway makes up as ids: 32 hex digits, or the first of them (at least 8)?
bool looks_like_request_id(std::string_view text);

/// Prints what is known of that request; the exit status.
int explain_request(const std::string& id, const GatewayQuestion& question);

}  // namespace gg
