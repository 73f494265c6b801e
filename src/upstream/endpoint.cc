// SPDX-License-Identifier: Apache-2.0
#include "upstream/endpoint.h"

#include <algorithm>

namespace gg {

namespace {

std::string name_of_endpoint(const EndpointUrl& url) {
  if (url.scheme == Scheme::unix_socket) return "unix:" + url.path;
  bool is_v6 = url.host.find(':') != std::string::npos;
  std::string host = is_v6 ? "[" + url.host + "]" : url.host;
  return host + ":" + std::to_string(url.port);
}

EjectionRules ejection_rules(const EjectConfig& settings) {
  return {.consecutive_faults = std::max(settings.consecutive_faults, 1U),
          .shortest = settings.shortest,
          .longest = settings.longest};
}

}  // namespace

Endpoint::Endpoint(EndpointContext context, const EndpointConfig& settings)
    : ejection(ejection_rules(context.settings.eject)),
      context_(context),
      settings_(settings),
      name_(name_of_endpoint(settings.url)) {
  if (settings.url.scheme == Scheme::unix_socket) {
    addresses_.push_back(Address::unix_at(settings.url.path));
  } else if (std::optional<Address> ip = parse_ip(settings.url.host, settings.url.port)) {
    addresses_.push_back(*ip);
  } else {
    needs_name_ = true;
  }
}

Endpoint::~Endpoint() {
  GG_ASSERT(active_count_ == 0);
  close_idle();
}

void Endpoint::set_addresses(std::vector<Address> addresses) {
  for (Address& address : addresses) address.port = settings_.url.port;
  std::optional<Address> current = has_address() ? std::optional(address()) : std::nullopt;
  addresses_ = std::move(addresses);
  current_address_ = 0;
  if (current && still_has(*current)) {
    auto place = std::ranges::find(addresses_, *current);
    current_address_ = static_cast<std::size_t>(place - addresses_.begin());
  }
  idle_.for_each([this](UpstreamConnection& connection) {
    if (!still_has(connection.address)) end_idle(connection);
  });
}

bool Endpoint::still_has(const Address& address) const {
  return std::ranges::find(addresses_, address) != addresses_.end();
}

std::unique_ptr<UpstreamConnection> Endpoint::take_idle() {
  if (idle_.empty()) return nullptr;
  std::unique_ptr<UpstreamConnection> connection(&idle_.front());
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

bool Endpoint::reserve_connection() {
  std::uint32_t limit = context_.settings.limits.connections;
  std::uint32_t before = context_.connections.fetch_add(1, std::memory_order_relaxed);
  if (limit == 0 || before < limit) return true;
  release_reservation();
  return false;
}

void Endpoint::release_reservation() {
  context_.connections.fetch_sub(1, std::memory_order_relaxed);
}

std::unique_ptr<UpstreamConnection> Endpoint::adopt(SocketPtr socket, const Address& address) {
  ++active_count_;
  context_.counters.connections_opened.add();
  context_.counters.connections_active.add(1);
  auto connection = std::make_unique<UpstreamConnection>(
      *this, ++context_.last_connection_id, std::make_unique<PlainStream>(std::move(socket)),
      address, context_.limits, context_.engine.now());
  connection->requests = 1;
  return connection;
}

void Endpoint::give_back(std::unique_ptr<UpstreamConnection> connection) {
  const KeepAliveConfig& keep_alive = context_.settings.keep_alive;
  bool worn_out = keep_alive.requests != 0 && connection->requests >= keep_alive.requests;
  bool may_stay = keep_alive.enabled && !worn_out && idle_count_ < keep_alive.connections &&
                  connection->http.is_reusable() && still_has(connection->address);
  if (!may_stay) {
    discard(std::move(connection), Closing::orderly);
    return;
  }
  connection->http.rest();
  Engine& engine = context_.engine;
  ByteStream& bytes = connection->http.bytes();
  connection->idle_since = engine.now();
  connection->watch.emplace(bytes, &bytes.socket(), Watch::For::anything,
                            Deadline::after(engine.now(), keep_alive.idle));
  connection->watch->on_complete(&Endpoint::idle_ended, connection.get());
  bool spoke_already = bytes.submit(*connection->watch);
  if (spoke_already) {
    discard(std::move(connection), Closing::orderly);
    return;
  }
  --active_count_;
  ++idle_count_;
  context_.counters.connections_active.add(-1);
  context_.counters.connections_idle.add(1);
  idle_.push_front(*connection.release());
}

void Endpoint::discard(std::unique_ptr<UpstreamConnection> connection, Closing how) {
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
  std::unique_ptr<UpstreamConnection> ended(static_cast<UpstreamConnection*>(connection));
  Endpoint& endpoint = ended->endpoint;
  ended->unlink();
  --endpoint.idle_count_;
  endpoint.context_.counters.connections_idle.add(-1);
  endpoint.close(std::move(ended), Closing::orderly);
}

void Endpoint::close_idle() {
  idle_.for_each([this](UpstreamConnection& connection) { end_idle(connection); });
}

void Endpoint::end_idle(UpstreamConnection& connection) {
  connection.http.bytes().cancel(*connection.watch);
  idle_ended(*connection.watch, &connection);
}

}  // namespace gg
