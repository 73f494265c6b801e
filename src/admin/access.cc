// SPDX-License-Identifier: Apache-2.0
#include "admin/access.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "base/text.h"
#include "config/loopback.h"
#include "engine/address.h"

namespace gg {
namespace {

/// "shop.example:8080", "[::1]:80" without what comes after the host.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    std::size_t end = authority.find(']');
    return end == std::string_view::npos ? "" : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

/// A page of an attacker's may have its own name resolve to this machine; then the browser sends
/// that name. An address, or a name that nobody outside can define, is no such trick.
bool may_be_named(std::string_view host, const AdminAccess& access) {
  if (parse_ip(host, 0)) return true;
  return equal_ignoring_case(host, "localhost") || host.ends_with(".localhost") ||
         (!access.host.empty() && equal_ignoring_case(host, access.host));
}

/// In a time that does not depend on where they differ.
bool is_same_secret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto theirs = static_cast<unsigned char>(a[i]);
    auto ours = static_cast<unsigned char>(b.empty() ? 0 : b[i % b.size()]);
    difference |= static_cast<unsigned>(theirs ^ ours);
  }
  return difference == 0;
}

bool has_token(const RequestHead& head, const AdminAccess& access) {
  constexpr std::string_view scheme = "bearer ";
  const Field* field = head.fields.find(FieldName::authorization);
  if (field == nullptr || access.token.empty()) return false;
  if (!equal_ignoring_case(field->value.substr(0, scheme.size()), scheme)) return false;
  return is_same_secret(trim(field->value.substr(scheme.size())), access.token);
}

/// Does a browser say that another site's page is behind this?
bool is_from_elsewhere(const RequestHead& head) {
  const Field* site = head.fields.find("Sec-Fetch-Site");
  if (site != nullptr && site->value != "same-origin" && site->value != "none") return true;
  const Field* origin = head.fields.find("Origin");
  if (origin == nullptr) return false;
  std::string_view value = origin->value;
  for (std::string_view scheme : {"http://", "https://"}) {
    if (value.starts_with(scheme)) {
      return !equal_ignoring_case(value.substr(scheme.size()), head.authority);
    }
  }
  return true;
}

/// A form of another site can send anything but this without asking first.
bool is_json(const RequestHead& head) {
  const Field* type = head.fields.find(FieldName::content_type);
  if (type == nullptr) return false;
  std::string_view kind = trim(type->value.substr(0, type->value.find(';')));
  return equal_ignoring_case(kind, "application/json");
}

}  // namespace

AdminAccess access_for(const AdminConfig& config, std::string token) {
  AdminAccess access{.needs_token = !config.token_file.empty(), .token = std::move(token)};
  if (!config.address) return access;
  access.is_private = config.address->is_unix();
  access.host = config.address->host;
  bool is_reached_by_others = !access.is_private && !is_loopback(config.address->host);
  if (is_reached_by_others) access.needs_token = true;
  return access;
}

AdminRefusal check_access(const RequestHead& head, PageKind page, const AdminAccess& access) {
  if (page == PageKind::open) return {};
  if (access.needs_token && access.token.empty()) {
    return {.status = 403,
            .reason = "No token is set: write one into a file and name it in admin.token_file."};
  }
  if (access.needs_token && !has_token(head, access)) {
    return {.status = 401, .reason = "It takes the token of admin.token_file, as a bearer token."};
  }
  bool can_be_tricked = !access.is_private && !access.needs_token && !head.authority.empty();
  if (can_be_tricked && !may_be_named(host_of(head.authority), access)) {
    return {.status = 421,
            .reason =
                "Ask by an IP address or as localhost: any other name may be a trick on your "
                "browser. With a token every name is fine."};
  }
  if (page != PageKind::orders) return {};
  if (is_from_elsewhere(head)) {
    return {.status = 403, .reason = "A page of another site may not give orders."};
  }
  if (!is_json(head)) {
    return {.status = 415, .reason = "Orders are JSON: Content-Type: application/json."};
  }
  return {};
}

std::string read_token(const std::string& path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (file == nullptr) return "";
  std::array<char, 4096> text;
  std::string_view read(text.data(), std::fread(text.data(), 1, text.size(), file.get()));
  std::string_view token = trim(read.substr(0, read.find_first_of("\r\n")));
  return token.size() < token_least ? "" : std::string(token);
}

}  // namespace gg
