// SPDX-License-Identifier: Apache-2.0
#include "rules/cors.h"

#include <algorithm>

#include "base/text.h"

namespace gg {
namespace {

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

/// Beside those that every page may use.
std::string methods_of(const CorsConfig& config) {
  std::vector<std::string> methods = {"GET", "HEAD", "POST"};
  for (const std::string& method : config.methods) {
    if (std::ranges::find(methods, method) == methods.end()) methods.push_back(method);
  }
  return joined(methods);
}

}  // namespace

Cors::Cors(const CorsConfig& config)
    : origins_(config.origins),
      is_for_everybody_(std::ranges::find(config.origins, "*") != config.origins.end()),
      with_credentials_(config.credentials),
      expose_(joined(config.expose)),
      methods_(methods_of(config)),
      headers_(joined(config.headers)),
      max_age_(std::to_string(
          std::chrono::duration_cast<std::chrono::seconds>(config.max_age).count())) {}

bool Cors::is_preflight(const RequestHead& head) {
  return head.method == Method::options && head.fields.find("origin") != nullptr &&
         head.fields.find("access-control-request-method") != nullptr;
}

std::string_view Cors::allowed_origin(const RequestHead& head) const {
  const Field* origin = head.fields.find("origin");
  if (origin == nullptr) return is_for_everybody_ ? "*" : "";
  if (is_for_everybody_) return "*";
  for (const std::string& allowed : origins_) {
    if (equal_ignoring_case(allowed, origin->value)) return origin->value;
  }
  return {};
}

bool Cors::is_own_field(const Field& field) {
  constexpr std::string_view begin = "access-control-";
  return field.name.size() > begin.size() &&
         equal_ignoring_case(field.name.substr(0, begin.size()), begin);
}

}  // namespace gg
