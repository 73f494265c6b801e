// SPDX-License-Identifier: Apache-2.0
#include "gate/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

namespace gg {

void Descriptor::reset(int number) {
  if (number_ >= 0) close(number_);
  number_ = number;
}

Result<std::uint64_t, std::string> raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return Failure(std::string(std::strerror(errno)));
  if (limit.rlim_cur != limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return Failure(std::string(std::strerror(errno)));
  }
  return limit.rlim_cur;
}

void set_close_on_exec(int descriptor) { fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

std::uint64_t descriptor_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

std::uint32_t clients_that_fit(std::uint32_t wanted, std::uint64_t descriptors) {
  constexpr std::uint64_t own = 48;
  std::uint64_t room = descriptors > own ? (descriptors - own) / 4 * 3 : 0;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(room, 1, wanted));
}

void close_descriptors_but(std::span<const int> kept) {
  std::vector<int> sorted(kept.begin(), kept.end());
  std::ranges::sort(sorted);
  unsigned first = STDERR_FILENO + 1;
  for (int number : sorted) {
    if (number < static_cast<int>(first)) continue;
    unsigned next = static_cast<unsigned>(number);
    if (next > first) close_range(first, next - 1, 0);
    first = next + 1;
  }
  close_range(first, UINT_MAX, 0);
}

}  // namespace gg
