// SPDX-License-Identifier: Apache-2.0
// `goodgate stop`.
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
    "Ends the running gateway: it accepts nothing new, lets exchanges end within timeouts.drain, "
    "and\n"
    "is gone when this returns.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate stop\n"
    "  goodgate stop -c shop.yaml       the one that runs with this file\n"
    "  goodgate stop --now              without waiting for exchanges\n";

constexpr int look_every_ms = 20;

}  // namespace

int stop_command(Arguments arguments) {
  std::string file;
  bool now = false;
  Options options(description, "goodgate stop", examples);
  options.text("-c,--config", file, "FILE", "The configuration that it runs with");
  options.flag("--now", now, "Cut exchanges off");
  if (std::optional<int> status = options.read(arguments)) return *status;

  Result<RunningGateway, std::string> gateway = choose_running(file);
  if (!gateway) {
    complain(gateway.error());
    return exit_something_wrong;
  }
  // An interrupt that finds it stopping ends it at once.
  bool told = kill(gateway->pid, SIGTERM) == 0;
  if (!told) {
    complain(fmt::format("cannot stop {}: {}", shown(*gateway), std::strerror(errno)));
    return exit_something_wrong;
  }
  while (std::optional<RunningGateway> still = look_again(*gateway)) {
    if (now && still->state == "stopping") {
      kill(gateway->pid, SIGINT);
      now = false;
    }
    poll(nullptr, 0, look_every_ms);
  }
  fmt::print("stopped ({})\n", shown(*gateway));
  return exit_fine;
}

}  // namespace gg
