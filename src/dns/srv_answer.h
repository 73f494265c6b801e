// SPDX-License-Identifier: Apache-2.0
// An answer to a question for SRV records as it comes from a name server (RFC 1035 4, RFC 2782).
// Used by CaresResolver, for the library's own reader leaves out how long records are good for.
#pragma once

#include <span>

#include "dns/services.h"

namespace gg {

/// The whole message, which anybody may have made. The record "." means that there is no service.
Result<Services, DnsError> parse_srv_answer(std::span<const unsigned char> message);

}  // namespace gg
