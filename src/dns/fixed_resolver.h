// SPDX-License-Identifier: Apache-2.0
// A resolver over a table, for tests and simulation: says what it was told to say, when it was told
// to say it. IP addresses need no row.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "dns/resolver.h"
#include "engine/engine.h"

namespace gg {

class FixedResolver final : public Resolver {
 public:
  explicit FixedResolver(Engine& engine) : engine_(engine) {}

  /// From now on; names are compared without case. A name without a row does not exist.
  void set(std::string_view name, Resolved answer) { put(name, std::move(answer)); }
  void fail(std::string_view name, DnsError error) { put(name, Failure(error)); }
  /// How long every answer takes.
  void set_delay(Duration delay) { delay_ = delay; }
  /// How many times it was asked.
  std::size_t lookups() const { return lookups_; }

  Task<Result<Resolved, DnsError>> resolve(std::string_view name, Deadline deadline) override;
  void stop() override { is_stopped_ = true; }

 private:
  void put(std::string_view name, Result<Resolved, DnsError> answer);

  Engine& engine_;
  std::map<std::string, Result<Resolved, DnsError>, std::less<>> table_;
  Duration delay_{};
  std::size_t lookups_ = 0;
  bool is_stopped_ = false;
};

}  // namespace gg
