// SPDX-License-Identifier: Apache-2.0
// A short text inside a value that is copied as bytes; for what outlives a request.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace gg {

/// At most `longest` bytes; what is longer loses its end.
template <std::size_t longest>
class KeptText {
 public:
  void set(std::string_view text) {
    length_ = 0;
    append(text);
  }
  void append(std::string_view text) {
    std::size_t count = std::min(text.size(), longest - length_);
    if (count == 0) return;
    std::memcpy(bytes_.data() + length_, text.data(), count);
    length_ = static_cast<std::uint16_t>(length_ + count);
  }
  std::string_view view() const { return {bytes_.data(), length_}; }
  bool empty() const { return length_ == 0; }
  bool is_full() const { return length_ == longest; }

 private:
  static_assert(longest < UINT16_MAX);

  std::array<char, longest> bytes_;  // only the first length_ of them are ever read
  std::uint16_t length_ = 0;
};

}  // namespace gg
