// SPDX-License-Identifier: Apache-2.0
#include "upstream/endpoint.h"

#include <algorithm>

#include "fault/catalogue.h"
#include "fault/classify.h"
#include "upstream/balance/choice_key.h"

namespace gg {
namespace {

/// Requests that wait for one connection before it is known how many its endpoint allows.
constexpr std::uint32_t followers_max = 100;

Http2ClientSettings http2_settings_of(const EndpointContext& context, const EndpointUrl& url) {
  const UpstreamConfig& settings = context.settings;
  return {.limits = {.section_max = context.limits.section_max,
                     .fields_max = context.limits.fields_max},
          .idle = settings.keep_alive.idle,
          .send = settings.timeouts.idle,
          .answer = settings.timeouts.connect,
          .is_secure = url.scheme == Scheme::https};
}

std::unique_ptr<Http1UpstreamConnection> as_http1(std::unique_ptr<UpstreamConnection> connection) {
  GG_ASSERT(!connection->is_shared);
  return std::unique_ptr<Http1UpstreamConnection>(
      static_cast<Http1UpstreamConnection*>(connection.release()));
}

}  // namespace

Endpoint::Endpoint(EndpointContext context, const EndpointConfig& settings, std::size_t index)
    : weight(context.health.weight(index).value_or(settings.weight)),
      load(context.quickest[index]),
      health(context.health, index),
      context_(context),
      settings_(settings),
      name_(name_of(settings.url)),
      identity_(sip_hash({}, name_)),
      http2_settings_(http2_settings_of(context, settings.url)),
      http2_(*this, *this, context.engine, context.counters, http2_settings_,
             context.settings.keep_alive.enabled ? context.settings.keep_alive.requests : 1),
      speaks_http2_(context.settings.http2 == Http2Use::always) {
  if (const std::optional<StickyConfig>& sticky = context.settings.balance.sticky) {
    sticky_mark_ = gg::sticky_mark(*sticky, context.settings.name, name_);
  }
  std::optional<Address> fixed = fixed_address_of(settings.url);
  if (fixed) addresses_.push_back(*fixed);
  needs_name_ = !fixed;
}

Endpoint::~Endpoint() {
  GG_ASSERT(active_connections() == 0);
  close_idle();
  GG_ASSERT(openings_.empty());
}

void Endpoint::set_addresses(std::vector<Address> addresses) {
  for (Address& address : addresses) address.port = settings_.url.port;
  std::optional<Address> current = has_address() ? std::optional(address()) : std::nullopt;
  if (addresses != addresses_) ++moves_;
  addresses_ = std::move(addresses);
  current_address_ = 0;
  if (current && still_has(*current)) {
    auto place = std::ranges::find(addresses_, *current);
    current_address_ = static_cast<std::size_t>(place - addresses_.begin());
  }
  http2_.retire_unless([this](const Address& to) { return still_has(to); });
  idle_.for_each([this](Http1UpstreamConnection& connection) {
    if (!still_has(connection.address)) end_idle(connection, Closing::orderly);
  });
  while (!awaiting_.empty()) {
    AddressWait& wait = awaiting_.front();
    wait.unlink();
    context_.engine.cancel(wait.sleep);
  }
}

bool Endpoint::still_has(const Address& address) const {
  return std::ranges::find(addresses_, address) != addresses_.end();
}

KeepAliveGuard::Idle Endpoint::facts_of(const Http1UpstreamConnection& connection) const {
  return {.age = context_.engine.now() - connection.idle_since,
          .requests = connection.requests,
          .announced = connection.announced.timeout()};
}

/// The connection used last, or one of the next few if those have more to show for them.
Http1UpstreamConnection* Endpoint::find_fit(ConnectionNeed need) {
  using Verdict = KeepAliveGuard::Verdict;
  Instant now = context_.engine.now();
  Http1UpstreamConnection* candidate = &idle_.front();
  Verdict verdict = guard_.judge(need, facts_of(*candidate), now);
  if (verdict == Verdict::too_old) {
    // Were that so, the one that waits longest would be closed by now.
    guard_.observe_alive(facts_of(idle_.back()).age);
    verdict = guard_.judge(need, facts_of(*candidate), now);
  }
  for (int looked_at = 1; verdict == Verdict::unproven && looked_at < 4; ++looked_at) {
    candidate = idle_.after(*candidate);
    if (candidate == nullptr) break;
    verdict = guard_.judge(need, facts_of(*candidate), now);
  }
  if (verdict == Verdict::lend) return candidate;
  // A fresh connection takes the place of the one that waited longest: else requests that reuse
  // none would fill the pool. Reset, for it has nothing more to say and a port must not wait.
  if (verdict != Verdict::too_old) end_idle(idle_.back(), Closing::reset);
  return nullptr;
}

std::unique_ptr<UpstreamConnection> Endpoint::take_idle(ConnectionNeed need, Speech speech) {
  if (!http2_.is_empty() && speech == Speech::any) {
    std::unique_ptr<UpstreamConnection> shared = http2_.lend(need != ConnectionNeed::any);
    if (shared != nullptr) return shared;
  }
  if (idle_.empty() || need == ConnectionNeed::fresh) return nullptr;
  std::unique_ptr<Http1UpstreamConnection> connection(find_fit(need));
  if (connection == nullptr) return nullptr;
  guard_.observe_lent(context_.engine.now());
  connection->unlink();
  --idle_count_;
  ++active_count_;
  context_.counters.connections_idle.add(-1);
  context_.counters.connections_active.add(1);
  connection->client.bytes().cancel(*connection->watch);
  connection->watch.reset();
  ++connection->requests;
  return connection;
}

void Endpoint::note_response(UpstreamConnection& connection, const ResponseHead& head) {
  if (connection.is_shared) return;
  // Who announces does so from the first response on; nobody else's are searched.
  AnnouncedTerms& announced = static_cast<Http1UpstreamConnection&>(connection).announced;
  if (connection.requests > 1 && !announced.has_any()) return;
  announced.observe(keep_alive_terms_of(head.fields), connection.requests);
}

void Endpoint::note_reuse(const UpstreamConnection& connection, Duration idle_age, Fault fault) {
  if (connection.is_shared) return;
  Instant now = context_.engine.now();
  if (fault == Fault::none) guard_.observe_reuse(idle_age, connection.requests, now);
  if (fault == Fault::keep_alive_race) guard_.observe_race(idle_age, connection.requests, now);
}

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

Opening& Endpoint::open(Deadline deadline, Deadline latest, Speech speech) {
  Opening* leader = leader_for(speech);
  auto* opening = new Opening(*this, context_.engine, address(), deadline, latest);
  openings_.push_back(*opening);
  opening->only_http1_ = speech == Speech::http1;
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
  const std::optional<StreamError>& failure = session.connection.failure();
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
  }
  if (error) {
    release_reservation();
    note_connect_failed();
    return Failure(std::move(*error));
  }
  note_opened(*done);
  return adopt(std::move(bytes), done->connect_.to());
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

void Endpoint::take_back(std::unique_ptr<UpstreamConnection> connection, bool was_used) {
  if (connection->is_shared) return;  // its stream ends with it
  const Http1ClientConnection& client =
      static_cast<const Http1UpstreamConnection&>(*connection).client;
  if (!was_used) {
    give_back_unused(std::move(connection));
  } else if (client.is_reusable()) {
    give_back(std::move(connection));
  } else {
    bool whole = client.response_is_complete();
    discard(std::move(connection), whole ? Closing::orderly : Closing::reset);
  }
}

void Endpoint::give_back(std::unique_ptr<UpstreamConnection> lent) {
  std::unique_ptr<Http1UpstreamConnection> connection = as_http1(std::move(lent));
  const KeepAliveConfig& keep_alive = context_.settings.keep_alive;
  bool worn_out = keep_alive.requests != 0 && connection->requests >= keep_alive.requests;
  worn_out = worn_out || connection->announced.is_used_up(connection->requests);
  if (worn_out || !connection->client.is_reusable()) {
    discard(std::move(connection), Closing::orderly);
    return;
  }
  connection->client.rest();
  keep_idle(std::move(connection));
}

void Endpoint::give_back_unused(std::unique_ptr<UpstreamConnection> connection) {
  --connection->requests;
  keep_idle(as_http1(std::move(connection)));
}

void Endpoint::keep_idle(std::unique_ptr<Http1UpstreamConnection> connection) {
  const KeepAliveConfig& keep_alive = context_.settings.keep_alive;
  Duration longest_idle =
      std::min(keep_alive.idle, usable_part_of(connection->announced.timeout()));
  bool may_stay = keep_alive.enabled && longest_idle > Duration::zero() &&
                  idle_count_ < keep_alive.connections && still_has(connection->address);
  if (!may_stay) {
    discard(std::move(connection), Closing::orderly);
    return;
  }
  Engine& engine = context_.engine;
  ByteStream& bytes = connection->client.bytes();
  connection->idle_since = engine.now();
  connection->watch.emplace(bytes, &bytes.socket(), Watch::For::anything,
                            Deadline::after(engine.now(), longest_idle));
  connection->watch->on_complete(&Endpoint::idle_ended, connection.get());
  bool spoke_already = bytes.submit(*connection->watch);
  if (spoke_already) {
    guard_.observe_close(facts_of(*connection), engine.now());
    discard(std::move(connection), Closing::orderly);
    return;
  }
  health.note_kept_connection();
  --active_count_;
  ++idle_count_;
  context_.counters.connections_active.add(-1);
  context_.counters.connections_idle.add(1);
  idle_.push_front(*connection.release());
}

void Endpoint::discard(std::unique_ptr<UpstreamConnection> connection, Closing how) {
  std::unique_ptr<Http1UpstreamConnection> ended = as_http1(std::move(connection));
  const Http1ClientConnection& client = ended->client;
  bool endpoint_closes =
      how == Closing::orderly && client.response_is_complete() && !client.is_reusable();
  if (endpoint_closes) health.note_closed_connection(context_.engine.now());
  --active_count_;
  context_.counters.connections_active.add(-1);
  close(std::move(ended), how);
}

void Endpoint::close(std::unique_ptr<Http1UpstreamConnection> connection, Closing how) {
  context_.counters.connections_closed.add();
  release_reservation();
  connection->client.bytes().close(how);
}

void Endpoint::idle_ended(Operation& /*watch*/, void* connection) {
  auto& ended = *static_cast<Http1UpstreamConnection*>(connection);
  Endpoint& endpoint = ended.endpoint;
  Result<Watch::Seen, IoError> seen = ended.watch->take_result();
  bool time_is_up = !seen && seen.error().kind == IoError::Kind::deadline;
  KeepAliveGuard::Idle facts = endpoint.facts_of(ended);
  if (time_is_up) {
    endpoint.guard_.observe_alive(facts.age);
  } else {
    endpoint.guard_.observe_close(facts, endpoint.context_.engine.now());
  }
  endpoint.drop_idle(ended, Closing::orderly);
}

void Endpoint::close_idle() {
  openings_.for_each([this](Opening& opening) {
    if (!opening.is_abandoned_ || leads_somebody(opening)) return;
    std::unique_ptr<Opening> given_up(&opening);
    given_up->unlink();
    bool owns_nothing = opening.leader_ != nullptr || opening.session_ != nullptr;
    if (owns_nothing) return;
    context_.engine.cancel(given_up->connect_);
    release_reservation();
  });
  idle_.for_each(
      [this](Http1UpstreamConnection& connection) { end_idle(connection, Closing::orderly); });
  http2_.close_idle();
}

/// Does somebody wait for what this one opens?
bool Endpoint::leads_somebody(Opening& leader) {
  bool leads = false;
  openings_.for_each(
      [&](Opening& one) { leads = leads || (one.leader_ == &leader && !one.is_abandoned_); });
  return leads;
}

void Endpoint::end_idle(Http1UpstreamConnection& connection, Closing how) {
  connection.client.bytes().cancel(*connection.watch);
  drop_idle(connection, how);
}

void Endpoint::drop_idle(Http1UpstreamConnection& connection, Closing how) {
  std::unique_ptr<Http1UpstreamConnection> dropped(&connection);
  dropped->unlink();
  --idle_count_;
  context_.counters.connections_idle.add(-1);
  close(std::move(dropped), how);
}

}  // namespace gg
