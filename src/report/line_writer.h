// SPDX-License-Identifier: Apache-2.0
// Writes one log line into memory that the caller gives: no allocation, no locale, never past the
// end. Used by the access log's fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/time.h"

namespace gg {

/// How hostile bytes are made harmless. json: strings stand in quotes, and each byte outside
/// printable ASCII becomes \u00XX, so the bytes can be got back exactly. text: such bytes, quotes
/// and backslashes become \xXX, so no value can end its quotes or its line.
enum class LogStyle : std::uint8_t { json, text };

/// What does not fit is left out and remembered in is_full(); nothing is ever half written but a
/// line as a whole.
class LineWriter {
 public:
  static constexpr std::size_t longest_key = 32;

  LineWriter(std::span<char> room, LogStyle style)
      : begin_(room.data()), at_(room.data()), end_(room.data() + room.size()), style_(style) {}

  LogStyle style() const { return style_; }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }
  bool is_full() const { return is_full_; }
  /// Forgets what came after the first `size` bytes.
  void rewind(std::size_t size) { at_ = begin_ + size; }

  /// Turns the comma that the line starts with into a brace, so that members need not know which of
  /// them is the first.
  void open_object() {
    if (at_ != begin_) *begin_ = '{';
  }

  /// As it is: for our own punctuation and keys.
  void raw(std::string_view text) {
    if (!has_room(text.size())) return;
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  /// The first `size` bytes of `text`, copied at one stroke: for keys made beforehand.
  void key(std::span<const char, longest_key> text, std::size_t size) {
    if (!has_room(longest_key)) return;
    std::memcpy(at_, text.data(), longest_key);
    at_ += size;
  }
  /// One of our own names: safe without escaping, quoted in JSON.
  void word(std::string_view name);
  /// Bytes of a peer, escaped; quoted in JSON. At most `longest` of them, then "...".
  void text(std::string_view bytes, std::size_t longest);
  void number(std::uint64_t value);
  void signed_number(std::int64_t value);
  /// Milliseconds with three decimals.
  void milliseconds(Duration duration);
  /// true or false.
  void flag(bool value);

 private:
  bool has_room(std::size_t count) {
    if (static_cast<std::size_t>(end_ - at_) >= count) [[likely]]
      return true;
    is_full_ = true;
    return false;
  }
  void escape(std::string_view bytes);

  char* begin_;
  char* at_;
  char* end_;
  LogStyle style_;
  bool is_full_ = false;
};

}  // namespace gg
