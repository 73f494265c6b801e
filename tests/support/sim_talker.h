// SPDX-License-Identifier: Apache-2.0
// A simulated client that says bytes as it is told and keeps all that comes back: for requests that
// no decent client makes, and for tunnels.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/sim/sim_engine.h"
#include "task/scope.h"

namespace gg {

struct Saying {
  std::string bytes;
  Duration before{};  // waits this long first
  /// How it goes on after the last saying is up to the gateway, unless this one ends it.
  enum class Then : std::uint8_t { waits, ends_sending, resets };
  Then then = Then::waits;
};

struct Talk {
  std::string heard;
  bool is_over = false;
  std::optional<IoError> error;  // nothing: it ended in good order, or this side reset it
  Duration lasted{};

  /// "400" of "HTTP/1.1 400 Bad Request…"; empty if there is none.
  std::string status() const { return heard.size() >= 12 ? heard.substr(9, 3) : std::string(); }
};

/// Begins at once. Listens all the time, as long as an hour. Must be over before it dies.
class SimTalker {
 public:
  SimTalker(SimWorld& world, const Address& to, std::vector<Saying> sayings);

  bool is_over() const { return scope_.running() == 0; }
  const Talk& talk() const { return talk_; }

 private:
  Task<void> run(Address to, std::vector<Saying> sayings);
  Task<void> listen();

  SimEngine engine_;
  SocketPtr socket_;
  Talk talk_;
  Scope scope_;
};

}  // namespace gg
