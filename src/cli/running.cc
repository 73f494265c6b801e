// SPDX-License-Identifier: Apache-2.0
#include "cli/running.h"

#include <fmt/core.h>
#include <poll.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "cli/command.h"

namespace gg {
namespace {

constexpr int look_every_ms = 20;
/// More than the supervisor gives a new process.
constexpr int looks_most = 40 * 1000 / look_every_ms;

/// What the file says once the answer is there or another process has it; nothing if the gateway
/// has ended or it took too long.
std::optional<RunningGateway> wait_for_outcome(const RunningGateway& before) {
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

Result<RunningGateway, std::string> choose_running(std::span<const RunningGateway> running,
                                                   const std::string& config_file, Reach reach) {
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
    bool by_admin = reach == Reach::admin;
    for (const RunningGateway& gateway : fitting) {
      text += "  " + shown(gateway) + (by_admin ? ", admin " + gateway.admin : "") + "\n";
    }
    return Failure(text + (by_admin ? "  say which with -c FILE or --admin ADDRESS"
                                    : "  say which with -c FILE, or by its pid: kill -TERM, -HUP"));
  }
  if (!wanted.empty()) {
    return Failure("no gateway that this user can see runs with " + wanted);
  }
  return Failure(
      std::string("no gateway that this user can see is running\n"
                  "  start one with `goodgate run`, or ask as the user that started it"));
}

Result<RunningGateway, std::string> choose_running(const std::string& config_file, Reach reach) {
  std::vector<RunningGateway> running = find_running_gateways();
  return choose_running(running, config_file, reach);
}

Result<std::string, std::string> admin_address(const std::string& admin,
                                               const std::string& config_file) {
  if (!admin.empty()) return admin;
  Result<RunningGateway, std::string> gateway = choose_running(config_file, Reach::admin);
  if (!gateway) return Failure(gateway.error());
  if (gateway->admin == "off") {
    return Failure(shown(*gateway) + " has no admin interface\n  set admin: in its configuration");
  }
  return gateway->admin;
}

std::optional<RunningGateway> tell_and_wait(const RunningGateway& gateway, int signal_number,
                                            std::string_view verb) {
  if (kill(gateway.pid, signal_number) != 0) {
    complain(fmt::format("cannot {} {}: {}", verb, shown(gateway), std::strerror(errno)));
    return std::nullopt;
  }
  std::optional<RunningGateway> after = wait_for_outcome(gateway);
  if (!after) {
    complain(fmt::format("{} did not say how the {} went; see its standard error", shown(gateway),
                         verb));
  }
  return after;
}

std::string shown(const RunningGateway& gateway) {
  return fmt::format("pid {}, {}", gateway.pid,
                     gateway.config_path.empty() ? "without a file" : gateway.config_path);
}

}  // namespace gg
