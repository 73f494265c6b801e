// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/origin.h"

#include <sys/socket.h>

#include <cerrno>

#include "cli/demo/content.h"
#include "engine/epoll/sockaddr.h"

namespace gg {

namespace {

constexpr int backlog = 256;
constexpr Duration patience = 5s;
constexpr Duration lateness = 400ms;
/// What a usual application takes for an answer. Requests are thus under way at any moment, a crash
/// among them.
constexpr Duration work_least = 5ms;
constexpr Duration work_spread = 20ms;

/// A socket bound to `address`; SO_REUSEADDR lets a listening one share the port with a bound one.
Result<Descriptor, int> bind_to(const Address& address) {
  Descriptor bound(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!bound.is_open()) return Failure(errno);
  int on = 1;
  setsockopt(bound.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  SystemAddress system = to_system(address);
  if (bind(bound.number(), system.get(), system.size) != 0) return Failure(errno);
  return bound;
}

}  // namespace

Result<std::unique_ptr<DemoOrigin>, int> DemoOrigin::make(Engine& engine, std::size_t number) {
  Result<Descriptor, int> port = bind_to(Address::v4({127, 0, 0, 1}, 0));
  if (!port) return Failure(port.error());
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(port->number(), reinterpret_cast<sockaddr*>(&storage), &size);
  return std::unique_ptr<DemoOrigin>(
      new DemoOrigin(engine, number, std::move(*port), from_system(storage)));
}

DemoOrigin::DemoOrigin(Engine& engine, std::size_t number, Descriptor port, const Address& address)
    : engine_(engine),
      number_(number),
      port_(std::move(port)),
      address_(address),
      tasks_(engine.ready()) {}

void DemoOrigin::behave(Misbehaviour misbehaviour) {
  if (misbehaviour != misbehaviour_) requests_of_misbehaviour_ = 0;
  misbehaviour_ = misbehaviour;
  if (misbehaviour == Misbehaviour::crash) {
    crash();
  } else {
    open();
  }
}

void DemoOrigin::open() {
  if (listener_ != nullptr) return;
  Result<Descriptor, int> bound = bind_to(address_);
  if (!bound || listen(bound->number(), backlog) != 0) return;
  Result<SocketPtr, IoError> listener = engine_.adopt_listener(bound->number(), address_);
  if (!listener) return;
  listener_ = std::move(*listener);
  tasks_.start(accept_all());
}

void DemoOrigin::crash() {
  listener_.reset();
  connections_.for_each([](Connection& connection) {
    if (connection.http.bytes().is_open()) connection.http.bytes().close(Closing::reset);
  });
}

void DemoOrigin::stop() { crash(); }

Task<void> DemoOrigin::accept_all() {
  while (listener_ != nullptr) {
    Accept accept(engine_, *listener_);
    Result<Accepted, IoError> accepted = co_await accept;
    if (accepted) {
      tasks_.start(serve(std::move(accepted->socket)));
    } else {
      // Closed by a crash, or out of descriptors: then behave() opens it again.
      if (accepted.error().kind != IoError::Kind::cancelled) listener_.reset();
      co_return;
    }
  }
}

Task<void> DemoOrigin::serve(SocketPtr socket) {
  Connection connection(std::move(socket), settings_);
  connections_.push_back(connection);
  do {
    Result<RequestHead, StreamError> head = co_await connection.http.read_head();
    if (!head) break;
    co_await answer(connection, std::move(*head));
  } while (connection.http.may_serve_again());
  co_await connection.http.close_gracefully();
}

Task<void> DemoOrigin::answer(Connection& connection, RequestHead head) {
  RequestCount count{.on_connection = ++connection.requests,
                     .of_misbehaviour = ++requests_of_misbehaviour_};
  OriginAct wanted = act_for(misbehaviour_, count);
  // Whatever a person uploads is read and dropped.
  while (!connection.http.request_body_is_complete()) {
    Deadline deadline = Deadline::after(engine_.now(), patience);
    Result<BodyPart, StreamError> part = co_await connection.http.read_body(deadline);
    if (!part) co_return connection.http.abort();
  }
  co_await act(connection, head, wanted);
}

Task<void> DemoOrigin::act(Connection& connection, const RequestHead& head, OriginAct act) {
  ByteStream& bytes = connection.http.bytes();
  switch (act) {
    case OriginAct::answer:
    case OriginAct::answer_and_close:
    case OriginAct::answer_late: {
      if (act == OriginAct::answer_and_close) connection.http.close_after_response();
      std::uint64_t more = engine_.rng().below(static_cast<std::uint64_t>(work_spread.count()));
      Duration work = act == OriginAct::answer_late ? lateness : work_least + Duration(more);
      Sleep working(engine_, engine_.now() + work);
      co_await working;
      co_await send(connection, head, 200);
      break;
    }
    case OriginAct::unavailable: {
      co_await send(connection, head, 503);
      break;
    }
    case OriginAct::close:
      bytes.close(Closing::orderly);
      break;
    case OriginAct::reset:
      bytes.close(Closing::reset);
      break;
    case OriginAct::garbage: {
      std::string_view noise = demo_garbage(requests_of_misbehaviour_ / 2);
      Send sending = bytes.send(noise, Deadline::after(engine_.now(), patience));
      Result<void, IoError> sent = co_await sending;
      ignore(sent, "whoever left does not need it");
      bytes.close(Closing::orderly);
      break;
    }
  }
}

/// Head and body leave in one call, so that a crash never falls into the middle of a response.
Task<void> DemoOrigin::send(Connection& connection, const RequestHead& head, int status) {
  std::optional<DemoPayload> payload = DemoPayload::named_by(head.path);
  std::string body = status != 200 ? std::string("out of order for a moment\n")
                     : payload     ? payload->text()
                                   : demo_greeting(number_, head);
  std::string origin = std::to_string(number_);
  Field fields[] = {{.name = "Content-Type", .value = "text/plain; charset=utf-8"},
                    {.name = "X-Demo-Origin", .value = origin}};
  OutgoingResponse response{.status = status,
                            .reason = status == 200 ? "OK" : "Service Unavailable",
                            .fields = fields,
                            .body = {.kind = BodyPlan::Kind::length, .length = body.size()}};
  BodyPart part{.bytes = body, .last = true};
  Deadline deadline = Deadline::after(engine_.now(), patience);
  Result<void, StreamError> sent = co_await connection.http.send_head(response, part, deadline);
  if (!sent) connection.http.abort();
}

}  // namespace gg
