// SPDX-License-Identifier: Apache-2.0
// Durations, sizes, shares and rates as people write them: 500ms, 64KiB, 20%, 100/s. Used by the
// configuration and the command line. No white space, no sign; at most three decimals.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "config/complaint.h"
#include "config/values.h"

namespace gg {

/// "500ms", "1.5s", "2m", "1h", "1d", "20us".
Result<Duration, Misreading> parse_duration(std::string_view text);
/// Exact, in the largest unit that leaves no fraction and reads well: 90s, 60s, 2m, 24h.
std::string print_duration(Duration duration);

/// "512B", "64KiB", "1MiB", "1.5GiB", "1TiB". Powers of 1024 only: KB and MB mean two things.
Result<Bytes, Misreading> parse_bytes(std::string_view text);
std::string print_bytes(Bytes bytes);

/// "20%", "0.5%"; 0% to 100%.
Result<Share, Misreading> parse_share(std::string_view text);
std::string print_share(Share share);

/// "100/s", "5/m", "1000/h", "10/5s".
Result<Rate, Misreading> parse_rate(std::string_view text);
std::string print_rate(Rate rate);

}  // namespace gg
