// SPDX-License-Identifier: Apache-2.0
// Heads from a list of fields, for tests of the code that reads heads.
#pragma once

#include <initializer_list>
#include <new>
#include <string_view>
#include <utility>

#include "http/head.h"

namespace gg::testing {

using FieldList = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// The views of `list` must outlive the result: literals.
inline Fields make_fields(BufferPool& pool, FieldList list) {
  Chunk chunk = pool.take(list.size() * sizeof(Field));
  auto* array = reinterpret_cast<Field*>(chunk.spare().data());
  std::size_t count = 0;
  for (const auto& [name, value] : list) {
    new (&array[count++]) Field{name, value, field_name_of(name)};
  }
  chunk.extend(count * sizeof(Field));
  Fields fields;
  fields.adopt(std::move(chunk), {array, count});
  return fields;
}

inline RequestHead make_request(BufferPool& pool, std::string_view method, HttpVersion version,
                                FieldList list) {
  RequestHead head;
  head.method_text = method;
  head.method = method_of(method);
  head.version = version;
  head.fields = make_fields(pool, list);
  return head;
}

inline ResponseHead make_response(BufferPool& pool, int status, HttpVersion version,
                                  FieldList list) {
  ResponseHead head;
  head.status = status;
  head.version = version;
  head.fields = make_fields(pool, list);
  return head;
}

}  // namespace gg::testing
