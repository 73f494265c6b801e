// SPDX-License-Identifier: Apache-2.0
// A response that broke off after a part of it was passed on: what to ask another endpoint for, and
// is what it answers the rest of the very same thing? Pure, tested by table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "http/head.h"
#include "http/stream.h"

namespace gg {

/// By what a response can be asked for once more, from some byte on. Borrows from its head.
struct Continuable {
  std::string_view etag;    // strong (RFC 9110 8.8.3), quotes included
  std::string_view coding;  // Content-Encoding; empty: none
  std::uint64_t total = 0;  // bytes of the whole body
};

/// Nothing, unless it is a whole 200 to a GET without a body or a range of its own, of a known
/// length and with a strong entity tag. `plan` is of the response.
std::optional<Continuable> continuable(const RequestHead& request, const ResponseHead& head,
                                       const BodyPlan& plan);

/// What is asked for of one response that broke off. Outlives the attempts that are made for it.
class Continuation {
 public:
  Continuation(const Continuable& response, BufferPool& pool);
  Continuation(const Continuation&) = delete;
  Continuation& operator=(const Continuation&) = delete;

  /// So many bytes of the body have been passed on, fewer than there are.
  void go_on_from(std::uint64_t passed_on);
  /// `Range` and `If-Range`, to be added to the request.
  std::span<const Field> fields() const { return fields_; }
  /// Is this answer just what was asked for: 206, the same entity tag, exactly the bytes that are
  /// missing (RFC 9110 15.3.7)?
  bool is_continued_by(const ResponseHead& head, const BodyPlan& plan) const;

 private:
  Chunk text_;  // of the entity tag and the coding
  Continuable wanted_;
  std::uint64_t from_ = 0;
  std::array<char, 32> range_{};  // "bytes=18446744073709551615-"
  std::array<Field, 2> fields_{};
};

}  // namespace gg
