// SPDX-License-Identifier: Apache-2.0
#include "support/http2_relay.h"

#include <utility>
#include <vector>

#include "http/status.h"

namespace gg {

namespace {

constexpr Duration patience = 1h;

/// Those that belong to one connection, or that the writer of a head adds itself.
bool is_passed_on(const Field& field) {
  return field.id != FieldName::connection && field.id != FieldName::keep_alive &&
         field.id != FieldName::transfer_encoding && field.id != FieldName::content_length &&
         field.id != FieldName::host && field.id != FieldName::upgrade &&
         field.id != FieldName::expect;
}

std::vector<Field> passed_on(const Fields& fields) {
  std::vector<Field> kept;
  for (const Field& field : fields.all()) {
    if (is_passed_on(field)) kept.push_back(field);
  }
  return kept;
}

BodyPlan plan_for(const Framing& framing) {
  if (framing.kind == Framing::Kind::length) {
    return {.kind = BodyPlan::Kind::length, .length = framing.length};
  }
  if (framing.kind == Framing::Kind::none) return {};
  return {.kind = BodyPlan::Kind::unknown, .length = {}};
}

}  // namespace

/// One connection of the gateway's, and the requests on it.
class SimHttp2Relay::Session final : public ListNode, private Http2Requests {
 public:
  Session(SimHttp2Relay& relay, SocketPtr socket)
      : connection(std::make_unique<PlainStream>(std::move(socket)), {}, relay.settings_),
        relay_(relay),
        serving_(relay.engine_.ready()) {}

  Task<void> run() {
    co_await connection.read_all(*this);
    co_await serving_.join();
    co_await connection.close_gracefully();
  }

  Http2ServerConnection connection;

 private:
  void begin(std::unique_ptr<Http2ServerStream> stream) override {
    serving_.start(serve(std::move(stream)));
  }

  Task<void> serve(std::unique_ptr<Http2ServerStream> stream) {
    Result<RequestHead, MessageError> head = stream->take_head();
    if (!head) co_return;
    Connect connect(relay_.engine_, relay_.to_, deadline());
    Result<SocketPtr, IoError> socket = co_await connect;
    if (!socket) co_return;
    Http1ClientConnection origin(std::make_unique<PlainStream>(std::move(*socket)), relay_.limits_);
    std::vector<Field> fields = passed_on(head->fields);
    OutgoingRequest request{.method = head->method,
                            .method_text = head->method_text,
                            .target = head->target,
                            .authority = head->authority,
                            .fields = fields,
                            .body = stream->body_plan(),
                            .expects_continue = head->fields.has(FieldName::expect)};
    Result<void, StreamError> sent = co_await origin.send_head(request, {}, deadline());
    Scope uploading(relay_.engine_.ready());
    bool is_over = false;
    if (sent) uploading.start(upload(*stream, origin, is_over));
    bool is_whole = sent && co_await answer(*stream, origin);
    is_over = true;
    if (!is_whole) stream->abort();
    stream->interrupt_reading();
    stream->stop_awaiting_departure();
    origin.bytes().close(is_whole ? Closing::orderly : Closing::reset);
    co_await uploading.join();
  }

  /// The request's body; then the origin hears of it if the gateway gives up.
  Task<void> upload(Http2ServerStream& from, Http1ClientConnection& to, const bool& is_over) {
    while (!to.request_is_sent()) {
      Result<BodyPart, StreamError> part = co_await from.read_body(deadline());
      if (!part) {
        // Half a request is not to be taken for a whole one.
        bool is_interrupted = part.error().io.kind == IoError::Kind::cancelled;
        if (!is_interrupted) to.abort();
        co_return;
      }
      Result<void, StreamError> sent = co_await to.send_body(*part, deadline());
      if (!sent) co_return;
    }
    if (is_over) co_return;
    bool is_gone = co_await from.await_departure();
    if (is_gone) to.bytes().close(Closing::reset);
  }

  Task<bool> answer(Http2ServerStream& to, Http1ClientConnection& from) {
    for (;;) {
      Result<ResponseHead, StreamError> head = co_await from.read_head(deadline());
      if (!head) co_return false;
      std::vector<Field> fields = passed_on(head->fields);
      OutgoingResponse response{.status = head->status, .fields = fields};
      if (is_interim(head->status)) {
        Result<void, StreamError> told = co_await to.send_interim(response, deadline());
        if (!told) co_return false;
        continue;
      }
      response.body = plan_for(from.response_framing());
      BodyPart first{.last = response.body.kind == BodyPlan::Kind::none};
      Result<void, StreamError> sent = co_await to.send_head(response, first, deadline());
      if (!sent || first.last) co_return sent.has_value();
      break;
    }
    for (;;) {
      Result<BodyPart, StreamError> part = co_await from.read_body(deadline());
      if (!part) co_return false;
      Result<void, StreamError> sent = co_await to.send_body(*part, deadline());
      if (!sent || part->last) co_return sent.has_value();
    }
  }

  Deadline deadline() const { return Deadline::after(relay_.engine_.now(), patience); }

  SimHttp2Relay& relay_;
  Scope serving_;
};

SimHttp2Relay::SimHttp2Relay(SimWorld& world, const Address& at, const Address& to)
    : engine_(world),
      to_(to),
      listener_(std::move(*engine_.adopt_listener(-1, at))),
      scope_(engine_.ready()) {
  settings_.idle = 10min;
  settings_.head = 10s;
  settings_.send = 5min;
  scope_.start(accept_all());
}

SimHttp2Relay::~SimHttp2Relay() = default;

void SimHttp2Relay::say_goodbye() {
  sessions_.for_each([](Session& session) { session.connection.drain(); });
}

void SimHttp2Relay::break_all() {
  sessions_.for_each([](Session& session) { session.connection.end_now(); });
}

void SimHttp2Relay::stop() {
  listener_.reset();
  say_goodbye();
}

Task<void> SimHttp2Relay::accept_all() {
  while (listener_ != nullptr) {
    Accept accept(engine_, *listener_);
    Result<Accepted, IoError> accepted = co_await accept;
    if (accepted) scope_.start(serve(std::move(accepted->socket)));
  }
}

Task<void> SimHttp2Relay::serve(SocketPtr socket) {
  ++seen_;
  auto session = std::make_unique<Session>(*this, std::move(socket));
  sessions_.push_back(*session);
  co_await session->run();
}

}  // namespace gg
