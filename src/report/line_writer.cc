// SPDX-License-Identifier: Apache-2.0
#include "report/line_writer.h"

#include <charconv>
#include <cstring>

namespace gg {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

constexpr std::uint64_t every_byte(unsigned char value) { return value * 0x0101010101010101u; }

/// A bit for each of eight bytes that must be escaped (and perhaps for one behind it): the usual
/// carry tricks for "less than 0x20", "is zero" after a xor, and "has the high bit".
constexpr std::uint64_t odd_bytes(std::uint64_t bytes) {
  constexpr std::uint64_t high = every_byte(0x80);
  std::uint64_t quotes = bytes ^ every_byte('"');
  std::uint64_t backslashes = bytes ^ every_byte('\\');
  std::uint64_t deletes = bytes ^ every_byte(0x7f);
  std::uint64_t below = bytes - every_byte(0x20);
  quotes -= every_byte(1);
  backslashes -= every_byte(1);
  deletes -= every_byte(1);
  return (bytes | below | quotes | backslashes | deletes) & high;
}

std::uint64_t eight_at(const char* from) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

/// May say no to bytes that are plain, never yes to one that is not.
bool all_plain(std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  if (left < sizeof(std::uint64_t)) {
    bool is_plain_so_far = true;
    for (char byte : bytes) is_plain_so_far &= is_plain(static_cast<unsigned char>(byte));
    return is_plain_so_far;
  }
  std::uint64_t odd = 0;
  for (; left > sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
    odd |= odd_bytes(eight_at(at));
    at += sizeof(std::uint64_t);
  }
  // The last eight overlap with those before.
  return (odd | odd_bytes(eight_at(at + left - sizeof(std::uint64_t)))) == 0;
}

}  // namespace

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
