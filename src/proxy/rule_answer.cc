// SPDX-License-Identifier: Apache-2.0
// Answers that a route's rules give without asking an endpoint; a part of Proxy.
#include "fault/local_reply.h"
#include "http/status.h"
#include "proxy/exchange.h"
#include "proxy/rewrite.h"

namespace gg {
namespace {

constexpr std::size_t most_fields = 10;

void add_preflight_fields(const Cors& cors, const RequestHead& head, FieldList& fields) {
  if (cors.allowed_origin(head).empty()) return;
  fields.add("Access-Control-Allow-Methods", cors.methods());
  if (!cors.headers().empty()) fields.add("Access-Control-Allow-Headers", cors.headers());
  fields.add("Access-Control-Max-Age", cors.max_age());
}

}  // namespace

Fault Proxy::obey_rules(Exchange& exchange) {
  RateLimiter* limiter = exchange.rules->limiter();
  if (limiter != nullptr) {
    RateLimiter::Verdict verdict =
        limiter->take(exchange.head, exchange.client_address, engine_.now());
    exchange.retry_after = verdict.wait;
    if (!verdict.is_within) return Fault::rate_limited;
  }
  return rewrite_by_rules(exchange);
}

std::size_t Proxy::upstream_for(const Exchange& exchange) {
  const Snapshot& snapshot = exchange.snapshot;
  const RouteConfig& route = *exchange.route;
  const Split* split = exchange.rules != nullptr ? exchange.rules->split() : nullptr;
  if (split == nullptr) return snapshot.upstream_of(route);
  std::size_t which = split->choose(exchange.head, exchange.client_address, engine_.rng().next());
  return snapshot.split_upstream_of(route, which);
}

/// Returns whether it has been answered.
Task<bool> Proxy::answer_by_rule(Exchange& exchange) {
  std::optional<RuleAnswer> answer =
      exchange.rules->answer(view_of(exchange), exchange.client_address);
  if (!answer) co_return false;
  FieldRoom room = room_for_response_rules(exchange);
  FieldList fields(engine_.buffers(), most_fields + room.fields, 64 + room.bytes);
  std::span<char> date = fields.room(29);
  write_http_date(engine_.wall_now(), date);
  fields.add(FieldName::date, std::string_view(date.data(), date.size()));
  if (!answer->location.empty()) fields.add("Location", answer->location);
  if (!answer->body.empty()) fields.add(FieldName::content_type, answer->content_type);
  if (!answer->retry_after.empty()) fields.add(FieldName::retry_after, answer->retry_after);
  if (answer->status >= 400) fields.add("Cache-Control", local_reply_cache_control);
  fields.add(FieldName::x_request_id, exchange.record.id.view());
  apply_response_rules(exchange, fields);
  // After what the rules replace: of a preflight request nobody else says anything.
  if (answer->preflight != nullptr) {
    add_preflight_fields(*answer->preflight, exchange.head, fields);
  }
  BodyPlan plan{.kind = BodyPlan::Kind::length, .length = answer->body.size()};
  if (forbids_body(answer->status)) plan = {};
  OutgoingResponse response{.status = answer->status,
                            .reason = reason_phrase(answer->status),
                            .fields = fields.all(),
                            .more_fields = {},
                            .body = plan,
                            .upgrade = {}};
  exchange.record.status = static_cast<std::uint16_t>(answer->status);
  exchange.committed = true;
  exchange.record.committed = engine_.now() - exchange.record.started_at;
  Deadline deadline = Deadline::after(engine_.now(), exchange.snapshot.config().timeouts.send);
  BodyPart body{.bytes = answer->body, .last = true};
  Result<void, StreamError> sent = co_await exchange.client.send_head(response, body, deadline);
  if (sent && exchange.head.method != Method::head) {
    exchange.record.response_body_bytes = answer->body.size();
  }
  co_return true;
}

}  // namespace gg
