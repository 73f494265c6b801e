// SPDX-License-Identifier: Apache-2.0
// The story of a request; a newcomer reads this file first.
#include "proxy/exchange.h"

#include "fault/catalogue.h"
#include "fault/local_reply.h"
#include "http/connection_options.h"
#include "proxy/attempt.h"
#include "proxy/client_address.h"
#include "proxy/client_deadline.h"
#include "proxy/contest.h"
#include "proxy/continuation.h"
#include "proxy/course.h"
#include "proxy/grpc.h"
#include "proxy/mirroring.h"
#include "proxy/password_checker.h"
#include "proxy/stickiness.h"
#include "proxy/tunnel.h"

namespace gg {

namespace {

/// By which its service knows it again (draft-ietf-httpapi-idempotency-key-header).
bool has_idempotency_key(const RequestHead& head) {
  const Field* key = head.fields.find(FieldName::idempotency_key);
  return key != nullptr && !key->value.empty();
}

}  // namespace

Exchange::Exchange(const Snapshot& its_snapshot, ServerStream& its_client,
                   const ClientFacts& its_facts)
    : snapshot(its_snapshot), client(its_client), facts(its_facts), request_body(its_client) {}

Exchange::~Exchange() = default;

void Exchange::cut() {
  is_cut = true;
  attempts.for_each([](Attempt& attempt) { attempt.cut(); });
  if (place != nullptr) place->give_up(Fault::gateway_draining);
  if (rule_work != nullptr && rule_work->aside != nullptr) rule_work->aside->cut();
}

void Exchange::abandon() {
  client_failed = true;
  cut();
}

bool Exchange::go_away() { return tunnel != nullptr && tunnel->go_away(); }

Proxy::Proxy(Engine& engine, Upstreams& upstreams, RecordSink& sink, Counters& counters,
             PasswordChecker* passwords)
    : engine_(engine),
      upstreams_(upstreams),
      sink_(sink),
      no_hedging_(RetryBudgetConfig{.share = {}, .floor = {0, 1s}}),
      counters_(counters),
      passwords_(passwords),
      credentials_(passwords != nullptr ? passwords->cache_keys() : CredentialCache::Keys{}),
      mirroring_(engine.ready()) {}

Proxy::~Proxy() = default;

Task<void> Proxy::handle(Exchange& exchange) {
  begin_record(exchange);
  Fault refusal = admit(exchange);
  bool is_last_hop = exchange.head.method == Method::options && max_forwards_of(exchange.head) == 0;
  bool is_served = refusal != Fault::none;
  if (!is_served && is_last_hop) {
    co_await answer_options(exchange);
    is_served = true;
  }
  if (!is_served && exchange.rules != nullptr) {
    Permission permission = co_await ask_rules(exchange);
    refusal = permission.refusal;
    is_served = permission.is_served;
  }
  if (!is_served) {
    Upstream& upstream = upstreams_.at(upstream_for(exchange));
    exchange.record.upstream = upstream.name();
    exchange.record.upstream_slot = upstream.slot();
    const BalanceConfig& balance = upstream.settings().balance;
    if (balance.sticky) exchange.sticky = &*balance.sticky;
    if (balance.sticky || balance.hash) exchange.choice_key = choice_key_of(exchange, balance);
    if (exchange.rules != nullptr) consider_mirroring(exchange);
    AdmissionPlace place(upstream.admission());
    exchange.place = &place;
    if (!place.take_at_once()) refusal = co_await wait_for_place(exchange, upstream);
    if (refusal == Fault::none) co_await forward(exchange, upstream);
    exchange.place = nullptr;
  }
  if (refusal != Fault::none) co_await answer(exchange, refusal);
  if (exchange.is_to_be_mirrored) mirror_with_body(exchange);
  finish_record(exchange);
}

Task<void> Proxy::refuse(Exchange& exchange, Fault fault, MessageError error) {
  begin_record(exchange);
  exchange.record.message_error = error;
  co_await answer(exchange, fault);
  finish_record(exchange);
}

Fault Proxy::admit(Exchange& exchange) {
  const RequestHead& head = exchange.head;
  const Snapshot& snapshot = exchange.snapshot;
  // Tunnels to anywhere and echoes of credentials are nobody's default (RFC 9110 9.3.6, 9.3.8).
  if (head.method == Method::connect || head.method == Method::trace)
    return Fault::method_not_supported;
  if (expectation_of(head) == Expectation::unknown) return Fault::expectation_failed;
  if (has_passed_here(head, snapshot.name())) return Fault::loop_detected;

  RouteMatch match = snapshot.router().match(head);
  if (match.fault != Fault::none) return match.fault;
  const RouteConfig& route = *match.route;
  exchange.route = &route;
  exchange.record.route = snapshot.label_of(route);
  exchange.record.route_slot = snapshot.slot_of(route);
  exchange.rules = snapshot.rules_of(route);
  const Config& config = snapshot.config();
  bool is_admitted = is_allowed(config.allow, config.deny, exchange.client_address) &&
                     is_allowed(route, exchange.client_address);
  if (!is_admitted) return Fault::access_denied;
  std::uint64_t body_limit = exchange.body_limit();
  if (body_limit != 0 && exchange.body.length.value_or(0) > body_limit)
    return Fault::request_body_too_large;
  exchange.deadline = Deadline::after(exchange.record.started_at, route.timeout);
  std::string_view header = snapshot.config().timeouts.request_header;
  if (std::optional<Duration> patience = client_timeout_of(head, header)) {
    Deadline theirs = Deadline::after(exchange.record.started_at, *patience);
    exchange.deadline = exchange.deadline.or_earlier(theirs);
  }
  return exchange.rules == nullptr ? Fault::none : obey_rules(exchange);
}

void Proxy::note_hedgeable(Exchange& exchange) {
  std::size_t place = exchange.snapshot.index_of(*exchange.route);
  while (hedge_budgets_.size() <= place) {
    const RouteConfig& next = exchange.snapshot.config().routes[hedge_budgets_.size()];
    hedge_budgets_.emplace_back(RetryBudgetConfig{.share = next.hedge.at_most, .floor = {0, 1s}});
  }
  exchange.hedge_budget = &hedge_budgets_[place];
  exchange.hedge_budget->note_request(engine_.now());
}

/// What forwarding needs besides: whose budgets count, whether the body is kept for another try.
void Proxy::prepare(Exchange& exchange, Upstream& upstream) {
  const RouteConfig& route = *exchange.route;
  upstream.retry_budget().note_request(engine_.now());
  if (exchange.is_aside) {
    exchange.hedge_budget = &no_hedging_;
  } else {
    note_hedgeable(exchange);
  }
  // A request that may not be sent twice is not sent again once an endpoint had some of it, unless
  // that has said that it did not process it.
  exchange.may_run_twice =
      may_run_twice({.method_is_idempotent = is_idempotent(exchange.head.method),
                     .unsafe_methods_allowed = route.retry.unsafe_methods,
                     .has_key = route.retry.idempotency_key && has_idempotency_key(exchange.head),
                     .key_is_honoured = route.retry.idempotency_key});
  bool has_body = exchange.body.kind != BodyPlan::Kind::none;
  bool may_be_resent = has_body && (exchange.may_run_twice || upstream.may_decline());
  if (may_be_resent && route.retry.attempts > 1) {
    exchange.request_body.keep(route.retry.keep_body.count, kept_bodies_, engine_.buffers());
  } else if (exchange.is_to_be_mirrored) {
    std::uint64_t most = exchange.rules->mirror()->body_max();
    exchange.request_body.keep(most, kept_bodies_, engine_.buffers());
  }
}

/// Who is gone need not wait: others can have the place.
Task<void> Proxy::leave_queue_with_client(Exchange& exchange) {
  bool has_left = co_await exchange.client.await_departure();
  if (!has_left) co_return;
  exchange.place->give_up(Fault::client_gone_while_waiting);
}

/// The upstream has as many requests as it can bear. Returns why this one may not have its turn.
Task<Fault> Proxy::wait_for_place(Exchange& exchange, Upstream& upstream) {
  Instant came = engine_.now();
  AdmissionPlace::Request request{.priority = exchange.route->priority,
                                  .deadline = exchange.deadline};
  Scope watch(engine_.ready());
  // Nobody else reads from the client yet, nor may anybody while its body is still to be read.
  bool is_watched = exchange.body.kind == BodyPlan::Kind::none;
  if (is_watched) watch.start(leave_queue_with_client(exchange));
  Fault refusal = co_await exchange.place->wait(request);
  if (is_watched) exchange.client.stop_awaiting_departure();
  co_await watch.join();
  exchange.record.queued = engine_.now() - came;
  // Cut in the moment between being let in and going in.
  if (exchange.is_cut && refusal == Fault::none) refusal = Fault::gateway_draining;
  exchange.client_failed = refusal == Fault::client_gone_while_waiting;
  if (refusal != Fault::none) exchange.retry_after = upstream.admission().retry_after();
  co_return refusal;
}

/// Tries endpoints until one answers or the policy says stop. An answer that another endpoint may
/// improve on (a 503, say) is kept and given when none does.
Task<void> Proxy::forward(Exchange& exchange, Upstream& upstream) {
  prepare(exchange, upstream);
  Course course(engine_, exchange, upstream);
  std::unique_ptr<Attempt> kept;
  for (AttemptKind kind = AttemptKind::first;; kind = AttemptKind::retry) {
    std::unique_ptr<Attempt> attempt = course.begin(kind);
    if (attempt == nullptr) {
      co_await answer(exchange, course.why_none());
      co_return;
    }
    Patience patience = course.patience_with(*attempt);
    if (patience.answer == Duration::zero()) patience.answer = departure_patience;
    Fault fault = co_await attempt->run(patience);
    if (attempt->is_slow()) fault = co_await contend(course, attempt);
    if (fault == Fault::none) fault = course.fault_of_answer(*attempt);
    bool answered = fault == Fault::none || fault == Fault::upstream_error_status;
    if (answered && !course.is_worth_another(*attempt, fault)) {
      exchange.record.fault = fault;
      Fault broken = co_await attempt->deliver();
      if (broken == Fault::none) co_return;
      if (attempt->continuable()) {
        co_await continue_elsewhere(course, attempt, broken);
        co_return;
      }
      fault = broken;
      answered = false;
    }

    Retry verdict = course.judge(*attempt, fault);
    if (course.may_have_moved(*attempt, verdict)) {
      bool moved = co_await course.has_moved(*attempt);
      if (moved) verdict = course.judge(*attempt, fault);
    }
    if (answered && kept == nullptr) {
      Fault broken = co_await attempt->hold();
      if (broken != Fault::none) {
        fault = broken;
      } else {
        kept = std::move(attempt);
        if (verdict == Retry::yes) {
          co_await kept->keep_apart();
          verdict = course.judge_again();
        }
      }
    }
    if (attempt != nullptr) co_await attempt->end_upload();
    attempt.reset();
    if (verdict == Retry::yes) verdict = co_await course.back_off();
    if (verdict == Retry::yes) continue;
    bool may_give_kept = kept != nullptr && !exchange.committed && !exchange.client_failed;
    if (may_give_kept) {
      exchange.record.fault = Fault::upstream_error_status;
      fault = co_await kept->deliver();
      if (fault == Fault::none) co_return;
    }
    kept.reset();
    co_await answer(exchange, fault);
    co_return;
  }
}

/// `attempt` is slow: it becomes the one that counts of several, whose outcome is returned.
Task<Fault> Proxy::contend(Course& course, std::unique_ptr<Attempt>& attempt) {
  Contest contest(course, std::move(attempt));
  Fault fault = co_await contest.run();
  attempt = contest.take();
  co_return fault;
}

/// A response has broken off after a part of it went to the client. Ends the exchange: with the
/// rest from another endpoint, if one has it and the policy allows, else by an abortion.
Task<void> Proxy::continue_elsewhere(Course& course, std::unique_ptr<Attempt>& attempt,
                                     Fault fault) {
  Exchange& exchange = course.exchange;
  Continuation rest(*attempt->continuable(), engine_.buffers());
  exchange.continuation = &rest;
  Retry verdict = course.judge(*attempt, fault);
  while (verdict == Retry::yes) {
    attempt.reset();
    verdict = co_await course.back_off();
    if (verdict != Retry::yes) break;
    rest.go_on_from(exchange.record.response_body_bytes);
    attempt = course.begin(AttemptKind::retry);
    if (attempt == nullptr) break;
    Fault broken = co_await attempt->run({});
    if (broken == Fault::none && !attempt->continues()) {
      verdict = course.judge_useless(*attempt);
      continue;
    }
    if (broken == Fault::none) broken = co_await attempt->deliver_rest();
    if (broken == Fault::none) {
      exchange.record.fault = Fault::none;
      exchange.continuation = nullptr;
      co_return;
    }
    if (exchange.client_failed) fault = broken;
    verdict = course.judge(*attempt, broken);
  }
  exchange.continuation = nullptr;
  co_await answer(exchange, exchange.is_cut ? Fault::gateway_draining : fault);
}

/// Tells the client of a fault, if there is anybody to tell and nothing was told yet.
Task<void> Proxy::answer(Exchange& exchange, Fault fault, int received_status) {
  exchange.record.fault = fault;
  if (exchange.committed || exchange.client_failed || !gateway_answers(fault)) {
    exchange.client.abort();
    co_return;
  }
  const Field* accept_field = exchange.head.fields.find(FieldName::accept);
  std::string_view accept = accept_field == nullptr ? "" : accept_field->value;
  ExchangeRecord& record = exchange.record;
  bool is_of_attempt = record.attempts_made() > 0 && record.last_attempt().fault == fault;
  int alert = is_of_attempt ? static_cast<int>(record.last_attempt().protocol_code) : 0;
  LocalReply reply =
      make_local_reply({.fault = fault,
                        .request_id = exchange.record.id.view(),
                        .accept = accept,
                        .deployment = exchange.snapshot.name(),
                        .facts = {.received_status = received_status, .alert = alert},
                        .client_is_trusted = exchange.facts.is_trusted_proxy,
                        .retry_after = exchange.retry_after});
  FieldRoom room;
  if (exchange.rules != nullptr) {
    room = room_for_response_rules(exchange);
    use_own_page(exchange, accept, reply);
  }
  FieldList fields(engine_.buffers(), 9 + room.fields, 64 + room.bytes);
  std::span<char> date = fields.room(29);
  write_http_date(engine_.wall_now(), date);
  fields.add(FieldName::date, std::string_view(date.data(), date.size()));
  bool to_grpc = is_grpc(exchange.head);
  if (to_grpc) {
    fields.add(FieldName::content_type, "application/grpc");
    fields.add("grpc-status", text_of(grpc_status_of(fault, reply.status)));
    fields.add("grpc-message", reply.reason);
    reply.status = 200;
    reply.body.clear();
  } else {
    fields.add(FieldName::content_type, reply.content_type);
  }
  fields.add("Cache-Control", local_reply_cache_control);
  if (!reply.proxy_status.empty()) fields.add(FieldName::proxy_status, reply.proxy_status);
  if (!reply.retry_after.empty()) fields.add(FieldName::retry_after, reply.retry_after);
  fields.add(FieldName::x_request_id, exchange.record.id.view());
  if (exchange.rules != nullptr) apply_response_rules(exchange, fields);
  OutgoingResponse response{.status = reply.status,
                            .reason = reply.reason,
                            .fields = fields.all(),
                            .body = {.kind = BodyPlan::Kind::length, .length = reply.body.size()}};
  if (to_grpc) response.body = {};
  exchange.record.status = reply.status;
  exchange.committed = true;
  exchange.record.committed = engine_.now() - exchange.record.started_at;
  Deadline deadline = Deadline::after(engine_.now(), exchange.snapshot.config().timeouts.send);
  BodyPart body{.bytes = reply.body, .last = true};
  Result<void, StreamError> sent = co_await exchange.client.send_head(response, body, deadline);
  if (sent && exchange.head.method != Method::head) {
    exchange.record.response_body_bytes = reply.body.size();
  }
}

void Proxy::begin_record(Exchange& exchange) {
  ExchangeRecord& record = exchange.record;
  const RequestHead& head = exchange.head;
  auto text_of_field = [&head](FieldName id) {
    const Field* field = head.fields.find(id);
    return field != nullptr ? field->value : std::string_view{};
  };
  std::string_view given_id = text_of_field(FieldName::x_request_id);
  bool is_believed = exchange.facts.is_trusted_proxy && RequestId::is_usable(given_id);
  record.id = is_believed ? RequestId::copy_of(given_id)
                          : RequestId::of(engine_.rng().next(), engine_.rng().next());
  record.started = {engine_.wall_now().microseconds -
                    (engine_.now() - record.started_at).count() / 1000};
  record.head_read = engine_.now() - record.started_at;
  record.peer_address = exchange.facts.peer_text;
  ClientAddress client = client_address_of(
      head.fields, {.address = exchange.facts.peer, .text = exchange.facts.peer_text},
      exchange.snapshot.config().trusted_proxies, exchange.facts.is_trusted_proxy);
  exchange.client_address = client.address;
  record.client_address = client.text;
  record.listener = exchange.facts.listener;
  record.scheme = exchange.facts.scheme();
  record.client_connection_id = exchange.facts.connection_id;
  record.method = head.method_text;
  record.host = head.authority;
  record.target = head.target;
  record.version = head.version;
  record.user_agent = text_of_field(FieldName::user_agent);
  record.referer = text_of_field(FieldName::referer);
  if (exchange.snapshot.config().traces.collector) begin_trace(exchange);
}

/// The client's trace goes on with a span of ours, or one begins here.
void Proxy::begin_trace(Exchange& exchange) {
  const Fields& fields = exchange.head.fields;
  const Field* parent = fields.find(FieldName::traceparent);
  std::optional<TraceParent> client;
  if (parent != nullptr) client = parse_trace_parent(parent->value);
  Rng& rng = engine_.rng();
  const std::uint64_t chance[3] = {rng.next(), rng.next(), rng.next()};
  exchange.record.trace = std::make_unique<TraceContext>(TraceContext::of(
      client, exchange.facts.is_trusted_proxy, exchange.snapshot.config().traces.sample, chance));
  const Field* state = fields.find(FieldName::tracestate);
  if (client && state != nullptr) exchange.record.trace->state = state->value;
}

void Proxy::finish_record(Exchange& exchange) {
  ExchangeRecord& record = exchange.record;
  record.total = engine_.now() - record.started_at;
  record.request_body_bytes += exchange.request_body.received();
  record.response_head_bytes = exchange.client.response_head_bytes();
  record.client_connection_kept = exchange.client.keeps_connection() && !exchange.client_failed;
  sink_.finished(record);
}

/// OPTIONS whose last hop is this one (RFC 9110 7.6.2).
Task<void> Proxy::answer_options(Exchange& exchange) {
  FieldList fields(engine_.buffers(), 2, 64);
  fields.add("Allow", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
  OutgoingResponse response{.status = 200,
                            .reason = "OK",
                            .fields = fields.all(),
                            .body = {.kind = BodyPlan::Kind::length, .length = 0}};
  exchange.record.status = 200;
  exchange.committed = true;
  Deadline deadline = Deadline::after(engine_.now(), exchange.snapshot.config().timeouts.send);
  Result<void, StreamError> sent =
      co_await exchange.client.send_head(response, {.bytes = {}, .last = true}, deadline);
  ignore(sent, "a client that left needs no answer");
}

}  // namespace gg
