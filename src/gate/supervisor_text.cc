// SPDX-License-Identifier: Apache-2.0
#include "gate/supervisor_text.h"

#include <unistd.h>

#include <csignal>
#include <vector>

#include "gate/descriptors.h"

namespace gg {
namespace {

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    bool is_last = i + 1 == parts.size();
    if (i > 0) text += is_last ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

std::int64_t microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace

void say(std::string_view text) {
  std::string line = "goodgate: " + std::string(text);
  if (!line.ends_with('\n')) line += '\n';
  // Whoever reads it may be gone; there is nobody else to tell.
  if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

std::string serving_text(const Listeners& listeners, const Config& config) {
  std::size_t endpoints = 0;
  bool some_are_looked_up = false;
  for (const UpstreamConfig& upstream : config.upstreams) {
    endpoints += upstream.endpoints.size();
    some_are_looked_up = some_are_looked_up || upstream.discover;
  }
  return "listening on " + joined(listeners.client_addresses(config)) + ", " +
         counted(config.upstreams.size(), "upstream") + " with " + counted(endpoints, "endpoint") +
         (some_are_looked_up ? " and those that are looked up" : "") + ", admin " +
         (config.admin.address ? "on " : "") + listeners.admin_address(config);
}

std::string descriptor_shortage_text(const Config& config, std::uint64_t descriptors) {
  std::uint32_t wanted = config.limits.connections;
  std::uint32_t fitting = clients_that_fit(wanted, descriptors);
  if (fitting >= wanted / 4) return {};
  return std::to_string(descriptors) + " descriptors are enough for " + std::to_string(fitting) +
         " clients at once, not for the " + std::to_string(wanted) +
         " of limits.connections\n  raise the limit: ulimit -Hn, LimitNOFILE=";
}

std::string restart_text(const std::string& what, Duration delay, std::uint32_t young_deaths) {
  if (delay == Duration::zero()) return what + "; starting another";
  return what + ", the " + std::to_string(young_deaths) +
         ". in a row that died within a second; starting another in " + short_text(delay);
}

std::string stopping_text(int signal_number, Duration drain_time) {
  std::string text = signal_number == SIGINT ? "interrupted" : "told to stop";
  text += ": no new connections, exchanges may end";
  if (drain_time > Duration::zero()) text += " within " + short_text(drain_time);
  return text + (signal_number == SIGINT ? "; interrupt again to end at once" : "");
}

std::string short_text(Duration duration) {
  auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  bool whole_seconds = milliseconds % 1000 == 0;
  return whole_seconds ? std::to_string(milliseconds / 1000) + "s"
                       : std::to_string(milliseconds) + "ms";
}

std::string ready_assignments(const Listeners& listeners, const Config& config) {
  return "READY=1\nSTATUS=" + serving_text(listeners, config);
}

std::string reloading_assignments(Instant now) {
  return "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds(now.since_start)) +
         "\nSTATUS=reloading";
}

std::string stopping_assignments(Duration longest) {
  std::string text = "STOPPING=1\nSTATUS=draining";
  if (longest > Duration::zero()) {
    text += "\nEXTEND_TIMEOUT_USEC=" + std::to_string(microseconds(longest));
  }
  return text;
}

}  // namespace gg
