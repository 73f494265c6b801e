// SPDX-License-Identifier: Apache-2.0
#include "rules/redirect.h"

#include "base/text.h"

namespace gg {
namespace {

/// What may stand in a URL as it is: what browsers would read otherwise is escaped.
std::string escaped(std::string_view text) {
  constexpr std::string_view unsafe = "\"<>\\^`{|}";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && unsafe.find(c) == std::string_view::npos) {
      out += c;
      continue;
    }
    out += '%';
    out += "0123456789ABCDEF"[byte >> 4U];
    out += "0123456789ABCDEF"[byte & 15U];
  }
  return out;
}

}  // namespace

Redirect::Redirect(const RedirectConfig& config)
    : to_(config.to == "https" ? std::string_view("https://{host}{target}") : config.to),
      status_(static_cast<int>(config.status)),
      is_to_https_(config.to == "https"),
      is_local_(config.to.starts_with('/') || config.to.starts_with("{path}")) {}

std::optional<std::string> Redirect::location_for(const RequestView& request) const {
  if (is_to_https_ && equal_ignoring_case(request.scheme, "https")) return std::nullopt;
  std::string location = escaped(to_.text(request));
  if (!is_local_) return location;
  // "//host" is another host to a browser.
  std::size_t first = location.find_first_not_of('/');
  if (first == std::string::npos) first = location.size();
  if (first > 1) location.erase(0, first - 1);
  return location;
}

}  // namespace gg
