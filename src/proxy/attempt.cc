// SPDX-License-Identifier: Apache-2.0
#include "proxy/attempt.h"

#include <algorithm>

#include "base/text.h"
#include "http/connection_options.h"
#include "http/status.h"
#include "proxy/contest.h"
#include "proxy/tunnel.h"
#include "upstream/health/rest.h"

namespace gg {

namespace {

/// How long an endpoint that broke off the request may take to have its early answer read.
constexpr Duration early_answer_wait = 1s;
/// Of a client within its request's body; in a longer one the endpoint has nothing to do.
constexpr Duration longest_pause = 5ms;

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

bool is_deadline(const StreamError& error) {
  return error.message == MessageError::none && error.io.kind == IoError::Kind::deadline;
}
bool is_cancelled(const StreamError& error) {
  return error.message == MessageError::none && error.io.kind == IoError::Kind::cancelled;
}

}  // namespace

Attempt::Attempt(Engine& engine, Exchange& exchange, Upstream& upstream, Endpoint& endpoint,
                 AttemptKind kind)
    : engine_(engine),
      exchange_(exchange),
      upstream_(upstream),
      endpoint_(endpoint),
      record_(exchange.record.add_attempt(engine.buffers())),
      kind_(kind),
      awaited_(endpoint, upstream.admission()),
      began_(engine.now()),
      health_(endpoint.health, began_),
      relay_(engine, exchange, upstream.settings().timeouts.idle),
      uploads_(engine.ready()) {
  exchange.attempts.push_back(*this);
  record_.endpoint = endpoint.name();
  record_.started = began_ - exchange.record.started_at;
  record_.hedge = kind == AttemptKind::hedge || kind == AttemptKind::rival;
  ++endpoint.requests_in_flight;
  ++endpoint.requests_total;
}

Attempt::~Attempt() {
  --endpoint_.requests_in_flight;
  bool has_answered = head_.status != 0 && !learned_ && !has_lost();
  if (has_answered) learn(Fault::none);
  record_.total = engine_.now() - began_;
  record_.delivery = delivery_;
  health_.ended(engine_.now());
  if (opening_ != nullptr) endpoint_.abandon(*opening_);
  return_connection();
}

void Attempt::return_connection() {
  if (connection_ == nullptr) return;
  note_bytes();
  endpoint_.take_back(std::move(connection_), has_sent());
}

void Attempt::cut() {
  if (opening_ != nullptr && opening_->waiter != nullptr) {
    was_cut_ = true;
    engine_.cancel(*opening_->waiter);
  }
  if (connection_ != nullptr) stream().abort();
}

void Attempt::lose() {
  if (record_.lost) return;
  health_.lost();
  if (!learned_) endpoint_.response_time.observe(engine_.now() - began_, engine_.now());
  give_up();
}

void Attempt::give_up() {
  record_.lost = true;
  cut();
}

// Getting there
// ------------------------------------------------------------------------------------

Task<Fault> Attempt::run(Patience patience) {
  is_slow_ = false;
  if (connection_ == nullptr) {
    if (opening_ == nullptr) connection_ = take_idle();
    if (connection_ != nullptr) {
      record_.reused = true;
      // One that others use may have been heard since.
      record_.idle_age = std::max(began_ - connection_->idle_since, Duration::zero());
    } else {
      Fault fault = co_await connect(patience.open);
      if (fault != Fault::none || is_slow_ || has_lost()) co_return fault;
    }
    record_.connection_id = connection_->id;
    record_.request_number = connection_->requests;
  }
  if (!has_sent_) {
    if (exchange_.contest != nullptr && !exchange_.contest->may_send(*this)) {
      record_.lost = true;
      co_return Fault::none;
    }
    if (connection_->is_shared && asks_in_vain()) co_return fail(Fault::upgrade_refused, {});
    Fault fault = co_await send();
    if (fault != Fault::none) co_return fault;
  }
  co_return co_await await_head(patience.answer);
}

Task<Fault> Attempt::send() {
  has_sent_ = true;
  RewrittenRequest request(exchange_, endpoint_.name(), engine_, record_.number);
  BodyPart first;
  RequestBody& body = exchange_.request_body;
  if (exchange_.body.kind != BodyPlan::Kind::none && body.is_ready(body_)) {
    Result<BodyPart, StreamError> part = co_await body.read(body_, Deadline::at(engine_.now()));
    bool failed = !part && !is_deadline(part.error());
    if (failed) co_return fail_by_client(Stage::request_body, part.error());
    if (part) first = *part;
    if (is_too_long(body)) co_return Fault::request_body_too_large;
  }
  sent_ = engine_.now();
  Result<void, StreamError> sent = co_await stream().send_head(
      request.outgoing(), first, between_bytes(upstream_.settings().timeouts.idle));
  // A large block, and hot in the cache: the next connection's.
  body.release(body_);
  note_bytes();
  record_.send = engine_.now() - sent_;
  if (!sent) {
    upload_error_ = sent.error();
  } else if (!stream().request_is_sent()) {
    start_upload();
  } else {
    sent_ = engine_.now();  // a body that was all there may still have taken its time
  }
  co_return Fault::none;
}

// The request body
// ---------------------------------------------------------------------------------

void Attempt::start_upload() {
  uploading_ = true;
  uploads_.start(upload());
}

bool Attempt::is_too_long(const RequestBody& body) const {
  std::uint64_t limit = exchange_.body_limit();
  return limit != 0 && body.received() > limit;
}

/// Pumps the request's body. What ends it wakes whoever waits for the response head, so that its
/// deadline can begin or the failure be judged; an answer that is being passed on goes on.
Task<void> Attempt::upload() {
  const Config& config = exchange_.snapshot.config();
  RequestBody& body = exchange_.request_body;
  for (;;) {
    Deadline patience =
        Deadline::after(engine_.now(), config.timeouts.body).or_earlier(exchange_.deadline);
    awaits_client_ = true;
    Result<BodyPart, StreamError> part =
        co_await body.read(body_, patience.or_earlier(within(longest_pause)));
    if (!part && is_deadline(part.error()) && !patience.has_passed(engine_.now())) {
      exchange_.place->step_aside();
      awaited_.step_aside();
      part = co_await body.read(body_, patience);
    }
    awaits_client_ = false;
    if (!part) {
      if (!is_cancelled(part.error())) fail_by_client(Stage::request_body, part.error());
      break;
    }
    if (is_too_long(body)) {
      client_fault_ = Fault::request_body_too_large;
      break;
    }
    Result<void, StreamError> sent =
        co_await stream().send_body(*part, between_bytes(upstream_.settings().timeouts.idle));
    bool is_over = !sent || part->last;
    if (!sent) upload_error_ = sent.error();
    if (is_over) break;
  }
  body.release(body_);
  exchange_.place->come_back();
  awaited_.come_back();
  record_.send = engine_.now() - sent_;
  uploading_ = false;
  bool awaits_head = head_.status == 0;
  if (!awaits_head) co_return;
  sent_ = engine_.now();
  stream().interrupt_reading();
}

/// Ends the sending of the request, but not the response that comes already.
Task<void> Attempt::break_off_upload() {
  if (awaits_client_) {
    exchange_.request_body.interrupt();
  } else if (uploading_) {
    stream().interrupt_sending();
  }
  co_await uploads_.join();
}

Task<void> Attempt::end_upload() {
  if (uploads_.running() == 0) co_return;
  exchange_.request_body.interrupt();
  if (uploading_) stream().abort();
  co_await uploads_.join();
}

// The response
// -------------------------------------------------------------------------------------

Deadline Attempt::head_deadline() const {
  if (upload_error_) return within(early_answer_wait);
  if (uploading_) return exchange_.deadline;
  const RetryConfig& policy = exchange_.route->retry;
  Duration first_byte = upstream_.settings().timeouts.first_byte;
  return Deadline::after(sent_, first_byte)
      .or_earlier(Deadline::after(began_, policy.timeout))
      .or_earlier(exchange_.deadline);
}

Task<Fault> Attempt::await_head(Duration patience) {
  for (;;) {
    if (client_fault_ != Fault::none) {
      // The upload has failed while nobody waited for the head. None will come for half a request.
      co_await end_upload();
      co_return client_fault_;
    }
    Deadline deadline = head_deadline();
    Deadline leave =
        uploading_ || upload_error_ ? Deadline::never() : Deadline::after(sent_, patience);
    if (!uploading_) health_.awaits_answer(sent_);
    bool was_uploading = uploading_;
    Result<ResponseHead, StreamError> head =
        co_await stream().read_head(deadline.or_earlier(leave));
    note_bytes();
    if (!head) {
      const StreamError& error = head.error();
      bool upload_ended = was_uploading && !uploading_ && client_fault_ == Fault::none;
      if (upload_ended && is_cancelled(error)) continue;
      if (is_deadline(error) && leave < deadline) {
        is_slow_ = true;
        co_return Fault::none;
      }
      co_return co_await fail_waiting(error);
    }

    delivery_ = Delivery::answered;
    if (!is_interim(head->status) || head->status == 101) co_return take_head(std::move(*head));
    Fault fault = co_await pass_on_interim(*head);
    if (fault != Fault::none) co_return fault;
  }
}

Task<Fault> Attempt::fail_waiting(StreamError error) {
  // Taken before the upload is ended, for that makes an error of its own.
  std::optional<StreamError> upload_error = upload_error_;
  bool nothing_came = stream().bytes_read() == 0;
  Stage stage = uploading_ && nothing_came ? Stage::send : Stage::response_head;
  co_await end_upload();
  if (client_fault_ != Fault::none) co_return client_fault_;
  if (upload_error) co_return fail(*upload_error, Stage::send);
  co_return fail(error, stage);
}

Task<Fault> Attempt::pass_on_interim(const ResponseHead& head) {
  // Of several attempts only one speaks to the client before it has won.
  if (record_.hedge || has_lost() || exchange_.committed) co_return Fault::none;
  RewrittenResponse interim(exchange_, head, engine_);
  Duration patience = exchange_.snapshot.config().timeouts.send;
  Result<void, StreamError> sent =
      co_await exchange_.client.send_interim(interim.outgoing({}), between_bytes(patience));
  if (sent) co_return Fault::none;
  Fault fault = fail_by_client(Stage::response_head, sent.error());
  co_await end_upload();
  co_return fault;
}

Fault Attempt::take_head(ResponseHead head) {
  head_ = std::move(head);
  record_.status = static_cast<std::uint16_t>(head_.status);
  record_.first_byte = engine_.now() - began_;
  endpoint_.note_response(*connection_, head_);
  bool is_measure = !uploading_ && !has_lost();
  if (is_measure) awaited_.came(answer_time(), engine_.lag(), head_.status, engine_.now());
  awaited_.end();
  if (head_.status == 503 || head_.status == 429) heed_apology();
  return opens_no_socket() ? fail(Fault::upgrade_refused, {}) : Fault::none;
}

/// An endpoint with which only HTTP/2 is spoken must have said that it takes WebSockets.
bool Attempt::asks_in_vain() const {
  bool asks = equal_ignoring_case(wanted_upgrade(exchange_.head), "websocket");
  return asks && !connection_->takes_websockets();
}

/// Over HTTP/2 a 2xx opens the WebSocket that the client has asked for (RFC 8441 5), which an
/// endpoint of HTTP/1.1 opens by 101 alone.
bool Attempt::opens_no_socket() const {
  bool is_success = head_.status >= 200 && head_.status < 300;
  const RequestHead& request = exchange_.head;
  return is_success && request.version == HttpVersion::http2 &&
         request.fields.has(FieldName::upgrade);
}

/// "Come back later" (RFC 9110 10.2.3). A 429 may be about this client alone, unless the operator
/// has said that another endpoint may do better.
void Attempt::heed_apology() {
  const Field* field = head_.fields.find(FieldName::retry_after);
  if (field == nullptr) return;
  const std::vector<RetryOn>& on = exchange_.route->retry.on;
  bool is_about_endpoint = head_.status == 503 || std::ranges::any_of(on, [](const RetryOn& one) {
                             return one.kind == RetryOn::Kind::status && one.status == 429;
                           });
  std::optional<Duration> asked = retry_after_of(field->value, engine_.wall_now());
  if (is_about_endpoint && asked) upstream_.let_rest(endpoint_, *asked, engine_.now());
}

Task<Fault> Attempt::hold() {
  is_held_ = true;
  const RetryConfig& policy = exchange_.route->retry;
  bool may_wait = policy.hold_back.count > 0 && may_be_held_back(head_);
  Duration time = may_wait ? policy.hold_back_time : Duration::zero();
  Result<void, StreamError> held;
  // What comes along with an upgrade is the tunnel's to read.
  if (head_.status != 101) {
    held = co_await relay_.hold(stream(), static_cast<std::size_t>(policy.hold_back.count), time);
  }
  if (!held) co_return fail(held.error(), Stage::response_body);
  if (!has_lost()) learn(Fault::none);
  bool is_gateways = head_.status >= 502 && head_.status <= 504;
  if (is_gateways && !has_lost()) [[unlikely]]
    keep_hop();
  co_return Fault::none;
}

Task<void> Attempt::keep_apart() {
  bool is_here = relay_.is_whole() && !relay_.has_trailers();
  if (!is_here) {
    co_await break_off_upload();
    co_return;
  }
  plan_ = plan_for(stream().response_framing(), head_);
  relay_.keep_apart();
  co_await end_upload();
  return_connection();
}

Task<Fault> Attempt::deliver() {
  exchange_.place->answered();
  if (!is_held_) {
    Fault fault = co_await hold();
    if (fault != Fault::none) {
      co_await end_upload();
      co_return fault;
    }
  }
  exchange_.served_by = endpoint_.sticky_mark();
  RewrittenResponse rewritten(exchange_, head_, engine_);
  if (connection_ != nullptr) plan_ = plan_for(stream().response_framing(), head_);
  OutgoingResponse response =
      rewritten.outgoing(exchange_.rules != nullptr ? compress(rewritten) : plan_);
  exchange_.record.status = static_cast<std::uint16_t>(head_.status);
  Relay::End end = co_await relay_.run(connection_ != nullptr ? &stream() : nullptr, response);
  Fault fault = Fault::none;
  if (end.side == Relay::End::Side::client) {
    fault = fail_by_client(Stage::response_body, end.error);
  } else if (end.side == Relay::End::Side::endpoint) {
    fault = fail(end.error, Stage::response_body);
  } else if (response.status == 101) {
    fault = co_await relay_tunnel();
  }
  if (uploads_.running() > 0) co_await end_upload();
  note_bytes();
  co_return fault;
}

/// Compresses the response if a rule says so. Returns what the client is told of its length.
BodyPlan Attempt::compress(RewrittenResponse& rewritten) {
  const CompressionRule* rule = exchange_.rules->compression();
  if (rule == nullptr) return plan_;
  CompressionRule::Decision decision = rule->decide(exchange_.head, head_, plan_);
  std::unique_ptr<Compressor> compressor;
  if (decision.coding) compressor = Compressor::make(*decision.coding);
  if (decision.varies) rewritten.vary_by_coding();
  if (compressor == nullptr) return plan_;
  rewritten.become(*decision.coding);
  relay_.compress(std::move(compressor));
  return {.kind = BodyPlan::Kind::unknown, .length = {}};
}

std::optional<Continuable> Attempt::continuable() const {
  bool has_broken_off = exchange_.committed && record_.fault != Fault::none;
  bool may_be_asked = exchange_.route->retry.continues && has_broken_off &&
                      exchange_.body.kind == BodyPlan::Kind::none && !relay_.compresses();
  if (!may_be_asked) return std::nullopt;
  return gg::continuable(exchange_.head, head_, plan_);
}

bool Attempt::continues() {
  plan_ = plan_for(stream().response_framing(), head_);
  return exchange_.continuation->is_continued_by(head_, plan_);
}

Task<Fault> Attempt::deliver_rest() {
  exchange_.record.continued = true;
  Relay::End end = co_await relay_.go_on(stream());
  if (end.side == Relay::End::Side::client)
    co_return fail_by_client(Stage::response_body, end.error);
  if (end.side == Relay::End::Side::endpoint) co_return fail(end.error, Stage::response_body);
  note_bytes();
  co_return Fault::none;
}

Task<Fault> Attempt::relay_tunnel() {
  exchange_.record.upgraded = true;
  const UpstreamTimeouts& timeouts = upstream_.settings().timeouts;
  const Field* spoken = head_.fields.find(FieldName::upgrade);
  bool is_websocket = spoken != nullptr && equal_ignoring_case(spoken->value, "websocket");
  Tunnel tunnel(engine_, exchange_.client, stream(),
                {.idle = timeouts.tunnel, .life = timeouts.tunnel_life},
                is_websocket ? Tunnel::Speech::websocket : Tunnel::Speech::anything);
  exchange_.tunnel = &tunnel;
  TunnelEnd end = co_await tunnel.run();
  exchange_.tunnel = nullptr;
  exchange_.record.request_body_bytes += end.from_client;
  exchange_.record.response_body_bytes += end.from_endpoint;
  co_return end.clean ? Fault::none : fail(Fault::tunnel_cut, end.error);
}

}  // namespace gg
