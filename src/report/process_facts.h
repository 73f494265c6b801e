// SPDX-License-Identifier: Apache-2.0
// What the worker process takes of the machine, for metrics.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace gg {

struct ProcessFacts {
  std::uint64_t resident_bytes = 0;
  std::uint64_t descriptors = 0;
  std::uint64_t descriptors_most = 0;  // that it may have
  Duration cpu{};                      // user and system time of all threads
};

/// As the kernel says now; what it does not say is 0. Reads a few files below /proc.
ProcessFacts read_process_facts();

/// The resident bytes that the text of /proc/self/statm tells, with pages of `page` bytes.
std::uint64_t resident_bytes_in(std::string_view statm, std::uint64_t page);

}  // namespace gg
