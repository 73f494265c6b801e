// SPDX-License-Identifier: Apache-2.0
// What the configuration file may say, as data: sections of rows. The reader, the printer, the
// JSON Schema and the reference all walk these rows and know no key by name. tables.cc holds
// them; rows.h makes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/complaint.h"

namespace gg {

struct Section;

/// Does this version do what the key says? A key of a later version is known by name and refused
/// with that reason; its default is in force nowhere.
enum class Availability : std::uint8_t { here, later };

struct Format;

/// One word for an enumerator.
struct Choice {
  std::int64_t value = 0;
  std::string_view name;
  std::string_view doc;
  Availability availability = Availability::here;
  const Format* format = nullptr;  // of a tagged value's text; null: the word stands alone
};

/// The least and the most of a number, in the unit of its kind (nanoseconds, bytes, ones).
struct Bounds {
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::string_view zero_word;  // written for zero, which then is allowed below `least`
};

/// A scalar with a notation of its own: how to read and print one C++ type.
struct Format {
  std::string_view noun;      // "address"
  std::string_view notation;  // "host:port, [v6]:port or unix:/path"
  std::string_view pattern;   // for the JSON Schema; empty: any text
  /// Writes to `value` when `text` is right, else says why not.
  std::optional<Misreading> (*parse)(std::string_view text, void* value);
  /// Empty when there is nothing to print, as for a file name that was not given.
  std::string (*print)(const void* value);
};

// How walkers reach a C++ type behind a void pointer. Made by rows.h.

struct NumberOps {
  std::int64_t (*load)(const void* number);
  void (*store)(void* number, std::int64_t value);
};

struct ListOps {
  std::size_t (*size)(const void* list);
  const void* (*item)(const void* list, std::size_t index);
  void* (*append)(void* list);
  void (*clear)(void* list);
  const void* (*blank)();  // one element with its defaults
};

struct OptionalOps {
  const void* (*value)(const void* optional);  // null when not set
  void* (*engage)(void* optional);
  const void* (*blank)();
};

struct TaggedOps {
  std::int64_t (*load)(const void* tagged);
  void (*store)(void* tagged, std::int64_t kind);
  std::string* (*text)(void* tagged);
};

struct NameOps {
  std::string* (*name)(void* element);
};

enum class Kind : std::uint8_t {
  flag,      // true or false
  count,     // a whole number
  duration,  // 500ms
  size,      // 64KiB
  choice,    // one of `choices`
  format,    // text in the notation of `format`
  tagged,    // {regex: "^/v1"}: one of `choices` and its text
  section,   // a map with known keys
  list,      // of `element`; one alone needs no brackets
  named,     // a map from names to `element`
};

struct Shape {
  Kind kind = Kind::section;
  Bounds bounds{};
  std::span<const Choice> choices{};
  const Format* format = nullptr;  // of `format`; of `named` for the names
  const Section* section = nullptr;
  const Shape* element = nullptr;
  const NumberOps* number = nullptr;      // of flag, count, duration, size, choice
  const ListOps* list = nullptr;          // of list and named
  const OptionalOps* optional = nullptr;  // set: the member is a std::optional of this shape
  const TaggedOps* tagged = nullptr;
  const NameOps* name = nullptr;
  std::int64_t short_choice = -1;  // of tagged: what a bare scalar is the text of
};

struct Row {
  std::string_view name;
  Availability availability = Availability::here;
  Shape shape;
  void* (*member)(void* owner) = nullptr;
  std::string_view doc;      // sentences, the last one ending in a full stop
  std::string_view example;  // set: the key must be given, for instance so

  bool is_required() const { return !example.empty(); }
  const void* member_of(const void* owner) const {
    return member(const_cast<void*>(owner));  // NOLINT: the pointer comes back const
  }
};

struct Section {
  std::string_view name;  // where it stands: "routes[].retry"
  std::string_view doc;
  std::string_view short_form;  // the row that a bare scalar or list is the value of, if any
  std::string_view example;     // its value in YAML, with every available key
  std::span<const Row> rows;
  const void* (*defaults)();
};

/// The file's top level; everything else hangs below it. Its owner is a `Config`.
const Section& root_section();

/// The row of that name, or null.
const Row* find_row(const Section& section, std::string_view name);
const Choice* find_choice(std::span<const Choice> choices, std::string_view name);
const Choice* find_choice(std::span<const Choice> choices, std::int64_t value);

/// A scalar (flag to format) as the file spells it.
std::string print_scalar(const Shape& shape, const void* value);

/// A number in its unit, as in bounds: "500ms", "64KiB", "12".
std::string print_number(Kind kind, std::int64_t number);

/// `allowed: 1 to 10, or "auto"`; for formats and choices what they accept.
std::string allowed_text(const Shape& shape);

}  // namespace gg
