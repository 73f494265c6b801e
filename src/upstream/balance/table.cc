// SPDX-License-Identifier: Apache-2.0
// The one list of balancing algorithms. To add one: its file, its declaration and its row here.
#include <iterator>

#include "upstream/balance/balancer.h"

namespace gg {
namespace {

constexpr BalanceAlgorithm table[] = {
    {Balance::least_time, "least_time",
     "The endpoint expected to answer first, of two drawn at random.", make_least_time},
    {Balance::least_requests, "least_requests",
     "The endpoint with the fewest requests in flight for its weight.", make_least_requests},
    {Balance::round_robin, "round_robin", "Each endpoint in turn, as often as its weight says.",
     make_round_robin},
    {Balance::random, "random", "Any endpoint, as likely as its weight says.", make_random},
};

consteval bool table_is_sound() {
  for (std::size_t i = 0; i < std::size(table); ++i) {
    if (table[i].balance != static_cast<Balance>(i)) return false;
    if (table[i].about.empty() || table[i].about.back() != '.') return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (table[i].name == table[j].name) return false;
    }
  }
  return std::size(table) == static_cast<std::size_t>(Balance::random) + 1;
}
static_assert(table_is_sound());

}  // namespace

std::span<const BalanceAlgorithm> balance_algorithms() { return table; }

std::unique_ptr<Balancer> make_balancer(Balance balance) {
  return table[static_cast<std::size_t>(balance)].make();
}

}  // namespace gg
