// SPDX-License-Identifier: Apache-2.0
#include "http/connection_options.h"

#include "base/text.h"

namespace gg {
namespace {

/// Without parameters: "trailers;q=0.5" is trailers.
std::string_view name_of(std::string_view element) {
  return trim(element.substr(0, element.find(';')));
}

void note_option(std::string_view option, ConnectionOptions& options) {
  if (equal_ignoring_case(option, "close")) options.close = true;
  if (equal_ignoring_case(option, "keep-alive")) options.keep_alive = true;
  if (equal_ignoring_case(option, "upgrade")) options.upgrade = true;
}

}  // namespace

ConnectionOptions connection_options_of(const Fields& fields) {
  ConnectionOptions options;
  if (!fields.has(FieldName::connection)) return options;
  int listed = 0;
  for (const Field& field : fields.all()) {
    if (field.id != FieldName::connection) continue;
    std::string_view list = field.value;
    std::string_view option;
    while (!(option = next_list_element(list)).empty()) {
      options.too_many = ++listed > connection_options_max;
      if (options.too_many) return options;
      note_option(option, options);
    }
  }
  return options;
}

bool lists(const Fields& fields, FieldName id, std::string_view token) {
  if (!fields.has(id)) return false;
  for (const Field& field : fields.all()) {
    if (field.id != id) continue;
    std::string_view list = field.value;
    std::string_view element;
    while (!(element = next_list_element(list)).empty()) {
      if (equal_ignoring_case(name_of(element), token)) return true;
    }
  }
  return false;
}

std::string_view wanted_upgrade(const RequestHead& head) {
  // One of HTTP/2 has such fields only if it is a CONNECT for a WebSocket (RFC 8441).
  if (head.version == HttpVersion::http10) return {};
  const Field* upgrade = head.fields.find(FieldName::upgrade);
  if (upgrade == nullptr || !connection_options_of(head.fields).upgrade) return {};
  // It would carry requests past every rule here (RFC 9113 3.1 has withdrawn it).
  if (lists(head.fields, FieldName::upgrade, "h2c")) return {};
  return upgrade->value;
}

bool accepts_trailers(const Fields& fields) { return lists(fields, FieldName::te, "trailers"); }

Expectation expectation_of(const RequestHead& head) {
  bool is_heeded = head.version != HttpVersion::http10 && head.fields.has(FieldName::expect);
  if (!is_heeded) return Expectation::none;
  Expectation found = Expectation::none;
  for (const Field& field : head.fields.all()) {
    if (field.id != FieldName::expect) continue;
    if (!equal_ignoring_case(field.value, "100-continue")) return Expectation::unknown;
    found = Expectation::continue_100;
  }
  return found;
}

}  // namespace gg
