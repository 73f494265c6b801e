// SPDX-License-Identifier: Apache-2.0
// `goodgate reload`.
#include <fmt/core.h>

#include <csignal>

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
  std::optional<RunningGateway> after = tell_and_wait(*gateway, SIGHUP, "reload");
  if (!after) return exit_something_wrong;
  if (!after->reload_problem.empty()) {
    complain("not reloaded, the configuration from before stays in force\n" +
             after->reload_problem);
    return exit_something_wrong;
  }
  fmt::print("reloaded ({})\n", shown(*gateway));
  return exit_fine;
}

}  // namespace gg
