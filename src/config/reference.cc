// SPDX-License-Identifier: Apache-2.0
// Walks the rows of the schema and explains each.
#include "config/reference.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "config/schema.h"

namespace gg {
namespace {

constexpr std::string_view introduction =
    "# The configuration file\n"
    "\n"
    "<!-- Made from src/config/tables.cc by tools/gendocs.cc; `make docs` makes it anew. -->\n"
    "\n"
    "One YAML file. `goodgate check` reads it and names every problem with its line; an unknown\n"
    "key, a wrong type or an impossible combination is an error, never ignored. Editors complete\n"
    "and check it with `goodgate.schema.json`.\n"
    "\n"
    "The smallest useful one:\n"
    "\n"
    "```yaml\n"
    "listeners: [\":8080\"]\n"
    "upstreams:\n"
    "  app: [http://10.0.0.1:3000, http://10.0.0.2:3000]\n"
    "```\n"
    "\n"
    "How values are written:\n"
    "\n"
    "- duration: a number with `ns`, `us`, `ms`, `s`, `m`, `h` or `d`: `500ms`, `1.5s`, `2m`\n"
    "- size: a number with `B`, `KiB`, `MiB`, `GiB` or `TiB`: `64KiB`\n"
    "- share: `20%`; rate: `100/s`, `5/m`\n"
    "- `${NAME}` in a value is that variable of the environment, `${NAME:-default}` with something "
    "to\n"
    "  stand in for it, `${file:NAME}` the content of a file, for secrets; `$${` is `${`\n"
    "- `include` takes other files in ([traffic-rules.md](traffic-rules.md#what-to-know))\n"
    "- yes or no: `true` or `false`; `on`, `off`, `yes` and `no` do as well\n"
    "- where a list is expected, one item may stand alone, without brackets\n"
    "- where a map has a short form, its most important value may stand alone\n";

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string type_of(const Shape& shape) {
  switch (shape.kind) {
    case Kind::flag:
      return "yes or no";
    case Kind::count:
      return "number";
    case Kind::duration:
      return "duration";
    case Kind::size:
      return "size";
    case Kind::choice:
      return "word";
    case Kind::format:
      return std::string(shape.format->noun);
    case Kind::tagged:
      return "match";
    case Kind::section:
      return "map";
    case Kind::list:
      return fmt::format("list of {}", type_of(*shape.element));
    case Kind::named:
      return fmt::format("map from {} to {}", shape.format->noun, type_of(*shape.element));
  }
  return {};
}

std::string allowed_in(const Shape& shape) {
  bool is_list = shape.kind == Kind::list || shape.kind == Kind::named;
  std::string_view section = shape.kind == Kind::section ? shape.section->name : "";
  if (is_list) return allowed_in(*shape.element);
  if (!section.empty()) return fmt::format("see `{}`", section);
  return escaped(allowed_text(shape));
}

std::string default_of(const Row& row, const void* owner) {
  if (row.is_required()) return "must be given";
  const Shape& shape = row.shape;
  const void* value = row.member_of(owner);
  switch (shape.kind) {
    case Kind::flag:
    case Kind::count:
    case Kind::duration:
    case Kind::size:
    case Kind::choice:
    case Kind::format: {
      std::string text = print_scalar(shape, value);
      return text.empty() ? "none" : fmt::format("`{}`", text);
    }
    case Kind::tagged: {
      if (shape.optional != nullptr) return "none";
      const Choice* choice = find_choice(shape.choices, shape.tagged->load(value));
      const std::string& text = *shape.tagged->text(const_cast<void*>(value));  // NOLINT: reads
      return fmt::format("`{}: {}`", choice->name, text);
    }
    case Kind::section:
      return shape.optional != nullptr ? "none" : "its defaults";
    case Kind::list:
    case Kind::named: {
      std::vector<std::string> items;
      for (std::size_t i = 0; i < shape.list->size(value); ++i) {
        items.push_back(print_scalar(*shape.element, shape.list->item(value, i)));
      }
      return items.empty() ? "none" : fmt::format("`{}`", fmt::join(items, ", "));
    }
  }
  return {};
}

class Reference {
 public:
  std::string take() {
    if (!later_.empty()) {
      out_ +=
          "\n## Not available in this version\n\n"
          "These keys have a fixed meaning and are refused until a version does what they "
          "say.\n\n| key | meaning |\n| --- | --- |\n";
      out_ += later_;
    }
    return std::move(out_);
  }

  void describe(const Section& section) {
    std::string title = section.name.empty() ? "The top level" : fmt::format("`{}`", section.name);
    out_ += fmt::format("\n## {}\n\n{}\n", title, section.doc);
    if (!section.short_form.empty()) {
      out_ += fmt::format("\nShort form: the value of `{}` alone.\n", section.short_form);
    }
    out_ += fmt::format("\n```yaml\n{}```\n", section.example);
    out_ += "\n| key | type | default | allowed | meaning |\n| --- | --- | --- | --- | --- |\n";
    for (const Row& row : section.rows) describe_row(section, row);
    for (const Row& row : section.rows) describe_choices(row);
    for (const Row& row : section.rows) descend(row);
  }

 private:
  void describe_row(const Section& section, const Row& row) {
    if (row.availability == Availability::later) {
      std::string_view dot = section.name.empty() ? "" : ".";
      later_ += fmt::format("| `{}{}{}` | {} |\n", section.name, dot, row.name, escaped(row.doc));
      return;
    }
    out_ +=
        fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, type_of(row.shape),
                    default_of(row, section.defaults()), allowed_in(row.shape), escaped(row.doc));
  }

  void describe_choices(const Row& row) {
    bool is_list = row.shape.kind == Kind::list || row.shape.kind == Kind::named;
    const Shape& shape = is_list ? *row.shape.element : row.shape;
    if (shape.choices.empty() || row.availability == Availability::later) return;
    out_ += fmt::format("\n`{}`:\n\n", row.name);
    for (const Choice& choice : shape.choices) {
      if (choice.availability == Availability::later) continue;
      bool is_short = choice.value == shape.short_choice;
      out_ += fmt::format("- `{}`: {}{}\n", choice.name, choice.doc,
                          is_short ? " A value alone means this." : "");
    }
  }

  void descend(const Row& row) {
    const Shape* shape = &row.shape;
    if (shape->element != nullptr) shape = shape->element;
    bool is_open = shape->section != nullptr && row.availability == Availability::here;
    if (is_open) describe(*shape->section);
  }

  std::string out_{introduction};
  std::string later_;
};

}  // namespace

std::string configuration_reference() {
  Reference reference;
  reference.describe(root_section());
  return reference.take();
}

}  // namespace gg
