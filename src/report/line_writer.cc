// SPDX-License-Identifier: Apache-2.0
#include "report/line_writer.h"

#include <charconv>
#include <cstring>

namespace gg {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

/// Branchless, so that the compiler looks at many bytes at once.
bool all_plain(std::string_view bytes) {
  unsigned odd = 0;
  for (char byte : bytes) {
    auto c = static_cast<unsigned char>(byte);
    odd |= static_cast<unsigned>(c < 0x20) | static_cast<unsigned>(c > 0x7e) |
           static_cast<unsigned>(c == '"') | static_cast<unsigned>(c == '\\');
  }
  return odd == 0;
}

}  // namespace

bool LineWriter::has_room(std::size_t count) {
  if (static_cast<std::size_t>(end_ - at_) >= count) return true;
  is_full_ = true;
  return false;
}

void LineWriter::raw(std::string_view text) {
  if (!has_room(text.size())) return;
  std::memcpy(at_, text.data(), text.size());
  at_ += text.size();
}

void LineWriter::word(std::string_view name) {
  if (style_ == LogStyle::text) {
    raw(name);
    return;
  }
  if (!has_room(name.size() + 2)) return;
  *at_++ = '"';
  std::memcpy(at_, name.data(), name.size());
  at_ += name.size();
  *at_++ = '"';
}

void LineWriter::text(std::string_view bytes, std::size_t longest) {
  constexpr std::string_view more = "...";
  constexpr std::size_t longest_escape = 6;
  bool is_cut = bytes.size() > longest;
  if (is_cut) bytes = bytes.substr(0, longest);
  bool is_easy = all_plain(bytes);
  std::size_t needed = is_easy ? bytes.size() : longest_escape * bytes.size();
  if (!has_room(needed + more.size() + 2)) return;
  if (style_ == LogStyle::json) *at_++ = '"';
  if (is_easy && !bytes.empty()) {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  } else {
    escape(bytes);
  }
  if (is_cut) raw(more);
  if (style_ == LogStyle::json) *at_++ = '"';
}

/// There is room for six characters per byte.
void LineWriter::escape(std::string_view bytes) {
  for (char byte : bytes) {
    auto c = static_cast<unsigned char>(byte);
    if (is_plain(c)) {
      *at_++ = byte;
      continue;
    }
    std::string_view start = style_ == LogStyle::json ? "\\u00" : "\\x";
    std::memcpy(at_, start.data(), start.size());
    at_ += start.size();
    *at_++ = hex_digits[c >> 4];
    *at_++ = hex_digits[c & 15];
  }
}

void LineWriter::number(std::uint64_t value) {
  std::to_chars_result written = std::to_chars(at_, end_, value);
  if (written.ec == std::errc{}) {
    at_ = written.ptr;
  } else {
    is_full_ = true;
  }
}

void LineWriter::signed_number(std::int64_t value) {
  if (value < 0) raw("-");
  auto magnitude = static_cast<std::uint64_t>(value);
  number(value < 0 ? 0 - magnitude : magnitude);
}

void LineWriter::milliseconds(Duration duration) {
  std::int64_t count = duration.count() > 0 ? duration.count() / 1000 : 0;
  auto microseconds = static_cast<std::uint64_t>(count);
  number(microseconds / 1000);
  if (!has_room(4)) return;
  auto rest = static_cast<unsigned>(microseconds % 1000);
  *at_++ = '.';
  *at_++ = static_cast<char>('0' + rest / 100);
  *at_++ = static_cast<char>('0' + rest / 10 % 10);
  *at_++ = static_cast<char>('0' + rest % 10);
}

void LineWriter::flag(bool value) { raw(value ? "true" : "false"); }

}  // namespace gg
