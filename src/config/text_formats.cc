// SPDX-License-Identifier: Apache-2.0
// Names, words and patterns as text: what formats.h has of them.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "config/formats.h"
#include "config/model.h"
#include "config/units.h"

namespace gg {
namespace {

using Text = Result<std::string, Misreading>;

bool is_letter(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }

/// RFC 9110 5.6.2: what methods, field names and cookie names are made of.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [=](char c) {
    return is_letter(c) || is_digit(c) || marks.find(c) != std::string_view::npos;
  });
}

bool is_one_line(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x20U && c != 0x7F; });
}

Text parse_any_text(std::string_view text) {
  if (!text.empty() && is_one_line(text)) return std::string(text);
  return Failure(Misreading{in_quotes(text) + " is not one line of text", "write one line"});
}

/// A name that ends up in metric labels, logs and header fields.
Text parse_plain_name(std::string_view text) {
  constexpr std::size_t most = 64;
  bool is_plain = std::ranges::all_of(
      text, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
  if (is_plain && !text.empty() && text.size() <= most) return std::string(text);
  return Failure(Misreading{in_quotes(text) + " is not a usable name",
                            "write 1 to 64 letters, digits, dots, hyphens and underscores"});
}

Text parse_deployment_name(std::string_view text) {
  if (text == "auto") return std::string();
  return parse_plain_name(text);
}

Text parse_method(std::string_view text) {
  bool has_lower = std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
  if (!is_token(text)) {
    return Failure(Misreading{in_quotes(text) + " is not a method", "write it as in GET"});
  }
  if (!has_lower) return std::string(text);
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return Failure(Misreading{in_quotes(text) + " is not the method that clients send",
                            fmt::format("methods are case-sensitive: write {}", upper)});
}

Text parse_header_name(std::string_view text) {
  if (!is_token(text)) {
    return Failure(
        Misreading{in_quotes(text) + " is not a header's name", "write it as in X-User"});
  }
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), ascii_lower);
  return lower;
}

Text parse_cookie_name(std::string_view text) {
  if (is_token(text)) return std::string(text);
  return Failure(Misreading{in_quotes(text) + " is not a cookie's name", "write it as in session"});
}

Text parse_header_value(std::string_view text) {
  if (is_one_line(text) && trim(text).size() == text.size()) return std::string(text);
  return Failure(Misreading{in_quotes(text) + " is not a header's value",
                            "write one line without white space at its ends"});
}

Text parse_path(std::string_view text) {
  bool has_query = text.find_first_of("?#") != std::string_view::npos;
  if (has_query) {
    return Failure(Misreading{in_quotes(text) + " is more than a path",
                              "leave out the query: routes do not look at it"});
  }
  if (text.starts_with('/') && is_one_line(text)) return std::string(text);
  return Failure(Misreading{in_quotes(text) + " is not a path", "a path begins with /"});
}

/// /api/ means the same as /api, so the model has one spelling of it.
Text parse_path_prefix(std::string_view text) {
  Text path = parse_path(text);
  while (path && path->size() > 1 && path->ends_with('/')) path->pop_back();
  return path;
}

Text parse_regex(std::string_view text) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  RE2 pattern(text, options);
  if (pattern.ok() && is_one_line(text)) return std::string(text);
  std::string why = pattern.ok() ? "it has control characters" : pattern.error();
  return Failure(Misreading{fmt::format("{} is not a regular expression: {}", in_quotes(text), why),
                            "write RE2 syntax: no look-around, no back-references"});
}

constexpr struct {
  RetryOn::Kind kind;
  std::string_view name;
} retry_words[] = {
    {RetryOn::Kind::connect, "connect"},     {RetryOn::Kind::reset, "reset"},
    {RetryOn::Kind::timeout, "timeout"},     {RetryOn::Kind::malformed, "malformed"},
    {RetryOn::Kind::truncated, "truncated"}, {RetryOn::Kind::stream_refused, "stream_refused"},
};

/// Those after which another call may do better.
constexpr struct {
  std::uint16_t code;
  std::string_view name;
} grpc_words[] = {{1, "grpc_cancelled"},         {2, "grpc_unknown"},
                  {4, "grpc_deadline_exceeded"}, {8, "grpc_resource_exhausted"},
                  {10, "grpc_aborted"},          {13, "grpc_internal"},
                  {14, "grpc_unavailable"}};

Result<RetryOn, Misreading> parse_retry_on(std::string_view text) {
  std::vector<std::string_view> names;
  for (const auto& word : retry_words) {
    if (word.name == text) return RetryOn{word.kind, 0};
    names.push_back(word.name);
  }
  for (const auto& word : grpc_words) {
    if (word.name == text) return RetryOn{RetryOn::Kind::grpc, word.code};
    names.push_back(word.name);
  }
  std::optional<std::uint64_t> status = parse_number(text);
  if (status && *status >= 400 && *status <= 599) {
    return RetryOn{RetryOn::Kind::status, static_cast<std::uint16_t>(*status)};
  }
  return Failure(Misreading{in_quotes(text) + " is no reason to retry",
                            did_you_mean(text, names,
                                         fmt::format("allowed: {}, and statuses from 400 to 599",
                                                     fmt::join(names, ", ")))});
}

std::string print_retry_on(const RetryOn& reason) {
  for (const auto& word : retry_words) {
    if (word.kind == reason.kind) return std::string(word.name);
  }
  for (const auto& word : grpc_words) {
    bool is_it = reason.kind == RetryOn::Kind::grpc && word.code == reason.status;
    if (is_it) return std::string(word.name);
  }
  return fmt::format("{}", reason.status);
}

Text parse_hedge_after(std::string_view text) {
  std::optional<std::uint64_t> percentile =
      text.starts_with('p') ? parse_number(text.substr(1)) : std::nullopt;
  bool is_percentile = percentile && *percentile >= 50 && *percentile <= 99;
  if (text == "off" || is_percentile || parse_duration(text)) return std::string(text);
  return Failure(Misreading{in_quotes(text) + " is no moment to hedge",
                            "write a percentile from p50 to p99, a duration, or off"});
}

Result<StateConfig, Misreading> parse_state(std::string_view text) {
  if (text == "auto") return StateConfig{};
  if (text == "off" || text == "false") return StateConfig{StateConfig::Kind::off, {}};
  bool is_directory = text.find('/') != std::string_view::npos && is_one_line(text);
  if (is_directory) return StateConfig{StateConfig::Kind::directory, std::string(text)};
  return Failure(Misreading{in_quotes(text) + " is no directory",
                            "write auto, off or a directory such as /var/lib/goodgate"});
}

std::string print_state(const StateConfig& state) {
  switch (state.kind) {
    case StateConfig::Kind::automatic:
      return "auto";
    case StateConfig::Kind::off:
      return "off";
    case StateConfig::Kind::directory:
      return state.path;
  }
  return {};
}

/// Makes a `Format` function of a parser: stores what it read, or hands the misreading on.
template <auto parser>
std::optional<Misreading> store(std::string_view text, void* value) {
  auto parsed = parser(text);
  if (!parsed) return std::move(parsed.error());
  *static_cast<typename decltype(parsed)::value_type*>(value) = std::move(*parsed);
  return std::nullopt;
}

std::string print_text(const void* value) { return *static_cast<const std::string*>(value); }

std::string print_deployment_name(const void* value) {
  std::string name = print_text(value);
  return name.empty() ? "auto" : name;
}

}  // namespace

const Format any_text_format = {"text", "one line", "", store<parse_any_text>, print_text};

const Format file_format = {"file", "a file's name", "", store<parse_any_text>, print_text};

const Format account_format = {"name", "a name that this machine knows", "",
                               store<parse_plain_name>, print_text};

const Format deployment_name_format = {
    "name", "letters, digits, dots, hyphens, underscores; or auto", "^[A-Za-z0-9._-]{1,64}$",
    store<parse_deployment_name>, print_deployment_name};

const Format upstream_name_format = {"name", "letters, digits, dots, hyphens, underscores",
                                     "^[A-Za-z0-9._-]{1,64}$", store<parse_plain_name>, print_text};

const Format method_format = {"method", "a method in capitals", "^[A-Z0-9!#$%&'*+.^_`|~-]+$",
                              store<parse_method>, print_text};

const Format header_name_format = {"header", "a header's name", "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                                   store<parse_header_name>, print_text};

const Format header_value_format = {"text", "one line", "", store<parse_header_value>, print_text};

const Format cookie_name_format = {"cookie", "a cookie's name", "", store<parse_cookie_name>,
                                   print_text};

const Format path_prefix_format = {"path", "begins with /", "^/[^?#]*$", store<parse_path_prefix>,
                                   print_text};

const Format path_format = {"path", "begins with /", "^/[^?#]*$", store<parse_path>, print_text};

const Format regex_format = {"regular expression",
                             "RE2 syntax; may match anywhere unless it has ^ and $", "",
                             store<parse_regex>, print_text};

const Format retry_on_format = {
    "reason",
    "connect, reset, timeout, malformed, truncated, stream_refused, a status from 400 to 599, or a "
    "gRPC status as grpc_unavailable",
    "^(connect|reset|timeout|malformed|truncated|stream_refused|[45][0-9]{2}|grpc_(cancelled|"
    "unknown|deadline_exceeded|resource_exhausted|aborted|internal|unavailable))$",
    store<parse_retry_on>,
    [](const void* value) { return print_retry_on(*static_cast<const RetryOn*>(value)); }};

const Format share_format = {
    "share", "0% to 100%", "^[0-9]+([.][0-9]{1,3})?%$", store<parse_share>,
    [](const void* value) { return print_share(*static_cast<const Share*>(value)); }};

const Format rate_format = {
    "rate", "so many per s, m or h, such as 100/s", "^[0-9]+/[0-9]*(ms|s|m|h|d)$",
    store<parse_rate>,
    [](const void* value) { return print_rate(*static_cast<const Rate*>(value)); }};

const Format hedge_after_format = {"moment", "a percentile from p50 to p99, a duration, or off", "",
                                   store<parse_hedge_after>, print_text};

const Format state_format = {
    "place", "auto, off or a directory", "", store<parse_state>,
    [](const void* value) { return print_state(*static_cast<const StateConfig*>(value)); }};

}  // namespace gg
