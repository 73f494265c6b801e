// SPDX-License-Identifier: Apache-2.0
#include "rules/error_pages.h"

#include "base/text.h"

namespace gg {
namespace {

std::string_view content_type_of(std::string_view file) {
  if (file.ends_with(".json")) return "application/json";
  if (file.ends_with(".txt")) return "text/plain; charset=utf-8";
  return "text/html; charset=utf-8";
}

int number_of(std::string_view name) {
  std::size_t digits = name.ends_with("xx") ? 1 : name.size();
  return static_cast<int>(parse_number(name.substr(0, digits)).value_or(0));
}

/// Ids are chosen by trusted proxies at most, but a page is no place for a quote or a bracket.
void append_plain(std::string& out, std::string_view text) {
  for (char c : text) {
    bool is_plain = c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\' && c != '<' &&
                    c != '>' && c != '&';
    if (is_plain) out += c;
  }
}

}  // namespace

ErrorPages::ErrorPages(std::span<const ErrorPage> pages) {
  for (const ErrorPage& page : pages) {
    pages_.push_back({number_of(page.name), {page.content, content_type_of(page.file)}});
  }
}

const ErrorPages::Page* ErrorPages::find(int status) const {
  for (int wanted : {status, status / 100}) {
    for (const Named& named : pages_) {
      if (named.status == wanted) return &named.page;
    }
  }
  return nullptr;
}

std::string fill_in(const ErrorPages::Page& page, int status, std::string_view reason,
                    std::string_view request_id) {
  constexpr std::string_view of_status = "{status}";
  constexpr std::string_view of_reason = "{reason}";
  constexpr std::string_view of_id = "{request_id}";
  std::string out;
  out.reserve(page.content.size() + 64);
  std::string_view rest = page.content;
  while (!rest.empty()) {
    std::size_t brace = rest.find('{');
    out += rest.substr(0, brace);
    if (brace == std::string_view::npos) break;
    rest.remove_prefix(brace);
    std::size_t used = 1;
    if (rest.starts_with(of_status)) {
      out += std::to_string(status);
      used = of_status.size();
    } else if (rest.starts_with(of_reason)) {
      out += reason;
      used = of_reason.size();
    } else if (rest.starts_with(of_id)) {
      append_plain(out, request_id);
      used = of_id.size();
    } else {
      out += '{';
    }
    rest.remove_prefix(used);
  }
  return out;
}

}  // namespace gg
