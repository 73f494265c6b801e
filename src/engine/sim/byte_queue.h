// SPDX-License-Identifier: Apache-2.0
// Bytes in, bytes out, in order. For the simulated network, which keeps what is under way.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/assert.h"

namespace gg {

class ByteQueue {
 public:
  std::size_t size() const { return bytes_.size() - begin_; }
  void append(std::string_view bytes) { bytes_.append(bytes); }
  /// Borrows until the next change. `count` is at most size().
  std::string_view front(std::size_t count) const {
    GG_ASSERT(count <= size());
    return std::string_view(bytes_).substr(begin_, count);
  }
  void drop_front(std::size_t count) {
    GG_ASSERT(count <= size());
    begin_ += count;
    // Half of it is dead: moving the rest costs no more than dropping did.
    if (begin_ * 2 >= bytes_.size()) {
      bytes_.erase(0, begin_);
      begin_ = 0;
    }
  }
  /// Takes `count` bytes out of the middle.
  void erase(std::size_t offset, std::size_t count) {
    GG_ASSERT(offset + count <= size());
    bytes_.erase(begin_ + offset, count);
  }
  /// Keeps only the first `count` bytes.
  void truncate(std::size_t count) {
    GG_ASSERT(count <= size());
    bytes_.resize(begin_ + count);
  }
  /// Gives the memory back, too.
  void clear() {
    bytes_ = {};
    begin_ = 0;
  }

 private:
  std::string bytes_;
  std::size_t begin_ = 0;
};

}  // namespace gg
