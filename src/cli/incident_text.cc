// SPDX-License-Identifier: Apache-2.0
#include "cli/incident_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/json_parts.h"

namespace gg {
namespace {

using nlohmann::json;

constexpr std::size_t columns = 7;
using Cells = std::array<std::string, columns>;

std::string painted(std::string_view words, bool is_bad, Coloring coloring) {
  if (coloring != Coloring::colored) return std::string(words);
  return fmt::format("{}{}\033[0m", is_bad ? "\033[31m" : "\033[33m", words);
}

/// "2026-08-01T12:34:56.000789Z" becomes "2026-08-01 12:34:56".
std::string clock_of(const std::string& time) {
  if (time.size() < 19) return time;
  return time.substr(0, 10) + " " + time.substr(11, 8);
}

std::string share_of(const json& incident) {
  if (!incident.contains("share")) return "-";
  double percent = 100 * incident.value("share", 0.0);
  return percent < 1 ? "<1 %" : fmt::format("{:.0f} %", percent);
}

Cells row_of(const json& incident) {
  std::string title = text(incident, "title");
  std::uint64_t cause = number(incident, "explained_by");
  if (cause != 0) title += fmt::format(" (because of {})", cause);
  return {fmt::format("{}", number(incident, "id")),
          incident.value("open", false) ? "open" : "over",
          clock_of(text(incident, "began")),
          fmt::format("{}", number(incident, "failed")),
          fmt::format("{}", number(incident, "rescued")),
          share_of(incident),
          text(incident, "blame") + ": " + title};
}

/// What does not outlive the process although it should.
std::string warning_of(const json& history) {
  if (text(history, "state") != "broken") return "";
  return fmt::format("kept in memory only: {}\n", text(history, "problem"));
}

std::string table_of(const json& answer, Coloring coloring) {
  json incidents = part(answer, "incidents");
  std::string warning = warning_of(part(answer, "history"));
  bool has_history = text(part(answer, "history"), "state") == "kept";
  if (incidents.empty()) {
    return fmt::format("nothing failed or had to be rescued since the {}\n{}",
                       has_history ? "history began" : "gateway started", warning);
  }
  std::vector<Cells> rows = {
      {"id", "state", "began (UTC)", "failed", "rescued", "share", "whose, and what"}};
  for (const json& incident : incidents) rows.push_back(row_of(incident));
  std::array<std::size_t, columns> widths{};
  for (const Cells& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Cells& row : rows) {
    bool is_open = row[1] == "open";
    std::string line = fmt::format("{:>{}}  {:<{}}  {:<{}}  {:>{}}  {:>{}}  {:>{}}  ", row[0],
                                   widths[0], row[1], widths[1], row[2], widths[2], row[3],
                                   widths[3], row[4], widths[4], row[5], widths[5]);
    out += line + (is_open ? painted(row[6], row[3] != "0", coloring) : row[6]) + "\n";
  }
  const json& first = incidents.front();
  if (first.value("open", false)) {
    out += fmt::format("\nfirst to do: {}\n", text(first, "remedy"));
  }
  out += fmt::format("`goodgate incidents {}` tells more\n", number(first, "id"));
  return out + warning;
}

std::string list_of(const json& lines) {
  std::string out;
  for (const json& line : lines) {
    if (line.is_string()) out += fmt::format("  - {}\n", line.get<std::string>());
  }
  return out;
}

/// Changes of health are left out where they stand among the gateway's deeds.
std::string changes_of(const json& changes, bool with_health = true) {
  std::string out;
  for (const json& change : changes) {
    if (!with_health && text(change, "kind") == "health") continue;
    out += fmt::format("  - {}  {}\n", clock_of(text(change, "time")), text(change, "text"));
  }
  return out;
}

std::string paragraph(std::string_view name, const std::string& lines) {
  return lines.empty() ? "" : fmt::format("\n{}\n{}", name, lines);
}

std::string heading_of(const json& incident, Coloring coloring) {
  bool is_open = incident.value("open", false);
  std::string out =
      fmt::format("incident {}: {}\n", number(incident, "id"),
                  painted(text(incident, "title"), number(incident, "failed") > 0, coloring));
  json fault = part(incident, "fault");
  out += fmt::format("{}\n\n", text(fault, "meaning"));
  out += fmt::format("  whose     {}\n", text(incident, "blame"));
  out += fmt::format("  since     {} UTC, {}\n", clock_of(text(incident, "began")),
                     is_open ? "last seen " + clock_of(text(incident, "last_seen"))
                             : "over since " + clock_of(text(incident, "ended")));
  out += fmt::format("  requests  {} failed, {} rescued", number(incident, "failed"),
                     number(incident, "rescued"));
  if (incident.contains("share")) {
    std::string upstream = text(incident, "upstream");
    out += fmt::format(", {} of {}", share_of(incident),
                       upstream.empty() ? "all" : "what goes to " + upstream);
  }
  out += fmt::format(", at most {:.1f} per second\n", incident.value("most_per_second", 0.0));
  std::string routes;
  for (const json& route : part(incident, "routes")) {
    std::string name = text(route, "route");
    routes += fmt::format("{}{} ({})", routes.empty() ? "" : ", ",
                          name.empty() ? "none matched" : name, number(route, "requests"));
  }
  if (!routes.empty()) out += fmt::format("  routes    {}\n", routes);
  std::uint64_t cause = number(incident, "explained_by");
  if (cause != 0) out += fmt::format("  because   of incident {}, probably: see that one\n", cause);
  std::uint64_t effects = number(incident, "explains");
  if (effects != 0) out += fmt::format("  explains  {} other incidents\n", effects);
  return out;
}

std::string story_of(const json& incident, Coloring coloring) {
  std::string out = heading_of(incident, coloring);
  out += paragraph("what to do", list_of(part(incident, "remedies")));
  out += paragraph("what was observed", list_of(part(incident, "evidence")));
  out += paragraph("what changed just before", changes_of(part(incident, "before")));
  out += paragraph("what changed since", changes_of(part(incident, "during"), false));
  out += paragraph("what the gateway did", list_of(part(incident, "gateway")));
  std::string samples;
  for (const json& sample : part(incident, "samples")) {
    if (sample.is_string())
      samples += fmt::format("  goodgate explain {}\n", sample.get<std::string>());
  }
  return out + paragraph("single requests", samples);
}

template <class Draw>
Result<std::string, std::string> drawn(std::string_view json_text, const char* key, Draw draw) {
  try {
    json answer = json::parse(json_text);
    if (answer.is_object() && answer.contains(key)) return draw(answer);
  } catch (const json::exception&) {
    // Said below: which byte was wrong helps nobody.
  }
  return Failure(std::string("its answer is not what this version of goodgate understands"));
}

}  // namespace

Result<std::string, std::string> incident_table(std::string_view json_text, Coloring coloring) {
  return drawn(json_text, "incidents",
               [=](const json& answer) { return table_of(answer, coloring); });
}

Result<std::string, std::string> incident_text(std::string_view json_text, Coloring coloring) {
  return drawn(json_text, "title", [=](const json& answer) { return story_of(answer, coloring); });
}

}  // namespace gg
