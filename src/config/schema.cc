// SPDX-License-Identifier: Apache-2.0
// Looking things up in the rows, and spelling their values and bounds.
#include "config/schema.h"

#include <fmt/format.h>

#include <vector>

#include "config/units.h"

namespace gg {

const Row* find_row(const Section& section, std::string_view name) {
  for (const Row& row : section.rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

const Choice* find_choice(std::span<const Choice> choices, std::string_view name) {
  for (const Choice& choice : choices) {
    if (choice.name == name) return &choice;
  }
  return nullptr;
}

const Choice* find_choice(std::span<const Choice> choices, std::int64_t value) {
  for (const Choice& choice : choices) {
    if (choice.value == value) return &choice;
  }
  return nullptr;
}

std::string print_number(Kind kind, std::int64_t number) {
  if (kind == Kind::duration) return print_duration(Duration(number));
  if (kind == Kind::size) return print_bytes(Bytes{static_cast<std::uint64_t>(number)});
  return fmt::format("{}", number);
}

std::string print_scalar(const Shape& shape, const void* value) {
  if (shape.kind == Kind::format) return shape.format->print(value);
  std::int64_t number = shape.number->load(value);
  if (shape.kind == Kind::flag) return number != 0 ? "true" : "false";
  if (shape.kind == Kind::choice) {
    const Choice* choice = find_choice(shape.choices, number);
    return choice != nullptr ? std::string(choice->name) : std::string();
  }
  bool is_word = number == 0 && !shape.bounds.zero_word.empty();
  return is_word ? std::string(shape.bounds.zero_word) : print_number(shape.kind, number);
}

std::string allowed_text(const Shape& shape) {
  switch (shape.kind) {
    case Kind::flag:
      return "true or false";
    case Kind::count:
    case Kind::duration:
    case Kind::size: {
      std::string range = fmt::format("{} to {}", print_number(shape.kind, shape.bounds.least),
                                      print_number(shape.kind, shape.bounds.most));
      if (shape.bounds.zero_word.empty()) return range;
      return fmt::format("{}, or {}", range, shape.bounds.zero_word);
    }
    case Kind::choice:
    case Kind::tagged: {
      std::vector<std::string_view> names;
      for (const Choice& choice : shape.choices) {
        if (choice.availability == Availability::here) names.push_back(choice.name);
      }
      return fmt::format("{}", fmt::join(names, ", "));
    }
    case Kind::format:
      return std::string(shape.format->notation);
    case Kind::section:
    case Kind::list:
    case Kind::named:
      return {};
  }
  return {};
}

}  // namespace gg
