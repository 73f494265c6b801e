// SPDX-License-Identifier: Apache-2.0
// Field lines being put together for a message to be sent: references to what is passed on, and
// text of our own, both in pooled memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "http/head.h"

namespace gg {

/// The fields it lists borrow their text, from a head or from text(). One thread.
class FieldList {
 public:
  /// Room for `most` fields and `text_bytes` of text of our own; more than that is a mistake.
  FieldList(BufferPool& pool, std::size_t most, std::size_t text_bytes);

  void add(const Field& field);
  void add(FieldName id, std::string_view value) { add({text_of(id), value, id}); }
  void add(std::string_view name, std::string_view value) { add({name, value, FieldName::other}); }

  /// The parts one after the other, kept as long as the list.
  std::string_view text(std::initializer_list<std::string_view> parts);
  /// `count` bytes to be written by the caller, kept as long as the list.
  std::span<char> room(std::size_t count);

  /// Forgets the fields of which `is_meant` holds.
  template <class Predicate>
  void remove_if(Predicate is_meant) {
    auto* fields = reinterpret_cast<Field*>(fields_.writable().data());
    Field* end = std::remove_if(fields, fields + count_, is_meant);
    count_ = static_cast<std::size_t>(end - fields);
    fields_.truncate(count_ * sizeof(Field));
  }

  std::span<const Field> all() const;

 private:
  Chunk fields_;
  Chunk text_;
  std::size_t count_ = 0;
};

}  // namespace gg
