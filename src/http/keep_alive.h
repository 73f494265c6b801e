// SPDX-License-Identifier: Apache-2.0
// What a server announces about the life of the connection it answers on: the Keep-Alive field
// (draft-thomson-hybi-http-timeout-03; RFC 9112 C.2.2 knows it as an extension of HTTP/1.0).
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "http/head.h"

namespace gg {

struct KeepAliveTerms {
  std::optional<Duration>
      timeout;  // idle for longer, and the connection may be closed; up to a day
  std::optional<std::uint32_t> max;  // requests; whether in all or more of them, servers disagree
  bool operator==(const KeepAliveTerms&) const = default;
};

/// Over all Keep-Alive lines of a message. Parameters that are unknown or malformed say nothing;
/// of one that is said twice the smaller counts.
KeepAliveTerms keep_alive_terms_of(const Fields& fields);

}  // namespace gg
