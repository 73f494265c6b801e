// SPDX-License-Identifier: Apache-2.0
// `goodgate upgrade`.
#include <fmt/core.h>

#include <csignal>

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
  std::optional<RunningGateway> after = tell_and_wait(*gateway, SIGUSR2, "upgrade");
  if (!after) return exit_something_wrong;
  if (after->pid == gateway->pid) {
    complain("not upgraded, the process from before goes on\n" + after->reload_problem);
    return exit_something_wrong;
  }
  fmt::print("upgraded: process {} has taken over from {}\n", after->pid, gateway->pid);
  return exit_fine;
}

}  // namespace gg
