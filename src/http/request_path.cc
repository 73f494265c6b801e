// SPDX-License-Identifier: Apache-2.0
#include "http/request_path.h"

#include "http/characters.h"

namespace gg {
namespace {

constexpr std::array<bool, 256> make_plain_table() {
  std::array<bool, 256> table{};
  for (unsigned c = 0x21; c < 0x7f; ++c) {
    table[c] = c != '/' && c != '\\' && c != '%' && c != ';' && c != '?' && c != '#';
  }
  return table;
}
constexpr std::array<bool, 256> plain_table = make_plain_table();

/// Does the byte stand for itself in a reading?
bool is_plain(char c) { return plain_table[static_cast<unsigned char>(c)]; }

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
    if (!is_plain(c) && c != '/') return false;
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
  for (std::size_t i = 0; i < path.size() && !escapes_root_;) {
    if (is_plain(path[i])) {
      put(path[i++]);
    } else if (path[i] == '/') {
      end_segment(Last::no);
      ++i;
    } else {
      i += read_special(path.substr(i));
    }
  }
  if (!escapes_root_) end_segment(Last::yes);
}

/// An escape, a character with a meaning to some, or one that a request cannot have. Returns how
/// many bytes of `text` it was.
std::size_t ReadPath::read_special(std::string_view text) {
  bool is_escaped = is_escape(text);
  char c = is_escaped ? static_cast<char>(hex_value(text[1]) * 16 + hex_value(text[2])) : text[0];
  bool may_separate = c == '/' || c == '\\';
  if (may_separate || c == ';') is_ambiguous_ = true;
  if (c == ';' && !parameters_) parameters_ = size_;

  bool stays_raw = !is_escaped && (c == ';' || c == '\\');
  if (may_separate && reading_.decode_separators) {
    end_segment(Last::no);
  } else if (is_plain(c) || stays_raw) {
    put(c);
  } else {
    put_escaped(static_cast<unsigned char>(c));
  }
  return is_escaped ? 3 : 1;
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
