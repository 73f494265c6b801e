// SPDX-License-Identifier: Apache-2.0
// Walks the rows of the schema beside a section that nobody has touched.
#include "config/values_in_force.h"

#include "config/origins.h"
#include "config/schema.h"
#include "config/secret_lines.h"

namespace gg {
namespace {

class Walker {
 public:
  /// `origins` may be null, and outlives the walker.
  explicit Walker(const Origins* origins) : origins_(origins) {}

  std::vector<ValueInForce> take() { return std::move(values_); }

  void walk(const Section& section, const void* owner, const std::string& path) {
    const void* untouched = section.defaults();
    for (const Row& row : section.rows) {
      if (row.availability == Availability::later) continue;
      const void* value = row.member_of(owner);
      const void* plain = row.member_of(untouched);
      if (row.shape.optional != nullptr) {
        value = row.shape.optional->value(value);
        plain = row.shape.optional->value(plain);
      }
      if (value == nullptr) continue;
      std::string key = path + (path.empty() ? "" : ".") + std::string(row.name);
      if (is_secret_key(row.name)) {
        add(key, "…", false);
      } else {
        look_at(row.shape, value, plain, key);
      }
    }
  }

 private:
  void add(std::string key, std::string text, bool is_default) {
    std::string place = origins_ == nullptr || is_default ? "" : origins_->of(key);
    values_.push_back({.key = std::move(key),
                       .text = std::move(text),
                       .is_default = is_default,
                       .place = std::move(place)});
  }

  static std::string tagged_text(const Shape& shape, const void* value) {
    const Choice* choice = find_choice(shape.choices, shape.tagged->load(value));
    if (choice->format == nullptr) return std::string(choice->name);
    // Reading only: the text accessor has one form for both.
    return std::string(choice->name) + ": " +
           *shape.tagged->text(const_cast<void*>(value));  // NOLINT
  }

  static std::string text_of(const Shape& shape, const void* value) {
    return shape.kind == Kind::tagged ? tagged_text(shape, value) : print_scalar(shape, value);
  }

  /// `plain`: what is there by default; null: nothing is.
  void look_at(const Shape& shape, const void* value, const void* plain, const std::string& key) {
    switch (shape.kind) {
      case Kind::section:
        return walk(*shape.section, value, key);
      case Kind::list:
        return look_at_list(shape, value, plain, key);
      case Kind::named:
        return look_at_named(shape, value, key);
      default: {
        std::string text = text_of(shape, value);
        bool is_default = plain != nullptr && text == text_of(shape, plain);
        if (!text.empty()) add(key, std::move(text), is_default);
      }
    }
  }

  void look_at_list(const Shape& shape, const void* value, const void* plain,
                    const std::string& key) {
    const Shape& element = *shape.element;
    if (element.kind == Kind::section) {
      for (std::size_t i = 0; i < shape.list->size(value); ++i) {
        walk(*element.section, shape.list->item(value, i), key + "[" + std::to_string(i) + "]");
      }
      return;
    }
    std::string text = all_of(shape, value);
    add(key, text, plain != nullptr && text == all_of(shape, plain));
  }

  static std::string all_of(const Shape& shape, const void* list) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.list->size(list); ++i) {
      text += (i > 0 ? ", " : "") + text_of(*shape.element, shape.list->item(list, i));
    }
    return text + "]";
  }

  void look_at_named(const Shape& shape, const void* value, const std::string& key) {
    for (std::size_t i = 0; i < shape.list->size(value); ++i) {
      const void* item = shape.list->item(value, i);
      const std::string& name = *shape.name->name(const_cast<void*>(item));  // NOLINT: reading only
      look_at(*shape.element, item, nullptr, key + "." + name);
    }
  }

  const Origins* origins_;
  std::vector<ValueInForce> values_;
};

}  // namespace

std::vector<ValueInForce> values_in_force(const Config& config) {
  Walker walker(config.origins.all.get());
  walker.walk(root_section(), &config, "");
  return walker.take();
}

}  // namespace gg
