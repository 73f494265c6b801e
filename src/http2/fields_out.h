// SPDX-License-Identifier: Apache-2.0
// Fields as nghttp2 wants to be given them. For the .cc files of this folder.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <new>
#include <string_view>

#include "base/buffer.h"
#include "http/head.h"

namespace gg {

/// Borrows every text. nghttp2 copies what it is given, names in lower case.
class Http2FieldsOut {
 public:
  Http2FieldsOut(BufferPool& pool, std::size_t most)
      : chunk_(pool.take(most * sizeof(nghttp2_nv))),
        all_(reinterpret_cast<nghttp2_nv*>(chunk_.spare().data())) {}

  void add(const Field& field) { add(field.name, field.value); }
  void add(std::string_view name, std::string_view value) {
    GG_ASSERT((count_ + 1) * sizeof(nghttp2_nv) <= chunk_.spare().size());
    new (&all_[count_++]) nghttp2_nv{bytes_of(name), bytes_of(value), name.size(), value.size(),
                                     NGHTTP2_NV_FLAG_NONE};
  }
  /// At most one number in a list.
  void add(std::string_view name, std::uint64_t value) {
    std::to_chars_result end = std::to_chars(digits_.begin(), digits_.end(), value);
    add(name, std::string_view(digits_.data(), static_cast<std::size_t>(end.ptr - digits_.data())));
  }
  void add_status(int status) {
    std::to_chars_result end = std::to_chars(status_.begin(), status_.end(), status);
    add(":status",
        std::string_view(status_.data(), static_cast<std::size_t>(end.ptr - status_.data())));
  }

  const nghttp2_nv* data() const { return all_; }
  std::size_t size() const { return count_; }

 private:
  /// nghttp2 takes a pointer to bytes that it may not change, and has no const for it.
  static std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  }

  Chunk chunk_;
  nghttp2_nv* all_;
  std::size_t count_ = 0;
  std::array<char, 20> digits_{};
  std::array<char, 4> status_{};
};

}  // namespace gg
