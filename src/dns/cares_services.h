// SPDX-License-Identifier: Apache-2.0
// SRV records by c-ares from the name servers of /etc/resolv.conf. Runs on the control thread.
#pragma once

#include "dns/services.h"
#include "engine/engine.h"

namespace gg {

/// Looks at the library's sockets after short sleeps, for the reasons that CaresResolver has.
class CaresServices final : public ServiceFinder {
 public:
  explicit CaresServices(Engine& engine);
  ~CaresServices() override;

  Task<Result<Services, DnsError>> find(std::string_view name, Deadline deadline) override;
  void stop() override { is_stopped_ = true; }

 private:
  Engine& engine_;
  bool has_library_;
  bool is_stopped_ = false;
};

}  // namespace gg
