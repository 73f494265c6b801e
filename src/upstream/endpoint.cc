// SPDX-License-Identifier: Apache-2.0
#include "upstream/endpoint.h"

#include <algorithm>

#include "fault/catalogue.h"
#include "fault/classify.h"
#include "upstream/balance/choice_key.h"

namespace gg {

Endpoint::Endpoint(EndpointContext context, const EndpointConfig& settings, std::size_t index)
    : load(context.quickest[index]),
      health(context.health, index),
      context_(context),
      settings_(settings),
      name_(name_of(settings.url)),
      identity_(sip_hash({}, name_)) {
  if (const std::optional<StickyConfig>& sticky = context.settings.balance.sticky) {
    sticky_mark_ = gg::sticky_mark(*sticky, context.settings.name, name_);
  }
  std::optional<Address> fixed = fixed_address_of(settings.url);
  if (fixed) addresses_.push_back(*fixed);
  needs_name_ = !fixed;
}

Endpoint::~Endpoint() {
  GG_ASSERT(active_count_ == 0);
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
  idle_.for_each([this](UpstreamConnection& connection) {
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

KeepAliveGuard::Idle Endpoint::facts_of(const UpstreamConnection& connection) const {
  return {.age = context_.engine.now() - connection.idle_since,
          .requests = connection.requests,
          .announced = connection.announced.timeout()};
}

/// The connection used last, or one of the next few if those have more to show for them.
UpstreamConnection* Endpoint::find_fit(ConnectionNeed need) {
  using Verdict = KeepAliveGuard::Verdict;
  Instant now = context_.engine.now();
  UpstreamConnection* candidate = &idle_.front();
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

std::unique_ptr<UpstreamConnection> Endpoint::take_idle(ConnectionNeed need) {
  if (idle_.empty()) return nullptr;
  std::unique_ptr<UpstreamConnection> connection(find_fit(need));
  if (connection == nullptr) return nullptr;
  guard_.observe_lent(context_.engine.now());
  connection->unlink();
  --idle_count_;
  ++active_count_;
  context_.counters.connections_idle.add(-1);
  context_.counters.connections_active.add(1);
  connection->http.bytes().cancel(*connection->watch);
  connection->watch.reset();
  ++connection->requests;
  return connection;
}

void Endpoint::note_response(UpstreamConnection& connection, const ResponseHead& head) {
  // Who announces does so from the first response on; nobody else's are searched.
  AnnouncedTerms& announced = connection.announced;
  if (connection.requests > 1 && !announced.has_any()) return;
  announced.observe(keep_alive_terms_of(head.fields), connection.requests);
}

void Endpoint::note_reuse(const UpstreamConnection& connection, Duration idle_age, Fault fault) {
  Instant now = context_.engine.now();
  if (fault == Fault::none) guard_.observe_reuse(idle_age, connection.requests, now);
  if (fault == Fault::keep_alive_race) guard_.observe_race(idle_age, connection.requests, now);
}

bool Endpoint::reserve_connection() {
  std::uint32_t limit = context_.settings.limits.connections;
  std::uint32_t before = context_.connections.fetch_add(1, std::memory_order_relaxed);
  if (limit == 0 || before < limit) return true;
  if (!idle_.empty()) {
    end_idle(idle_.back(), Closing::orderly);
    return true;
  }
  release_reservation();
  return false;
}

void Endpoint::release_reservation() {
  context_.connections.fetch_sub(1, std::memory_order_relaxed);
}

Opening& Endpoint::open(Deadline deadline, Deadline latest) {
  auto* opening = new Opening(*this, context_.engine, address(), deadline, latest);
  openings_.push_back(*opening);
  opening->connect_.on_complete(&Endpoint::opening_ended, opening);
  bool is_connected = opening->connect_.start();
  opening->is_done_ = is_connected && !speak_tls(*opening);
  return *opening;
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
      context_.tls->wrap(std::move(*socket), settings_.url.host, &tls_session_), deadline);
  TlsHandshake& handshake = opening.tls_->handshake;
  handshake.on_complete(&Endpoint::opening_ended, &opening);
  return !handshake.start();
}

void Endpoint::opening_ended(Operation& /*operation*/, void* opening) {
  auto& ended = *static_cast<Opening*>(opening);
  if (ended.endpoint.speak_tls(ended)) return;
  ended.is_done_ = true;
  Endpoint& endpoint = ended.endpoint;
  if (ended.waiter != nullptr) endpoint.context_.engine.cancel(*ended.waiter);
  if (ended.is_abandoned_) endpoint.finish_abandoned(ended);
}

Result<std::unique_ptr<UpstreamConnection>, OpenError> Endpoint::take(Opening& opening) {
  GG_ASSERT(opening.is_done_);
  std::unique_ptr<Opening> done(&opening);
  done->unlink();
  std::unique_ptr<ByteStream> bytes;
  std::optional<OpenError> error;
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
  Duration sample = context_.engine.now() - done->began;
  bool is_first = usual_connect_time_ == Duration::zero();
  usual_connect_time_ = is_first ? sample : (7 * usual_connect_time_ + sample) / 8;
  return adopt(std::move(bytes), done->connect_.to());
}

void Endpoint::abandon(Opening& opening) {
  opening.waiter = nullptr;
  opening.is_abandoned_ = true;
  if (opening.is_done_) finish_abandoned(opening);
}

void Endpoint::finish_abandoned(Opening& opening) {
  Instant began = opening.began;
  Result<std::unique_ptr<UpstreamConnection>, OpenError> opened = take(opening);
  if (opened) {
    give_back_unused(std::move(*opened));
    return;
  }
  const OpenError& error = opened.error();
  Fault fault = error.tls ? classify(AttemptFacts{.stage = Stage::tls}, *error.tls)
                          : classify(AttemptFacts{.stage = Stage::connect}, error.io);
  if (!row_of(fault).about_endpoint) return;
  ++faults_total;
  HealthTicket(health, began).failed(fault, {}, context_.engine.now());
}

std::unique_ptr<UpstreamConnection> Endpoint::adopt(std::unique_ptr<ByteStream> bytes,
                                                    const Address& address) {
  ++active_count_;
  context_.counters.connections_opened.add();
  context_.counters.connections_active.add(1);
  auto connection =
      std::make_unique<UpstreamConnection>(*this, ++context_.last_connection_id, std::move(bytes),
                                           address, context_.limits, context_.engine.now());
  connection->requests = 1;
  return connection;
}

void Endpoint::give_back(std::unique_ptr<UpstreamConnection> connection) {
  const KeepAliveConfig& keep_alive = context_.settings.keep_alive;
  bool worn_out = keep_alive.requests != 0 && connection->requests >= keep_alive.requests;
  worn_out = worn_out || connection->announced.is_used_up(connection->requests);
  if (worn_out || !connection->http.is_reusable()) {
    discard(std::move(connection), Closing::orderly);
    return;
  }
  connection->http.rest();
  keep_idle(std::move(connection));
}

void Endpoint::give_back_unused(std::unique_ptr<UpstreamConnection> connection) {
  --connection->requests;
  keep_idle(std::move(connection));
}

void Endpoint::keep_idle(std::unique_ptr<UpstreamConnection> connection) {
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
  ByteStream& bytes = connection->http.bytes();
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
  const Http1ClientConnection& http = connection->http;
  bool endpoint_closes =
      how == Closing::orderly && http.response_is_complete() && !http.is_reusable();
  if (endpoint_closes) health.note_closed_connection(context_.engine.now());
  --active_count_;
  context_.counters.connections_active.add(-1);
  close(std::move(connection), how);
}

void Endpoint::close(std::unique_ptr<UpstreamConnection> connection, Closing how) {
  context_.counters.connections_closed.add();
  release_reservation();
  connection->http.bytes().close(how);
}

void Endpoint::idle_ended(Operation& /*watch*/, void* connection) {
  auto& ended = *static_cast<UpstreamConnection*>(connection);
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
    if (!opening.is_abandoned_) return;
    std::unique_ptr<Opening> given_up(&opening);
    given_up->unlink();
    context_.engine.cancel(given_up->connect_);
    release_reservation();
  });
  idle_.for_each(
      [this](UpstreamConnection& connection) { end_idle(connection, Closing::orderly); });
}

void Endpoint::end_idle(UpstreamConnection& connection, Closing how) {
  connection.http.bytes().cancel(*connection.watch);
  drop_idle(connection, how);
}

void Endpoint::drop_idle(UpstreamConnection& connection, Closing how) {
  std::unique_ptr<UpstreamConnection> dropped(&connection);
  dropped->unlink();
  --idle_count_;
  context_.counters.connections_idle.add(-1);
  close(std::move(dropped), how);
}

}  // namespace gg
