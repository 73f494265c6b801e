// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/sim_network.h"

#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "engine/sim/sim_socket.h"
#include "engine/sim/sim_world.h"

namespace gg {

namespace {

/// Linux: a connection attempt is sent again after 1, 2, 4 … s, six times, and then 64 s waited.
constexpr int syn_retries = 6;

}  // namespace

SimListener& SimNetwork::place(const Address& address) {
  std::unique_ptr<SimListener>& found = places_[to_text(address)];
  if (found == nullptr) {
    found = std::make_unique<SimListener>();
    found->path = std::string(address.path);
    found->address = address;
    found->address.path = found->path;
  }
  return *found;
}

SimListener& SimNetwork::answering(const Address& address) {
  SimListener& own = place(address);
  Address any{.family = address.family, .port = address.port};
  if (own.holders > 0 || address.family == AddressFamily::unix_path) return own;
  auto found = places_.find(to_text(any));
  return found != places_.end() && found->second->holders > 0 ? *found->second : own;
}

void SimNetwork::set_backlog(const Address& to, std::size_t backlog, bool resets) {
  place(to).backlog = backlog;
  place(to).resets_on_overflow = resets;
}

// Listening.

void SimNetwork::listen(const Address& address) {
  SimListener& listener = place(address);
  if (std::exchange(listener.is_held_by_process, true)) return;
  ++listener.holders;
}

void SimNetwork::stop_listening(const Address& address) {
  SimListener& listener = place(address);
  if (!std::exchange(listener.is_held_by_process, false)) return;
  if (--listener.holders == 0) flush_queue(listener);
}

SimListener& SimNetwork::add_share(SimSocket& socket, const Address& address) {
  SimListener& listener = place(address);
  ++listener.holders;
  listener.sockets.push_back(&socket);
  return listener;
}

void SimNetwork::remove_share(SimSocket& socket) {
  SimListener& listener = *socket.listener;
  std::erase(listener.sockets, &socket);
  if (--listener.holders == 0) flush_queue(listener);
}

void SimNetwork::flush_queue(SimListener& listener) {
  for (std::uint64_t number : listener.queue) {
    if (SimConnection* connection = find(number)) connection->close(End::acceptor, Closing::reset);
  }
  listener.queue.clear();
}

std::optional<SimNetwork::Waiting> SimNetwork::next_waiting(SimListener& listener) {
  while (!listener.queue.empty()) {
    auto route = connections_.find(listener.queue.front());
    listener.queue.pop_front();
    if (route == connections_.end()) continue;
    return Waiting{.connection = route->second.connection.get(), .from = route->second.from};
  }
  return std::nullopt;
}

// Connecting.

void SimNetwork::connect(SimSocket& socket, const Address& from, const Address& to) {
  SimListener& listener = answering(to);
  std::uint64_t number = ++made_;
  ++listener.attempts;
  const LinkSettings& link = listener.link ? *listener.link : defaults_;
  Route& route = connections_[number];
  route = {.from = from,
           .to = &listener,
           .connection = std::make_unique<SimConnection>(world_, number, link)};
  SimConnection& connection = *route.connection;
  connection.open(End::connector);
  connection.attach(End::connector, &socket);
  socket.connection = &connection;
  socket.end = End::connector;
  world_.trace().note(
      {.at = world_.now(), .what = SimTrace::What::syn, .who = number, .amount = from.port});
  if (to.family == AddressFamily::unix_path) {
    connect_unix(socket, route);
  } else {
    send_syn(number, 0);
  }
}

void SimNetwork::connect_unix(SimSocket& socket, Route& route) {
  SimListener& listener = *route.to;
  if (listener.answer != ConnectAnswer::accept || listener.is_crashed) {
    socket.connect_error = io_error_of(ECONNREFUSED);
  } else if (listener.holders == 0) {
    socket.connect_error = io_error_of(ENOENT);
  } else if (listener.queue.size() >= listener.backlog) {
    socket.connect_error = IoError{.kind = IoError::Kind::backlog_full, .number = EAGAIN};
  } else {
    take_in(route);
    socket.is_connected = true;
  }
}

void SimNetwork::send_syn(std::uint64_t number, int tries) {
  SimConnection* connection = find(number);
  if (connection == nullptr) return;
  world_.after(connection->one_way(), [this, number, tries] { syn_arrives(number, tries); });
}

void SimNetwork::syn_arrives(std::uint64_t number, int tries) {
  auto found = connections_.find(number);
  if (found == connections_.end()) return;
  Route& route = found->second;
  SimListener& listener = *route.to;
  SimConnection& connection = *route.connection;
  switch (listener.answer) {
    case ConnectAnswer::accept:
      break;
    case ConnectAnswer::refuse:
      settle_later(connection, io_error_of(ECONNREFUSED));
      return;
    case ConnectAnswer::black_hole:
      syn_is_lost(number, tries);
      return;
    case ConnectAnswer::host_unreachable:
      settle_later(connection, io_error_of(EHOSTUNREACH));
      return;
    case ConnectAnswer::network_unreachable:
      settle_later(connection, io_error_of(ENETUNREACH));
      return;
    case ConnectAnswer::prohibited:
      settle_later(connection, io_error_of(EACCES));
      return;
  }
  if (listener.holders == 0 || listener.is_crashed) {
    settle_later(connection, io_error_of(ECONNREFUSED));
  } else if (listener.queue.size() < listener.backlog) {
    take_in(route);
    settle_later(connection, std::nullopt);
  } else if (listener.resets_on_overflow) {
    settle_later(connection, io_error_of(ECONNRESET));
  } else {
    syn_is_lost(number, tries);
  }
}

void SimNetwork::syn_is_lost(std::uint64_t number, int tries) {
  auto wait = std::chrono::seconds(std::int64_t{1} << tries);
  if (tries < syn_retries) {
    world_.after(wait, [this, number, tries] { send_syn(number, tries + 1); });
  } else {
    world_.after(wait, [this, number] { settle(number, io_error_of(ETIMEDOUT)); });
  }
}

void SimNetwork::take_in(Route& route) {
  SimListener& listener = *route.to;
  SimConnection& connection = *route.connection;
  connection.open(End::acceptor);
  for (const auto& [from, cut] : std::exchange(listener.next_cuts, {})) connection.cut(from, cut);
  listener.queue.push_back(connection.number());
  for (SimSocket* socket : listener.sockets) socket->wake();
}

void SimNetwork::settle_later(SimConnection& connection, std::optional<IoError> error) {
  Instant when = world_.now() + connection.one_way();
  connection.answer_arrives_at(when);
  world_.at(when, [this, number = connection.number(), error] { settle(number, error); });
}

void SimNetwork::settle(std::uint64_t number, std::optional<IoError> error) {
  auto found = connections_.find(number);
  if (found == connections_.end()) return;
  SimConnection& connection = *found->second.connection;
  auto what = error ? SimTrace::What::refused : SimTrace::What::established;
  auto why = error ? static_cast<std::uint64_t>(error->number) : 0;
  world_.trace().note({.at = world_.now(), .what = what, .who = number, .amount = why});
  connection.settle_connect(error);
}

std::size_t SimNetwork::connections_between(const Address& from, const Address& to) const {
  std::size_t count = 0;
  for (const auto& [number, route] : connections_) {
    if (route.from.ip == from.ip && route.to->address == to) ++count;
  }
  return count;
}

// Connections.

SimConnection* SimNetwork::find(std::uint64_t number) {
  auto found = connections_.find(number);
  return found == connections_.end() ? nullptr : found->second.connection.get();
}

void SimNetwork::retire(std::uint64_t number) { connections_.erase(number); }

SimConnection& SimNetwork::connection_of(const Socket& socket) {
  SimConnection* connection = static_cast<const SimSocket&>(socket).connection;
  GG_ASSERT(connection != nullptr);
  return *connection;
}

End SimNetwork::end_of(const Socket& socket) { return static_cast<const SimSocket&>(socket).end; }

std::vector<std::uint64_t> SimNetwork::connections_to(const Address& address) const {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, route] : connections_) {
    bool answered = route.connection->was_answered();
    if (answered && route.to->address == address) numbers.push_back(number);
  }
  return numbers;
}

// Faults.

void SimNetwork::crash(const Address& address, Closing how) {
  SimListener& listener = place(address);
  listener.is_crashed = true;
  flush_queue(listener);
  for_each_connection(address,
                      [how](SimConnection& connection) { connection.kill(End::acceptor, how); });
}

void SimNetwork::restart(const Address& address) { place(address).is_crashed = false; }

void SimNetwork::black_hole(const Address& address) {
  set_answer(address, ConnectAnswer::black_hole);
  stall_connections(address, End::connector, Duration::max());
  stall_connections(address, End::acceptor, Duration::max());
}

void SimNetwork::heal(const Address& address) {
  set_answer(address, ConnectAnswer::accept);
  for_each_connection(address, [](SimConnection& connection) {
    connection.resume(End::connector);
    connection.resume(End::acceptor);
  });
}

void SimNetwork::reset_connections(const Address& address) {
  for_each_connection(address, [](SimConnection& connection) { connection.reset(); });
}

void SimNetwork::stall_connections(const Address& address, End from, Duration wait) {
  for_each_connection(address,
                      [from, wait](SimConnection& connection) { connection.stall(from, wait); });
}

void SimNetwork::cut_next(const Address& address, End from, const Cut& cut) {
  answering(address).next_cuts.emplace_back(from, cut);
}

}  // namespace gg
