// SPDX-License-Identifier: Apache-2.0
// Copies of requests; MirroredRequest and a part of Proxy.
#include "proxy/mirroring.h"

#include <utility>

#include "http/connection_options.h"

namespace gg {
namespace {

/// However slowly an answer comes that nobody wants.
constexpr Duration mirror_time_most = 60s;

constexpr auto left_out = static_cast<std::size_t>(MirrorOutcome::left_out);

std::size_t size_of(const Exchange& original) {
  const RequestHead& head = original.head;
  std::size_t size = original.facts.peer_text.size() + original.record.client_address.size() +
                     head.method_text.size() + head.target.size() + head.authority.size() +
                     head.path.size() + head.query.size();
  for (const Field& field : head.fields.all()) size += field.name.size() + field.value.size();
  return size;
}

}  // namespace

MirroredRequest::MirroredRequest(Engine& engine, const Exchange& original, std::string body)
    : body_(std::move(body)),
      facts_(original.facts),
      client_(engine, body_, 0, nullptr),
      exchange_(original.snapshot, client_, facts_) {
  text_.reserve(size_of(original));  // so that it stays where it is
  facts_.peer_text = kept(original.facts.peer_text);
  facts_.identity = nullptr;  // is the connection's
  copy_head(original.head);
  if (!body_.empty()) {
    exchange_.body = {.kind = BodyPlan::Kind::length, .length = body_.size()};
  }
  exchange_.route = original.route;
  exchange_.rules = original.rules;
  if (original.rule_work != nullptr) {
    exchange_.rule_work = std::make_unique<RuleWork>(*original.rule_work);
  }
  exchange_.client_address = original.client_address;
  exchange_.record.client_address = kept(original.record.client_address);
  exchange_.record.id = original.record.id;
  exchange_.record.started_at = engine.now();
  exchange_.deadline = Deadline::after(engine.now(), mirror_time_most);
  exchange_.is_aside = true;
}

std::string_view MirroredRequest::kept(std::string_view text) {
  std::size_t at = text_.size();
  text_ += text;
  return std::string_view(text_).substr(at);
}

void MirroredRequest::copy_head(const RequestHead& head) {
  RequestHead& copy = exchange_.head;
  copy.method = head.method;
  copy.version = head.version;
  copy.form = head.form;
  copy.method_text = kept(head.method_text);
  copy.target = kept(head.target);
  copy.authority = kept(head.authority);
  copy.path = kept(head.path);
  copy.query = kept(head.query);
  copy.has_query = head.has_query;
  for (const Field& field : head.fields.all()) {
    if (field.id == FieldName::expect) continue;  // the body is here
    std::string_view name = kept(field.name);
    fields_.push_back({.name = name, .value = kept(field.value), .id = field.id});
  }
  copy.fields.adopt(Chunk(), fields_);
}

/// Before the request is forwarded. One with a body is copied when that has come.
void Proxy::consider_mirroring(Exchange& exchange) {
  const RouteRules& rules = *exchange.rules;
  if (rules.mirror() == nullptr || !may_mirror_) return;
  bool is_upgrade = !wanted_upgrade(exchange.head).empty();
  std::uint64_t length = exchange.body.length.value_or(0);
  bool is_wanted =
      !is_upgrade && rules.mirror()->wants(exchange.head.method, length, engine_.rng().next());
  if (!is_wanted) return;
  if (exchange.body.kind == BodyPlan::Kind::none) {
    start_mirror(exchange, {});
  } else {
    exchange.is_to_be_mirrored = true;
  }
}

void Proxy::mirror_with_body(Exchange& exchange) {
  bool is_here = exchange.request_body.is_whole() &&
                 exchange.request_body.received() <= exchange.rules->mirror()->body_max();
  if (!is_here) {
    counters_.mirrors[left_out].add();
    return;
  }
  start_mirror(exchange, exchange.request_body.copy());
}

void Proxy::start_mirror(const Exchange& original, std::string body) {
  Mirror& rule = *original.rules->mirror();
  if (!may_mirror_ || !rule.enter()) {
    counters_.mirrors[left_out].add();
    return;
  }
  std::size_t place = original.snapshot.mirror_upstream_of(*original.route);
  mirroring_.start(run_mirror(std::make_unique<MirroredRequest>(engine_, original, std::move(body)),
                              upstreams_.at(place), rule));
}

Task<void> Proxy::run_mirror(std::unique_ptr<MirroredRequest> copy, Upstream& upstream,
                             Mirror& rule) {
  mirrored_.push_back(*copy);
  co_await engine_.ready().next_turn();  // after the request itself
  if (may_mirror_) co_await forward_aside(copy->exchange(), upstream);
  Fault fault = copy->exchange().record.fault;
  bool is_answered = (fault == Fault::none || fault == Fault::upstream_error_status) &&
                     copy->exchange().record.attempts_made() > 0 && copy->is_answered();
  auto outcome = is_answered ? MirrorOutcome::answered : MirrorOutcome::failed;
  counters_.mirrors[static_cast<std::size_t>(outcome)].add();
  rule.leave();
}

void Proxy::end_mirrors() {
  may_mirror_ = false;
  mirrored_.for_each([](MirroredRequest& copy) { copy.exchange().abandon(); });
}

}  // namespace gg
