// SPDX-License-Identifier: Apache-2.0
// Times as logs write them, in milliseconds since 1970-01-01 UTC. Local times without a zone are
// taken as they stand. Used by the readers of logs; pure, and quick enough for every line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gg {

using LogTime = std::int64_t;

/// Each reads the time at the beginning of `text`; what follows is not looked at. Nothing if it is
/// no such time.
std::optional<LogTime> parse_common_time(std::string_view text);   // 22/Nov/2026:21:10:03 +0000
std::optional<LogTime> parse_haproxy_time(std::string_view text);  // 22/Nov/2026:21:10:03.123
std::optional<LogTime> parse_nginx_time(std::string_view text);    // 2026/11/22 21:10:03[.123]
std::optional<LogTime> parse_rfc3339(std::string_view text);       // 2026-11-22T21:10:03.123Z
std::optional<LogTime> parse_apache_time(std::string_view text);   // Sun Nov 22 21:10:03.12 2026
std::optional<LogTime> parse_unix_seconds(std::string_view text);  // 1700000000.123

/// "2026-11-22 21:10:03"; "-" for 0.
std::string format_log_time(LogTime at);

}  // namespace gg
