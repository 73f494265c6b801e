// SPDX-License-Identifier: Apache-2.0
// The machine of one simulated origin: the origin and whatever stands in front of it (TLS, HTTP/2).
// What befalls it befalls all of it, and the gateway sees it at its door.
#pragma once

#include <vector>

#include "support/sim_origin.h"

namespace gg {

/// Its origin, and the engines that are put in front, outlive it.
class SimMachine {
 public:
  SimMachine(SimNetwork& network, SimOrigin& origin)
      : network_(network), origin_(origin), places_{origin.address()}, engines_{&origin.engine()} {}

  /// Where the gateway finds it.
  const Address& door() const { return places_.back(); }
  /// From now on the door is at `at`, and whoever stands there is part of the machine.
  void put_in_front(const Address& at, SimEngine& engine) {
    places_.push_back(at);
    engines_.push_back(&engine);
  }
  /// The ways within it.
  void set_inner_links(const LinkSettings& link) {
    for (std::size_t i = 0; i + 1 < places_.size(); ++i) network_.set_link(places_[i], link);
  }

  /// The door first: nobody outside is to see what happens within.
  void crash(Closing how = Closing::reset) {
    for (std::size_t i = places_.size(); i-- > 1;) network_.crash(places_[i], how);
    origin_.crash(how);
  }
  void restart() {
    origin_.restart();
    for (std::size_t i = 1; i < places_.size(); ++i) network_.restart(places_[i]);
  }
  /// A stopped process: its system goes on accepting.
  void freeze() {
    for (SimEngine* engine : engines_) engine->freeze();
  }
  void thaw() {
    for (SimEngine* engine : engines_) engine->thaw();
  }
  /// Nothing stands still on the way to it any more.
  void heal() {
    for (const Address& place : places_) network_.heal(place);
  }

 private:
  SimNetwork& network_;
  SimOrigin& origin_;
  std::vector<Address> places_;  // the door is the last
  std::vector<SimEngine*> engines_;
};

}  // namespace gg
