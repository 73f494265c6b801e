// SPDX-License-Identifier: Apache-2.0
#include "rules/text_template.h"

#include <cstring>

#include "base/assert.h"
#include "http/authority.h"
#include "http/cookie.h"

namespace gg {
namespace {

std::string_view header_of(const RequestHead& head, std::string_view name) {
  FieldName id = field_name_of(name);
  const Field* field = id == FieldName::other ? head.fields.find(name) : head.fields.find(id);
  return field != nullptr ? field->value : std::string_view{};
}

std::string_view host_of(std::string_view authority) {
  std::optional<Authority> parts = parse_authority(authority);
  return parts ? parts->host : authority;
}

std::string_view value_of(const TemplatePiece& piece, const RequestView& request) {
  const RequestHead& head = request.head;
  switch (piece.variable) {
    case Variable::none:
      return {};
    case Variable::client:
      return request.client;
    case Variable::peer:
      return request.peer;
    case Variable::id:
      return request.id;
    case Variable::listener:
      return request.listener;
    case Variable::method:
      return head.method_text;
    case Variable::scheme:
      return request.scheme;
    case Variable::host:
      return host_of(head.authority);
    case Variable::authority:
      return head.authority;
    case Variable::path:
    case Variable::target:
      return head.path;
    case Variable::query:
      return head.query;
    case Variable::header:
      return header_of(head, piece.name);
    case Variable::cookie:
      return cookie_of(head.fields, piece.name).value_or("");
  }
  return {};
}

/// Calls `take` with each run of the text.
template <class Take>
void write_pieces(const std::vector<TemplatePiece>& pieces, const RequestView& request, Take take) {
  for (const TemplatePiece& piece : pieces) {
    take(std::string_view(piece.literal));
    take(value_of(piece, request));
    bool has_more = piece.variable == Variable::target && request.head.has_query;
    if (!has_more) continue;
    take(std::string_view("?"));
    take(request.head.query);
  }
}

}  // namespace

TextTemplate::TextTemplate(std::string_view text) {
  Result<std::vector<TemplatePiece>, Misreading> pieces = read_template(text);
  GG_ASSERT(pieces.has_value());
  pieces_ = std::move(*pieces);
}

std::size_t TextTemplate::size(const RequestView& request) const {
  std::size_t size = 0;
  write_pieces(pieces_, request, [&size](std::string_view run) { size += run.size(); });
  return size;
}

std::string_view TextTemplate::write(const RequestView& request, std::span<char> room) const {
  std::size_t size = 0;
  write_pieces(pieces_, request, [&](std::string_view run) {
    if (run.empty()) return;
    GG_ASSERT(size + run.size() <= room.size());
    std::memcpy(room.data() + size, run.data(), run.size());
    size += run.size();
  });
  return {room.data(), size};
}

std::string TextTemplate::text(const RequestView& request) const {
  std::string text;
  write_pieces(pieces_, request, [&text](std::string_view run) { text += run; });
  return text;
}

}  // namespace gg
