// SPDX-License-Identifier: Apache-2.0
#include "diagnose/codes/lookup.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "diagnose/codes/haproxy_state.h"
#include "diagnose/codes/sign.h"
#include "fault/catalogue.h"

namespace gg {
namespace {

/// A set of codes that people type. Those of one that is named in front ("curl 28") win.
struct Vocabulary {
  std::string_view title;
  Product product;
  std::span<const Sign> (*table)();
  std::string_view prefixes[4];  // in lower case; what may stand before the code
};

constexpr Vocabulary vocabularies[] = {
    {"HTTP status", Product::any, http_statuses, {"http status", "http", "status"}},
    {"Envoy response flag", Product::envoy, envoy_flags, {"envoy flag", "envoy"}},
    {"HAProxy error", Product::haproxy, haproxy_errors, {"haproxy", "bc_err", "check status"}},
    {"curl exit status", Product::any, curl_codes, {"curl exit status", "curl exit", "curl"}},
    {"TLS alert",
     Product::any,
     tls_alerts,
     {"ssl alert number", "tls alert", "ssl alert", "alert"}},
    {"system error", Product::any, errno_codes, {"errno", "error", "os error"}},
    {"gRPC status", Product::any, grpc_codes, {"grpc-status", "grpc status", "grpc"}},
    {"HTTP/2 error code",
     Product::any,
     http2_errors,
     {"http/2 error", "http2 error", "http/2", "h2"}},
};

struct Messages {
  std::string_view title;
  Product product;
  std::span<const Sign> (*table)();
};

constexpr Messages messages[] = {
    {"message of nginx", Product::nginx, nginx_signs},
    {"message of Apache", Product::apache, apache_signs},
    {"message of HAProxy", Product::haproxy, haproxy_notices},
    {"connection error of HAProxy", Product::haproxy, haproxy_connection_errors},
    {"detail of Envoy", Product::envoy, envoy_details},
    {"message of Go's libraries (Caddy, Traefik)", Product::any, go_signs},
};

/// Shorter pieces of text bear too many signs by chance.
constexpr std::size_t shortest_message = 8;

std::string normalised(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\'' || c == '`') continue;
    bool is_separator = c == '_' || c == '-' || c == ' ';
    out += is_separator ? '_' : ascii_lower(c);
  }
  return out;
}

Reading reading_of(const Sign& sign, std::string_view title, Product product) {
  std::string_view code = sign.code;
  if (code.starts_with('*')) code.remove_prefix(1);
  std::span<const Fault> causes = causes_of(sign);
  return {.vocabulary = title,
          .product = product,
          .code = std::string(code),
          .name = std::string(sign.name),
          .meaning = std::string(sign.meaning),
          .causes = {causes.begin(), causes.end()},
          .settle = sign.settle,
          .is_failure = sign.is_failure};
}

/// The code without a prefix such as "curl"; nothing if it has none of them.
std::optional<std::string_view> without_prefix(const Vocabulary& vocabulary,
                                               std::string_view typed) {
  for (std::string_view prefix : vocabulary.prefixes) {
    if (prefix.empty() || typed.size() <= prefix.size()) continue;
    if (!equal_ignoring_case(typed.substr(0, prefix.size()), prefix)) continue;
    std::string_view rest = typed.substr(prefix.size());
    std::size_t start = rest.find_first_not_of(" :=(");
    if (start == 0 || start == std::string_view::npos) continue;
    rest.remove_prefix(start);
    return rest.substr(0, rest.find_last_not_of(" )") + 1);
  }
  return std::nullopt;
}

bool names(const Sign& sign, const std::string& wanted) {
  if (normalised(sign.code) == wanted) return true;
  if (sign.name.empty()) return false;
  std::string name = normalised(sign.name);
  bool without_curl = name.starts_with("curle_") && name.substr(6) == wanted;
  bool as_text = !sign.meaning.empty() &&
                 normalised(sign.meaning.substr(0, sign.meaning.size() - 1)) == wanted;
  return name == wanted || without_curl || as_text;
}

void add_codes(std::vector<Reading>& readings, std::string_view typed, bool with_prefix) {
  for (const Vocabulary& vocabulary : vocabularies) {
    std::string_view code = typed;
    if (with_prefix) {
      std::optional<std::string_view> rest = without_prefix(vocabulary, typed);
      if (!rest) continue;
      code = rest->substr(0, rest->find(')'));
    }
    std::string wanted = normalised(code);
    if (wanted.starts_with("0x")) {
      std::optional<std::uint64_t> number = parse_number(wanted.substr(2), 16);
      if (number) wanted = std::to_string(*number);
    }
    for (const Sign& sign : vocabulary.table()) {
      if (!names(sign, wanted)) continue;
      readings.push_back(reading_of(sign, vocabulary.title, vocabulary.product));
      break;
    }
  }
}

void add_own(std::vector<Reading>& readings, std::string_view typed) {
  std::optional<Fault> fault = find_fault(typed);
  if (!fault || *fault == Fault::none) return;
  const FaultRow& row = row_of(*fault);
  readings.push_back({.vocabulary = "cause of Goodgate",
                      .product = Product::any,
                      .code = std::string(row.id),
                      .name = std::string(row.name),
                      .meaning = {},
                      .causes = {*fault},
                      .settle = {}});
}

/// Error types of RFC 9209 that other gateways give, and we more precise ones for.
struct ForeignType {
  std::string_view name;
  Fault cause;
};

constexpr ForeignType foreign_types[] = {
    {"destination_not_found", Fault::missing_upstream},
    {"http_response_header_size", Fault::head_too_large},
    {"http_response_trailer_size", Fault::trailers_too_large},
};

/// RFC 9209's error types; the rows of the catalogue say which causes give each.
void add_proxy_status(std::vector<Reading>& readings, std::string_view typed) {
  std::string_view token = typed;
  if (std::size_t at = token.find("error="); at != std::string_view::npos) {
    token = token.substr(at + 6);
    token = token.substr(0, token.find_first_of("; ,"));
  }
  Reading reading{.vocabulary = "Proxy-Status error type of RFC 9209",
                  .product = Product::any,
                  .code = {},
                  .name = {},
                  .meaning = {},
                  .causes = {},
                  .settle = "The details parameter, and the gateway's own log."};
  for (const FaultRow& row : catalogue()) {
    if (row.error.empty() || !equal_ignoring_case(row.error, token)) continue;
    reading.code = row.error;
    reading.causes.push_back(row.fault);
  }
  for (const ForeignType& type : foreign_types) {
    if (!equal_ignoring_case(type.name, token)) continue;
    reading.code = type.name;
    reading.causes.push_back(type.cause);
  }
  if (!reading.causes.empty()) readings.push_back(std::move(reading));
}

void add_haproxy_state(std::vector<Reading>& readings, std::string_view typed) {
  std::optional<HaproxyState> state = parse_haproxy_state(typed);
  if (!state) return;
  Reading reading{.vocabulary = "HAProxy termination state",
                  .product = Product::haproxy,
                  .code = std::string(typed),
                  .name = {},
                  .meaning = haproxy_state_meaning(*state),
                  .causes = {},
                  .settle = {}};
  if (const Sign* sign = find_code(haproxy_states(), state->letters(), true)) {
    std::span<const Fault> causes = causes_of(*sign);
    reading.causes = {causes.begin(), causes.end()};
    reading.name = sign->name;
    reading.settle = sign->settle;
    reading.is_failure = sign->is_failure;
  }
  readings.push_back(std::move(reading));
}

/// "UF,URX": each flag by itself.
void add_flags(std::vector<Reading>& readings, std::string_view typed) {
  if (typed.find(',') == std::string_view::npos) return;
  while (!typed.empty()) {
    std::string_view flag = next_list_element(typed);
    const Sign* sign = find_code(envoy_flags(), flag);
    if (sign == nullptr) continue;
    readings.push_back(reading_of(*sign, "Envoy response flag", Product::envoy));
  }
}

/// Does it read like a message of one program only? Then its words decide, not their order here.
void add_messages(std::vector<Reading>& readings, std::string_view typed) {
  if (typed.size() < shortest_message) return;
  for (const Messages& kind : messages) {
    const Sign* sign = find_sign(kind.table(), typed, true);
    bool is_too_vague = sign != nullptr && sign->causes[0] == Fault::none && sign->code.size() < 9;
    if (sign == nullptr || is_too_vague) continue;
    readings.push_back(reading_of(*sign, kind.title, kind.product));
    return;
  }
}

/// How many pairs of neighbouring letters two words share, per letter.
double likeness(std::string_view a, std::string_view b) {
  if (a.size() < 2 || b.size() < 2) return 0;
  int shared = 0;
  for (std::size_t i = 0; i + 1 < a.size(); ++i) {
    if (b.find(a.substr(i, 2)) != std::string_view::npos) ++shared;
  }
  return 2.0 * shared / static_cast<double>(a.size() + b.size() - 2);
}

}  // namespace

std::vector<Reading> find_readings(std::string_view typed) {
  typed = trim(typed);
  std::vector<Reading> readings;
  if (typed.empty()) return readings;
  add_own(readings, typed);
  add_proxy_status(readings, typed);
  if (readings.empty()) add_codes(readings, typed, true);
  if (readings.empty()) {
    add_codes(readings, typed, false);
    add_haproxy_state(readings, typed);
    add_flags(readings, typed);
  }
  if (readings.empty()) add_messages(readings, typed);
  return readings;
}

std::vector<std::string> nearest_codes(std::string_view typed, std::size_t most) {
  std::string wanted = normalised(trim(typed)).substr(0, 64);
  struct Found {
    double alike;
    std::size_t order;
    std::string name;
  };
  std::vector<Found> found;
  auto consider = [&](std::string_view name) {
    double alike = likeness(wanted, normalised(name));
    if (alike > 0.4) found.push_back({alike, found.size(), std::string(name)});
  };
  for (const FaultRow& row : catalogue()) {
    consider(row.name);
    consider(row.error);
  }
  for (const Vocabulary& vocabulary : vocabularies) {
    for (const Sign& sign : vocabulary.table()) consider(sign.name.empty() ? sign.code : sign.name);
  }
  std::ranges::sort(found, [](const Found& a, const Found& b) {
    return a.alike != b.alike ? a.alike > b.alike : a.order < b.order;
  });
  std::vector<std::string> names;
  for (Found& one : found) {
    if (names.size() == most) break;
    if (std::ranges::find(names, one.name) == names.end()) names.push_back(std::move(one.name));
  }
  return names;
}

}  // namespace gg
