// SPDX-License-Identifier: Apache-2.0
// That saving requests stays cheap, that nothing is left, and that everything ends.
#include "support/checks.h"

namespace gg {

namespace {

/// Both directions' buffers of one client connection: heads, a body chunk each way, what is being
/// parsed. Bodies are read by at most 256 KiB.
constexpr std::size_t session_bytes_max = std::size_t{2} << 20;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Complaints check_amplification(const History& history) {
  const RetryRules& rules = history.rules;
  auto requests = static_cast<double>(history.records.size());
  double time = seconds(history.ended - history.began + rules.budget_over);
  // Each worker keeps its own budget; the floor of one window is there from the start.
  double floor = rules.budget_floor_per_second * time * static_cast<double>(history.workers);
  double most = requests * (1 + rules.budget_share + rules.hedge_share) + floor + 1;
  if (static_cast<double>(history.seen.size()) <= most) return {};
  return {std::to_string(history.seen.size()) + " deliveries for " +
          std::to_string(history.records.size()) + " requests; the budget allows " +
          std::to_string(static_cast<std::uint64_t>(most))};
}

Complaints check_leftovers(const History& history) {
  Complaints complaints;
  auto expect_none = [&complaints](std::string_view what, std::int64_t count) {
    if (count != 0) complaints.push_back(std::to_string(count) + " " + std::string(what));
  };
  const Leftovers& left = history.left;
  expect_none("sockets of the gateway are still open",
              static_cast<std::int64_t>(left.gateway_sockets));
  expect_none("bytes of buffers were not given back",
              static_cast<std::int64_t>(left.gateway_buffer_bytes));
  expect_none("coroutine frames are still there", static_cast<std::int64_t>(left.frames));
  expect_none("client connections are still counted", left.client_connections);
  expect_none("upstream connections are still counted", left.upstream_connections);
  expect_none("connections are still in the network",
              static_cast<std::int64_t>(left.network_connections));
  std::size_t most = (history.sessions_peak + 1) * session_bytes_max;
  if (history.buffer_bytes_peak > most) {
    complaints.push_back(std::to_string(history.buffer_bytes_peak) +
                         " bytes were lent at once to " + std::to_string(history.sessions_peak) +
                         " clients");
  }
  return complaints;
}

Complaints check_time(const History& history) {
  Complaints complaints;
  if (!history.came_to_rest) complaints.push_back("the run did not come to rest");
  if (history.left.sessions_cut > 0) {
    complaints.push_back(std::to_string(history.left.sessions_cut) +
                         " clients had to be cut off after draining");
  }
  for (const SimOutcome* outcome : history.outcomes) {
    bool lost = had_trouble(history, Trouble::Kind::client_network, outcome->id);
    if (outcome->how == SimOutcome::How::late && !lost) {
      complaints.push_back("request " + std::to_string(outcome->id) + ": its client lost patience");
    }
  }
  return complaints;
}

}  // namespace gg
