// SPDX-License-Identifier: Apache-2.0
// The notations of traffic rules: fields that may be changed, texts with variables, origins, pages.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/formats.h"
#include "config/rules_model.h"
#include "config/text_template.h"

namespace gg {
namespace {

using Text = Result<std::string, Misreading>;

bool is_one_line(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x20U && c != 0x7F; });
}

/// What frames a message or ends at this hop is the gateway's own business, and so is what tells a
/// request's way; a rule that touched it could have two readers disagree about where it ends.
constexpr std::string_view untouchable[] = {"connection",
                                            "content-length",
                                            "expect",
                                            "http2-settings",
                                            "keep-alive",
                                            "proxy-authenticate",
                                            "te",
                                            "proxy-authorization",
                                            "proxy-connection",
                                            "trailer",
                                            "upgrade",
                                            "transfer-encoding",
                                            "via",
                                            "max-forwards",
                                            "set-cookie2"};

/// In lower case, and with '-' where CGI would read one.
std::string plain_form(std::string_view name) {
  std::string plain(name);
  for (char& c : plain) c = c == '_' ? '-' : ascii_lower(c);
  return plain;
}

Text parse_changed_field(std::string_view text) {
  std::string name;
  if (std::optional<Misreading> misread = header_name_format.parse(text, &name)) {
    return Failure(std::move(*misread));
  }
  std::string plain = plain_form(text);
  if (plain == "host") {
    return Failure(Misreading{"the host is not set as a header", "use request_host"});
  }
  if (std::ranges::find(untouchable, plain) != std::ranges::end(untouchable)) {
    return Failure(Misreading{in_quotes(text) + " is the gateway's own to write",
                              "it frames messages or ends at each hop: remove the line"});
  }
  return std::string(text);
}

Text parse_removed_field(std::string_view text) {
  Text name = parse_changed_field(text);
  if (name) std::ranges::transform(*name, name->begin(), ascii_lower);
  return name;
}

std::optional<Misreading> check_template(std::string_view text) {
  if (!is_one_line(text)) return Misreading{in_quotes(text) + " is not one line", "write one line"};
  Result<std::vector<TemplatePiece>, Misreading> pieces = read_template(text);
  if (!pieces) return std::move(pieces.error());
  return std::nullopt;
}

std::optional<Misreading> parse_field_text(std::string_view text, void* value) {
  if (trim(text).size() != text.size()) {
    return Misreading{in_quotes(text) + " is not a header's value",
                      "write one line without white space at its ends"};
  }
  if (std::optional<Misreading> misread = check_template(text)) return misread;
  static_cast<HeaderText*>(value)->text = text;
  return std::nullopt;
}

Text parse_body_text(std::string_view text) { return std::string(text); }

Text parse_request_host(std::string_view text) {
  if (text == "client") return std::string();
  bool is_host_like = !text.empty() && text.find_first_of(" \t/\\@,;\"'") == std::string_view::npos;
  if (!is_host_like) {
    return Failure(Misreading{in_quotes(text) + " is not a host",
                              "write client, endpoint, or a name such as shop.internal"});
  }
  if (std::optional<Misreading> misread = check_template(text)) return Failure(std::move(*misread));
  return std::string(text);
}

std::string print_request_host(const void* value) {
  const std::string& text = *static_cast<const std::string*>(value);
  return text.empty() ? "client" : text;
}

Text parse_redirect_target(std::string_view text) {
  if (text == "https") return std::string(text);
  bool is_url = text.starts_with("https://") || text.starts_with("http://") ||
                (text.starts_with('/') && !text.starts_with("//")) ||
                text.starts_with("{scheme}://") || text.starts_with("{path}");
  bool is_clean = is_one_line(text) && text.find_first_of(" \\\"<>") == std::string_view::npos;
  if (!is_url || !is_clean) {
    return Failure(Misreading{in_quotes(text) + " is no place to redirect to",
                              "write https, or a URL such as https://{host}{target}, or a path"});
  }
  if (std::optional<Misreading> misread = check_template(text)) return Failure(std::move(*misread));
  return std::string(text);
}

/// What a request line can hold.
bool is_target_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != '#'; });
}

Text parse_added_prefix(std::string_view text) {
  if (text.starts_with('/') && is_target_text(text) && text.find('?') == std::string_view::npos) {
    std::string prefix(text);
    while (prefix.ends_with('/')) prefix.pop_back();
    return prefix;
  }
  return Failure(
      Misreading{in_quotes(text) + " is not the beginning of a path", "write it as in /v2"});
}

Text parse_replacement(std::string_view text) {
  if (text.starts_with('/') && is_target_text(text)) return std::string(text);
  return Failure(Misreading{in_quotes(text) + " is not a path",
                            "a path begins with /; \\1 is what the first group matched"});
}

Text parse_origin(std::string_view text) {
  if (text == "*") return std::string(text);
  std::size_t scheme = text.find("://");
  std::string_view host = scheme == std::string_view::npos ? "" : text.substr(scheme + 3);
  bool is_origin =
      !host.empty() && is_target_text(text) && host.find_first_of("/?*") == std::string_view::npos;
  if (!is_origin) {
    return Failure(Misreading{in_quotes(text) + " is not an origin",
                              "write it as in https://shop.example, without a path; or *"});
  }
  std::string origin(text);
  std::ranges::transform(origin, origin.begin(), ascii_lower);
  return origin;
}

Text parse_error_page_name(std::string_view text) {
  bool is_class = text == "4xx" || text == "5xx";
  std::optional<std::uint64_t> status = parse_number(text);
  bool is_error = status && *status >= 400 && *status <= 599;
  if (is_class || is_error) return std::string(text);
  return Failure(Misreading{in_quotes(text) + " is not the status of an error",
                            "write a status from 400 to 599, 4xx or 5xx"});
}

std::optional<Misreading> parse_error_page(std::string_view text, void* value) {
  return file_format.parse(text, &static_cast<ErrorPage*>(value)->file);
}

template <auto parser>
std::optional<Misreading> store(std::string_view text, void* value) {
  Text parsed = parser(text);
  if (!parsed) return std::move(parsed.error());
  *static_cast<std::string*>(value) = std::move(*parsed);
  return std::nullopt;
}

std::string print_text(const void* value) { return *static_cast<const std::string*>(value); }

}  // namespace

const Format changed_field_format = {"header", "a header's name", "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                                     store<parse_changed_field>, print_text};

const Format removed_field_format = {"header", "a header's name", "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                                     store<parse_removed_field>, print_text};

const Format field_text_format = {
    "text", "one line, with {variables}", "", parse_field_text,
    [](const void* value) { return static_cast<const HeaderText*>(value)->text; }};

const Format body_text_format = {"text", "any text", "", store<parse_body_text>, print_text};

const Format request_host_format = {"host", "client, endpoint, or a name with {variables}", "",
                                    store<parse_request_host>, print_request_host};

const Format redirect_target_format = {"URL", "https, a URL or a path, with {variables}", "",
                                       store<parse_redirect_target>, print_text};

const Format added_prefix_format = {"path", "begins with /", "^/[^?#]*$", store<parse_added_prefix>,
                                    print_text};

const Format replacement_format = {"path", "begins with /; \\1 to \\9 are groups", "^/[^#]*$",
                                   store<parse_replacement>, print_text};

const Format origin_format = {"origin", "scheme://host, or *", "", store<parse_origin>, print_text};

const Format error_page_name_format = {"status", "400 to 599, 4xx or 5xx", "^[45]([0-9]{2}|xx)$",
                                       store<parse_error_page_name>, print_text};

const Format error_page_format = {
    "file", "a file's name", "", parse_error_page,
    [](const void* value) { return static_cast<const ErrorPage*>(value)->file; }};

}  // namespace gg
