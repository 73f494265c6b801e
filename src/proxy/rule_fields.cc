// SPDX-License-Identifier: Apache-2.0
#include "proxy/rule_fields.h"

#include "base/text.h"
#include "http/authority.h"
#include "proxy/exchange.h"
#include "proxy/stickiness.h"

namespace gg {
namespace {

/// Access-Control-* and Vary of an ordinary answer, Strict-Transport-Security, RateLimit and its
/// policy, what compressing changes, and the challenge to who shows no password.
constexpr std::size_t own_response_fields = 11;
constexpr std::size_t own_response_bytes = 64;

FieldRoom room_for(const HeaderRules& rules, const RequestView& view) {
  return {rules.written().size(), rules.text_size(view)};
}

void apply(const HeaderRules& rules, const RequestView& view, FieldList& fields) {
  if (rules.empty()) return;
  fields.remove_if([&rules](const Field& field) { return rules.removes(field); });
  for (const HeaderRules::Written& written : rules.written()) {
    std::string_view value = written.text.write(view, fields.room(written.text.size(view)));
    if (!value.empty()) fields.add(Field{written.name, value, written.id});
  }
}

void add_cors(const Exchange& exchange, const Cors& cors, FieldList& fields) {
  fields.remove_if([](const Field& field) { return Cors::is_own_field(field); });
  std::string_view origin = cors.allowed_origin(exchange.head);
  if (cors.varies()) fields.add("Vary", "Origin");
  if (origin.empty()) return;
  fields.add("Access-Control-Allow-Origin", origin);
  if (cors.with_credentials()) fields.add("Access-Control-Allow-Credentials", "true");
  if (!cors.expose().empty()) fields.add("Access-Control-Expose-Headers", cors.expose());
}

/// To who has come too often (draft-ietf-httpapi-ratelimit-headers).
void add_rate_limit(const Exchange& exchange, const RateLimiter& limiter, FieldList& fields) {
  std::int64_t seconds = (exchange.retry_after.count() + 999'999'999) / 1'000'000'000;
  std::string reset = std::to_string(seconds);
  fields.add("RateLimit-Policy", limiter.policy());
  fields.add("RateLimit", fields.text({"\"route\";r=0;t=", reset}));
}

}  // namespace

void use_own_page(const Exchange& exchange, std::string_view accept, LocalReply& reply) {
  const ErrorPages::Page* page = exchange.rules->error_pages().find(reply.status);
  if (page == nullptr || asks_for_json(accept)) return;
  reply.content_type = page->content_type;
  reply.body = fill_in(*page, reply.status, reply.reason, exchange.record.id.view());
}

RequestView view_of(const Exchange& exchange) {
  return {.head = exchange.head,
          .client = exchange.record.client_address,
          .peer = exchange.facts.peer_text,
          .id = exchange.record.id.view(),
          .listener = exchange.facts.listener,
          .scheme = came_over_tls(exchange) ? "https" : "http"};
}

Fault rewrite_by_rules(Exchange& exchange) {
  const RouteRules& rules = *exchange.rules;
  bool changes =
      rules.rewrite() != nullptr || rules.host() != nullptr || rules.asks_for_endpoints_host();
  if (!changes) return Fault::none;
  const RequestHead& head = exchange.head;
  auto work = std::make_unique<RuleWork>();
  work->authority = head.authority;
  if (rules.asks_for_endpoints_host()) work->authority.clear();
  if (rules.host() != nullptr) {
    std::string host = rules.host()->text(view_of(exchange));
    bool is_usable = !host.empty() && parse_authority(host).has_value();
    if (is_usable) work->authority = std::move(host);
  }
  if (rules.rewrite() != nullptr) {
    std::optional<std::string> target = rules.rewrite()->target_for(head);
    if (!target) return Fault::request_malformed;
    work->target = std::move(*target);
  }
  exchange.rule_work = std::move(work);
  return Fault::none;
}

FieldRoom room_for_request_rules(const Exchange& exchange) {
  FieldRoom room = room_for(exchange.rules->request_headers(), view_of(exchange));
  if (exchange.rule_work != nullptr) room.fields += exchange.rule_work->copied.size();
  return room;
}

void apply_request_rules(const Exchange& exchange, FieldList& fields) {
  const ForwardAuth* auth = exchange.rules->forward_auth();
  if (auth != nullptr) {
    // Else clients could say of themselves what the service is there to say.
    fields.remove_if([auth](const Field& field) { return auth->copies(field); });
    const RuleWork* work = exchange.rule_work.get();
    for (std::size_t i = 0; work != nullptr && i < work->copied.size(); ++i) {
      fields.add(work->copied[i].name, work->copied[i].value);
    }
  }
  apply(exchange.rules->request_headers(), view_of(exchange), fields);
}

FieldRoom room_for_response_rules(const Exchange& exchange) {
  FieldRoom room = room_for(exchange.rules->response_headers(), view_of(exchange));
  room.fields += own_response_fields;
  room.bytes += own_response_bytes;
  return room;
}

void apply_response_rules(const Exchange& exchange, FieldList& fields) {
  const RouteRules& rules = *exchange.rules;
  if (rules.cors() != nullptr) add_cors(exchange, *rules.cors(), fields);
  if (!rules.hsts().empty() && came_over_tls(exchange)) {
    constexpr std::string_view name = "Strict-Transport-Security";
    fields.remove_if([=](const Field& field) { return equal_ignoring_case(field.name, name); });
    fields.add(name, rules.hsts());
  }
  bool came_too_often = exchange.record.fault == Fault::rate_limited && rules.limiter() != nullptr;
  bool is_unknown = exchange.record.fault == Fault::authentication_required;
  if (is_unknown && rules.basic_auth() != nullptr) {
    fields.add("WWW-Authenticate", rules.basic_auth()->challenge());
  }
  if (came_too_often) add_rate_limit(exchange, *rules.limiter(), fields);
  apply(rules.response_headers(), view_of(exchange), fields);
}

}  // namespace gg
