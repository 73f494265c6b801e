// SPDX-License-Identifier: Apache-2.0
// Which of several upstreams a request of one route goes to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "config/rules_model.h"
#include "engine/address.h"
#include "http/head.h"
#include "rules/request_key.h"

namespace gg {

/// Immutable: any number of threads may ask at once. No allocation.
///
/// Each request is a point on a line of which the upstreams have parts in the order of the file, as
/// long as their weights. So whoever was sent to the first one stays there when its part grows.
class Split {
 public:
  explicit Split(const SplitConfig& config);

  /// The place of its upstream in the configuration's `among`. `dice`: any random number.
  std::size_t choose(const RequestHead& head, const Address& client, std::uint64_t dice) const;

 private:
  std::size_t at(std::uint64_t point) const;

  RequestKey key_;
  bool is_random_;
  std::vector<std::uint64_t> ends_;  // of the parts, the last one to the end of the line
};

}  // namespace gg
