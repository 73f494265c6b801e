// SPDX-License-Identifier: Apache-2.0
#include "proxy/attempt.h"

#include "base/text.h"
#include "fault/catalogue.h"
#include "http/status.h"
#include "proxy/tunnel.h"

namespace gg {

namespace {

/// How long an endpoint that broke off the request may take to have its early answer read.
constexpr Duration early_answer_wait = 1s;

/// What the client may be told of the body's length (RFC 9110 8.6 for HEAD and 304).
BodyPlan plan_for(const Framing& framing, const ResponseHead& head) {
  switch (framing.kind) {
    case Framing::Kind::length:
      return {.kind = BodyPlan::Kind::length, .length = framing.length};
    case Framing::Kind::chunked:
    case Framing::Kind::until_close:
      return {.kind = BodyPlan::Kind::unknown, .length = {}};
    case Framing::Kind::none:
    case Framing::Kind::tunnel:
      break;
  }
  const Field* told = head.fields.find(FieldName::content_length);
  return {.kind = BodyPlan::Kind::none,
          .length = told != nullptr ? parse_number(told->value) : std::nullopt};
}

/// Bytes were there, but not yet enough of them to be a part of the body.
bool is_not_there_yet(const StreamError& error) {
  return error.message == MessageError::none && error.io.kind == IoError::Kind::deadline;
}

/// A request that cannot be sent again must not meet a connection that is about to close.
ConnectionNeed need_of(const Exchange& exchange) {
  bool may_run_twice = is_idempotent(exchange.head.method) || exchange.route->retry.unsafe_methods;
  bool has_no_body = exchange.body.kind == BodyPlan::Kind::none;
  return may_run_twice && has_no_body ? ConnectionNeed::any : ConnectionNeed::proven;
}

FaultWeight weight_of(Fault fault) {
  const FaultRow& row = row_of(fault);
  if (!row.about_endpoint) return FaultWeight::none;
  bool at_the_door = row.stage == Stage::connect || row.stage == Stage::tls;
  return at_the_door ? FaultWeight::unreachable : FaultWeight::one;
}

}  // namespace

Attempt::Attempt(Engine& engine, Exchange& exchange, Upstream& upstream, Endpoint& endpoint)
    : engine_(engine),
      exchange_(exchange),
      upstream_(upstream),
      endpoint_(endpoint),
      record_(exchange.record.add_attempt(engine.buffers())),
      began_(engine.now()),
      uploads_(engine.ready()) {
  record_.endpoint = endpoint.name();
  record_.started = began_ - exchange.record.started_at;
  ++endpoint.requests_in_flight;
  ++endpoint.requests_total;
  endpoint.ejection.observe_use();
}

Attempt::~Attempt() {
  if (exchange_.attempt == this) exchange_.attempt = nullptr;
  --endpoint_.requests_in_flight;
  record_.total = engine_.now() - began_;
  record_.delivery = delivery_;
  // Nothing was learnt: whoever waits for the probe's outcome must not wait for ever.
  if (!learned_) endpoint_.ejection.observe_fault(FaultWeight::none, engine_.now());
  if (connection_ == nullptr) return;
  note_bytes();
  if (connection_->http.is_reusable()) {
    endpoint_.give_back(std::move(connection_));
  } else {
    bool whole = connection_->http.response_is_complete();
    endpoint_.discard(std::move(connection_), whole ? Closing::orderly : Closing::reset);
  }
}

void Attempt::cut() {
  if (connecting_ != nullptr) engine_.cancel(*connecting_);
  if (connection_ != nullptr) stream().abort();
}

// Getting there
// ------------------------------------------------------------------------------------

Task<Fault> Attempt::connect() {
  if (!endpoint_.reserve_connection()) co_return fail(Fault::connection_limit_reached, {});
  Address address = endpoint_.address();
  Connect connecting(engine_, address, within(upstream_.settings().timeouts.connect));
  connecting_ = &connecting;
  Result<SocketPtr, IoError> socket = co_await connecting;
  connecting_ = nullptr;
  record_.connect = engine_.now() - began_;
  if (!socket) {
    endpoint_.release_reservation();
    endpoint_.note_connect_failed();
    co_return fail(StreamError::of(socket.error()), Stage::connect);
  }
  connection_ = endpoint_.adopt(std::move(*socket), address);
  co_return Fault::none;
}

Task<Fault> Attempt::run(bool fresh) {
  exchange_.attempt = this;
  if (!fresh) connection_ = endpoint_.take_idle(need_of(exchange_));
  record_.reused = connection_ != nullptr;
  if (connection_ == nullptr) {
    Fault fault = co_await connect();
    if (fault != Fault::none) co_return fault;
  } else {
    record_.idle_age = began_ - connection_->idle_since;
  }
  record_.connection_id = connection_->id;
  record_.request_number = connection_->requests;
  request_.emplace(exchange_, endpoint_.name(), engine_);

  BodyPart first;
  if (exchange_.body.kind != BodyPlan::Kind::none && exchange_.client.body_is_ready()) {
    exchange_.body_was_touched = true;
    Deadline now = Deadline::at(engine_.now());
    Result<BodyPart, StreamError> part = co_await exchange_.client.read_body(now);
    bool failed = !part && !is_not_there_yet(part.error());
    if (failed) co_return fail_by_client(Stage::request_body, part.error());
    if (part) first = *part;
    exchange_.record.request_body_bytes += first.bytes.size();
  }
  sent_ = engine_.now();
  Result<void, StreamError> sent = co_await stream().send_head(
      request_->outgoing(), first, within(upstream_.settings().timeouts.idle));
  note_bytes();
  record_.send = engine_.now() - sent_;
  if (!sent) {
    upload_error_ = sent.error();
  } else if (!stream().request_is_sent()) {
    start_upload();
  }
  co_return co_await await_head();
}

// The request body
// ---------------------------------------------------------------------------------

void Attempt::start_upload() {
  uploading_ = true;
  exchange_.body_was_touched = true;
  uploads_.start(upload());
}

/// Pumps the request's body. What ends it wakes whoever waits for the response head, so that its
/// deadline can begin or the failure be judged; an answer that is being passed on goes on.
Task<void> Attempt::upload() {
  const Config& config = exchange_.snapshot.config();
  for (;;) {
    Deadline patience =
        Deadline::after(engine_.now(), config.timeouts.body).or_earlier(exchange_.deadline);
    Result<BodyPart, StreamError> part = co_await exchange_.client.read_body(patience);
    if (!part) {
      bool called_off = part.error().message == MessageError::none &&
                        part.error().io.kind == IoError::Kind::cancelled;
      if (!called_off) fail_by_client(Stage::request_body, part.error());
      break;
    }
    exchange_.record.request_body_bytes += part->bytes.size();
    std::uint64_t limit = config.limits.body.count;
    if (limit != 0 && exchange_.record.request_body_bytes > limit) {
      client_fault_ = Fault::request_body_too_large;
      break;
    }
    Result<void, StreamError> sent =
        co_await stream().send_body(*part, within(upstream_.settings().timeouts.idle));
    if (!sent) {
      upload_error_ = sent.error();
      break;
    }
    if (part->last) break;
  }
  record_.send = engine_.now() - sent_;
  sent_ = engine_.now();
  uploading_ = false;
  bool awaits_head = head_.status == 0;
  if (awaits_head) stream().interrupt_reading();
}

Task<void> Attempt::end_upload() {
  if (uploads_.running() == 0) co_return;
  exchange_.client.interrupt_reading();
  if (uploading_) stream().abort();
  co_await uploads_.join();
}

// The response
// -------------------------------------------------------------------------------------

Task<Fault> Attempt::await_head() {
  const UpstreamTimeouts& timeouts = upstream_.settings().timeouts;
  for (;;) {
    if (client_fault_ != Fault::none) {
      // The upload has failed while nobody waited for the head. None will come for half a request.
      co_await end_upload();
      co_return client_fault_;
    }
    Deadline deadline = exchange_.deadline;
    if (upload_error_) {
      deadline = Deadline::after(engine_.now(), early_answer_wait).or_earlier(deadline);
    } else if (!uploading_) {
      deadline = Deadline::after(sent_, timeouts.first_byte).or_earlier(deadline);
    }
    bool was_uploading = uploading_;
    Result<ResponseHead, StreamError> head = co_await stream().read_head(deadline);
    note_bytes();
    if (!head) {
      bool upload_ended = was_uploading && !uploading_ && client_fault_ == Fault::none &&
                          head.error().message == MessageError::none &&
                          head.error().io.kind == IoError::Kind::cancelled;
      if (upload_ended) continue;
      // Taken before the upload is ended, for that makes an error of its own.
      std::optional<StreamError> upload_error = upload_error_;
      bool nothing_came = stream().bytes_read() == 0;
      Stage stage = uploading_ && nothing_came ? Stage::send : Stage::response_head;
      co_await end_upload();
      if (client_fault_ != Fault::none) co_return client_fault_;
      if (upload_error) co_return fail(*upload_error, Stage::send);
      co_return fail(head.error(), stage);
    }

    delivery_ = Delivery::answered;
    if (is_interim(head->status) && head->status != 101) {
      RewrittenResponse interim(exchange_, *head, engine_);
      Duration patience = exchange_.snapshot.config().timeouts.send;
      Result<void, StreamError> sent =
          co_await exchange_.client.send_interim(interim.outgoing({}), within(patience));
      if (!sent) {
        Fault fault = fail_by_client(Stage::response_head, sent.error());
        co_await end_upload();
        co_return fault;
      }
      continue;
    }
    head_ = std::move(*head);
    record_.status = static_cast<std::uint16_t>(head_.status);
    record_.first_byte = engine_.now() - began_;
    endpoint_.note_response(*connection_, head_);
    learn(Fault::none);
    co_return Fault::none;
  }
}

Task<Fault> Attempt::deliver() {
  exchange_.attempt = this;
  RewrittenResponse rewritten(exchange_, head_, engine_);
  OutgoingResponse response = rewritten.outgoing(plan_for(stream().response_framing(), head_));
  exchange_.record.status = static_cast<std::uint16_t>(head_.status);
  Fault fault = co_await relay_response(response);
  co_await end_upload();
  note_bytes();
  co_return fault;
}

Task<Fault> Attempt::relay_response(OutgoingResponse response) {
  ServerStream& client = exchange_.client;
  Duration client_patience = exchange_.snapshot.config().timeouts.send;
  BodyPart part;
  if (stream().body_is_ready()) {
    Result<BodyPart, StreamError> ready = co_await stream().read_body(Deadline::at(engine_.now()));
    bool failed = !ready && !is_not_there_yet(ready.error());
    if (failed) co_return fail(ready.error(), Stage::response_body);
    if (ready) part = *ready;
  }

  exchange_.committed = true;
  exchange_.record.committed = engine_.now() - exchange_.record.started_at;
  exchange_.record.response_body_bytes += part.bytes.size();
  Result<void, StreamError> sent =
      co_await client.send_head(response, part, within(client_patience));
  if (!sent) co_return fail_by_client(Stage::response_body, sent.error());
  if (response.status == 101) co_return co_await relay_tunnel();

  while (!part.last) {
    Result<BodyPart, StreamError> next =
        co_await stream().read_body(within(upstream_.settings().timeouts.idle));
    if (!next) {
      client.abort();
      co_return fail(next.error(), Stage::response_body);
    }
    part = *next;
    exchange_.record.response_body_bytes += part.bytes.size();
    sent = co_await client.send_body(part, within(client_patience));
    if (!sent) co_return fail_by_client(Stage::response_body, sent.error());
  }
  co_return Fault::none;
}

Task<Fault> Attempt::relay_tunnel() {
  exchange_.record.upgraded = true;
  Tunnel tunnel(engine_, exchange_.client, stream(), upstream_.settings().timeouts.tunnel);
  TunnelEnd end = co_await tunnel.run();
  co_return end.clean ? Fault::none : fail(Fault::tunnel_cut, end.error);
}

// What it means
// ------------------------------------------------------------------------------------

bool Attempt::is_exchange_deadline(const StreamError& error) const {
  return error.message == MessageError::none && error.io.kind == IoError::Kind::deadline &&
         exchange_.deadline.has_passed(engine_.now());
}

Fault Attempt::fail(const StreamError& error, Stage stage) {
  AttemptFacts facts{.stage = stage,
                     .connection_was_reused = record_.reused,
                     .exchange_time_is_up = is_exchange_deadline(error),
                     .round_trip = record_.connect};
  if (connection_ != nullptr) {
    facts.response_bytes_read = stream().bytes_read();
    facts.waited = engine_.now() - sent_;
  }
  bool is_message = error.message != MessageError::none;
  return fail(is_message ? classify(facts, error.message) : classify(facts, error.io), error);
}

Fault Attempt::fail(Fault fault, const StreamError& error) {
  note_bytes();
  record_.fault = fault;
  record_.error_number = error.io.number;
  record_.message_error = error.message;
  if (delivery_ != Delivery::answered) delivery_ = delivery_of(fault, record_.bytes_written);
  keep_evidence(error);
  learn(fault);
  return fault;
}

Fault Attempt::fail_by_client(Stage stage, const StreamError& error) {
  bool is_message = error.message != MessageError::none;
  Fault fault = is_message ? classify_request(error.message) : classify_client(stage, error.io);
  if (is_message && row_of(fault).status == 0) {
    fault = classify_client(stage, {.kind = IoError::Kind::reset, .number = 0});
  }
  if (is_exchange_deadline(error)) fault = Fault::exchange_deadline;
  client_fault_ = fault;
  record_.fault = fault;
  exchange_.record.message_error = error.message;
  exchange_.client_failed = !gateway_answers(fault);
  return fault;
}

/// What an endpoint sent instead of a good response, for the operator to look at.
void Attempt::keep_evidence(const StreamError& error) {
  if (error.message == MessageError::none || connection_ == nullptr) return;
  std::string_view bytes = stream().unread();
  if (!bytes.empty()) exchange_.record.keep_first_bytes(bytes, engine_.buffers());
}

void Attempt::note_bytes() {
  if (connection_ == nullptr) return;
  record_.bytes_written = stream().bytes_written();
  record_.bytes_read = stream().bytes_read();
}

/// What the attempt says about its endpoint: once, at the first thing that says something.
void Attempt::learn(Fault fault) {
  Instant now = engine_.now();
  if (record_.reused) endpoint_.note_reuse(*connection_, record_.idle_age, fault);
  if (fault != Fault::none) {
    ++endpoint_.faults_total;
    endpoint_.ejection.observe_fault(weight_of(fault), now);
    bool made_wait = row_of(fault).about_endpoint;
    if (made_wait) endpoint_.response_time.observe(now - began_, now);
  } else {
    endpoint_.ejection.observe_success();
    endpoint_.response_time.observe(record_.first_byte, now);
  }
  learned_ = true;
}

}  // namespace gg
