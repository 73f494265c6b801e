// SPDX-License-Identifier: Apache-2.0
#include "diagnose/drill/drill_origin.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "engine/epoll/sockaddr.h"
#include "proxy/rewrite.h"
#include "tls/practice_context.h"

namespace gg {

namespace {

using namespace std::string_view_literals;  // a NUL among the bytes

constexpr int backlog = 256;
constexpr Duration patience = 10s;
constexpr Duration longest_deafness = 1h;
/// Between the last byte and a reset, so that the byte is not lost with the connection.
constexpr Duration before_reset = 50ms;

/// A descriptor bound to `address`, or errno.
Result<int, int> bind_to(const Address& address) {
  int domain = address.family == AddressFamily::v6 ? AF_INET6 : AF_INET;
  int bound = socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bound < 0) return Failure(errno);
  int on = 1;
  setsockopt(bound, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  SystemAddress system = to_system(address);
  if (bind(bound, system.get(), system.size) == 0) return bound;
  int why = errno;
  close(bound);
  return Failure(why);
}

void close_descriptor(int& descriptor) {
  if (descriptor >= 0) close(descriptor);
  descriptor = -1;
}

}  // namespace

/// Lives in the frame that serves it.
struct DrillOrigin::Connection final : ListNode {
  std::uint64_t number = 0;
  std::uint64_t requests = 0;
  const DrillScenario* scenario = nullptr;
  const PracticeContext* tls = nullptr;
  std::unique_ptr<ByteStream> raw;  // until `http` has it
  std::unique_ptr<Http1ServerConnection> http;
  Sleep* sleeping = nullptr;

  ByteStream& bytes() const { return http != nullptr ? http->bytes() : *raw; }
};

Result<std::unique_ptr<DrillOrigin>, int> DrillOrigin::make(Engine& engine, const DrillPlan& plan,
                                                            const Address& address,
                                                            const PracticeContext* tls,
                                                            const PracticeContext* tls_then,
                                                            DrillWatcher& watcher) {
  Result<int, int> port = bind_to(address);
  if (!port) return Failure(port.error());
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(*port, reinterpret_cast<sockaddr*>(&storage), &size);
  std::unique_ptr<DrillOrigin> made(
      new DrillOrigin(engine, plan, *port, from_system(storage), watcher));
  made->tls_ = tls;
  made->tls_then_ = tls_then;
  return made;
}

DrillOrigin::DrillOrigin(Engine& engine, const DrillPlan& plan, int port, const Address& address,
                         DrillWatcher& watcher)
    : engine_(engine),
      plan_(plan),
      port_(port),
      address_(address),
      watcher_(watcher),
      now_(plan.scenario),
      tasks_(engine.ready()) {}

DrillOrigin::~DrillOrigin() {
  close_descriptor(port_);
  close_descriptor(full_queue_);
  for (int& filler : fillers_) close_descriptor(filler);
}

std::string DrillOrigin::url() const {
  return (plan_.scenario->is_https ? "https://" : "http://") + to_text(address_);
}

void DrillOrigin::start() {
  play(*plan_.scenario);
  if (plan_.length > Duration::zero() && plan_.then != nullptr) tasks_.start(follow_plan());
}

void DrillOrigin::stop() {
  stopping_ = true;
  if (schedule_ != nullptr) engine_.cancel(*schedule_);
  close_all();
}

void DrillOrigin::close_all() {
  listener_.reset();
  connections_.for_each([this](Connection& connection) {
    if (connection.sleeping != nullptr) engine_.cancel(*connection.sleeping);
    ByteStream& bytes = connection.bytes();
    if (bytes.is_open()) bytes.close(Closing::reset);
  });
}

/// Opens the port as the scenario needs it.
void DrillOrigin::play(const DrillScenario& scenario) {
  now_ = &scenario;
  close_all();
  close_descriptor(full_queue_);
  for (int& filler : fillers_) close_descriptor(filler);
  if (scenario.act == DrillAct::refuse) return;
  Result<int, int> bound = bind_to(address_);
  bool is_ignoring = scenario.act == DrillAct::ignore;
  if (!bound || listen(*bound, is_ignoring ? 0 : backlog) != 0) {
    watcher_.saw(scenario, 0, "cannot listen on its port");
    return;
  }
  if (is_ignoring) {
    full_queue_ = *bound;
    fill_queue();
    return;
  }
  Result<SocketPtr, IoError> listener = engine_.adopt_listener(*bound, address_);
  close(*bound);
  if (!listener) return;
  listener_ = std::move(*listener);
  tasks_.start(accept_all());
}

/// Linux holds one connection more than the backlog of 0 says, and then drops what comes.
void DrillOrigin::fill_queue() {
  for (int& filler : fillers_) {
    int domain = address_.family == AddressFamily::v6 ? AF_INET6 : AF_INET;
    filler = socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    SystemAddress system = to_system(address_);
    if (filler >= 0) connect(filler, system.get(), system.size);
  }
}

Task<void> DrillOrigin::follow_plan() {
  Sleep until_then(engine_, engine_.now() + plan_.length);
  schedule_ = &until_then;
  bool came = co_await until_then;
  schedule_ = nullptr;
  if (!came || stopping_) co_return;
  tls_ = tls_then_;
  play(*plan_.then);
  watcher_.saw(*now_, 0, fmt::format("from now on it {}", now_->does));
}

Task<void> DrillOrigin::accept_all() {
  while (listener_ != nullptr) {
    Accept accept(engine_, *listener_);
    Result<Accepted, IoError> accepted = co_await accept;
    if (!accepted) co_return;
    tasks_.start(serve(std::move(accepted->socket), accepted->peer));
  }
}

Task<void> DrillOrigin::serve(SocketPtr socket, Address peer) {
  Connection connection;
  connection.number = ++connections_made_;
  connection.scenario = now_;
  connection.tls = now_->tls ? tls_ : nullptr;
  say(connection, fmt::format("connected from {}", to_text(peer)));
  bool is_ready = co_await shake_hands(connection, std::move(socket));
  if (is_ready) co_await converse(connection);
}

/// Sets the connection's stream. True: requests may follow.
Task<bool> DrillOrigin::shake_hands(Connection& connection, SocketPtr socket) {
  if (connection.tls == nullptr) {
    connection.raw = std::make_unique<PlainStream>(std::move(socket));
    connections_.push_back(connection);
    co_return true;
  }
  std::unique_ptr<TlsStream> stream = connection.tls->wrap(std::move(socket));
  TlsStream& tls = *stream;
  connection.raw = std::move(stream);
  connections_.push_back(connection);
  TlsHandshake handshake(tls, Deadline::after(engine_.now(), patience));
  Result<void, TlsError> agreed = co_await handshake;
  if (agreed) {
    say(connection, fmt::format("TLS handshake done ({})", tls.version()));
  } else {
    say(connection, fmt::format("TLS handshake failed: {}", describe(agreed.error())));
  }
  co_return agreed.has_value();
}

Task<void> DrillOrigin::converse(Connection& connection) {
  switch (connection.scenario->act) {
    case DrillAct::talk_first: {
      co_await talk(connection);
      co_return;
    }
    case DrillAct::proxy_header: {
      co_await check_for_proxy_header(connection);
      co_return;
    }
    case DrillAct::talk_http2: {
      co_await talk_http2(connection);
      co_return;
    }
    case DrillAct::leave_in_tls: {
      Receive hello = connection.raw->receive(16 * 1024, Deadline::after(engine_.now(), patience));
      Result<Chunk, IoError> came = co_await hello;
      ignore(came, "it leaves in any case");
      say(connection, "closed within the TLS handshake");
      connection.raw->close(Closing::orderly);
      co_return;
    }
    case DrillAct::silent_in_tls:
      say(connection, "says nothing to the TLS hello");
      co_await hear_until_gone(connection);
      co_return;
    default:
      break;
  }
  connection.http = std::make_unique<Http1ServerConnection>(std::move(connection.raw), settings_);
  while (true) {
    bool has_come = co_await takes_next(connection);
    if (!has_come) break;
    bool goes_on = co_await answer(connection);
    if (!goes_on) co_return;
  }
  co_await connection.http->close_gracefully();
}

/// Waits for the next request. False: there is none to be answered.
Task<bool> DrillOrigin::takes_next(Connection& connection) {
  Http1ServerConnection& http = *connection.http;
  if (connection.requests > 0 && !http.may_serve_again()) co_return false;
  bool closes_idle = connection.scenario->act == DrillAct::close_when_idle;
  if (closes_idle && connection.requests > 0) {
    Duration idle = pause_of(*connection.scenario);
    Watch next = http.bytes().watch(Watch::For::anything, Deadline::after(engine_.now(), idle));
    Result<Watch::Seen, IoError> seen = co_await next;
    if (!seen) {
      say(connection, "closed, as it was idle");
      co_return false;
    }
  }
  bool has_trap = connection.scenario->act == DrillAct::close_on_next && connection.requests > 0;
  if (has_trap) {
    Watch next = http.bytes().watch(Watch::For::anything, Deadline::never());
    Result<Watch::Seen, IoError> seen = co_await next;
    if (seen && *seen == Watch::Seen::bytes) {
      say(connection, "closed as the next request came");
      http.bytes().close(Closing::reset);
      co_return false;
    }
  }
  Result<RequestHead, StreamError> head = co_await http.read_head();
  if (!head) {
    bool left = head.error().message == MessageError::none ||
                head.error().message == MessageError::ended_before_head;
    say(connection,
        left ? "the client left" : fmt::format("no request: {}", text_of(head.error().message)));
    co_return false;
  }
  ++connection.requests;
  ++requests_;
  say(connection, fmt::format("{} {}", head->method_text, head->target));
  bool has_heard = co_await hear_upload(connection);
  co_return has_heard;
}

/// Reads the request's body, or as much of it as the scenario wants. False: it does not come.
Task<bool> DrillOrigin::hear_upload(Connection& connection) {
  Http1ServerConnection& http = *connection.http;
  bool stops = connection.scenario->act == DrillAct::stop_in_upload;
  std::uint64_t heard = 0;
  while (!http.request_body_is_complete()) {
    Result<BodyPart, StreamError> part =
        co_await http.read_body(Deadline::after(engine_.now(), patience));
    if (!part) co_return false;
    heard += part->bytes.size();
    bool is_enough = stops && heard >= connection.scenario->hears;
    if (is_enough) break;
  }
  if (heard > 0) say(connection, fmt::format("heard {} bytes of an upload", heard));
  co_return true;
}

/// True: the connection may serve another request.
Task<bool> DrillOrigin::answer(Connection& connection) {
  const DrillScenario& scenario = *connection.scenario;
  switch (scenario.act) {
    case DrillAct::unavailable: {
      bool is_its_turn = requests_ % scenario.every == 0;
      co_await send(connection, is_its_turn ? 503 : 200);
      co_return true;
    }
    case DrillAct::answer_late: {
      bool came = co_await wait(connection, pause_of(scenario));
      if (!came) co_return false;
      co_await send(connection, 200);
      co_return true;
    }
    case DrillAct::talk: {
      bool came = co_await wait(connection, pause_of(scenario));
      if (came) co_await talk(connection);
      co_return false;
    }
    case DrillAct::stop_in_upload: {
      bool has_none = connection.http->request_body_is_complete();
      if (has_none) {
        co_await send(connection, 200);
      } else {
        co_await talk(connection);
      }
      co_return has_none;
    }
    case DrillAct::dribble: {
      co_await dribble(connection);
      co_return false;
    }
    case DrillAct::answer_and_close:
      connection.http->close_after_response();
      co_await send(connection, 200);
      co_return true;
    default:
      co_await send(connection, 200);
      co_return true;
  }
}

Task<void> DrillOrigin::send(Connection& connection, int status) {
  std::string body = status == 200 ? "well, says the drill\n" : "not now, says the drill\n";
  std::array<char, 29> date{};
  write_http_date(engine_.wall_now(), date);
  Field fields[] = {{.name = "Date", .value = {date.data(), date.size()}},
                    {.name = "Content-Type", .value = "text/plain"}};
  OutgoingResponse response{.status = status,
                            .reason = status == 200 ? "OK" : "Service Unavailable",
                            .fields = fields,
                            .body = {.kind = BodyPlan::Kind::length, .length = body.size()}};
  BodyPart part{.bytes = body, .last = true};
  Result<void, StreamError> sent =
      co_await connection.http->send_head(response, part, Deadline::after(engine_.now(), patience));
  say(connection, sent ? fmt::format("answered {}", status) : "the client left");
  if (!sent) connection.http->abort();
}

/// Says the scenario's words and ends the connection as it says.
Task<void> DrillOrigin::talk(Connection& connection) {
  std::string words = words_of(*connection.scenario);
  if (!words.empty()) {
    Send sending = connection.bytes().send(words, Deadline::after(engine_.now(), patience));
    Result<void, IoError> sent = co_await sending;
    say(connection, sent ? fmt::format("said {} bytes", words.size())
                         : fmt::format("said {} of {} bytes", sending.sent(), words.size()));
  }
  co_await end(connection, connection.scenario->ending);
}

Task<void> DrillOrigin::end(Connection& connection, DrillEnding ending) {
  ByteStream& bytes = connection.bytes();
  switch (ending) {
    case DrillEnding::close:
      say(connection, "closes");
      bytes.end_sending();
      co_await hear_until_gone(connection);
      co_return;
    case DrillEnding::reset:
      say(connection, "resets");
      co_await wait(connection, before_reset);
      if (bytes.is_open()) bytes.close(Closing::reset);
      co_return;
    case DrillEnding::silence:
      say(connection, "says no more");
      co_await hear_until_gone(connection);
      co_return;
    case DrillEnding::deafness:
      say(connection, "reads no more");
      co_await wait(connection, longest_deafness);
      if (bytes.is_open()) bytes.close(Closing::reset);
      co_return;
  }
}

Task<void> DrillOrigin::dribble(Connection& connection) {
  std::string words = words_of(*connection.scenario);
  say(connection, "answers byte by byte");
  for (std::size_t i = 0; i < words.size(); ++i) {
    Send sending = connection.bytes().send(std::string_view(words).substr(i, 1),
                                           Deadline::after(engine_.now(), patience));
    Result<void, IoError> sent = co_await sending;
    bool came = co_await wait(connection, pause_of(*connection.scenario));
    if (!sent || !came) {
      say(connection, fmt::format("the client left after {} bytes", i));
      co_return;
    }
  }
  co_await end(connection, DrillEnding::close);
}

/// Says hello, and its frames to each request.
Task<void> DrillOrigin::talk_http2(Connection& connection) {
  constexpr std::string_view settings = "\0\0\0\4\0\0\0\0\0"sv;
  constexpr std::size_t preface = 24;
  const DrillScenario& scenario = *connection.scenario;
  ByteStream& bytes = connection.bytes();
  Send hello = bytes.send(settings, Deadline::after(engine_.now(), patience));
  Result<void, IoError> greeted = co_await hello;
  std::string heard;
  bool is_begun = false;
  while (greeted) {
    Receive receive = bytes.receive(16 * 1024, Deadline::never());
    Result<Chunk, IoError> came = co_await receive;
    if (!came || came->empty()) break;
    heard += came->view();
    if (!is_begun && heard.size() < preface) continue;
    if (!std::exchange(is_begun, true)) heard.erase(0, preface);
    while (std::uint32_t stream = take_http2_request(heard)) {
      ++requests_;
      say(connection, fmt::format("a request on stream {}", stream));
      std::string frames = frames_of(scenario, stream);
      Send sending = bytes.send(frames, Deadline::after(engine_.now(), patience));
      Result<void, IoError> sent = co_await sending;
      if (!sent) break;
      if (scenario.ending == DrillEnding::silence) continue;
      co_await end(connection, scenario.ending);
      co_return;
    }
  }
  say(connection, "the client left");
  if (bytes.is_open()) bytes.close(Closing::orderly);
}

Task<void> DrillOrigin::check_for_proxy_header(Connection& connection) {
  constexpr std::string_view first_version = "PROXY ";
  constexpr std::string_view second_version = "\r\n\r\n\0\r\nQUIT\n"sv;
  ByteStream& bytes = connection.bytes();
  std::string heard;
  Deadline deadline = Deadline::after(engine_.now(), patience);
  bool is_good = true;
  while (is_good && heard.find("Host:") == std::string::npos) {
    Receive receive = bytes.receive(16 * 1024, deadline);
    Result<Chunk, IoError> came = co_await receive;
    if (!came || came->empty()) co_return;
    heard += came->view();
    is_good = heard.starts_with(first_version) || heard.starts_with(second_version);
  }
  if (!is_good) {
    say(connection, "closed, as it did not begin with a PROXY header");
    bytes.close(Closing::orderly);
    co_return;
  }
  say(connection, "began with a PROXY header: answered 200");
  Send sending =
      bytes.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", deadline);
  Result<void, IoError> sent = co_await sending;
  ignore(sent, "whoever left does not need it");
  co_await end(connection, DrillEnding::close);
}

/// Reads and drops until the client goes.
Task<void> DrillOrigin::hear_until_gone(Connection& connection) {
  ByteStream& bytes = connection.bytes();
  while (bytes.is_open()) {
    Receive receive = bytes.receive(16 * 1024, Deadline::never());
    Result<Chunk, IoError> came = co_await receive;
    if (!came || came->empty()) break;
  }
  if (bytes.is_open()) bytes.close(Closing::orderly);
}

/// False: the origin stops.
Task<bool> DrillOrigin::wait(Connection& connection, Duration length) {
  if (length <= Duration::zero()) co_return !stopping_;
  Sleep sleep(engine_, engine_.now() + length);
  connection.sleeping = &sleep;
  bool came = co_await sleep;
  connection.sleeping = nullptr;
  co_return came;
}

Duration DrillOrigin::pause_of(const DrillScenario& scenario) const {
  bool is_planned = scenario.after > Duration::zero() && plan_.after > Duration::zero();
  return is_planned ? plan_.after : scenario.after;
}

void DrillOrigin::say(const Connection& connection, std::string_view what) {
  if (!stopping_) watcher_.saw(*connection.scenario, connection.number, what);
}

}  // namespace gg
