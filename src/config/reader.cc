// SPDX-License-Identifier: Apache-2.0
// The one reader of configuration trees. It knows kinds, not keys.
#include "config/reader.h"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/text.h"
#include "config/units.h"

namespace gg {
namespace {

std::string_view kind_name(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return "";
}

std::string below(const std::string& path, std::string_view key) {
  if (path.empty()) return std::string(key);
  return fmt::format("{}.{}", path, key);
}

/// "on" and "off" and their like, as YAML 1.1 has them.
std::optional<std::int64_t> parse_flag(std::string_view text) {
  if (text == "true" || text == "on" || text == "yes") return 1;
  if (text == "false" || text == "off" || text == "no") return 0;
  return std::nullopt;
}

Misreading misread_choice(const Shape& shape, std::string_view text) {
  std::vector<std::string_view> names;
  for (const Choice& choice : shape.choices) {
    if (choice.availability == Availability::here) names.push_back(choice.name);
  }
  return {in_quotes(text) + " is not one of the choices",
          did_you_mean(text, names, "allowed: " + allowed_text(shape))};
}

Misreading not_in_this_version(std::string_view name, const Shape& shape) {
  return {fmt::format("\"{}\" is not available in this version", name),
          "allowed: " + allowed_text(shape)};
}

/// A number of any kind as the integer that the model keeps, before its bounds are looked at.
Result<std::int64_t, Misreading> parse_plain_number(Kind kind, std::string_view text) {
  if (kind == Kind::duration) {
    Result<Duration, Misreading> duration = parse_duration(text);
    if (!duration) return Failure(std::move(duration.error()));
    return duration->count();
  }
  if (kind == Kind::size) {
    Result<Bytes, Misreading> bytes = parse_bytes(text);
    if (!bytes) return Failure(std::move(bytes.error()));
    return static_cast<std::int64_t>(bytes->count);
  }
  std::optional<std::uint64_t> number = parse_number(text);
  if (number && *number <= INT64_MAX) return static_cast<std::int64_t>(*number);
  return Failure(Misreading{in_quotes(text) + " is not a whole number", "write digits only"});
}

Result<std::int64_t, Misreading> parse_bounded(const Shape& shape, std::string_view text) {
  const Bounds& bounds = shape.bounds;
  bool is_word = !bounds.zero_word.empty() && text == bounds.zero_word;
  if (is_word) return 0;
  std::string allowed = "allowed: " + allowed_text(shape);
  Result<std::int64_t, Misreading> number = parse_plain_number(shape.kind, text);
  if (!number) {
    Misreading misread = std::move(number.error());
    misread.remedy += "; " + allowed;
    return Failure(std::move(misread));
  }
  if (*number < bounds.least)
    return Failure(Misreading{in_quotes(text) + " is too little", allowed});
  if (*number > bounds.most) return Failure(Misreading{in_quotes(text) + " is too much", allowed});
  return number;
}

Result<std::int64_t, Misreading> parse_number_of(const Shape& shape, std::string_view text) {
  if (shape.kind == Kind::flag) {
    std::optional<std::int64_t> flag = parse_flag(text);
    if (flag) return *flag;
    return Failure(
        Misreading{in_quotes(text) + " is neither true nor false", "write true or false"});
  }
  if (shape.kind != Kind::choice) return parse_bounded(shape, text);
  const Choice* choice = find_choice(shape.choices, text);
  if (choice == nullptr) return Failure(misread_choice(shape, text));
  if (choice->availability == Availability::later) {
    return Failure(not_in_this_version(choice->name, shape));
  }
  return choice->value;
}

class Reader {
 public:
  Reader(Places& places, ComplaintList& complaints) : places_(places), complaints_(complaints) {}

  void read_section(const YamlNode& node, const Section& section, void* owner,
                    const std::string& path);

 private:
  void read(const YamlNode& node, const Shape& shape, void* value, const std::string& path);
  void read_row(const YamlNode& node, const Row& row, void* owner, const std::string& path);
  void read_scalar(const YamlNode& node, const Shape& shape, void* value, const std::string& path);
  void read_tagged(const YamlNode& node, const Shape& shape, void* value, const std::string& path);
  void read_list(const YamlNode& node, const Shape& shape, void* value, const std::string& path);
  void read_named(const YamlNode& node, const Shape& shape, void* value, const std::string& path);
  void read_entry(const YamlNode& entry, const Section& section, void* owner,
                  const std::string& path);
  void complain_about_unknown(const YamlNode& entry, const Section& section,
                              const std::string& path);
  void complain_about_kind(const YamlNode& node, const std::string& path, std::string_view wanted);
  void complain(Mark mark, const std::string& path, Misreading misread) {
    complaints_.error(mark, path, std::move(misread.problem), std::move(misread.remedy));
  }

  Places& places_;
  ComplaintList& complaints_;
};

void Reader::read_section(const YamlNode& node, const Section& section, void* owner,
                          const std::string& path) {
  if (node.kind != YamlNode::Kind::map) {
    const Row* row = find_row(section, section.short_form);
    bool is_short_form = row != nullptr && row->availability == Availability::here &&
                         node.kind != YamlNode::Kind::null;
    if (!is_short_form) return complain_about_kind(node, path, "a map of keys and values");
    read_row(node, *row, owner, path);
    return;
  }
  for (const YamlNode& entry : node.items) read_entry(entry, section, owner, path);
  for (const Row& row : section.rows) {
    bool is_missing = row.is_required() && row.availability == Availability::here &&
                      !places_.has(below(path, row.name));
    if (!is_missing) continue;
    complain(node.mark, path,
             {fmt::format("the key \"{}\" is missing", row.name),
              fmt::format("add it, for example: {}", row.example)});
  }
}

void Reader::read_row(const YamlNode& node, const Row& row, void* owner, const std::string& path) {
  bool is_empty =
      (node.kind == YamlNode::Kind::list || node.kind == YamlNode::Kind::map) && node.items.empty();
  if (is_empty && row.is_required()) {
    return complain(node.mark, path,
                    {fmt::format("\"{}\" is empty", row.name),
                     fmt::format("give at least one, for example: {}", row.example)});
  }
  read(node, row.shape, row.member(owner), path);
}

void Reader::read_entry(const YamlNode& entry, const Section& section, void* owner,
                        const std::string& path) {
  const Row* row = find_row(section, entry.key);
  if (row == nullptr) return complain_about_unknown(entry, section, path);
  std::string own_path = below(path, row->name);
  places_.note(own_path, entry.mark.line > 0 ? entry.mark : entry.key_mark);
  if (row->availability == Availability::later) {
    return complain(entry.key_mark, own_path,
                    {fmt::format("\"{}\" is not available in this version", row->name),
                     "remove it; it will work in a later version"});
  }
  if (entry.kind == YamlNode::Kind::null) {
    return complain(entry.key_mark, own_path,
                    {fmt::format("\"{}\" has no value", row->name),
                     "give it one, or remove the key for its default"});
  }
  read_row(entry, *row, owner, own_path);
}

void Reader::complain_about_unknown(const YamlNode& entry, const Section& section,
                                    const std::string& path) {
  std::vector<std::string_view> known;
  for (const Row& row : section.rows) {
    if (row.availability == Availability::here) known.push_back(row.name);
  }
  std::string otherwise = fmt::format("known here: {}", fmt::join(known, ", "));
  std::string remedy = entry.key == "<<" ? "merge keys are not understood; write the keys out"
                                         : did_you_mean(entry.key, known, otherwise);
  complain(entry.key_mark, path, {"unknown key " + in_quotes(entry.key), std::move(remedy)});
}

void Reader::complain_about_kind(const YamlNode& node, const std::string& path,
                                 std::string_view wanted) {
  complain(node.mark, path,
           {fmt::format("this is {}", kind_name(node)), fmt::format("write {}", wanted)});
}

void Reader::read(const YamlNode& node, const Shape& shape, void* value, const std::string& path) {
  if (shape.optional != nullptr) value = shape.optional->engage(value);
  switch (shape.kind) {
    case Kind::flag:
    case Kind::count:
    case Kind::duration:
    case Kind::size:
    case Kind::choice:
    case Kind::format:
      return read_scalar(node, shape, value, path);
    case Kind::tagged:
      return read_tagged(node, shape, value, path);
    case Kind::section:
      return read_section(node, *shape.section, value, path);
    case Kind::list:
      return read_list(node, shape, value, path);
    case Kind::named:
      return read_named(node, shape, value, path);
  }
}

void Reader::read_scalar(const YamlNode& node, const Shape& shape, void* value,
                         const std::string& path) {
  if (node.kind != YamlNode::Kind::scalar) {
    return complain_about_kind(node, path, "a single value: " + allowed_text(shape));
  }
  if (shape.kind == Kind::format) {
    std::optional<Misreading> misread = shape.format->parse(node.text, value);
    if (misread) complain(node.mark, path, std::move(*misread));
    return;
  }
  Result<std::int64_t, Misreading> number = parse_number_of(shape, node.text);
  if (!number) return complain(node.mark, path, std::move(number.error()));
  shape.number->store(value, *number);
}

void Reader::read_tagged(const YamlNode& node, const Shape& shape, void* value,
                         const std::string& path) {
  const Choice* choice = find_choice(shape.choices, shape.short_choice);
  const YamlNode* text = &node;
  if (node.kind == YamlNode::Kind::map) {
    if (node.items.size() != 1) {
      return complain(node.mark, path,
                      {fmt::format("{} keys stand here", node.items.size()),
                       "give one of: " + allowed_text(shape)});
    }
    text = &node.items.front();
    choice = find_choice(shape.choices, text->key);
    if (choice == nullptr) return complain(text->key_mark, path, misread_choice(shape, text->key));
  } else if (node.kind == YamlNode::Kind::scalar) {
    const Choice* bare = find_choice(shape.choices, node.text);
    if (bare != nullptr && bare->format == nullptr) choice = bare;
  }
  if (choice == nullptr && text->kind == YamlNode::Kind::scalar) {
    return complain(node.mark, path, misread_choice(shape, node.text));
  }
  bool is_usable = choice != nullptr && text->kind == YamlNode::Kind::scalar;
  if (!is_usable) return complain_about_kind(*text, path, "one of: " + allowed_text(shape));
  if (choice->availability == Availability::later) {
    return complain(node.mark, path, not_in_this_version(choice->name, shape));
  }
  shape.tagged->store(value, choice->value);
  std::string& kept = *shape.tagged->text(value);
  kept.clear();
  if (choice->format == nullptr) return;
  std::optional<Misreading> misread = choice->format->parse(text->text, &kept);
  if (misread) complain(text->mark, path, std::move(*misread));
}

void Reader::read_list(const YamlNode& node, const Shape& shape, void* value,
                       const std::string& path) {
  shape.list->clear(value);
  bool is_one_alone = node.kind != YamlNode::Kind::list;
  std::span<const YamlNode> items = is_one_alone ? std::span(&node, 1) : std::span(node.items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::string item_path = fmt::format("{}[{}]", path, i);
    places_.note(item_path, items[i].mark);
    void* element = shape.list->append(value);
    if (items[i].kind == YamlNode::Kind::null) {
      complain(items[i].mark, item_path, {"nothing stands here", "remove the item or write it"});
      continue;
    }
    read(items[i], *shape.element, element, item_path);
  }
}

void Reader::read_named(const YamlNode& node, const Shape& shape, void* value,
                        const std::string& path) {
  if (node.kind != YamlNode::Kind::map) {
    return complain_about_kind(node, path, "a map from names to values");
  }
  shape.list->clear(value);
  for (const YamlNode& entry : node.items) {
    std::string item_path = below(path, entry.key);
    std::string name;
    std::optional<Misreading> misread = shape.format->parse(entry.key, &name);
    if (misread) {
      complain(entry.key_mark, path, std::move(*misread));
      continue;
    }
    places_.note(item_path, entry.key_mark);
    void* element = shape.list->append(value);
    *shape.name->name(element) = std::move(name);
    if (entry.kind == YamlNode::Kind::null) {
      complain(entry.key_mark, item_path, {in_quotes(entry.key) + " has no value", "give it one"});
      continue;
    }
    read(entry, *shape.element, element, item_path);
  }
}

}  // namespace

void read_section(const YamlNode& node, const Section& section, void* owner, std::string path,
                  Places& places, ComplaintList& complaints) {
  Reader(places, complaints).read_section(node, section, owner, path);
}

}  // namespace gg
