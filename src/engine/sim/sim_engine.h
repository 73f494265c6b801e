// SPDX-License-Identifier: Apache-2.0
// The engine on a simulated world: the same operations, virtual time, one seed. For tests; several
// may share one world (gateway workers, clients, origins), all on one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/intrusive_list.h"
#include "engine/engine.h"
#include "engine/sim/sim_network.h"
#include "engine/sim/sim_socket.h"
#include "engine/sim/sim_world.h"

namespace gg {

/// post() is for the world's thread only. Dies before its world, with all its sockets closed.
class SimEngine final : public Engine {
 public:
  explicit SimEngine(SimWorld& world);
  ~SimEngine() override;

  void close(Socket& socket, Closing how) override;
  void end_sending(Socket& socket) override;
  /// Known of accepted connections.
  Address local_address(const Socket& socket) const override {
    return static_cast<const SimSocket&>(socket).local;
  }
  /// The descriptor does not matter. Without SimNetwork::listen() at the address, it listens there
  /// for as long as one such socket is open.
  Result<SocketPtr, IoError> adopt_listener(int descriptor, const Address& address) override;
  /// Lets the whole world run until this engine has something to do, at most for `most`. Whoever
  /// drives by SimWorld::run does not call it.
  void turn(Duration most) override;

  SimWorld& world() { return world_; }

  /// The address that its connections come from; 10.1.0.1, 10.1.0.2 … in the order of making.
  void set_ip(std::array<std::uint8_t, 4> ip) { ip_ = ip; }

  /// Sockets that may be open at once; one more connect or accept fails with no_descriptors.
  void set_descriptors_max(std::size_t most) { descriptors_max_ = most; }
  std::size_t open_sockets() const { return open_sockets_; }
  /// Connections that may exist to one address; one more connect fails with no_ports.
  void set_ports_max(std::size_t most) { ports_max_ = most; }

  /// A stopped process: the network goes on, and its system still accepts, but nothing here runs.
  void freeze();
  void thaw() { frozen_ = false; }

  /// For SimWorld and SimSocket.
  bool has_work();
  /// After has_work() was false: not later than the next timer's moment.
  std::optional<Instant> next_due() const { return frozen_ ? std::nullopt : next_due_; }
  void wake_socket(SimSocket& socket);

 private:
  void wake() override { has_messages_ = true; }
  bool begin(Operation& operation) override;
  void forget(Operation& operation) override;

  bool begin_accept(Accept& accept);
  bool begin_connect(Connect& connect);
  bool begin_receive(Receive& receive);
  bool begin_send(Send& send);
  bool begin_watch(Watch& watch);

  enum class Moment : std::uint8_t { now, later };
  /// Chance's word on whether an operation that could complete has to wait a little.
  Moment moment_for(SimSocket& socket, Deadline deadline);
  SimSocket& new_socket();
  void look_at(SimSocket& socket);
  void look_at_woken();
  void finish_connect(SimSocket& socket, Connect& connect);
  bool is_writable(const SimSocket& socket) const;
  void bury();

  SimWorld& world_;
  std::array<std::uint8_t, 4> ip_;
  std::uint16_t next_port_ = 32768;
  std::size_t descriptors_max_ = 1'000'000;
  std::size_t ports_max_ = 28'232;
  std::size_t open_sockets_ = 0;
  bool frozen_ = false;
  std::optional<Instant> frozen_since_;  // before the last turn
  bool has_messages_ = false;
  std::optional<Instant> next_due_;  // as it was when timers were last added
  bool timers_changed_ = true;
  IntrusiveList<SimSocket> woken_;
  std::vector<SimSocket*> in_hand_;  // woken ones that this turn looks at
  std::vector<std::unique_ptr<SimSocket>> closed_this_turn_;
};

}  // namespace gg
