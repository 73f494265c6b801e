// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_server.h"

#include "report/metrics.h"

namespace gg {

namespace {

constexpr Duration pause_after_failure = 100ms;
constexpr Duration send_patience = 10s;

constexpr std::string_view index_text =
    "goodgate admin\n"
    "\n"
    "/api/v1/status       how the gateway is, as JSON (goodgate status shows it as a table)\n"
    "/api/v1/incidents    what failed and why, as JSON (goodgate incidents shows it)\n"
    "/api/v1/incidents/ID one of them, with all that is known of it\n"
    "/api/v1/records/ID   one request's life, as JSON (goodgate explain ID tells it)\n"
    "/metrics             Prometheus metrics\n"
    "/ready               200 while the gateway accepts requests, 503 while it drains\n";

constexpr std::string_view records_path = "/api/v1/records/";
constexpr std::string_view incidents_path = "/api/v1/incidents";
constexpr std::string_view incident_path = "/api/v1/incidents/";

}  // namespace

AdminServer::AdminServer(Engine& engine, AdminSource& source)
    : engine_(engine), source_(source), tasks_(engine.ready()) {
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
    if (tasks_.running() <= connections_max) tasks_.start(serve(std::move(accepted->socket)));
  }
}

Task<void> AdminServer::serve(SocketPtr socket) {
  Session session(std::move(socket), settings_);
  sessions_.push_back(session);
  do {
    Result<RequestHead, StreamError> head = co_await session.connection.read_head();
    if (!head) co_return;
    if (stopping_) session.connection.close_after_response();
    co_await answer(session.connection, *head);
    session.was_answered = true;
  } while (session.connection.may_serve_again());
  co_await session.connection.close_gracefully();
}

Task<void> AdminServer::answer(Http1ServerConnection& connection, const RequestHead& head) {
  Page page = co_await page_for(head);
  const Field fields[] = {
      {.name = "Content-Type", .value = page.content_type, .id = FieldName::content_type},
      {.name = "Cache-Control", .value = "no-store"},
      {.name = "X-Content-Type-Options", .value = "nosniff"},
  };
  OutgoingResponse response{.status = page.status,
                            .reason = page.status == 200 ? "OK" : "",
                            .fields = fields,
                            .body = {.kind = BodyPlan::Kind::length, .length = page.body.size()}};
  BodyPart body{.bytes = page.body, .last = true};
  Result<void, StreamError> sent =
      co_await connection.send_head(response, body, Deadline::after(engine_.now(), send_patience));
  ignore(sent, "an operator who left needs no page");
}

Task<AdminServer::Page> AdminServer::page_for(const RequestHead& head) {
  constexpr std::string_view text = "text/plain; charset=utf-8";
  if (head.method != Method::get && head.method != Method::head)
    co_return Page{.status = 405, .content_type = text, .body = "only GET and HEAD\n"};
  if (head.path == "/api/v1/status") {
    StatusReport report = co_await source_.status();
    co_return Page{.content_type = "application/json", .body = to_json(report)};
  }
  if (head.path.starts_with(records_path))
    co_return page_of(source_.record(head.path.substr(records_path.size())),
                      "no record of such a request is kept");
  if (head.path == incidents_path)
    co_return Page{.content_type = "application/json", .body = source_.incidents()};
  if (head.path.starts_with(incident_path))
    co_return page_of(source_.incident(head.path.substr(incident_path.size())),
                      "there is no such incident");
  if (head.path == "/metrics")
    co_return Page{.content_type = metrics_content_type, .body = source_.metrics()};
  if (head.path == "/ready") {
    bool ready = source_.is_ready();
    co_return Page{.status = ready ? 200 : 503,
                   .content_type = text,
                   .body = ready ? "ready\n" : "draining\n"};
  }
  if (head.path == "/") co_return Page{.content_type = text, .body = std::string(index_text)};
  co_return Page{.status = 404, .content_type = text, .body = "no such page; see /\n"};
}

AdminServer::Page AdminServer::page_of(std::optional<std::string> json,
                                       std::string_view if_missing) {
  constexpr std::string_view type = "application/json";
  if (json) return {.content_type = type, .body = std::move(*json)};
  return {.status = 404,
          .content_type = type,
          .body = "{\"error\": \"" + std::string(if_missing) + "\"}\n"};
}

}  // namespace gg
