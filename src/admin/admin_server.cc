// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_server.h"

#include <array>

#include "base/text.h"

namespace gg {

namespace {

constexpr Duration pause_after_failure = 100ms;
constexpr Duration send_patience = 10s;
constexpr Duration body_patience = 10s;
constexpr std::size_t body_most = std::size_t{64} << 10;
/// Between two reports in a stream of events.
constexpr Duration status_interval = 1s;

/// Nothing but the dashboard's own files, and nothing inline; in nobody's frame.
constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr Field common_fields[] = {
    {.name = "Cache-Control", .value = "no-store"},
    {.name = "X-Content-Type-Options", .value = "nosniff"},
    {.name = "Content-Security-Policy", .value = content_security_policy},
    {.name = "Cross-Origin-Resource-Policy", .value = "same-origin"},
    {.name = "Cross-Origin-Opener-Policy", .value = "same-origin"},
    {.name = "Referrer-Policy", .value = "no-referrer"},
};

std::string_view value_of(const RequestHead& head, FieldName id) {
  const Field* field = head.fields.find(id);
  return field == nullptr ? "" : field->value;
}

/// What a stream goes on after: what a browser tells when it comes back.
std::uint64_t last_seen_by(const RequestHead& head) {
  const Field* field = head.fields.find("Last-Event-ID");
  return field == nullptr ? 0 : parse_number(field->value).value_or(0);
}

}  // namespace

AdminServer::AdminServer(Engine& engine, AdminSource& source, AdminAccess access)
    : engine_(engine), source_(source), access_(std::move(access)), tasks_(engine.ready()) {
  settings_.idle = 75s;
  settings_.head = 10s;
}

Result<void, IoError> AdminServer::listen(int descriptor) {
  Result<SocketPtr, IoError> socket = engine_.adopt_listener(descriptor, {});
  if (!socket) return Failure(socket.error());
  listener_ = std::move(*socket);
  tasks_.start(accept_loop());
  return {};
}

void AdminServer::drain() {
  stopping_ = true;
  listener_.reset();
  sessions_.for_each([](Session& session) {
    session.connection.close_after_response();
    if (session.was_answered) session.connection.interrupt_idling();
  });
  source_.events().ring();
}

void AdminServer::stop() {
  drain();
  sessions_.for_each([](Session& session) { session.connection.end_now(); });
}

Task<void> AdminServer::accept_loop() {
  while (!stopping_) {
    Accept accept(engine_, *listener_);
    Result<Accepted, IoError> accepted = co_await accept;
    if (!accepted) {
      if (accepted.error().kind == IoError::Kind::cancelled) co_return;
      Sleep pause(engine_, engine_.now() + pause_after_failure);
      co_await pause;
      continue;
    }
    if (tasks_.running() <= connections_max) tasks_.start(serve(std::move(*accepted)));
  }
}

Task<void> AdminServer::serve(Accepted accepted) {
  Session session(std::move(accepted.socket), settings_);
  if (!access_.is_private) session.client = to_text(accepted.peer);
  sessions_.push_back(session);
  do {
    Result<RequestHead, StreamError> head = co_await session.connection.read_head();
    if (!head) co_return;
    if (stopping_) session.connection.close_after_response();
    co_await answer(session, *head);
    session.was_answered = true;
  } while (session.connection.may_serve_again());
  co_await session.connection.close_gracefully();
}

Task<void> AdminServer::answer(Session& session, const RequestHead& head) {
  PageChoice choice = choose_page(head.method, head.path);
  PageKind kind = choice.row != nullptr ? choice.row->kind : PageKind::open;
  AdminRefusal refusal = check_access(head, kind, access_);
  if (refusal.status != 0) {
    co_await send(session.connection, error_page(refusal.status, refusal.reason));
    co_return;
  }
  bool is_stream = choice.row != nullptr && choice.row->work == PageRow::Work::stream &&
                   head.method == Method::get;
  if (is_stream && streams_ < streams_max) {
    ++streams_;
    co_await stream(session.connection, last_seen_by(head));
    --streams_;
    co_return;
  }
  Page page = co_await page_for(choice, head, session);
  co_await send(session.connection, page);
}

Task<Page> AdminServer::page_for(const PageChoice& choice, const RequestHead& head,
                                 Session& session) {
  if (choice.row == nullptr) {
    co_return choice.knows_path ? error_page(405, "that page knows no such method")
                                : error_page(404, "no such page; see /");
  }
  Result<std::string, int> body = co_await read_body(session.connection);
  if (!body) co_return error_page(body.error(), "that is no order that could be read");
  switch (choice.row->work) {
    case PageRow::Work::stream:
      co_return error_page(503, "too many watch already");
    case PageRow::Work::status: {
      StatusReport report = co_await source_.status();
      co_return choice.row->tell(report);
    }
    case PageRow::Work::record: {
      std::optional<std::string> json = co_await source_.record(choice.rest);
      co_return record_page(std::move(json));
    }
    case PageRow::Work::make:
      break;
  }
  co_return choice.row->make(source_, {.rest = choice.rest,
                                       .accept = value_of(head, FieldName::accept),
                                       .body = *body,
                                       .client = session.client});
}

/// Fails with the status that says why.
Task<Result<std::string, int>> AdminServer::read_body(Http1ServerConnection& connection) {
  std::string body;
  Deadline deadline = Deadline::after(engine_.now(), body_patience);
  while (!connection.request_body_is_complete()) {
    Result<BodyPart, StreamError> part = co_await connection.read_body(deadline);
    if (!part) co_return Failure(400);
    body += part->bytes;
    if (body.size() > body_most) co_return Failure(413);
    if (part->last) break;
  }
  co_return body;
}

Task<void> AdminServer::send(Http1ServerConnection& connection, const Page& page) {
  std::array<Field, 2> own = {{
      {.name = "Content-Type", .value = page.content_type, .id = FieldName::content_type},
      {.name = "WWW-Authenticate", .value = "Bearer realm=\"goodgate\""},
  }};
  std::size_t own_count = page.status == 401 ? 2 : 1;
  OutgoingResponse response{.status = page.status,
                            .reason = page.status == 200 ? "OK" : "",
                            .fields = std::span(own).first(own_count),
                            .more_fields = common_fields,
                            .body = {.kind = BodyPlan::Kind::length, .length = page.body.size()}};
  BodyPart body{.bytes = page.body, .last = true};
  Result<void, StreamError> sent =
      co_await connection.send_head(response, body, Deadline::after(engine_.now(), send_patience));
  ignore(sent, "an operator who left needs no page");
}

/// What has happened since `last_seen`, what happens from now on, and a report each second, until
/// the reader leaves or the server drains.
Task<void> AdminServer::stream(Http1ServerConnection& connection, std::uint64_t last_seen) {
  constexpr Field type[] = {
      {.name = "Content-Type", .value = "text/event-stream", .id = FieldName::content_type}};
  OutgoingResponse response{.status = 200,
                            .reason = "OK",
                            .fields = type,
                            .more_fields = common_fields,
                            .body = {.kind = BodyPlan::Kind::unknown, .length = {}}};
  // Whoever loses the stream comes back after a second.
  Result<void, StreamError> sent = co_await connection.send_head(
      response, {.bytes = "retry: 1000\n\n"}, Deadline::after(engine_.now(), send_patience));
  Instant next_report = engine_.now();
  while (sent && !stopping_) {
    std::string text = source_.events().stream_after(last_seen);
    if (engine_.now() >= next_report) {
      StatusReport report = co_await source_.status();
      text += stream_message("status", to_json_line(report));
      next_report = engine_.now() + status_interval;
    }
    if (!text.empty()) {
      sent = co_await connection.send_body({.bytes = text},
                                           Deadline::after(engine_.now(), send_patience));
    }
    if (!sent || stopping_) break;
    if (source_.events().has_after(last_seen)) continue;
    Sleep pause(engine_, next_report);
    EventWait wait(pause);
    source_.events().wait(wait);
    co_await pause;
  }
  if (!sent) co_return;
  sent =
      co_await connection.send_body({.last = true}, Deadline::after(engine_.now(), send_patience));
  ignore(sent, "the end of a stream that has no end");
}

}  // namespace gg
