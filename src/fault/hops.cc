// SPDX-License-Identifier: Apache-2.0
#include "fault/hops.h"

#include "base/text.h"
#include "fault/catalogue.h"

namespace gg {

namespace {

constexpr std::size_t members_most = 32;
constexpr std::size_t body_most = 2048;

/// How a product's own page for a failure is known. All that is given must be there.
struct Page {
  std::string_view product;
  std::string_view server;  // the Server field begins so
  std::string_view field;   // such a field is there
  std::string_view body;    // the body contains this
  Fault cause = Fault::none;
};

/// Their words as of 2026. The more telling ones first.
constexpr Page pages[] = {
    {.product = "nginx", .body = "<center>nginx"},
    {.product = "nginx (OpenResty)", .body = "<center>openresty"},
    {.product = "Cloudflare", .body = "Error 521", .cause = Fault::connect_refused},
    {.product = "Cloudflare", .body = "Error 522", .cause = Fault::connect_timeout},
    {.product = "Cloudflare", .body = "Error 523", .cause = Fault::host_unreachable},
    {.product = "Cloudflare", .body = "Error 524", .cause = Fault::head_timeout},
    {.product = "Cloudflare", .body = "Error 525", .cause = Fault::tls_failed},
    {.product = "Cloudflare", .body = "Error 526", .cause = Fault::tls_untrusted_certificate},
    {.product = "Cloudflare", .server = "cloudflare"},
    {.product = "AWS ALB", .server = "awselb"},
    {.product = "HAProxy",
     .body = "<h1>503 Service Unavailable</h1>\nNo server is available to handle this request."},
    {.product = "HAProxy",
     .body = "<h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.",
     .cause = Fault::head_timeout},
    {.product = "HAProxy",
     .body = "<h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response."},
    {.product = "Envoy", .body = "no healthy upstream", .cause = Fault::no_healthy_endpoint},
    {.product = "Envoy", .body = "upstream request timeout", .cause = Fault::head_timeout},
    {.product = "Envoy",
     .body = "reset reason: connection termination",
     .cause = Fault::closed_before_head},
    {.product = "Envoy",
     .body = "reset reason: connection timeout",
     .cause = Fault::connect_timeout},
    {.product = "Envoy",
     .body = "upstream connect error or disconnect/reset before headers",
     .cause = Fault::connect_failed},
    {.product = "Envoy", .server = "envoy"},
    {.product = "Caddy", .server = "Caddy"},
    {.product = "Varnish", .body = "Backend fetch failed"},
    {.product = "Varnish", .field = "x-varnish "},
    {.product = "Apache httpd", .server = "Apache/"},
    {.product = "Apache Traffic Server", .server = "ATS/"},
    {.product = "Google load balancer", .field = "x-goog-", .body = "502. That"},
};

bool is_only_words_of_go(int status, std::string_view body) {
  std::string_view text = body;
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return (status == 502 && text == "Bad Gateway") || (status == 504 && text == "Gateway Timeout") ||
         (status == 503 && text == "no available server");
}

bool fits(const Page& page, const HopFacts& facts) {
  bool has_server = page.server.empty() ||
                    equal_ignoring_case(page.server, facts.server.substr(0, page.server.size()));
  bool has_field = page.field.empty() || facts.fields.find(page.field) != std::string::npos;
  bool has_body = page.body.empty() || facts.body_start.find(page.body) != std::string::npos;
  return has_server && has_field && has_body;
}

const Page* page_of(const HopFacts& facts) {
  for (const Page& page : pages) {
    if (fits(page, facts)) return &page;
  }
  return nullptr;
}

/// The value of one parameter of a Proxy-Status member, without quotes; empty: not there.
std::string parameter_of(std::string_view member, std::string_view name) {
  std::size_t semicolon = member.find(';');
  while (semicolon != std::string_view::npos) {
    std::string_view rest = member.substr(semicolon + 1);
    semicolon = member.find(';', semicolon + 1);
    std::string_view parameter = trim(rest.substr(0, rest.find(';')));
    std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || parameter.substr(0, equals) != name) continue;
    std::string_view value = parameter.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

std::string name_of_member(std::string_view member) {
  std::string_view name = trim(member.substr(0, member.find(';')));
  if (name.size() >= 2 && name.front() == '"') name = name.substr(1, name.size() - 2);
  return std::string(name);
}

/// "1.1 edge (nginx)": its second word.
std::string pseudonym_of(std::string_view via) {
  std::string_view rest = trim(via);
  std::size_t space = rest.find(' ');
  if (space == std::string_view::npos) return std::string(rest);
  rest = trim(rest.substr(space));
  return std::string(rest.substr(0, rest.find(' ')));
}

}  // namespace

void add_members(std::vector<std::string>& to, std::string_view list) {
  while (to.size() < members_most) {
    std::string_view member = trim(next_list_element(list));
    if (member.empty()) return;
    to.emplace_back(member);
  }
}

HopFacts hop_facts_of(const ResponseHead& head, std::string_view body) {
  HopFacts facts{.body_start = std::string(body.substr(0, body_most))};
  for (const Field& field : head.fields.all()) {
    if (field.value.size() > body_most) continue;
    if (equal_ignoring_case(field.name, "via")) add_members(facts.via, field.value);
    if (equal_ignoring_case(field.name, "proxy-status")) add_members(facts.status, field.value);
    if (equal_ignoring_case(field.name, "server")) facts.server = field.value;
    if (equal_ignoring_case(field.name, "x-varnish")) facts.fields += "x-varnish ";
  }
  return facts;
}

Fault fault_of_token(std::string_view token) {
  // Where several causes share a token: the one that is meant most often.
  for (Fault usual : {Fault::connect_refused, Fault::connect_timeout, Fault::closed_before_head,
                      Fault::head_timeout, Fault::no_healthy_endpoint, Fault::not_http}) {
    if (row_of(usual).error == token) return usual;
  }
  for (const FaultRow& row : catalogue()) {
    bool is_sent_on = row.stage != Stage::request_head && row.stage != Stage::request_body;
    if (is_sent_on && row.error == token) return row.fault;
  }
  return Fault::none;
}

std::string_view product_of_page(int status, const HopFacts& facts) {
  if (const Page* page = page_of(facts)) return page->product;
  if (is_only_words_of_go(status, facts.body_start)) return "Traefik, or another proxy in Go";
  return {};
}

std::optional<GuiltyHop> guilty_hop_of(int status, const HopFacts& facts) {
  // The member nearest to the service is the one that saw it happen (RFC 9209 2).
  for (const std::string& member : facts.status) {
    std::string token = parameter_of(member, "error");
    if (token.empty()) continue;
    GuiltyHop hop{.name = name_of_member(member),
                  .cause = fault_of_token(token),
                  .next = parameter_of(member, "next-hop"),
                  .evidence = "Proxy-Status: " + member};
    hop.before = facts.via.empty() ? 0 : facts.via.size() - 1;
    return hop;
  }
  std::string_view product = product_of_page(status, facts);
  if (!product.empty()) {
    const Page* page = page_of(facts);
    GuiltyHop hop{.name = std::string(product),
                  .cause = page != nullptr ? page->cause : Fault::none,
                  .next = {},
                  .evidence = "its own page for " + std::to_string(status)};
    if (!facts.server.empty()) hop.evidence += ", Server: " + facts.server;
    return hop;
  }
  if (facts.via.empty()) return std::nullopt;
  return GuiltyHop{.name = pseudonym_of(facts.via.front()),
                   .cause = Fault::none,
                   .next = {},
                   .evidence = "Via: " + facts.via.front(),
                   .before = facts.via.size() - 1};
}

std::string text_of(const GuiltyHop& hop) {
  std::string text = hop.name;
  if (hop.cause != Fault::none) text += ": " + std::string(name_of(hop.cause));
  if (!hop.next.empty()) text += " at " + hop.next;
  if (hop.cause == Fault::none) text += ", by " + hop.evidence;
  return text;
}

}  // namespace gg
