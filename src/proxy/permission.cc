// SPDX-License-Identifier: Apache-2.0
// Whether the client may have what it asks for: basic and forward authentication; a part of Proxy.
#include <utility>

#include "http/status.h"
#include "proxy/exchange.h"
#include "proxy/password_checker.h"
#include "proxy/rewrite.h"
#include "proxy/side_client.h"
#include "proxy/stickiness.h"

namespace gg {
namespace {

/// Longer than any check of a password takes.
constexpr Duration endless = 24h;
/// When to come back if too many passwords wait to be checked.
constexpr Duration check_retry_after = 1s;
/// Of an answer that the client gets instead of what it asked for.
constexpr std::size_t refusal_most = std::size_t{64} << 10;

/// What the service is asked. Borrows from the request it is about.
struct Question {
  std::vector<Field> fields;
  RequestHead head;
};

void ask_about(const RequestHead& asked, const ForwardAuth& rule, Question& question) {
  for (const Field& field : asked.fields.all()) {
    if (rule.passes(field)) question.fields.push_back(field);
  }
  question.fields.push_back({.name = forwarded_method_field, .value = asked.method_text});
  question.fields.push_back({.name = forwarded_uri_field, .value = asked.target});
  question.head.method = Method::get;
  question.head.method_text = "GET";
  question.head.target = rule.target_for(asked);
  question.head.path = question.head.target;
  question.head.authority = asked.authority;
  question.head.fields.adopt(Chunk(), question.fields);
}

/// What the endpoint gets of the answer.
void copy_fields(const SideClient& answer, const ForwardAuth& rule, Exchange& exchange) {
  for (const Field& field : answer.fields()) {
    if (!rule.copies(field)) continue;
    exchange.rule_work->copied.push_back(
        {.name = std::string(field.name), .value = std::string(field.value)});
  }
}

}  // namespace

PasswordCheck::~PasswordCheck() { forget(password); }

Task<Proxy::Permission> Proxy::ask_rules(Exchange& exchange) {
  Permission permission;
  permission.is_served = co_await answer_by_rule(exchange);
  if (!permission.is_served && exchange.rules->asks_permission()) {
    permission = co_await ask_permission(exchange);
  }
  if (permission.refusal != Fault::none) permission.is_served = true;
  co_return permission;
}

Task<Proxy::Permission> Proxy::ask_permission(Exchange& exchange) {
  Permission permission;
  if (exchange.rules->basic_auth() != nullptr) {
    permission.refusal = co_await check_credentials(exchange);
    if (permission.refusal != Fault::none) co_return permission;
  }
  if (exchange.rules->forward_auth() != nullptr) permission = co_await ask_service(exchange);
  co_return permission;
}

Task<Fault> Proxy::check_credentials(Exchange& exchange) {
  const BasicAuth& rule = *exchange.rules->basic_auth();
  const Field* field = exchange.head.fields.find(FieldName::authorization);
  if (field == nullptr) co_return Fault::authentication_required;
  CredentialCache::Known known = credentials_.look(&rule, field->value, engine_.now());
  if (known == CredentialCache::Known::good) co_return Fault::none;
  if (known == CredentialCache::Known::bad) co_return Fault::authentication_required;

  std::optional<Credentials> shown = basic_credentials_of(field->value);
  if (!shown) co_return Fault::authentication_required;
  BasicAuth::Wanted wanted = rule.wanted_of(shown->user);
  PasswordCheck check;
  check.password = std::move(shown->password);
  check.hash = wanted.hash;
  if (passwords_ == nullptr) {
    check.fits = password_fits(check.password, check.hash);
  } else {
    if (!passwords_->start(engine_, check)) {
      exchange.retry_after = check_retry_after;
      co_return Fault::overload_shed;
    }
    Sleep wait(engine_, engine_.now() + endless);
    check.waiting = &wait;
    co_await wait;
  }
  bool is_good = check.fits && wanted.is_of_user;
  credentials_.note(&rule, field->value, is_good, engine_.now());
  co_return is_good ? Fault::none : Fault::authentication_required;
}

/// The request waits meanwhile, and its body is not read.
Task<Proxy::Permission> Proxy::ask_service(Exchange& exchange) {
  const ForwardAuth& rule = *exchange.rules->forward_auth();
  Question question;
  ask_about(exchange.head, rule, question);
  // Nobody else reads from a client whose request has no body.
  bool may_be_watched = exchange.body.kind == BodyPlan::Kind::none;
  SideClient answer(engine_, {}, refusal_most, may_be_watched ? &exchange.client : nullptr);
  Exchange aside(exchange.snapshot, answer, exchange.facts);
  aside.head = std::move(question.head);
  aside.route = exchange.route;
  aside.client_address = exchange.client_address;
  aside.record.id = exchange.record.id;
  aside.record.started_at = engine_.now();
  aside.deadline = Deadline::after(engine_.now(), rule.timeout()).or_earlier(exchange.deadline);
  aside.is_aside = true;
  if (exchange.rule_work == nullptr) {
    exchange.rule_work = std::make_unique<RuleWork>();
    exchange.rule_work->authority = exchange.head.authority;
  }
  exchange.rule_work->aside = &aside;
  co_await forward_aside(aside, upstreams_.at(exchange.snapshot.auth_upstream_of(*exchange.route)));
  exchange.rule_work->aside = nullptr;

  if (aside.client_failed) {
    exchange.client_failed = true;
    co_return Permission{.refusal = Fault::client_gone_while_waiting};
  }
  if (exchange.is_cut) co_return Permission{.refusal = Fault::gateway_draining};
  Fault fault = aside.record.fault;
  bool has_answer = (fault == Fault::none || fault == Fault::upstream_error_status) &&
                    aside.record.attempts_made() > 0 && answer.is_complete();
  ForwardAuth::Answer meaning =
      has_answer ? ForwardAuth::meaning_of(answer.status()) : ForwardAuth::Answer::failed;
  if (meaning == ForwardAuth::Answer::is_refused && !answer.is_whole()) {
    meaning = ForwardAuth::Answer::failed;
  }
  counters_.forward_auth[static_cast<std::size_t>(meaning)].add();
  if (meaning == ForwardAuth::Answer::is_refused) {
    co_await pass_on_refusal(exchange, answer);
    co_return Permission{.is_served = true};
  }
  if (meaning == ForwardAuth::Answer::goes_on) {
    copy_fields(answer, rule, exchange);
  } else if (!rule.fails_open()) {
    co_return Permission{.refusal = Fault::auxiliary_service_failed};
  }
  co_return Permission{};
}

/// The client gets the service's answer as its own: a 401, a redirection to where one logs in.
Task<void> Proxy::pass_on_refusal(Exchange& exchange, const SideClient& answer) {
  FieldRoom room = room_for_response_rules(exchange);
  FieldList fields(engine_.buffers(), answer.fields().size() + 1 + room.fields, room.bytes);
  for (const Field& field : answer.fields()) fields.add(field);
  fields.add(FieldName::x_request_id, exchange.record.id.view());
  apply_response_rules(exchange, fields);
  OutgoingResponse response{
      .status = answer.status(),
      .reason = answer.reason(),
      .fields = fields.all(),
      .more_fields = {},
      .body = {.kind = BodyPlan::Kind::length, .length = answer.kept().size()},
      .upgrade = {}};
  exchange.record.status = static_cast<std::uint16_t>(answer.status());
  exchange.committed = true;
  exchange.record.committed = engine_.now() - exchange.record.started_at;
  Deadline deadline = Deadline::after(engine_.now(), exchange.snapshot.config().timeouts.send);
  BodyPart body{.bytes = answer.kept(), .last = true};
  Result<void, StreamError> sent = co_await exchange.client.send_head(response, body, deadline);
  if (sent && exchange.head.method != Method::head) {
    exchange.record.response_body_bytes = answer.kept().size();
  }
}

/// A request of our own, from its turn to its end: the service's answer is with its client then.
Task<void> Proxy::forward_aside(Exchange& exchange, Upstream& upstream) {
  const BalanceConfig& balance = upstream.settings().balance;
  if (balance.hash) exchange.choice_key = choice_key_of(exchange, balance);
  AdmissionPlace place(upstream.admission());
  exchange.place = &place;
  Fault refusal = Fault::none;
  if (!place.take_at_once()) refusal = co_await wait_for_place(exchange, upstream);
  if (refusal == Fault::none) co_await forward(exchange, upstream);
  exchange.place = nullptr;
  if (refusal != Fault::none) co_await answer(exchange, refusal);
}

}  // namespace gg
