// SPDX-License-Identifier: Apache-2.0
// Walks the rows of the schema and writes what each accepts as JSON Schema.
#include "config/json_schema.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "config/schema.h"

namespace gg {
namespace {

using Json = nlohmann::ordered_json;

Json accepted_by(const Shape& shape);

/// YAML reads 8080 and true as numbers and booleans, so a text may arrive as one. The pattern then
/// does not apply: the schema may accept more than the reader, never less.
Json text_of(const Format& format) {
  if (!format.pattern.empty()) {
    return {{"type", {"string", "integer", "number"}}, {"pattern", format.pattern}};
  }
  return {{"type", {"string", "integer", "number", "boolean"}}};
}

Json number_of(const Shape& shape) {
  Json number;
  if (shape.kind == Kind::count) {
    number = {{"type", "integer"}, {"minimum", shape.bounds.least}, {"maximum", shape.bounds.most}};
  } else if (shape.kind == Kind::duration) {
    number = {{"type", "string"}, {"pattern", "^[0-9]+([.][0-9]{1,3})?(ns|us|ms|s|m|h|d)$"}};
  } else {
    number = {{"type", "string"}, {"pattern", "^[0-9]+([.][0-9]{1,3})?(B|KiB|MiB|GiB|TiB)$"}};
  }
  if (shape.bounds.zero_word.empty()) return number;
  return {{"anyOf", {number, {{"const", shape.bounds.zero_word}}}}};
}

Json words_of(const Shape& shape) {
  Json words = Json::array();
  for (const Choice& choice : shape.choices) {
    if (choice.availability == Availability::here) words.push_back(choice.name);
  }
  return {{"enum", words}};
}

Json tagged_of(const Shape& shape) {
  Json forms = Json::array();
  Json properties = Json::object();
  for (const Choice& choice : shape.choices) {
    if (choice.availability == Availability::later) continue;
    if (choice.format == nullptr) {
      forms.push_back({{"const", choice.name}});
      continue;
    }
    properties[std::string(choice.name)] = text_of(*choice.format);
    properties[std::string(choice.name)]["description"] = choice.doc;
    if (choice.value == shape.short_choice) forms.push_back(text_of(*choice.format));
  }
  forms.push_back({{"type", "object"},
                   {"properties", properties},
                   {"additionalProperties", false},
                   {"minProperties", 1},
                   {"maxProperties", 1}});
  return {{"anyOf", forms}};
}

Json object_of(const Section& section) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Row& row : section.rows) {
    if (row.availability == Availability::later) continue;
    Json property = accepted_by(row.shape);
    property["description"] = row.doc;
    properties[std::string(row.name)] = std::move(property);
    if (row.is_required()) required.push_back(row.name);
  }
  Json object = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) object["required"] = required;
  return object;
}

Json section_of(const Section& section) {
  const Row* row = find_row(section, section.short_form);
  bool has_short_form = row != nullptr && row->availability == Availability::here;
  if (!has_short_form) return object_of(section);
  return {{"anyOf", {accepted_by(row->shape), object_of(section)}}};
}

Json accepted_by(const Shape& shape) {
  switch (shape.kind) {
    case Kind::flag:
      return {{"enum", {true, false, "on", "off", "yes", "no"}}};
    case Kind::count:
    case Kind::duration:
    case Kind::size:
      return number_of(shape);
    case Kind::choice:
      return words_of(shape);
    case Kind::format:
      return text_of(*shape.format);
    case Kind::tagged:
      return tagged_of(shape);
    case Kind::section:
      return section_of(*shape.section);
    case Kind::list: {
      Json element = accepted_by(*shape.element);
      Json list = {{"type", "array"}, {"items", element}};
      return {{"anyOf", {element, list}}};
    }
    case Kind::named: {
      Json names = {{"type", "string"}, {"pattern", shape.format->pattern}};
      return {{"type", "object"},
              {"propertyNames", names},
              {"additionalProperties", accepted_by(*shape.element)}};
    }
  }
  return {};
}

}  // namespace

std::string json_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Goodgate configuration"},
                 {"description", root_section().doc}};
  schema.update(object_of(root_section()));
  return schema.dump(2) + '\n';
}

}  // namespace gg
