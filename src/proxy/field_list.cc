// SPDX-License-Identifier: Apache-2.0
#include "proxy/field_list.h"

#include <cstring>
#include <new>

namespace gg {

FieldList::FieldList(BufferPool& pool, std::size_t most, std::size_t text_bytes)
    : fields_(pool.take(most * sizeof(Field))), text_(pool.take(text_bytes)) {
  static_assert(alignof(Field) <= alignof(std::max_align_t));
}

void FieldList::add(const Field& field) {
  std::span<char> room = fields_.spare();
  GG_ASSERT(room.size() >= sizeof(Field));
  new (room.data()) Field(field);
  fields_.extend(sizeof(Field));
  ++count_;
}

std::string_view FieldList::text(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  std::span<char> place = room(size);
  char* end = place.data();
  for (std::string_view part : parts) {
    if (part.empty()) continue;
    std::memcpy(end, part.data(), part.size());
    end += part.size();
  }
  return {place.data(), size};
}

std::span<char> FieldList::room(std::size_t count) {
  std::span<char> spare = text_.spare();
  GG_ASSERT(spare.size() >= count);
  text_.extend(count);
  return spare.first(count);
}

std::span<const Field> FieldList::all() const {
  return {reinterpret_cast<const Field*>(fields_.data()), count_};
}

}  // namespace gg
