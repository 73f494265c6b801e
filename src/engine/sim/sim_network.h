// SPDX-License-Identifier: Apache-2.0
// The simulated network: addresses, who listens there, how they answer, and all connections. Tests
// change it at any moment; engines connect and accept through it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "engine/address.h"
#include "engine/operation.h"
#include "engine/sim/sim_connection.h"
#include "engine/sim/sim_settings.h"

namespace gg {

/// An address that somebody listens to, or that has settings of its own.
struct SimListener {
  Address address;
  std::string path;  // what address.path borrows from
  ConnectAnswer answer = ConnectAnswer::accept;
  std::optional<LinkSettings> link;
  std::size_t backlog = 128;
  bool resets_on_overflow = false;  // else an overflowing connection attempt is not answered
  bool is_crashed = false;
  std::size_t holders = 0;                     // sockets (and a listen()) that keep it listening
  bool is_held_by_process = false;             // of those, the listen()
  std::deque<std::uint64_t> queue;             // connections that wait to be accepted
  std::vector<SimSocket*> sockets;             // the engines' shares of it
  std::vector<std::pair<End, Cut>> next_cuts;  // for the next connection
  std::uint64_t attempts = 0;                  // how often somebody tried to connect
};

class SimNetwork {
 public:
  explicit SimNetwork(SimWorld& world) : world_(world) {}
  SimNetwork(const SimNetwork&) = delete;
  SimNetwork& operator=(const SimNetwork&) = delete;

  // Settings. Connections copy their link's settings when they begin.

  /// For addresses without settings of their own.
  LinkSettings& defaults() { return defaults_; }
  void set_link(const Address& to, const LinkSettings& link) { place(to).link = link; }
  void set_answer(const Address& to, ConnectAnswer answer) { place(to).answer = answer; }
  /// Connections that may wait to be accepted; one more is ignored (and tried again by its
  /// system) or, if `resets`, reset.
  void set_backlog(const Address& to, std::size_t backlog, bool resets = false);

  // Listening, as the process does it: an engine's adopt_listener() shares it.

  void listen(const Address& address);
  void stop_listening(const Address& address);

  // Faults.

  /// The process behind `address` dies: who connects is refused until restart(), and every
  /// connection accepted there fails at once on its side; the other side sees a reset, or (how ==
  /// orderly) an end of stream, as after a kill with nothing unread.
  void crash(const Address& address, Closing how = Closing::reset);
  void restart(const Address& address);
  /// Nothing passes between `address` and anybody: connecting is not answered, connections stand.
  void black_hole(const Address& address);
  void heal(const Address& address);
  void reset_connections(const Address& address);
  /// What `from` sends stands still on every connection to `address` (see SimConnection::stall).
  void stall_connections(const Address& address, End from, Duration wait);
  /// Arms a fault for the next connection to `address`. Several calls arm several for the same.
  void cut_next(const Address& address, End from, const Cut& cut);

  /// Calls `act(SimConnection&)` for each connection to `address` that has been answered.
  template <class Act>
  void for_each_connection(const Address& address, Act act) {
    for (std::uint64_t number : connections_to(address)) {
      if (SimConnection* connection = find(number)) act(*connection);
    }
  }
  std::size_t connections_open() const { return connections_.size(); }
  std::uint64_t connections_made() const { return made_; }
  /// How often somebody tried to connect to `address`; retries of one attempt count once.
  std::uint64_t attempts_at(const Address& address) { return place(address).attempts; }
  /// The connection of that number, if it still exists.
  SimConnection* find(std::uint64_t number);
  /// The connection behind a socket of a simulated engine.
  static SimConnection& connection_of(const Socket& socket);
  static End end_of(const Socket& socket);

  // For SimEngine and SimConnection.

  SimListener& add_share(SimSocket& socket, const Address& address);
  void remove_share(SimSocket& socket);
  /// Starts connecting; the outcome reaches the socket through `is_connected` or `connect_error`,
  /// for a Unix address before this returns.
  void connect(SimSocket& socket, const Address& from, const Address& to);
  /// Connections from `from`'s IP to `to` that still exist, in whatever state.
  std::size_t connections_between(const Address& from, const Address& to) const;
  struct Waiting {
    SimConnection* connection;
    Address from;
  };
  /// The next connection that waits to be accepted.
  std::optional<Waiting> next_waiting(SimListener& listener);
  void retire(std::uint64_t number);

 private:
  struct Route {
    Address from;
    SimListener* to = nullptr;
    std::unique_ptr<SimConnection> connection;
  };

  SimListener& place(const Address& address);
  /// Who answers at `address`: its own listener, or one on every address of its port.
  SimListener& answering(const Address& address);
  std::vector<std::uint64_t> connections_to(const Address& address) const;
  void send_syn(std::uint64_t number, int tries);
  void syn_arrives(std::uint64_t number, int tries);
  void syn_is_lost(std::uint64_t number, int tries);
  void take_in(Route& route);
  void settle_later(SimConnection& connection, std::optional<IoError> error);
  void settle(std::uint64_t number, std::optional<IoError> error);
  void connect_unix(SimSocket& socket, Route& route);
  void flush_queue(SimListener& listener);

  SimWorld& world_;
  LinkSettings defaults_;
  std::map<std::string, std::unique_ptr<SimListener>> places_;
  std::map<std::uint64_t, Route> connections_;
  std::uint64_t made_ = 0;
};

}  // namespace gg
