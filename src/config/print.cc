// SPDX-License-Identifier: Apache-2.0
// Walks the rows of the schema and writes what the model holds.
#include "config/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "config/schema.h"
#include "config/secret_lines.h"
#include "config/values_in_force.h"

namespace gg {
namespace {

/// May this stand in YAML without quotes, inside brackets too, and be the same text again?
bool is_plain(std::string_view text) {
  constexpr std::string_view reserved[] = {"null", "true", "false", "yes", "no", "on", "off"};
  bool is_word = std::ranges::find(reserved, text) != std::ranges::end(reserved);
  bool has_plain_start = !text.empty() && (ascii_lower(text[0]) >= 'a' || text[0] == '/') &&
                         ascii_lower(text[0]) <= 'z';
  return !is_word && has_plain_start && std::ranges::all_of(text, [](char c) {
    char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.' ||
           c == '/';
  });
}

/// Text in double quotes as YAML reads it.
std::string quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? "\\n" : std::string(1, c);
  }
  return out + '"';
}

/// A scalar as YAML. Numbers with and without units and the words for them need no quotes.
std::string yaml_scalar(const Shape& shape, const void* value) {
  std::string text = print_scalar(shape, value);
  bool is_free_text = shape.kind == Kind::format;
  return !is_free_text || is_plain(text) ? text : quote(text);
}

class Printer {
 public:
  using Places = std::unordered_map<std::string, std::string>;

  enum class Secrets : std::uint8_t { shown, hidden };

  /// What stands in `places` under a value's key becomes a comment behind it.
  Printer(Places places, Secrets secrets) : places_(std::move(places)), secrets_(secrets) {}

  std::string take() { return std::move(out_); }

  void print_section(const Section& section, const void* owner, int indent) {
    for (const Row& row : section.rows) {
      if (row.availability == Availability::later) continue;
      const void* value = row.member_of(owner);
      if (row.shape.optional != nullptr) value = row.shape.optional->value(value);
      if (value == nullptr) continue;
      std::size_t size = key_.size();
      if (!key_.empty()) key_ += '.';
      key_ += row.name;
      bool is_hidden = secrets_ == Secrets::hidden && is_secret_key(row.name);
      if (!is_hidden) {
        print_value(row.name, row.shape, value, indent);
      } else if (holds_anything(row.shape, value)) {
        line(indent, fmt::format("{}: \"…\"", row.name));
      }
      key_.resize(size);
    }
  }

 private:
  static bool holds_anything(const Shape& shape, const void* value) {
    bool has_items = shape.kind == Kind::list || shape.kind == Kind::named;
    return has_items ? shape.list->size(value) > 0 : !print_scalar(shape, value).empty();
  }

  void line(int indent, std::string_view text) {
    std::string margin(static_cast<std::size_t>(indent), ' ');
    if (begins_item_) margin.replace(margin.size() - 2, 2, "- ");
    begins_item_ = false;
    out_ += margin;
    out_ += text;
    auto place = places_.find(key_);
    if (place != places_.end()) out_ += "  # " + place->second;
    out_ += '\n';
  }

  void print_value(std::string_view name, const Shape& shape, const void* value, int indent) {
    switch (shape.kind) {
      case Kind::flag:
      case Kind::count:
      case Kind::duration:
      case Kind::size:
      case Kind::choice:
      case Kind::format:
        if (print_scalar(shape, value).empty()) return;
        return line(indent, fmt::format("{}: {}", name, yaml_scalar(shape, value)));
      case Kind::tagged:
        return line(indent, fmt::format("{}: {}", name, tagged(shape, value)));
      case Kind::section:
        line(indent, fmt::format("{}:", name));
        return print_section(*shape.section, value, indent + 2);
      case Kind::list:
        return print_list(name, shape, value, indent);
      case Kind::named:
        return print_named(name, shape, value, indent);
    }
  }

  static std::string tagged(const Shape& shape, const void* value) {
    const Choice* choice = find_choice(shape.choices, shape.tagged->load(value));
    if (choice->format == nullptr) return std::string(choice->name);
    // Reading only: the text accessor has one form for both.
    const std::string& text = *shape.tagged->text(const_cast<void*>(value));  // NOLINT
    return fmt::format("{{ {}: {} }}", choice->name, is_plain(text) ? text : quote(text));
  }

  void print_list(std::string_view name, const Shape& shape, const void* value, int indent) {
    std::size_t size = shape.list->size(value);
    const Shape& element = *shape.element;
    if (element.kind == Kind::section && size > 0) {
      line(indent, fmt::format("{}:", name));
      for (std::size_t i = 0; i < size; ++i) {
        begins_item_ = true;
        std::size_t key_size = key_.size();
        key_ += fmt::format("[{}]", i);
        print_section(*element.section, shape.list->item(value, i), indent + 4);
        key_.resize(key_size);
      }
      return;
    }
    std::string items;
    for (std::size_t i = 0; i < size; ++i) {
      items += (i > 0 ? ", " : "") + yaml_scalar(element, shape.list->item(value, i));
    }
    line(indent, fmt::format("{}: [{}]", name, items));
  }

  void print_named(std::string_view name, const Shape& shape, const void* value, int indent) {
    std::size_t size = shape.list->size(value);
    if (size == 0) return;
    line(indent, fmt::format("{}:", name));
    for (std::size_t i = 0; i < size; ++i) {
      const void* item = shape.list->item(value, i);
      const std::string& key = *shape.name->name(const_cast<void*>(item));  // NOLINT: reading only
      std::size_t key_size = key_.size();
      key_ += '.' + key;
      print_value(is_plain(key) ? key : quote(key), *shape.element, item, indent + 2);
      key_.resize(key_size);
    }
  }

  Places places_;
  Secrets secrets_;
  std::string key_;  // of what is printed: "upstreams.app.balance"
  std::string out_;
  bool begins_item_ = false;  // the next line is the first of a list's item
};

}  // namespace

std::string to_text(const Config& config) {
  Printer printer({}, Printer::Secrets::shown);
  printer.print_section(root_section(), &config, 0);
  return printer.take();
}

std::string to_text_with_origins(const Config& config) {
  Printer::Places places;
  for (ValueInForce& value : values_in_force(config)) {
    if (!value.place.empty()) places.emplace(std::move(value.key), std::move(value.place));
  }
  Printer printer(std::move(places), Printer::Secrets::hidden);
  printer.print_section(root_section(), &config, 0);
  return printer.take();
}

}  // namespace gg
