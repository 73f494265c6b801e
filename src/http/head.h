// SPDX-License-Identifier: Apache-2.0
// The head of one message, whatever protocol carried it. Parsers make heads, rewriting edits them,
// writers and the exchange read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "http/field_name.h"
#include "http/method.h"

namespace gg {

enum class HttpVersion : std::uint8_t { http10, http11, http2 };

/// One field line. Names keep the case they came in; `id` is what to compare. The views point into
/// the storage of the head that holds the field.
struct Field {
  std::string_view name;
  std::string_view value;  // without surrounding whitespace
  FieldName id = FieldName::other;
};

/// The field lines of a message, in order, and the bytes they point into.
class Fields {
 public:
  /// Is there a field of that name? `id` is not `other`.
  bool has(FieldName id) const { return (ids_ >> static_cast<unsigned>(id) & 1) != 0; }
  /// The first field of that name, or null. `id` is not `other`.
  const Field* find(FieldName id) const {
    if (!has(id)) return nullptr;
    for (const Field& field : all_) {
      if (field.id == id) return &field;
    }
    return nullptr;
  }
  /// The same for names without an id; ASCII case is ignored.
  const Field* find(std::string_view name) const;

  std::span<const Field> all() const { return all_; }
  std::size_t size() const { return all_.size(); }

  /// Takes `storage`, which holds every byte and the array that `fields` and its views point into.
  void adopt(Chunk storage, std::span<const Field> fields) {
    storage_ = std::move(storage);
    all_ = fields;
    ids_ = 0;
    for (const Field& field : fields) ids_ |= bit_of(field.id);
  }

 private:
  static_assert(static_cast<unsigned>(FieldName::last) < 64);
  static std::uint64_t bit_of(FieldName id) {
    return std::uint64_t{1} << static_cast<unsigned>(id);
  }

  Chunk storage_;
  std::span<const Field> all_;
  std::uint64_t ids_ = 0;  // a bit per FieldName that is there
};

enum class TargetForm : std::uint8_t { origin, absolute, authority, asterisk };  // RFC 9112 3.2

/// A request's head after strict parsing. All views borrow from `fields`, which owns the bytes, so
/// a head may be moved but not copied.
struct RequestHead {
  Method method = Method::other;
  HttpVersion version = HttpVersion::http11;
  TargetForm form = TargetForm::origin;
  std::string_view method_text;
  std::string_view target;     // as it came
  std::string_view authority;  // of the target if absolute, else of Host; may be empty
  std::string_view path;       // starts with '/', or "*"; as sent, undecoded
  std::string_view query;      // without '?'
  bool has_query = false;
  Fields fields;
};

/// A response's head after strict parsing. Views borrow from `fields`.
struct ResponseHead {
  int status = 0;  // 100 to 999
  HttpVersion version = HttpVersion::http11;
  std::string_view reason;
  Fields fields;
};

}  // namespace gg
