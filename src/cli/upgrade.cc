// SPDX-License-Identifier: Apache-2.0
// `goodgate upgrade`.
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
    "Makes the running gateway start its program anew, which is another version if the file was\n"
    "replaced, and says how that went. The new process takes the same sockets, and what was "
    "learned\n"
    "of endpoints; the old one ends when its exchanges have. One that does not get ready is given\n"
    "up, and the old one goes on.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate upgrade\n"
    "  goodgate upgrade -c shop.yaml     the one that runs with this file\n";

constexpr int look_every_ms = 20;
/// More than the supervisor gives a new process.
constexpr int looks_most = 40 * 1000 / look_every_ms;

/// The text of the file once another process has it or there was a problem; nothing if the gateway
/// has ended or it took too long.
std::optional<RunningGateway> wait_for_upgrade(const RunningGateway& before) {
  for (int look = 0; look < looks_most; ++look) {
    std::optional<RunningGateway> after = look_again(before);
    bool is_over =
        !after || after->pid != before.pid || after->reloads_asked != before.reloads_asked;
    if (is_over) return after;
    poll(nullptr, 0, look_every_ms);
  }
  return std::nullopt;
}

}  // namespace

int upgrade_command(Arguments arguments) {
  std::string file;
  Options options(description, "goodgate upgrade", examples);
  options.text("-c,--config", file, "FILE", "The configuration that it runs with");
  if (std::optional<int> status = options.read(arguments)) return *status;

  Result<RunningGateway, std::string> gateway = choose_running(file);
  if (!gateway) {
    complain(gateway.error());
    return exit_something_wrong;
  }
  if (kill(gateway->pid, SIGUSR2) != 0) {
    complain(fmt::format("cannot upgrade {}: {}", shown(*gateway), std::strerror(errno)));
    return exit_something_wrong;
  }
  std::optional<RunningGateway> after = wait_for_upgrade(*gateway);
  if (!after) {
    complain(shown(*gateway) + " did not say how the upgrade went; see its standard error");
    return exit_something_wrong;
  }
  if (after->pid == gateway->pid) {
    complain("not upgraded, the process from before goes on\n" + after->reload_problem);
    return exit_something_wrong;
  }
  fmt::print("upgraded: process {} has taken over from {}\n", after->pid, gateway->pid);
  return exit_fine;
}

}  // namespace gg
