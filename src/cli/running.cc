// SPDX-License-Identifier: Apache-2.0
#include "cli/running.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>
#include <vector>

namespace gg {

Result<RunningGateway, std::string> choose_running(std::span<const RunningGateway> running,
                                                   const std::string& config_file) {
  std::string wanted;
  if (!config_file.empty()) {
    std::error_code error;
    wanted = std::filesystem::weakly_canonical(config_file, error).string();
  }
  std::vector<RunningGateway> fitting;
  for (const RunningGateway& gateway : running) {
    if (wanted.empty() || gateway.config_path == wanted) fitting.push_back(gateway);
  }
  if (fitting.size() == 1) return fitting.front();
  if (!fitting.empty()) {
    std::string text = "more than one gateway runs\n";
    for (const RunningGateway& gateway : fitting) text += "  " + shown(gateway) + "\n";
    return Failure(text + "  say which with -c FILE, or by its pid: kill -TERM, -HUP");
  }
  if (!wanted.empty()) {
    return Failure("no gateway that this user can see runs with " + wanted);
  }
  return Failure(
      std::string("no gateway that this user can see is running\n"
                  "  start one with `goodgate run`, or ask as the user that started it"));
}

Result<RunningGateway, std::string> choose_running(const std::string& config_file) {
  std::vector<RunningGateway> running = find_running_gateways();
  return choose_running(running, config_file);
}

Result<std::string, std::string> admin_address(const std::string& admin,
                                               const std::string& config_file) {
  if (!admin.empty()) return admin;
  Result<RunningGateway, std::string> gateway = choose_running(config_file);
  if (!gateway) return Failure(gateway.error());
  if (gateway->admin == "off") {
    return Failure(shown(*gateway) + " has no admin interface\n  set admin: in its configuration");
  }
  return gateway->admin;
}

std::string shown(const RunningGateway& gateway) {
  return fmt::format("pid {}, {}", gateway.pid,
                     gateway.config_path.empty() ? "without a file" : gateway.config_path);
}

}  // namespace gg
