// SPDX-License-Identifier: Apache-2.0
// Assertions that stay on in release: for what is impossible, never for what a peer may send.
#pragma once

namespace gg {

/// Prints the place and the broken expression on standard error, then aborts. Any thread.
[[noreturn]] void assertion_failed(const char* file, int line, const char* expression) noexcept;

}  // namespace gg

#define GG_ASSERT(condition)                                  \
  do {                                                        \
    if (!(condition)) [[unlikely]] {                          \
      ::gg::assertion_failed(__FILE__, __LINE__, #condition); \
    }                                                         \
  } while (false)

#define GG_UNREACHABLE(why) ::gg::assertion_failed(__FILE__, __LINE__, why)
