// SPDX-License-Identifier: Apache-2.0
#include "proxy/request_path.h"

#include "http/characters.h"

namespace gg {
namespace {

/// The bytes that stand for themselves in a reading.
constexpr std::array<bool, 256> make_plain_table() {
  std::array<bool, 256> table{};
  for (unsigned c = 0x21; c < 0x7f; ++c) {
    table[c] = c != '\\' && c != '%' && c != ';' && c != '?' && c != '#';
  }
  return table;
}
constexpr std::array<bool, 256> plain_or_slash = make_plain_table();

unsigned hex_value(char c) {
  if (c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

bool is_escape(std::string_view text) {
  return text.size() > 2 && text[0] == '%' && is_in(CharacterClass::hex, text[1]) &&
         is_in(CharacterClass::hex, text[2]);
}

}  // namespace

bool is_plain_path(std::string_view path) {
  char before = 0;
  for (char c : path) {
    if (!plain_or_slash[static_cast<unsigned char>(c)]) return false;
    if (before == '/' && (c == '/' || c == '.')) return false;
    before = c;
  }
  return true;
}

ReadPath::ReadPath(std::string_view path, PathReading reading) : reading_(reading) {
  // Every byte may become "%XX"; a path that long in the first place is rare.
  std::size_t most = path.size() * 3 + 1;
  if (most > small_.size()) large_.resize(most);
  out_ = most > small_.size() ? large_.data() : small_.data();
  read(path.substr(1));
}

/// `path` without its first '/'.
void ReadPath::read(std::string_view path) {
  put('/');
  for (std::size_t i = 0; i < path.size() && !escapes_root_; ++i) {
    bool was_escaped = is_escape(path.substr(i));
    auto c = static_cast<unsigned char>(path[i]);
    if (was_escaped) {
      c = static_cast<unsigned char>(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]));
      i += 2;
    }
    bool is_slash = c == '/' && !was_escaped;
    bool is_doubtful_slash = c == '\\' || (c == '/' && was_escaped);
    if (is_doubtful_slash || c == ';') is_ambiguous_ = true;
    if (c == ';' && !parameters_) parameters_ = size_;

    bool stands_for_itself =
        (plain_or_slash[c] && c != '/') || ((c == ';' || c == '\\') && !was_escaped);
    if (is_slash || (is_doubtful_slash && reading_.decode_separators)) {
      end_segment(Last::no);
    } else if (stands_for_itself) {
      put(static_cast<char>(c));
    } else {
      put_escaped(c);
    }
  }
  if (!escapes_root_) end_segment(Last::yes);
}

/// The segment is complete: decides what remains of it, and begins the next one unless it is the
/// last.
void ReadPath::end_segment(Last last) {
  if (parameters_ && reading_.drop_parameters) size_ = *parameters_;
  parameters_.reset();

  std::string_view name = text().substr(segment_ + 1);
  bool is_dots = name == "." || name == "..";
  bool goes_up = name == "..";
  if (is_dots) is_ambiguous_ = true;
  bool vanishes = (is_dots && reading_.resolve_dots) || (name.empty() && reading_.merge_slashes);
  if (vanishes) {
    size_ = segment_;
    if (goes_up) remove_last_segment();
    put('/');
    segment_ = size_ - 1;
  } else if (last == Last::no) {
    segment_ = size_;
    put('/');
  }
}

void ReadPath::remove_last_segment() {
  if (size_ == 0) {
    escapes_root_ = true;
    return;
  }
  size_ = text().rfind('/');
}

void ReadPath::put_escaped(unsigned char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  put('%');
  put(digits[c >> 4U]);
  put(digits[c & 15U]);
}

}  // namespace gg
