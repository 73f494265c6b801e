// SPDX-License-Identifier: Apache-2.0
// Descriptors of the process: one that is owned, the limit on all of them, and what a fork keeps.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"

namespace gg {

/// Owns a descriptor and closes it; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) reset(std::exchange(other.number_, -1));
    return *this;
  }
  ~Descriptor() { reset(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void reset(int number = -1);
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

/// Raises the soft limit on descriptors to the hard one; the limit now in force, or why it could
/// not be raised.
Result<std::uint64_t, std::string> raise_descriptor_limit();

/// How many descriptors this process may have open.
std::uint64_t descriptor_limit();
/// How many of the `wanted` client connections may be open at once: three quarters of what the
/// process does not need itself (logs, the admin interface, names). The rest is for connections to
/// endpoints, which idle clients need none of. At least 1.
std::uint32_t clients_that_fit(std::uint32_t wanted, std::uint64_t descriptors);

void set_close_on_exec(int descriptor);

/// Closes every descriptor from 3 on that is not in `kept`.
void close_descriptors_but(std::span<const int> kept);

}  // namespace gg
