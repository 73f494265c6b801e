// SPDX-License-Identifier: Apache-2.0
// How an endpoint's connections come about: connect, shake hands, say hello; who shares one, and
// what becomes of those that nobody waits for any more. Part of Endpoint.
#include "fault/catalogue.h"
#include "fault/classify.h"
#include "upstream/endpoint.h"

namespace gg {
namespace {

/// Requests that wait for one connection before it is known how many its endpoint allows.
constexpr std::uint32_t followers_max = 100;

/// Says who the client is. A connection that has just opened has room for so little at once; one
/// that has not is as good as not open.
std::optional<OpenError> introduce(ByteStream& bytes, std::string_view introduction, Instant now) {
  constexpr IoError not_taken{.kind = IoError::Kind::deadline, .number = 0};
  Send send = bytes.send(introduction, Deadline::at(now));
  bool is_done = bytes.submit(send);
  if (!is_done) bytes.cancel(send);
  Result<void, IoError> sent = send.take_result();
  if (sent) return std::nullopt;
  return OpenError{.io = is_done ? sent.error() : not_taken, .tls = {}, .first_bytes = {}};
}

}  // namespace

bool Endpoint::reserve_connection(Speech speech) {
  if (leader_for(speech) != nullptr || has_room_for_another()) return true;
  // Taken before it is there, so that no other worker takes it.
  context_.connections.fetch_add(1, std::memory_order_relaxed);
  if (!idle_.empty()) {
    end_idle(idle_.back(), Closing::orderly);
    return true;
  }
  if (http2_.end_one_idle()) return true;
  release_reservation();
  return false;
}

/// By the limit. True counts it.
bool Endpoint::has_room_for_another() {
  std::uint32_t limit = context_.settings.limits.connections;
  std::uint32_t before = context_.connections.fetch_add(1, std::memory_order_relaxed);
  if (limit == 0 || before < limit) return true;
  release_reservation();
  return false;
}

void Endpoint::release_reservation() {
  context_.connections.fetch_sub(1, std::memory_order_relaxed);
}

/// What is being opened, if requests can share it.
Opening* Endpoint::leader_for(Speech speech) {
  if (!speaks_http2_ || speech == Speech::http1) return nullptr;
  Opening* leader = nullptr;
  openings_.for_each_while([&](Opening& opening) {
    bool leads = !opening.is_done_ && opening.leader_ == nullptr && !opening.only_http1_;
    if (leads && opening.followers_ < followers_max) leader = &opening;
    return leader == nullptr;
  });
  return leader;
}

Opening& Endpoint::open(Deadline deadline, Deadline latest, Speech speech,
                        std::string introduction) {
  Opening* leader = leader_for(speech);
  auto* opening = new Opening(*this, context_.engine, address(), deadline, latest);
  openings_.push_back(*opening);
  opening->only_http1_ = speech == Speech::http1;
  opening->introduction_ = std::move(introduction);
  if (leader != nullptr) {
    opening->leader_ = leader;
    ++leader->followers_;
    return *opening;
  }
  opening->is_done_ = !begin(*opening);
  return *opening;
}

/// False: there is nothing to wait for.
bool Endpoint::begin(Opening& opening) {
  opening.connect_.on_complete(&Endpoint::opening_ended, &opening);
  bool is_connected = opening.connect_.start();
  return !is_connected || speak_tls(opening) || speak_http2(opening);
}

/// Begins the handshake once the connection is there. False: there is nothing to wait for.
bool Endpoint::speak_tls(Opening& opening) {
  bool is_due =
      settings_.url.scheme == Scheme::https && opening.tls_ == nullptr && !opening.connect_.error();
  if (!is_due) return false;
  Instant now = context_.engine.now();
  opening.connected_ = now;
  Deadline deadline =
      Deadline::after(now, context_.settings.timeouts.tls).or_earlier(opening.latest_);
  Result<SocketPtr, IoError> socket = opening.connect_.take_result();
  opening.tls_ = std::make_unique<TlsOpening>(
      context_.tls->wrap(std::move(*socket), settings_.url.host, &tls_session_,
                         opening.only_http1_ ? TlsOffer::http1 : TlsOffer::as_configured),
      deadline);
  if (!opening.introduction_.empty()) opening.tls_->stream->introduce(opening.introduction_);
  TlsHandshake& handshake = opening.tls_->handshake;
  handshake.on_complete(&Endpoint::opening_ended, &opening);
  return !handshake.start();
}

/// Says hello if what is open now speaks HTTP/2. False: there is nothing to wait for.
bool Endpoint::speak_http2(Opening& opening) {
  bool is_failed = opening.connect_.error() || (opening.tls_ != nullptr && !opening.tls_->agreed());
  bool may = context_.settings.http2 != Http2Use::never && !opening.only_http1_;
  if (is_failed || !may || opening.session_ != nullptr) return false;
  bool must = context_.settings.http2 == Http2Use::always;
  if (opening.tls_ != nullptr) {
    bool is_agreed = opening.tls_->stream->protocol() == "h2";
    speaks_http2_ = is_agreed || must;
    if (!is_agreed && must) {
      opening.error_ = OpenError{.io = {}, .tls = TlsError{.failure = TlsFailure::alpn_mismatch}};
    }
    if (!is_agreed) return false;
  } else if (!must) {
    return false;
  }
  std::unique_ptr<ByteStream> bytes;
  if (opening.tls_ != nullptr) {
    bytes = std::move(opening.tls_->stream);
  } else {
    bytes = std::make_unique<PlainStream>(std::move(*opening.connect_.take_result()));
  }
  Deadline greeting = Deadline::after(context_.engine.now(), context_.settings.timeouts.connect)
                          .or_earlier(opening.latest_);
  opening.session_ = &http2_.open(std::move(bytes), opening.connect_.to(),
                                  ++context_.last_connection_id, greeting);
  return true;
}

void Endpoint::opening_ended(Operation& /*operation*/, void* opening) {
  auto& ended = *static_cast<Opening*>(opening);
  Endpoint& endpoint = ended.endpoint;
  if (endpoint.speak_tls(ended) || endpoint.speak_http2(ended)) return;
  endpoint.settle(ended);
}

Fault classify(const OpenError& error, bool time_is_up) {
  AttemptFacts facts{.stage = Stage::connect, .exchange_time_is_up = time_is_up};
  if (error.tls) {
    facts.stage = Stage::tls;
    return classify(facts, *error.tls);
  }
  bool is_http2 = error.http2.message != MessageError::none;
  return is_http2 ? classify(facts, error.http2.message) : classify(facts, error.io);
}

Opening* Endpoint::follower_of(const Opening& leader) {
  Opening* follower = nullptr;
  openings_.for_each_while([&](Opening& one) {
    if (one.leader_ == &leader && !one.is_done_) follower = &one;
    return follower == nullptr;
  });
  return follower;
}

/// Who waited for the same connection shares it, or its failure. Those for whom it has no room
/// wait for another one.
void Endpoint::settle_followers(Opening& opening) {
  std::size_t room = opening.is_http2_ ? http2_.room(*opening.session_) : 0;
  bool has_any = room > 0;
  Opening* next = nullptr;
  while (Opening* follower = follower_of(opening)) {
    if (room > 1) {  // one is the leader's
      --room;
      settle(*follower);
    } else if (next != nullptr) {
      follower->leader_ = next;
      ++next->followers_;
    } else if (has_any && !follower->is_abandoned_ && has_room_for_another()) {
      next = follower;
      next->leader_ = nullptr;
    } else {
      follower->error_ = error_of(opening);
      settle(*follower);
    }
  }
  if (next != nullptr && !begin(*next)) settle(*next);
}

/// It has opened, or failed.
void Endpoint::settle(Opening& opening) {
  opening.is_done_ = true;
  if (opening.followers_ > 0) settle_followers(opening);
  if (opening.waiter != nullptr) context_.engine.cancel(*opening.waiter);
  if (opening.is_abandoned_) finish_abandoned(opening);
}

/// The endpoint has said hello, or never will.
void Endpoint::session_opened(Http2Pool::Session& session) {
  Opening* opened = nullptr;
  openings_.for_each([&](Opening& opening) {
    if (opening.session_ == &session && !opening.is_done_) opened = &opening;
  });
  if (opened == nullptr) return;
  // It may have opened and be as good as lost already.
  std::optional<StreamError> failure = session.connection.reason_of_retirement();
  if (!failure) failure = session.connection.failure();
  opened->is_http2_ = !failure;
  if (failure) {
    // An end without a word is a connection that did not come about.
    bool has_ended = failure->message == MessageError::ended_before_head;
    opened->error_ = OpenError{
        .io = has_ended ? IoError{.kind = IoError::Kind::reset, .number = 0} : failure->io,
        .tls = {},
        .first_bytes = context_.engine.buffers().copy(session.connection.first_bytes()),
        .http2 = has_ended ? StreamError{} : *failure};
  }
  settle(*opened);
}

/// Why it did not open; for one that waits for its result still.
OpenError Endpoint::error_of(Opening& opening) {
  OpenError error{.io = {.kind = IoError::Kind::reset, .number = 0}};
  if (opening.error_) {
    error.io = opening.error_->io;
    error.tls = opening.error_->tls;
    error.http2 = opening.error_->http2;
  } else if (opening.connect_.error()) {
    error.io = *opening.connect_.error();
  } else if (opening.tls_ != nullptr && !opening.tls_->agreed()) {
    error.tls = opening.tls_->handshake.take_result().error();
  } else {
    // It opened, but as something that cannot be shared.
    error.http2 = StreamError::of(MessageError::stream_refused);
  }
  return error;
}

Result<std::unique_ptr<UpstreamConnection>, OpenError> Endpoint::take_shared(Opening& opening) {
  if (opening.error_) return Failure(std::move(*opening.error_));
  if (opening.leader_ == nullptr) note_opened(opening);
  std::unique_ptr<UpstreamConnection> shared = http2_.lend(false);
  if (shared != nullptr) return shared;
  return Failure(OpenError{.http2 = StreamError::of(MessageError::stream_refused)});
}

void Endpoint::note_opened(const Opening& opening) {
  Duration sample = context_.engine.now() - opening.began;
  bool is_first = usual_connect_time_ == Duration::zero();
  usual_connect_time_ = is_first ? sample : (7 * usual_connect_time_ + sample) / 8;
}

Result<std::unique_ptr<UpstreamConnection>, OpenError> Endpoint::take(Opening& opening) {
  GG_ASSERT(opening.is_done_);
  std::unique_ptr<Opening> done(&opening);
  done->unlink();
  bool owns_nothing = done->leader_ != nullptr || done->session_ != nullptr;
  if (owns_nothing) {
    if (done->error_ && done->leader_ == nullptr) note_connect_failed();
    return take_shared(*done);
  }
  std::unique_ptr<ByteStream> bytes;
  std::optional<OpenError> error = std::move(done->error_);
  if (done->tls_ != nullptr) {
    Result<void, TlsError> agreed = done->tls_->handshake.take_result();
    if (!agreed) {
      std::string_view came = done->tls_->stream->unread().substr(0, 256);
      bool is_told = agreed.error().failure == TlsFailure::not_tls;
      error = OpenError{.io = {},
                        .tls = agreed.error(),
                        .first_bytes = is_told ? context_.engine.buffers().copy(came) : Chunk()};
    }
    bytes = std::move(done->tls_->stream);
  } else {
    Result<SocketPtr, IoError> socket = done->connect_.take_result();
    if (!socket) error = OpenError{.io = socket.error(), .tls = {}, .first_bytes = {}};
    if (socket) bytes = std::make_unique<PlainStream>(std::move(*socket));
    bool is_due = bytes != nullptr && !done->introduction_.empty();
    if (is_due) error = introduce(*bytes, done->introduction_, context_.engine.now());
  }
  if (error) {
    release_reservation();
    note_connect_failed();
    return Failure(std::move(*error));
  }
  note_opened(*done);
  std::unique_ptr<UpstreamConnection> connection = adopt(std::move(bytes), done->connect_.to());
  if (!done->introduction_.empty()) {
    static_cast<Http1UpstreamConnection&>(*connection).introduction =
        std::make_unique<const std::string>(std::move(done->introduction_));
  }
  return connection;
}

void Endpoint::abandon(Opening& opening) {
  opening.waiter = nullptr;
  opening.is_abandoned_ = true;
  if (opening.is_done_) finish_abandoned(opening);
}

void Endpoint::finish_abandoned(Opening& opening) {
  Instant began = opening.began;
  if (opening.leader_ != nullptr) {  // what is to be told, that one tells
    delete &opening;
    return;
  }
  Result<std::unique_ptr<UpstreamConnection>, OpenError> opened = take(opening);
  if (opened) {
    take_back(std::move(*opened), false);
    return;
  }
  Fault fault = classify(opened.error(), false);
  if (!row_of(fault).about_endpoint) return;
  ++faults_total;
  HealthTicket(health, began).failed(fault, {}, context_.engine.now());
}

std::unique_ptr<UpstreamConnection> Endpoint::adopt(std::unique_ptr<ByteStream> bytes,
                                                    const Address& address) {
  ++active_count_;
  context_.counters.connections_opened.add();
  context_.counters.connections_active.add(1);
  auto connection = std::make_unique<Http1UpstreamConnection>(
      *this, ++context_.last_connection_id, std::move(bytes), address, context_.limits,
      context_.engine.now());
  connection->requests = 1;
  return connection;
}

}  // namespace gg
