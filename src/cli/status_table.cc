// SPDX-License-Identifier: Apache-2.0
#include "cli/status_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/json_parts.h"

namespace gg {
namespace {

using nlohmann::json;

constexpr std::size_t columns = 9;
using Cells = std::array<std::string, columns>;

/// "3 s", "12 min", "4 h", "2 days": how long, at a glance.
std::string rough_time(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 172800) return fmt::format("{:.0f} h", seconds / 3600);
  return fmt::format("{:.0f} days", seconds / 86400);
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

Cells row_of(const json& endpoint) {
  json connections = part(endpoint, "connections");
  double expected = endpoint.is_object() ? endpoint.value("expected_ms", 0.0) : 0.0;
  std::string state = text(endpoint, "state");
  std::string reason = text(endpoint, "reason");
  return {"  " + text(endpoint, "address"),
          fmt::format("{}", number(endpoint, "requests")),
          fmt::format("{}", number(endpoint, "faults")),
          fmt::format("{}", number(endpoint, "requests_in_flight")),
          fmt::format("{}", number(endpoint, "requests_limit")),
          fmt::format("{}", number(connections, "active")),
          fmt::format("{}", number(connections, "idle")),
          expected > 0 ? fmt::format("{:.1f} ms", expected) : "-",
          reason.empty() ? state : state + ": " + reason};
}

/// Text to the left, numbers to the right, as wide as the widest; the state last, as it comes.
std::string lines_of(const std::vector<Cells>& rows, Coloring coloring) {
  std::array<std::size_t, columns> widths{};
  for (const Cells& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Cells& row : rows) {
    out += fmt::format("{:<{}}", row[0], widths[0]);
    for (std::size_t i = 1; i + 1 < columns; ++i) {
      out += fmt::format("  {:>{}}", row[i], widths[i]);
    }
    const std::string& state = row[columns - 1];
    bool is_heading = &row == &rows.front();
    bool paint = coloring == Coloring::colored && !is_heading;
    std::string_view color = state == "up" ? "\033[32m" : "\033[31m";
    out += fmt::format("  {}{}{}\n", paint ? color : "", state, paint ? "\033[0m" : "");
  }
  return out;
}

std::string heading(const json& status) {
  std::string listening;
  for (const json& listener : part(status, "listeners")) {
    if (listener.is_string())
      listening += (listening.empty() ? "" : ", ") + listener.get<std::string>();
  }
  double uptime = status.value("uptime_seconds", 0.0);
  return fmt::format("goodgate {}, pid {}, {} for {}, {}, listening on {}\n",
                     text(status, "version"), number(status, "pid"),
                     status.value("ready", false) ? "ready" : "not ready", rough_time(uptime),
                     counted(part(status, "workers").size(), "worker"), listening);
}

std::string totals(const json& requests) {
  return fmt::format(
      "requests: {}, {} active, {} ended in an error, {} rescued, {} unrescued by budget\n",
      number(requests, "total"), number(requests, "active"), number(requests, "errors"),
      number(requests, "rescued"), number(requests, "unrescued_by_budget"));
}

/// How full it is, which is what refusals come from.
std::string admission_of(const json& upstream) {
  return fmt::format("  {} of {} let in, {} waiting\n", number(upstream, "requests_admitted"),
                     number(upstream, "requests_limit"), number(upstream, "requests_waiting"));
}

/// Whether incidents outlive the process.
std::string history_of(const json& history) {
  std::string state = text(history, "state");
  if (state == "broken")
    return fmt::format("incidents: in memory only: {}\n", text(history, "problem"));
  std::string file = text(history, "file");
  return file.empty() ? "" : fmt::format("incidents: kept in {}\n", file);
}

/// Where its endpoints are looked up, and what is wrong there.
std::string discovery_of(const json& upstream) {
  json discovery = part(upstream, "discovery");
  if (!discovery.is_object()) return "";
  std::string problem = text(discovery, "problem");
  return fmt::format("  {} by {}{}\n", counted(number(discovery, "endpoints"), "endpoint"),
                     text(discovery, "source"), problem.empty() ? "" : ": " + problem);
}

std::string table_of(const json& status, Coloring coloring) {
  std::string out = heading(status) + totals(part(status, "requests"));
  out += history_of(part(status, "history"));
  for (const json& upstream : part(status, "upstreams")) {
    std::vector<Cells> rows = {{text(upstream, "name"), "requests", "faults", "in flight", "limit",
                                "active", "idle", "expected", "state"}};
    for (const json& endpoint : part(upstream, "endpoints")) rows.push_back(row_of(endpoint));
    out += "\n" + lines_of(rows, coloring) + admission_of(upstream) + discovery_of(upstream);
  }
  return out;
}

}  // namespace

Result<std::string, std::string> status_table(std::string_view json_text, Coloring coloring) {
  try {
    json status = json::parse(json_text);
    if (status.is_object()) return table_of(status, coloring);
  } catch (const json::exception&) {
    // Said below: which byte was wrong helps nobody.
  }
  return Failure(std::string("its status is not what this version of goodgate understands"));
}

}  // namespace gg
