// SPDX-License-Identifier: Apache-2.0
// Names resolved by c-ares: /etc/hosts first, then the name servers of /etc/resolv.conf. Runs on
// the control thread.
#pragma once

#include <string>
#include <string_view>

#include "dns/resolver.h"
#include "engine/engine.h"

namespace gg {

struct CaresSettings {
  std::string servers;    // "10.0.0.53,[fd00::53]:5353"; empty: those of /etc/resolv.conf
  Duration timeout = 1s;  // until a server is asked again; doubled every time
  int tries = 3;          // per server
};

/// Every lookup is a library channel of its own, gone when the lookup ends: it sees a changed
/// resolv.conf, has a fresh source port, and giving it up leaves nothing behind. The library's
/// sockets are not the engine's, so a lookup looks at them after short sleeps: 1 ms at first, then
/// an eighth of the time waited, at most 20 ms. That adds little to a lookup, needs no thread, and
/// suits what happens a few times a second at most.
class CaresResolver final : public Resolver {
 public:
  explicit CaresResolver(Engine& engine, CaresSettings settings = {});
  ~CaresResolver() override;

  Task<Result<Resolved, DnsError>> resolve(std::string_view name, Deadline deadline) override;
  void stop() override { is_stopped_ = true; }

 private:
  Engine& engine_;
  CaresSettings settings_;
  bool has_library_;
  bool is_stopped_ = false;
};

}  // namespace gg
