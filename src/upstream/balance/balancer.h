// SPDX-License-Identifier: Apache-2.0
// The seam of load balancing: some candidates in, one of them out. The caller has already left out
// what is down, draining, in a lower tier or tried before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/rng.h"
#include "base/time.h"
#include "config/model.h"

namespace gg {

/// Which endpoint of its upstream. Small and dense: balancers keep arrays by it.
enum class EndpointIndex : std::uint32_t {};

/// What a balancer may know of an endpoint. Requests and time are those seen by this worker.
struct Candidate {
  EndpointIndex index{};
  std::uint32_t weight = 1;  // at least 1
  std::uint32_t requests_in_flight = 0;
  Duration expected_time{};  // of a response, from PeakEwma; zero: never measured
  static constexpr std::uint32_t full_share = 1000;
  std::uint32_t share = full_share;  // in thousandths of what it gets when all is well
  std::uint64_t identity = 0;        // a hash of its name: the same everywhere, whatever its index
};

/// One per upstream and worker; one thread. Same seed and same candidates: same picks.
class Balancer {
 public:
  Balancer() = default;
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;
  virtual ~Balancer() = default;

  /// The index of one of `candidates`, which are not empty and have no index twice. No allocation
  /// once every index has been seen.
  virtual EndpointIndex pick(std::span<const Candidate> candidates, Rng& rng) = 0;
};

/// A row of the table of algorithms.
struct BalanceAlgorithm {
  Balance balance;
  std::string_view name;  // as in the configuration
  std::string_view about;
  std::unique_ptr<Balancer> (*make)();
};

/// Every algorithm, in the order of `Balance`.
std::span<const BalanceAlgorithm> balance_algorithms();

std::unique_ptr<Balancer> make_balancer(Balance balance);

std::unique_ptr<Balancer> make_least_time();
std::unique_ptr<Balancer> make_least_requests();
std::unique_ptr<Balancer> make_round_robin();
std::unique_ptr<Balancer> make_random();

}  // namespace gg
