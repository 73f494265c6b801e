// SPDX-License-Identifier: Apache-2.0
// Calendar time as logs spell it. Remembers the second it wrote last, because the next line is
// mostly in the same one.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace gg {

/// Both spellings in UTC. The views are good until the next call.
class LogTime {
 public:
  /// RFC 3339: "2026-08-01T12:34:56.000789Z".
  std::string_view rfc3339(WallTime time);
  /// The common log format's: "01/Aug/2026:12:34:56 +0000".
  std::string_view common(WallTime time);

 private:
  void remember(std::int64_t second);

  std::int64_t second_ = INT64_MIN;
  std::array<char, 27> rfc3339_{};
  std::array<char, 26> common_{};
};

}  // namespace gg
