// SPDX-License-Identifier: Apache-2.0
// How a path may be read: one canonical reading that routes are matched by, and the other readings
// that a server behind us may have. Used by the router, and where a rule rewrites paths; else what
// is sent upstream stays as it came.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gg {

/// What a reader does with a path beyond decoding escapes of visible ASCII characters.
struct PathReading {
  bool resolve_dots = false;       // "." and ".." segments (RFC 3986 5.2.4)
  bool merge_slashes = false;      // "//" is "/"
  bool decode_separators = false;  // "%2F", "\" and "%5C" are "/"
  bool drop_parameters = false;    // a segment ends at ";" or "%3B"
};

/// As routes are matched: what most servers agree on.
inline constexpr PathReading canonical_reading{.resolve_dots = true, .merge_slashes = true};

/// The readings that may differ once a path is ambiguous.
inline constexpr std::array<PathReading, 5> other_readings{{
    {},
    {.resolve_dots = true},
    {.resolve_dots = true, .merge_slashes = true, .decode_separators = true},
    {.resolve_dots = true, .merge_slashes = true, .drop_parameters = true},
    {.resolve_dots = true,
     .merge_slashes = true,
     .decode_separators = true,
     .drop_parameters = true},
}};

/// Is `path` its own canonical reading, and has no other? True for nearly every request; one pass.
bool is_plain_path(std::string_view path);

/// One reading of one path, and the memory it stands in. Does not move: text() points into it.
class ReadPath {
 public:
  /// `path` starts with '/'.
  ReadPath(std::string_view path, PathReading reading);
  ReadPath(const ReadPath&) = delete;
  ReadPath& operator=(const ReadPath&) = delete;

  /// The reading: a visible ASCII character other than / \ % ; ? # stands for itself, every other
  /// byte is "%XX" in upper case. Starts with '/'. Borrows from this object.
  std::string_view text() const { return {out_, size_}; }
  /// Its ".." segments lead above the root; text() means nothing.
  bool escapes_root() const { return escapes_root_; }
  /// It has a dot segment, a ';' or a '\', or an escape of one of "/;\": readers differ about it.
  bool is_ambiguous() const { return is_ambiguous_; }

 private:
  enum class Last : std::uint8_t { no, yes };

  void read(std::string_view path);
  std::size_t read_special(std::string_view text);
  void end_segment(Last last);
  void put(char c) { out_[size_++] = c; }
  void put_escaped(unsigned char c);
  void remove_last_segment();

  PathReading reading_;
  bool escapes_root_ = false;
  bool is_ambiguous_ = false;
  std::size_t size_ = 0;
  std::size_t segment_ = 0;                // where the segment being read begins, its '/' included
  std::optional<std::size_t> parameters_;  // where its parameters begin
  char* out_;
  std::array<char, 1024> small_;
  std::string large_;
};

}  // namespace gg
