// SPDX-License-Identifier: Apache-2.0
// `goodgate reload`.
#include <fmt/core.h>
#include <poll.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "cli/options.h"
#include "cli/running.h"

namespace gg {
namespace {

constexpr const char* description =
    "Makes the running gateway read its file again, and says how that went. A file with something\n"
    "wrong in it changes nothing. No connection is refused meanwhile; exchanges under way end as "
    "they\n"
    "began.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate reload\n"
    "  goodgate reload -c shop.yaml     the one that runs with this file\n";

constexpr int look_every_ms = 20;
/// More than the supervisor gives a new worker process.
constexpr int looks_most = 40 * 1000 / look_every_ms;

/// The text of the file after the reload ended; nothing if the gateway did or it took too long.
std::optional<RunningGateway> wait_for_reload(const RunningGateway& before) {
  for (int look = 0; look < looks_most; ++look) {
    std::optional<RunningGateway> after = look_again(before);
    if (!after || after->reloads_asked != before.reloads_asked) return after;
    poll(nullptr, 0, look_every_ms);
  }
  return std::nullopt;
}

}  // namespace

int reload_command(Arguments arguments) {
  std::string file;
  Options options(description, "goodgate reload", examples);
  options.text("-c,--config", file, "FILE", "The configuration that it runs with");
  if (std::optional<int> status = options.read(arguments)) return *status;

  Result<RunningGateway, std::string> gateway = choose_running(file);
  if (!gateway) {
    complain(gateway.error());
    return exit_something_wrong;
  }
  if (gateway->config_path.empty()) {
    complain(shown(*gateway) + ": there is nothing to read again");
    return exit_something_wrong;
  }
  if (kill(gateway->pid, SIGHUP) != 0) {
    complain(fmt::format("cannot reload {}: {}", shown(*gateway), std::strerror(errno)));
    return exit_something_wrong;
  }
  std::optional<RunningGateway> after = wait_for_reload(*gateway);
  if (!after) {
    complain(shown(*gateway) + " did not say how the reload went; see its standard error");
    return exit_something_wrong;
  }
  if (!after->reload_problem.empty()) {
    complain("not reloaded, the configuration from before stays in force\n" +
             after->reload_problem);
    return exit_something_wrong;
  }
  fmt::print("reloaded ({})\n", shown(*gateway));
  return exit_fine;
}

}  // namespace gg
