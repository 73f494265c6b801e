// SPDX-License-Identifier: Apache-2.0
#include "rules/forward_auth.h"

#include <algorithm>

#include "base/text.h"

namespace gg {
namespace {

/// They would ask for a part of the answer, for none, or for something else than an answer.
constexpr std::string_view never_passed[] = {
    "if-match",       "if-modified-since",  "if-none-match",  "if-range", "if-unmodified-since",
    "http2-settings", "x-forwarded-method", "x-forwarded-uri"};

bool is_listed(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::any_of(
      names, [name](const std::string& one) { return equal_ignoring_case(one, name); });
}

}  // namespace

ForwardAuth::Answer ForwardAuth::meaning_of(int status) {
  if (status >= 200 && status < 300) return Answer::goes_on;
  // A 304 answers a condition, and we have made none.
  bool is_for_client = status >= 300 && status < 500 && status != 304;
  return is_for_client ? Answer::is_refused : Answer::failed;
}

std::string_view ForwardAuth::target_for(const RequestHead& head) const {
  if (!config_.path.empty()) return config_.path;
  bool has_path = head.form == TargetForm::origin || head.form == TargetForm::absolute;
  if (!has_path) return "/";
  // Where the query stands right behind the path, both are one piece of the target.
  if (head.form == TargetForm::origin) return head.target;
  return head.path;
}

bool ForwardAuth::passes(const Field& field) const {
  switch (field.id) {
    case FieldName::connection:
      return true;
    case FieldName::expect:
    case FieldName::range:
    case FieldName::upgrade:
    case FieldName::content_length:
    case FieldName::transfer_encoding:
    case FieldName::trailer:
    case FieldName::te:
      return false;
    default:
      break;
  }
  bool is_never_passed = std::ranges::any_of(never_passed, [&field](std::string_view name) {
    return equal_ignoring_case(name, field.name);
  });
  if (is_never_passed) return false;
  return config_.request_headers.empty() || is_listed(config_.request_headers, field.name);
}

bool ForwardAuth::copies(const Field& field) const {
  return is_listed(config_.copy_headers, field.name);
}

}  // namespace gg
