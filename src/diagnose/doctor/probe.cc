// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/probe.h"

#include <algorithm>

#include "base/version.h"
#include "diagnose/doctor/gzip_check.h"
#include "diagnose/doctor/route.h"
#include "diagnose/doctor/talk_facts.h"
#include "engine/transport_facts.h"
#include "fault/classify.h"
#include "http/keep_alive.h"
#include "http/status.h"
#include "http2/client_stream.h"
#include "net/proxy_protocol.h"
#include "task/scope.h"

namespace gg {

namespace {

constexpr int talks_most = 6;
/// No further request is made once so much time went into those before: what fails now and then
/// needs a few to show, and who is slow is not to be burdened.
constexpr int talks_least = 3;
constexpr Duration talking_usual = 300ms;
constexpr Duration talking_most = 3s;
/// A kept-alive connection that ends without a byte sooner than this was meant to be closed: the
/// same request was answered just before.
constexpr Duration longest_race = 2s;
constexpr Duration between_talks = 20ms;
constexpr std::uint64_t body_most = 1 << 20;
constexpr std::uint32_t burst_size = 16;
constexpr std::uint32_t alone_first = 5;

void note_tcp(TcpFacts& tcp, const Socket& socket) {
  std::optional<TransportFacts> facts = transport_facts_of(socket);
  if (!facts) return;
  tcp.round_trip = facts->round_trip;
  tcp.retransmits = facts->retransmits;
  tcp.path_mtu = facts->path_mtu;
}

/// Of an answer that came as a whole.
Fault fault_of_answer(const TalkFacts& talk) {
  Fault fault = classify_status(talk.status);
  return fault == Fault::none && talk.is_undecodable ? Fault::body_decode_failed : fault;
}

Duration median_of(std::vector<Duration> times) {
  if (times.empty()) return {};
  auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

}  // namespace

std::string AddressProbe::host_field() const {
  const EndpointUrl& url = target_.endpoint;
  if (url.scheme == Scheme::unix_socket) return "localhost";
  bool is_v6 = url.host.find(':') != std::string::npos;
  std::string host = is_v6 ? "[" + url.host + "]" : url.host;
  bool is_usual = url.port == (target_.is_tls() ? 443 : 80);
  return is_usual ? host : host + ":" + std::to_string(url.port);
}

Task<void> AddressProbe::run() {
  facts_.route = route_to(facts_.address);
  co_await look();
  bool has_silent_talk = !facts_.talks.empty() && facts_.talks.back().fault == Fault::head_timeout;
  bool is_silent = facts_.tcp.error || (facts_.tls && facts_.tls->error) || has_silent_talk;
  if (is_silent && is_own(facts_.address, facts_.route)) {
    facts_.not_accepted = not_accepted_at(facts_.address.port);
  }
}

Task<void> AddressProbe::look() {
  SocketPtr socket = co_await connect();
  if (socket == nullptr) co_return;
  std::unique_ptr<ByteStream> stream;
  if (target_.is_tls()) {
    stream = co_await shake_hands(std::move(socket));
    if (stream == nullptr) {
      co_await look_behind_refusal();
      co_return;
    }
  } else {
    stream = std::make_unique<PlainStream>(std::move(socket));
    co_await introduce(*stream);
  }
  bool is_agreed = facts_.tls && facts_.tls->protocol == "h2";
  if (is_agreed || target_.http2 == Http2Use::always) {
    co_await talk_http2(std::move(stream));
  } else {
    co_await talk(std::move(stream));
    co_await find_out_why();
  }
}

Task<SocketPtr> AddressProbe::connect() {
  TcpFacts& tcp = facts_.tcp;
  Instant began = engine_.now();
  Connect connecting(engine_, facts_.address, Deadline::after(began, settings_.connect));
  Result<SocketPtr, IoError> socket = co_await connecting;
  tcp.took = engine_.now() - began;
  if (!socket) {
    tcp.error = socket.error();
    co_return nullptr;
  }
  note_tcp(tcp, **socket);
  co_return std::move(*socket);
}

std::string AddressProbe::introduction() const { return own_proxy_header(target_.proxy_protocol); }

/// Of a connection without TLS, which begins with it.
Task<void> AddressProbe::introduce(ByteStream& stream) {
  std::string header = introduction();
  if (header.empty()) co_return;
  Send sending = stream.send(header, Deadline::after(engine_.now(), settings_.connect));
  Result<void, IoError> sent = co_await sending;
  ignore(sent, "the request behind it fails too, and that is judged");
}

Task<std::unique_ptr<ByteStream>> AddressProbe::shake_hands(SocketPtr socket) {
  TlsFacts& tls = facts_.tls.emplace();
  Instant began = engine_.now();
  std::unique_ptr<TlsStream> stream = tls_->wrap(std::move(socket), target_.endpoint.host, nullptr);
  stream->introduce(introduction());
  TlsHandshake handshake(*stream, Deadline::after(began, settings_.tls));
  Result<void, TlsError> agreed = co_await handshake;
  tls.took = engine_.now() - began;
  tls.certificate = peer_certificate_of(*stream);
  tls.asked_for_certificate = was_asked_for_certificate(*stream);
  if (!agreed) {
    tls.error = agreed.error();
    co_return nullptr;
  }
  tls.version = stream->version();
  tls.protocol = stream->protocol();
  co_return stream;
}

/// A further connection, as ready for requests as the first one was; null: it is not to be had.
Task<std::unique_ptr<ByteStream>> AddressProbe::open() {
  Connect connecting(engine_, facts_.address, Deadline::after(engine_.now(), settings_.connect));
  Result<SocketPtr, IoError> socket = co_await connecting;
  if (!socket) co_return nullptr;
  if (!target_.is_tls()) {
    auto plain = std::make_unique<PlainStream>(std::move(*socket));
    co_await introduce(*plain);
    co_return plain;
  }
  TlsOffer offer = facts_.http2 ? TlsOffer::as_configured : TlsOffer::http1;
  std::unique_ptr<TlsStream> stream =
      tls_->wrap(std::move(*socket), target_.endpoint.host, nullptr, offer);
  stream->introduce(introduction());
  TlsHandshake handshake(*stream, Deadline::after(engine_.now(), settings_.tls));
  Result<void, TlsError> agreed = co_await handshake;
  if (!agreed) co_return nullptr;
  co_return stream;
}

/// Several requests: on the first connection for as long as it stays, else on fresh ones.
Task<void> AddressProbe::talk(std::unique_ptr<ByteStream> first) {
  Instant began = engine_.now();
  auto http = std::make_unique<Http1ClientConnection>(std::move(first), limits_);
  bool reused = false;
  for (int count = 0; count < talks_most; ++count) {
    bool went_well = co_await ask(*http, reused);
    if (!went_well) break;
    reused = http->is_reusable();
    if (has_enough(began, count + 1)) break;
    Sleep pause(engine_, engine_.now() + between_talks);
    co_await pause;
    if (reused) continue;
    std::unique_ptr<ByteStream> fresh = co_await open();
    if (fresh == nullptr) break;
    http = std::make_unique<Http1ClientConnection>(std::move(fresh), limits_);
  }
  if (http->bytes().is_open()) note_tcp(facts_.tcp, http->bytes().socket());
  bool may_be_watched = reused && facts_.talks.back().fault == Fault::none;
  if (may_be_watched) co_await watch_idle(*http);
}

bool AddressProbe::has_enough(Instant began, int talks) const {
  Duration spent = engine_.now() - began;
  bool is_usual = spent > talking_usual && talks >= talks_least;
  return is_usual || spent > talking_most || talks == talks_most;
}

/// True: an answer came, and was right.
Task<bool> AddressProbe::ask(Http1ClientConnection& http, bool reused) {
  TalkFacts talk;
  talk.was_reused = reused;
  Stage stage = Stage::send;
  Instant began = engine_.now();
  Result<void, StreamError> done = co_await exchange(http, talk, stage);
  talk.took = engine_.now() - began;
  if (!done) {
    classify_talk(talk, http, http.bytes(), stage, done.error());
  } else if (!http.unread().empty()) {
    talk.fault = classify(AttemptFacts{.stage = Stage::response_body}, MessageError::excess_bytes);
    talk.excess_bytes = http.unread().size();
  } else {
    talk.fault = fault_of_answer(talk);
  }
  bool may_go_on = talk.fault == Fault::none || talk.fault == Fault::upstream_error_status;
  facts_.talks.push_back(std::move(talk));
  co_return may_go_on;
}

Task<Result<void, StreamError>> AddressProbe::exchange(ClientStream& http, TalkFacts& talk,
                                                       Stage& stage) {
  std::string agent = "goodgate-doctor/" + std::string(version());
  Field fields[] = {{.name = "User-Agent", .value = agent},
                    {.name = "Accept", .value = "*/*"},
                    {.name = "Accept-Encoding", .value = "gzip"}};
  std::string host = host_field();
  OutgoingRequest request{.method = Method::get,
                          .method_text = "GET",
                          .target = target_.path,
                          .authority = host,
                          .fields = fields};
  Instant began = engine_.now();
  Deadline deadline = Deadline::after(began, settings_.head);
  Result<void, StreamError> sent = co_await http.send_head(request, {}, deadline);
  if (!sent) co_return Failure(sent.error());
  stage = Stage::response_head;
  for (;;) {
    Result<ResponseHead, StreamError> head = co_await http.read_head(deadline);
    if (!head) co_return Failure(head.error());
    talk.status = head->status;
    if (is_interim(head->status)) {
      ++talk.interim;
      continue;
    }
    talk.first_byte = engine_.now() - began;
    note_head(*head, talk);
    break;
  }
  talk.head_bytes = http.bytes_read() - http.unread().size();
  talk.framing = http.response_framing().kind;
  talk.closes = http.response_framing().persistence == Framing::Persistence::close;
  stage = Stage::response_body;
  Result<void, StreamError> whole = co_await read_body(http, talk);
  co_return whole;
}

Task<Result<void, StreamError>> AddressProbe::read_body(ClientStream& http, TalkFacts& talk) {
  bool is_packed = talk.coding == "gzip";
  GzipCheck gzip;
  while (!http.response_is_complete()) {
    Deadline deadline = Deadline::after(engine_.now(), settings_.head);
    Result<BodyPart, StreamError> part = co_await http.read_body(deadline);
    if (!part) co_return Failure(part.error());
    talk.body_bytes += part->bytes.size();
    keep_body_start(part->bytes, talk);
    if (is_packed) gzip.take(part->bytes);
    bool is_enough = part->last || talk.body_bytes > body_most;
    if (is_enough) break;
  }
  bool has_all = talk.body_bytes > 0 && talk.body_bytes <= body_most;
  talk.is_undecodable = is_packed && has_all && !gzip.is_whole();
  co_return Result<void, StreamError>();
}

void AddressProbe::classify_talk(TalkFacts& talk, const ClientStream& http, const ByteStream& bytes,
                                 Stage stage, const StreamError& error) {
  talk.message = error.message;
  talk.error_number = error.io.number;
  talk.alert = http.alert_received();
  talk.first_bytes = std::string(http.unread().substr(0, 64));
  std::optional<TransportFacts> info;
  if (bytes.is_open()) info = transport_facts_of(bytes.socket());
  if (info) {
    talk.unacknowledged = info->unacknowledged;
    talk.retransmits = info->retransmits;
  }
  if (talk.alert != 0 && http.bytes_read() == 0) {
    talk.fault = classify(TlsFailure::alert, talk.alert);
    return;
  }
  bool may_be_race = talk.was_reused && talk.took < longest_race;
  AttemptFacts facts{.stage = stage,
                     .connection_was_reused = talk.was_reused,
                     .response_bytes_read = http.bytes_read(),
                     .round_trip = facts_.tcp.took,
                     .waited = may_be_race ? Duration::zero() : talk.took};
  talk.fault = error.message == MessageError::none ? classify(facts, error.io)
                                                   : classify(facts, error.message);
}

/// Several requests, as long as the connection takes them.
Task<void> AddressProbe::talk_http2(std::unique_ptr<ByteStream> first) {
  Http2Facts& http2 = facts_.http2.emplace();
  Instant began = engine_.now();
  Http2Talk connection(std::move(first), target_.is_tls(), Deadline::after(began, settings_.head));
  http2.has_greeted = co_await connection.open();
  http2.took = engine_.now() - began;
  if (!http2.has_greeted) {
    note_no_greeting(connection);
    co_return;
  }
  http2.requests_most = connection.connection().room();
  while (connection.connection().may_begin()) {
    bool went_well = co_await ask_http2(connection, http2.requests > 0);
    ++http2.requests;
    if (!went_well || has_enough(began, static_cast<int>(http2.requests))) break;
    Sleep pause(engine_, engine_.now() + between_talks);
    co_await pause;
  }
  http2.was_told_to_go = connection.connection().is_retired();
  if (connection.bytes().is_open()) note_tcp(facts_.tcp, connection.bytes().socket());
}

/// True: an answer came, and was right.
Task<bool> AddressProbe::ask_http2(Http2Talk& connection, bool reused) {
  TalkFacts talk;
  talk.was_reused = reused;
  Stage stage = Stage::send;
  Instant began = engine_.now();
  Http2ClientStream stream(connection.connection(), false);
  Result<void, StreamError> done = co_await exchange(stream, talk, stage);
  talk.took = engine_.now() - began;
  if (done) {
    talk.fault = fault_of_answer(talk);
  } else {
    classify_talk(talk, stream, connection.bytes(), stage, done.error());
  }
  bool may_go_on = talk.fault == Fault::none || talk.fault == Fault::upstream_error_status;
  facts_.talks.push_back(std::move(talk));
  co_return may_go_on;
}

/// Named as the gateway would, which has no connection then.
void AddressProbe::note_no_greeting(Http2Talk& connection) {
  constexpr IoError ended{.kind = IoError::Kind::reset, .number = 0};
  constexpr IoError silent{.kind = IoError::Kind::deadline, .number = 0};
  StreamError error = connection.connection().failure().value_or(StreamError::of(silent));
  if (error.message == MessageError::ended_before_head) error = StreamError::of(ended);
  TalkFacts talk;
  talk.took = facts_.http2->took;
  talk.message = error.message;
  talk.error_number = error.io.number;
  talk.first_bytes = std::string(connection.connection().first_bytes().substr(0, 64));
  AttemptFacts facts{.stage = Stage::connect};
  talk.fault = error.message == MessageError::none ? classify(facts, error.io)
                                                   : classify(facts, error.message);
  facts_.talks.push_back(std::move(talk));
}

Task<void> AddressProbe::watch_idle(Http1ClientConnection& http) {
  Instant began = engine_.now();
  Watch watch =
      http.bytes().watch(Watch::For::anything, Deadline::after(began, settings_.patience));
  Result<Watch::Seen, IoError> seen = co_await watch;
  bool ran_out = !seen && seen.error().kind == IoError::Kind::deadline;
  facts_.idle = IdleFacts{.watched = engine_.now() - began, .was_closed = !ran_out};
}

Task<void> AddressProbe::ask_once(LoadFacts& load, std::vector<Duration>& times) {
  std::unique_ptr<ByteStream> stream = co_await open();
  ++load.requests;
  if (stream == nullptr) {
    ++load.failed;
    co_return;
  }
  TalkFacts talk;
  Stage stage = Stage::send;
  Instant began = engine_.now();
  Result<void, StreamError> done;
  if (facts_.http2) {
    Http2Talk connection(std::move(stream), target_.is_tls(),
                         Deadline::after(began, settings_.head));
    bool is_open = co_await connection.open();
    if (is_open) {
      Http2ClientStream http(connection.connection(), false);
      done = co_await exchange(http, talk, stage);
    }
  } else {
    Http1ClientConnection http(std::move(stream), limits_);
    done = co_await exchange(http, talk, stage);
  }
  bool went_well =
      done.has_value() && talk.status != 0 && classify_status(talk.status) == Fault::none;
  if (went_well) times.push_back(engine_.now() - began);
  if (!went_well) ++load.failed;
}

Task<void> AddressProbe::burst(LoadFacts& load) {
  std::vector<Duration> alone;
  for (std::uint32_t i = 0; i < alone_first; ++i) co_await ask_once(load, alone);
  std::vector<Duration> together;
  Scope all(engine_.ready());
  for (std::uint32_t i = 0; i < burst_size; ++i) all.start(ask_once(load, together));
  co_await all.join();
  load.at_once = burst_size;
  load.alone = median_of(std::move(alone));
  load.together = median_of(std::move(together));
}

}  // namespace gg
