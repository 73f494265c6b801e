// SPDX-License-Identifier: Apache-2.0
// Makes rows from member pointers, for the tables alone. A row's kind follows from the builder,
// the way to its member from the pointer, so that neither can disagree with the model.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "config/schema.h"

namespace gg::rows {

template <class Pointer>
struct PointedAt;
template <class OwnerType, class ValueType>
struct PointedAt<ValueType OwnerType::*> {
  using Owner = OwnerType;
  using Value = ValueType;
};
template <auto member>
using ValueOf = typename PointedAt<decltype(member)>::Value;

template <auto member>
void* reach(void* owner) {
  using Owner = typename PointedAt<decltype(member)>::Owner;
  return &(static_cast<Owner*>(owner)->*member);
}

template <class T>
const void* blank() {
  static const T value{};
  return &value;
}

template <class T>
std::int64_t load_number(const void* number) {
  const T& value = *static_cast<const T*>(number);
  if constexpr (std::is_same_v<T, Duration>) {
    return value.count();
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return static_cast<std::int64_t>(value.count);
  } else {
    return static_cast<std::int64_t>(value);
  }
}

template <class T>
void store_number(void* number, std::int64_t value) {
  if constexpr (std::is_same_v<T, Bytes>) {
    static_cast<T*>(number)->count = static_cast<std::uint64_t>(value);
  } else {
    *static_cast<T*>(number) = static_cast<T>(value);
  }
}

template <class T>
inline constexpr NumberOps number_ops = {load_number<T>, store_number<T>};

template <class Element>
inline constexpr ListOps list_ops = {
    [](const void* list) { return static_cast<const std::vector<Element>*>(list)->size(); },
    [](const void* list, std::size_t index) -> const void* {
      return &(*static_cast<const std::vector<Element>*>(list))[index];
    },
    [](void* list) -> void* { return &static_cast<std::vector<Element>*>(list)->emplace_back(); },
    [](void* list) { static_cast<std::vector<Element>*>(list)->clear(); },
    blank<Element>,
};

template <class Value>
inline constexpr OptionalOps optional_ops = {
    [](const void* optional) -> const void* {
      const auto& held = *static_cast<const std::optional<Value>*>(optional);
      return held ? &*held : nullptr;
    },
    [](void* optional) -> void* {
      return &static_cast<std::optional<Value>*>(optional)->emplace();
    },
    blank<Value>,
};

template <class T>
inline constexpr TaggedOps tagged_ops = {
    [](const void* tagged) {
      return static_cast<std::int64_t>(static_cast<const T*>(tagged)->kind);
    },
    [](void* tagged, std::int64_t kind) {
      static_cast<T*>(tagged)->kind = static_cast<typename T::Kind>(kind);
    },
    [](void* tagged) { return &static_cast<T*>(tagged)->text; },
};

template <class T>
inline constexpr NameOps name_ops = {[](void* element) { return &static_cast<T*>(element)->name; }};

template <class T>
struct Unwrapped {
  using Type = T;
  static constexpr const OptionalOps* optional = nullptr;
};
template <class T>
struct Unwrapped<std::optional<T>> {
  using Type = T;
  static constexpr const OptionalOps* optional = &optional_ops<T>;
};

template <auto member>
constexpr Row numeric(Kind kind, Availability availability, std::string_view name, Bounds bounds,
                      std::string_view doc) {
  return {.name = name,
          .availability = availability,
          .shape = {.kind = kind, .bounds = bounds, .number = &number_ops<ValueOf<member>>},
          .member = reach<member>,
          .doc = doc};
}

template <auto member>
constexpr Row flag(Availability availability, std::string_view name, std::string_view doc) {
  static_assert(std::is_same_v<ValueOf<member>, bool>);
  return numeric<member>(Kind::flag, availability, name, {}, doc);
}

template <auto member>
constexpr Row count(Availability availability, std::string_view name, Bounds bounds,
                    std::string_view doc) {
  static_assert(std::is_integral_v<ValueOf<member>>);
  return numeric<member>(Kind::count, availability, name, bounds, doc);
}

struct TimeBounds {
  Duration least{};
  Duration most{};
  std::string_view zero_word{};
};

template <auto member>
constexpr Row duration(Availability availability, std::string_view name, TimeBounds bounds,
                       std::string_view doc) {
  static_assert(std::is_same_v<ValueOf<member>, Duration>);
  Bounds plain{bounds.least.count(), bounds.most.count(), bounds.zero_word};
  return numeric<member>(Kind::duration, availability, name, plain, doc);
}

struct SizeBounds {
  Bytes least{};
  Bytes most{};
  std::string_view zero_word{};
};

template <auto member>
constexpr Row size(Availability availability, std::string_view name, SizeBounds bounds,
                   std::string_view doc) {
  static_assert(std::is_same_v<ValueOf<member>, Bytes>);
  Bounds plain{static_cast<std::int64_t>(bounds.least.count),
               static_cast<std::int64_t>(bounds.most.count), bounds.zero_word};
  return numeric<member>(Kind::size, availability, name, plain, doc);
}

template <auto member>
constexpr Row choice(Availability availability, std::string_view name,
                     std::span<const Choice> choices, std::string_view doc) {
  static_assert(std::is_enum_v<ValueOf<member>>);
  Row row = numeric<member>(Kind::choice, availability, name, {}, doc);
  row.shape.choices = choices;
  return row;
}

/// Texts, lists and maps that must be given say with `must_be` how, as in `url: http://a:80`.
template <auto member>
constexpr Row text(Availability availability, std::string_view name, const Format& format,
                   std::string_view doc, std::string_view must_be = {}) {
  return {.name = name,
          .availability = availability,

          .shape = {.kind = Kind::format, .format = &format},
          .member = reach<member>,
          .doc = doc,
          .example = must_be};
}

struct TaggedChoices {
  std::span<const Choice> choices;
  std::int64_t short_choice = -1;
};

template <class T>
constexpr Shape tagged_shape(const TaggedChoices& kinds) {
  return {.kind = Kind::tagged,
          .choices = kinds.choices,
          .tagged = &tagged_ops<T>,
          .short_choice = kinds.short_choice};
}

template <auto member>
constexpr Row tagged(Availability availability, std::string_view name, const TaggedChoices& kinds,
                     std::string_view doc) {
  using Unwrap = Unwrapped<ValueOf<member>>;
  Shape shape = tagged_shape<typename Unwrap::Type>(kinds);
  shape.optional = Unwrap::optional;
  return {.name = name,
          .availability = availability,
          .shape = shape,
          .member = reach<member>,
          .doc = doc};
}

template <auto member>
constexpr Row section(Availability availability, std::string_view name, const Section& section,
                      std::string_view doc) {
  return {.name = name,
          .availability = availability,
          .shape = {.kind = Kind::section,
                    .section = &section,
                    .optional = Unwrapped<ValueOf<member>>::optional},
          .member = reach<member>,
          .doc = doc};
}

/// A list whose elements have the shape `element`, which must be static.
template <auto member>
constexpr Row list(Availability availability, std::string_view name, const Shape& element,
                   std::string_view doc, std::string_view must_be = {}) {
  using Element = typename ValueOf<member>::value_type;
  return {.name = name,
          .availability = availability,

          .shape = {.kind = Kind::list, .element = &element, .list = &list_ops<Element>},
          .member = reach<member>,
          .doc = doc,
          .example = must_be};
}

/// A map from names in the notation `names` to elements, kept in the file's order.
template <auto member>
constexpr Row named(Availability availability, std::string_view name, const Format& names,
                    const Shape& element, std::string_view doc, std::string_view must_be = {}) {
  using Element = typename ValueOf<member>::value_type;
  return {.name = name,
          .availability = availability,

          .shape = {.kind = Kind::named,
                    .format = &names,
                    .element = &element,
                    .list = &list_ops<Element>,
                    .name = &name_ops<Element>},
          .member = reach<member>,
          .doc = doc,
          .example = must_be};
}

/// A list that is carried out on the tree of the text before rows are read (include.h): known by
/// name and described here, kept nowhere.
constexpr Row carried_out_before(std::string_view name, const Shape& element,
                                 std::string_view doc) {
  static constexpr OptionalOps nothing = {
      [](const void* /*list*/) -> const void* { return nullptr; },
      [](void* list) -> void* { return list; }, blank<std::vector<std::string>>};
  return {.name = name,
          .availability = Availability::here,
          .shape = {.kind = Kind::list,
                    .element = &element,
                    .list = &list_ops<std::string>,
                    .optional = &nothing},
          .member = [](void* /*owner*/) -> void* {
            // Whoever reads a whole text never comes here: it was carried out before.
            static std::vector<std::string> unread;
            return &unread;
          },
          .doc = doc,
          .example = {}};
}

template <auto outer, auto inner>
void* reach_within(void* owner) {
  return reach<inner>(reach<outer>(owner));
}

/// `row`, which is of the member `inner`, for owners that keep it within their member `outer`.
template <auto outer, auto inner>
constexpr Row within(Row row) {
  row.member = reach_within<outer, inner>;
  return row;
}

// What the tables have in common.

/// How long a wait may be told to take, where waiting for ever is a choice too.
inline constexpr TimeBounds patience = {.least = 1ms, .most = 24h, .zero_word = "none"};
/// The same for waits that must end.
inline constexpr TimeBounds bounded_patience = {.least = 1ms, .most = 10min};

template <class Enum>
constexpr Choice word(Availability availability, Enum value, std::string_view name,
                      std::string_view doc, const Format* text = nullptr) {
  return {static_cast<std::int64_t>(value), name, doc, availability, text};
}

constexpr Shape texts(const Format& format) { return {.kind = Kind::format, .format = &format}; }
constexpr Shape sections(const Section& section) {
  return {.kind = Kind::section, .section = &section};
}

}  // namespace gg::rows
