// SPDX-License-Identifier: Apache-2.0
// The gateway that a command is to talk to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gate/runtime_file.h"

namespace gg {

/// How a command reaches a gateway, and so how people may say which one they mean.
enum class Reach : std::uint8_t { signal, admin };

/// The one that runs with `config_file` (as typed), or the only one when that is empty. Fails with
/// a sentence and a remedy when there is none, or more than one fits.
Result<RunningGateway, std::string> choose_running(std::span<const RunningGateway> running,
                                                   const std::string& config_file,
                                                   Reach reach = Reach::signal);

/// The same, among those that run now.
Result<RunningGateway, std::string> choose_running(const std::string& config_file,
                                                   Reach reach = Reach::signal);

/// Where a running gateway answers operators: `admin` if it is given, else what the gateway that
/// runs with `config_file` says.
Result<std::string, std::string> admin_address(const std::string& admin,
                                               const std::string& config_file);

/// Sends `signal_number` to the gateway, to `verb` it ("reload"), and waits until it says how that
/// went. What its file says then, perhaps of another process in its place; nothing, and a complaint
/// made, if it cannot be told or does not say.
std::optional<RunningGateway> tell_and_wait(const RunningGateway& gateway, int signal_number,
                                            std::string_view verb);

/// "pid 12, /etc/goodgate/goodgate.yaml".
std::string shown(const RunningGateway& gateway);

}  // namespace gg
