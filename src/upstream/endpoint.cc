// SPDX-License-Identifier: Apache-2.0
#include "upstream/endpoint.h"

#include <algorithm>

#include "upstream/balance/choice_key.h"

namespace gg {
namespace {

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

Endpoint::Endpoint(EndpointContext context, const EndpointConfig& settings, std::size_t seat)
    : weight(context.health.weight(seat).value_or(settings.weight)),
      load(context.quickest[seat]),
      health(context.health, seat),
      context_(context),
      seat_(seat),
      settings_(settings),
      name_(context.health.name(seat)),
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

void Endpoint::join(const EndpointConfig& settings) {
  GG_ASSERT(settings.url == settings_.url);
  settings_ = settings;
  weight = context_.health.weight(seat_).value_or(settings.weight);
  is_member_ = true;
  // Nothing is sent there any more, and a server that waits for its last client may end.
  if (settings.drains) close_idle();
}

void Endpoint::leave() {
  is_member_ = false;
  end_what_is_idle_elsewhere();
  close_idle();
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
  end_what_is_idle_elsewhere();
  while (!awaiting_.empty()) {
    AddressWait& wait = awaiting_.front();
    wait.unlink();
    context_.engine.cancel(wait.sleep);
  }
}

void Endpoint::end_what_is_idle_elsewhere() {
  http2_.retire_unless([this](const Address& to) { return still_has(to); });
  idle_.for_each([this](Http1UpstreamConnection& connection) {
    if (!still_has(connection.address)) end_idle(connection, Closing::orderly);
  });
}

bool Endpoint::still_has(const Address& address) const {
  return is_member_ && std::ranges::find(addresses_, address) != addresses_.end();
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
  if (need != ConnectionNeed::any) guard_.hear_of_doubt(health.doubted_until());
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
  return lend(find_fit(need));
}

/// A client who goes on asking finds its connection among the first. Those of clients that have
/// left wait for their end behind them.
std::unique_ptr<UpstreamConnection> Endpoint::take_introduced(ConnectionNeed need,
                                                              std::string_view introduction) {
  constexpr int looked_at_most = 64;
  if (idle_.empty() || need == ConnectionNeed::fresh) return nullptr;
  if (need != ConnectionNeed::any) guard_.hear_of_doubt(health.doubted_until());
  Http1UpstreamConnection* candidate = &idle_.front();
  for (int i = 0; i < looked_at_most && candidate != nullptr; ++i) {
    bool is_fit = candidate->is_introduced_by(introduction) &&
                  guard_.judge(need, facts_of(*candidate), context_.engine.now()) ==
                      KeepAliveGuard::Verdict::lend;
    if (is_fit) return lend(candidate);
    candidate = idle_.after(*candidate);
  }
  return nullptr;
}

std::unique_ptr<UpstreamConnection> Endpoint::lend(Http1UpstreamConnection* found) {
  std::unique_ptr<Http1UpstreamConnection> connection(found);
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
  if (fault != Fault::keep_alive_race) return;
  guard_.observe_race(idle_age, connection.requests, now);
  health.doubt_until(guard_.doubted_until());
}

/// The endpoint closed an idle connection.
void Endpoint::note_close(const KeepAliveGuard::Idle& facts) {
  guard_.observe_close(facts, context_.engine.now());
  health.doubt_until(guard_.doubted_until());
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
    note_close(facts_of(*connection));
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
    endpoint.note_close(facts);
  }
  endpoint.drop_idle(ended, Closing::orderly);
}

void Endpoint::close_idle() {
  openings_.for_each([this](Opening& opening) {
    if (!opening.is_abandoned_ || leads_somebody(opening)) return;
    std::unique_ptr<Opening> given_up(&opening);
    given_up->unlink();
    if (opening.leader_ != nullptr) return;
    if (opening.session_ != nullptr) {
      http2_.give_up(*opening.session_);
      return;
    }
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
