// SPDX-License-Identifier: Apache-2.0
#include "gate/worker.h"

#include <algorithm>
#include <utility>

#include "gate/connection_record.h"

namespace gg {

namespace {

/// Connections accepted in a row before everybody else gets a turn.
constexpr int accepts_in_a_row = 16;
/// How long to wait before trying to accept again when descriptors or memory have run out.
constexpr Duration exhausted_pause = 10ms;
constexpr Duration idle_look_interval = 50ms;
/// Of those that are refused, so many are told why at a time.
constexpr std::size_t told_to_go_most = 64;
/// For an answer to be taken by a client that still reads.
constexpr Duration last_words_time = 1s;

}  // namespace

Worker::Worker(Engine& engine, WorkerShared shared, RecordSink* extra_sink)
    : engine_(engine),
      shared_(shared),
      upstreams_(engine, shared.snapshot.config(), shared.snapshot.head_limits(), shared.upstreams,
                 counters_, shared.snapshot.upstream_slots()),
      proxy_(engine, upstreams_, sinks_, counters_, shared.passwords),
      session_context_{.snapshot = shared.snapshot, .proxy = proxy_, .counters = counters_},
      tasks_(engine.ready()) {
  sinks_.add(counters_);
  if (extra_sink != nullptr) sinks_.add(*extra_sink);
}

Worker::~Worker() { upstreams_.close_idle(); }

Result<void, IoError> Worker::listen(const WorkerListener& listener) {
  Result<SocketPtr, IoError> socket = engine_.adopt_listener(listener.descriptor, listener.address);
  if (!socket) return Failure(socket.error());
  listening_.push_back(
      std::make_unique<Listening>(Listening{.facts = listener, .socket = std::move(*socket)}));
  tasks_.start(accept_loop(*listening_.back()));
  return {};
}

Task<void> Worker::accept_loop(Listening& listening) {
  int in_a_row = 0;
  while (!draining_) {
    Accept accept(engine_, *listening.socket);
    Result<Accepted, IoError> accepted = co_await accept;
    if (!accepted) {
      if (accepted.error().kind == IoError::Kind::cancelled) break;
      counters_.client_connections_refused.add();
      Sleep pause(engine_, engine_.now() + exhausted_pause);
      co_await pause;
      continue;
    }
    if (!reserve_client()) {
      // Closed at once: at the limit, a clear end is kinder than a wait.
      counters_.client_connections_refused.add();
      continue;
    }
    counters_.client_connections_accepted.add();
    ClientFacts facts{.peer = accepted->peer,
                      .peer_text = {},
                      .listener = listening.facts.name,
                      .connection_id = ++last_connection_id_,
                      .may_speak_http2 = listening.facts.http2};
    if (!listening.facts.proxy_protocol && !take_share(facts)) {
      bool may_be_told = listening.facts.tls == nullptr;
      turn_away(may_be_told ? std::make_unique<PlainStream>(std::move(accepted->socket)) : nullptr,
                facts);
    } else if (listening.facts.tls != nullptr || listening.facts.proxy_protocol) {
      tasks_.start(open(std::move(accepted->socket), facts, listening.facts));
    } else {
      start_session(std::make_unique<PlainStream>(std::move(accepted->socket)), {}, facts);
    }
    if (++in_a_row % accepts_in_a_row == 0) co_await engine_.ready().next_turn();
  }
  listening.socket.reset();
}

bool Worker::reserve_client() {
  std::uint32_t limit = shared_.client_connections_max;
  if (limit == 0) limit = shared_.snapshot.config().limits.connections;
  std::uint32_t before = shared_.client_connections.fetch_add(1, std::memory_order_relaxed);
  if (limit == 0 || before < limit) return true;
  shared_.client_connections.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

/// Whoever speaks for many clients, as a trusted proxy does, is none of them.
bool Worker::take_share(ClientFacts& facts) {
  if (shared_.client_counts == nullptr || shared_.snapshot.trusts(facts.peer)) return true;
  ClientCounts::Verdict verdict = shared_.client_counts->take(facts.peer);
  facts.share = verdict.share;
  return verdict.is_within;
}

/// A client that has as many connections as it may. It is told so, unless too many are just then or
/// it would take a handshake (`bytes` is null).
void Worker::turn_away(std::unique_ptr<ByteStream> bytes, const ClientFacts& facts) {
  counters_.client_connections_refused.add();
  counters_.client_connections_over_share.add();
  if (told_to_go_ >= told_to_go_most) bytes.reset();
  tasks_.start(refuse(std::move(bytes), facts));
}

Task<void> Worker::refuse(std::unique_ptr<ByteStream> bytes, ClientFacts facts) {
  ++told_to_go_;
  co_await refuse_connection(session_context_, facts, std::move(bytes),
                             Fault::client_connection_limit);
  --told_to_go_;
  let_go_of_client(ClientCounts::Share::none());
}

/// What has to come before the first request: who the client is, and TLS.
Task<void> Worker::open(SocketPtr socket, ClientFacts facts, const WorkerListener& listener) {
  Duration patience = shared_.snapshot.config().timeouts.head;
  ClientHandshake handshake(std::move(socket), Deadline::after(engine_.now(), patience));
  handshakes_.add(handshake);
  if (!idle_may_stay_) handshakes_.end_all();
  bool is_welcome = true;
  if (listener.proxy_protocol) is_welcome = co_await hear_proxy(handshake, facts);
  bool has_share = !is_welcome || !listener.proxy_protocol || take_share(facts);
  if (is_welcome && has_share && listener.tls != nullptr) {
    is_welcome = co_await shake_hands(handshake, facts, *listener.tls);
  }
  handshakes_.remove(handshake);
  if (!has_share) {
    turn_away(listener.tls == nullptr ? std::move(handshake.bytes) : nullptr, facts);
    co_return;
  }
  if (!is_welcome) {
    let_go_of_client(facts.share);
    co_return;
  }
  // HTTP/2 is spoken inside TLS only where both sides have agreed on it (RFC 9113 3.2).
  if (handshake.tls != nullptr && handshake.tls->agreed_on_http2()) {
    start_http2_session(std::move(handshake.bytes), facts);
  } else {
    start_session(std::move(handshake.bytes), std::move(handshake.unread), facts);
  }
}

/// Only those may name a client who are trusted to; nobody else has business on such a listener.
Task<bool> Worker::hear_proxy(ClientHandshake& handshake, ClientFacts& facts) {
  Result<void, Fault> heard = Failure(Fault::client_not_a_trusted_proxy);
  Address proxy = facts.peer;
  if (shared_.snapshot.trusts(proxy)) heard = co_await handshake.hear_proxy(facts.peer);
  if (heard) co_return true;
  handshake.bytes.reset();
  std::array<char, 48> text;
  facts.peer_text = peer_text_of(proxy, text);
  if (heard.error() != Fault::none) {
    co_await record_connection(session_context_, facts, 1, HttpVersion::http11, heard.error());
  }
  co_return false;
}

Task<bool> Worker::shake_hands(ClientHandshake& handshake, ClientFacts& facts,
                               const TlsServerContext& context) {
  Result<void, TlsError> agreed = co_await handshake.shake_hands(context);
  if (!agreed) {
    handshake.count(agreed.error(), counters_);
    co_await handshake.explain(agreed.error());
    co_return false;
  }
  facts.identity = handshake.tls->client_identity();
  facts.is_tls = true;
  facts.may_speak_http2 = false;
  co_return true;
}

/// `first` was read of it already.
void Worker::start_session(std::unique_ptr<ByteStream> bytes, Chunk first,
                           const ClientFacts& facts) {
  auto session = std::make_unique<ClientSession>(session_context_, std::move(bytes), facts);
  if (!first.empty()) session->begin_with(std::move(first));
  sessions_.push_back(*session);
  ++session_count_;
  counters_.client_connections_active.add(1);
  if (draining_) session->retire();
  if (!idle_may_stay_) session->drain();
  tasks_.start(serve(std::move(session)));
}

void Worker::start_http2_session(std::unique_ptr<ByteStream> bytes, const ClientFacts& facts) {
  ++session_count_;
  counters_.client_connections_active.add(1);
  tasks_.start(serve_http2(
      std::make_unique<Http2Session>(session_context_, std::move(bytes), Chunk(), facts)));
}

Task<void> Worker::serve(std::unique_ptr<ClientSession> session) {
  co_await session->serve();
  end_session(std::move(session));
}

/// Whoever goes on with HTTP/2 does so by a task of its own: to wait for it in serve() would take
/// room in the frame of every connection.
void Worker::end_session(std::unique_ptr<ClientSession> session) {
  if (session->speaks_http2()) {
    tasks_.start(serve_http2(session->become_http2()));
    return;
  }
  ClientCounts::Share share = session->share();
  session.reset();
  session_ended(share);
}

void Worker::session_ended(ClientCounts::Share share) {
  --session_count_;
  counters_.client_connections_active.add(-1);
  let_go_of_client(share);
}

void Worker::let_go_of_client(ClientCounts::Share share) {
  if (shared_.client_counts != nullptr) shared_.client_counts->give_back(share);
  shared_.client_connections.fetch_sub(1, std::memory_order_relaxed);
  bool was_the_last = session_count_ == 0;
  if (was_the_last && last_words_ != nullptr) engine_.cancel(*std::exchange(last_words_, nullptr));
}

Task<void> Worker::serve_http2(std::unique_ptr<Http2Session> session) {
  http2_sessions_.push_back(*session);
  if (draining_) session->retire();
  if (!idle_may_stay_) session->drain();
  co_await session->serve();
  ClientCounts::Share share = session->share();
  session.reset();
  session_ended(share);
}

void Worker::drain(Duration patience) {
  if (!draining_) {
    draining_ = true;
    for (const std::unique_ptr<Listening>& listening : listening_) listening->socket.reset();
    for_each_session([](auto& session) { session.retire(); });
  }
  if (patience <= Duration::zero()) {
    idle_may_stay_ = false;
    if (patience_ != nullptr) engine_.cancel(*patience_);
    handshakes_.end_all();
    proxy_.end_mirrors();
    for_each_session([](auto& session) { session.drain(); });
  } else if (idle_may_stay_ && patience_ == nullptr && has_clients()) {
    tasks_.start(end_idle_sessions(patience));
  }
}

/// Looks often, so that it does not outlast the last session by much.
Task<void> Worker::end_idle_sessions(Duration patience) {
  Instant end = engine_.now() + patience;
  while (idle_may_stay_ && has_clients() && engine_.now() < end) {
    Sleep pause(engine_, std::min(end, engine_.now() + idle_look_interval));
    patience_ = &pause;
    co_await pause;
    patience_ = nullptr;
  }
  drain(Duration::zero());
}

void Worker::cut() {
  drain(Duration::zero());
  for_each_session([](auto& session) { session.cut(); });
  bool is_first = !std::exchange(was_cut_, true);
  if (is_first && session_count_ > 0) tasks_.start(end_last_words());
}

Task<void> Worker::end_last_words() {
  Sleep pause(engine_, engine_.now() + last_words_time);
  last_words_ = &pause;
  co_await pause;
  last_words_ = nullptr;
  for_each_session([](auto& session) { session.abort(); });
}

}  // namespace gg
