// SPDX-License-Identifier: Apache-2.0
#include "cli/top_screen.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/json_parts.h"

namespace gg {
namespace {

using nlohmann::json;

enum class Ink : std::uint8_t { none, good, warning, bad, quiet };

/// Text cut to the width of the screen, then coloured. Bytes beyond ASCII count as if each were a
/// column: a line may end early, never too late.
std::string line(std::string text, const TopView& view, Ink ink = Ink::none) {
  constexpr std::string_view inks[] = {"", "\033[32m", "\033[33m", "\033[31m", "\033[2m"};
  if (text.size() > view.columns) {
    std::size_t end = view.columns;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    text.resize(end);
  }
  if (view.coloring == Coloring::plain || ink == Ink::none) return text;
  return std::string(inks[static_cast<std::size_t>(ink)]) + text + "\033[0m";
}

double real(const json& object, const char* key) {
  return object.is_object() ? object.value(key, 0.0) : 0.0;
}

std::string duration(double ms) {
  if (ms <= 0) return "-";
  if (ms < 1) return fmt::format("{:.0f} us", ms * 1000);
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  return ms < 1000 ? fmt::format("{:.0f} ms", ms) : fmt::format("{:.1f} s", ms / 1000);
}

std::string amount(double value) {
  if (value >= 1e6) return fmt::format("{:.1f}M", value / 1e6);
  if (value >= 1e4) return fmt::format("{:.1f}k", value / 1e3);
  return value > 0 && value < 10 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
}

struct Row {
  std::string upstream;
  std::string endpoint;
  std::string state;
  std::string reason;
  double rate = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t faults = 0;
  double expected = 0;
  bool is_well() const { return state == "up" || state == "recovering"; }
};

std::vector<Row> rows_of(const TopFacts& facts) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> earlier;
  for (const json& upstream : part(facts.before, "upstreams")) {
    for (const json& endpoint : part(upstream, "endpoints")) {
      earlier[{text(upstream, "name"), text(endpoint, "address")}] = number(endpoint, "requests");
    }
  }
  double seconds = real(facts.status, "uptime_seconds") - real(facts.before, "uptime_seconds");
  std::vector<Row> rows;
  for (const json& upstream : part(facts.status, "upstreams")) {
    for (const json& endpoint : part(upstream, "endpoints")) {
      Row& row = rows.emplace_back(Row{.upstream = text(upstream, "name"),
                                       .endpoint = text(endpoint, "address"),
                                       .state = text(endpoint, "state"),
                                       .reason = text(endpoint, "reason"),
                                       .in_flight = number(endpoint, "requests_in_flight"),
                                       .faults = number(endpoint, "faults"),
                                       .expected = real(endpoint, "expected_ms")});
      auto before = earlier.find({row.upstream, row.endpoint});
      std::uint64_t now = number(endpoint, "requests");
      bool is_known = before != earlier.end() && now >= before->second && seconds > 0;
      if (is_known) row.rate = static_cast<double>(now - before->second) / seconds;
    }
  }
  return rows;
}

/// Whether a comes before b by what the order is about; ties go by name.
bool comes_before(const Row& a, const Row& b, TopOrder order) {
  auto by_name = std::tie(a.upstream, a.endpoint) <=> std::tie(b.upstream, b.endpoint);
  switch (order) {
    case TopOrder::trouble:
      if (a.is_well() != b.is_well()) return !a.is_well();
      break;
    case TopOrder::rate:
      if (a.rate != b.rate) return a.rate > b.rate;
      break;
    case TopOrder::in_flight:
      if (a.in_flight != b.in_flight) return a.in_flight > b.in_flight;
      break;
    case TopOrder::faults:
      if (a.faults != b.faults) return a.faults > b.faults;
      break;
    case TopOrder::name:
      break;
  }
  return by_name < 0;
}

std::string heading(const TopFacts& facts) {
  std::string listening;
  for (const json& listener : part(facts.status, "listeners")) {
    if (!listener.is_string()) continue;
    listening += (listening.empty() ? "" : ", ") + listener.get<std::string>();
  }
  return fmt::format("goodgate {}, pid {}, up for {:.0f} s, {}", text(facts.status, "version"),
                     number(facts.status, "pid"), real(facts.status, "uptime_seconds"), listening);
}

/// Is it fine, and if not, why.
std::string verdict(const TopFacts& facts, const std::vector<Row>& rows, Ink& ink) {
  ink = Ink::bad;
  if (!facts.trouble.empty()) return "The gateway does not answer: " + facts.trouble;
  for (const json& incident : part(facts.incidents, "incidents")) {
    bool counts = incident.value("open", false) && !incident.contains("explained_by") &&
                  text(incident, "blame") != "client";
    if (!counts) continue;
    bool was_seen = number(incident, "failed") > 0;
    if (!was_seen) ink = Ink::warning;
    return (was_seen ? "" : "Clients notice nothing: ") + text(incident, "title");
  }
  ink = Ink::warning;
  if (!facts.status.value("ready", false)) return "Draining: /ready says 503";
  auto ill = std::ranges::count_if(
      rows, [](const Row& row) { return !row.is_well() && row.state != "draining"; });
  if (ill > 0) {
    return fmt::format("Clients notice nothing: {} of {} endpoints cannot be used", ill,
                       rows.size());
  }
  if (real(part(facts.status, "recent"), "errors_per_second") > 0) {
    ink = Ink::bad;
    return "Some requests failed in the last ten seconds";
  }
  ink = Ink::good;
  return "All is well";
}

std::vector<std::string> figures(const json& status) {
  json recent = part(status, "recent");
  json latency = part(recent, "latency_ms");
  json requests = part(status, "requests");
  std::uint64_t clients = 0;
  for (const json& worker : part(status, "workers"))
    clients += number(worker, "client_connections");
  auto stage = [&](const char* name, const char* label) {
    json times = part(latency, name);
    return fmt::format("{} {} / {} / {}", label, duration(real(times, "p50")),
                       duration(real(times, "p95")), duration(real(times, "p99")));
  };
  return {
      fmt::format("per second: {} requests, {} errors, {} rescued   under way {}, clients {}",
                  amount(real(recent, "requests_per_second")),
                  amount(real(recent, "errors_per_second")),
                  amount(real(recent, "rescued_per_second")), number(requests, "active"), clients),
      fmt::format("in all: {} requests, {} errors, {} rescued", number(requests, "total"),
                  number(requests, "errors"), number(requests, "rescued")),
      "half / 95 % / 99 % within: " + stage("total", "whole") + ", " +
          stage("first_byte", "first byte") + ", " + stage("queue", "queue")};
}

void add_incidents(std::vector<std::string>& lines, const TopFacts& facts, const TopView& view) {
  // The endpoints must find room too.
  std::size_t most = std::min<std::size_t>(5, view.rows / 6);
  for (const json& incident : part(facts.incidents, "incidents")) {
    if (most == 0) break;
    if (!incident.value("open", false)) continue;
    --most;
    bool was_seen = number(incident, "failed") > 0;
    lines.push_back(line(fmt::format("#{} {}: {} failed, {} rescued", number(incident, "id"),
                                     text(incident, "title"), number(incident, "failed"),
                                     number(incident, "rescued")),
                         view, was_seen ? Ink::bad : Ink::warning));
    std::string remedy = text(incident, "remedy");
    if (!remedy.empty()) lines.push_back(line("   " + remedy, view, Ink::quiet));
  }
}

std::string row_line(const Row& row, std::size_t name_width) {
  std::string name = row.upstream + " " + row.endpoint;
  if (name.size() > name_width) name.resize(name_width);
  return fmt::format("{:<{}} {:<10} {:>7} {:>6} {:>7} {:>8}  {}", name, name_width, row.state,
                     amount(row.rate), row.in_flight, row.faults, duration(row.expected),
                     row.reason);
}

Ink ink_of(const Row& row) {
  if (row.is_well()) return Ink::none;
  return row.state == "ejected" || row.state == "unresolved" ? Ink::bad : Ink::warning;
}

}  // namespace

std::string_view name_of(TopOrder order) {
  constexpr std::string_view names[] = {"trouble", "requests per second", "in flight", "faults",
                                        "name"};
  return names[static_cast<std::size_t>(order)];
}

std::vector<std::string> top_screen(const TopFacts& facts, const TopView& view) {
  std::vector<Row> rows = rows_of(facts);
  Ink ink = Ink::none;
  std::string said = verdict(facts, rows, ink);
  std::vector<std::string> lines = {line(heading(facts), view, Ink::quiet), line(said, view, ink)};
  for (std::string& text : figures(facts.status)) lines.push_back(line(std::move(text), view));
  add_incidents(lines, facts, view);
  std::ranges::sort(rows,
                    [&](const Row& a, const Row& b) { return comes_before(a, b, view.order); });

  std::size_t name_width = 12;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.upstream.size() + 1 + row.endpoint.size());
  }
  name_width = std::min(name_width, std::max<std::size_t>(view.columns / 3, 12));
  lines.push_back(line("", view));
  lines.push_back(
      line(fmt::format("{:<{}} {:<10} {:>7} {:>6} {:>7} {:>8}  {}", "endpoint", name_width, "state",
                       "per sec", "flight", "faults", "expected", "why"),
           view, Ink::quiet));
  // One line for the keys, and the last one of the terminal stays free.
  std::size_t room = view.rows > lines.size() + 2 ? view.rows - lines.size() - 2 : 0;
  std::size_t skipped = std::min(view.skipped, rows.size() > room ? rows.size() - room : 0);
  for (std::size_t i = skipped; i < rows.size() && i < skipped + room; ++i) {
    lines.push_back(line(row_line(rows[i], name_width), view, ink_of(rows[i])));
  }
  std::string hidden;
  if (rows.size() > room)
    hidden = fmt::format("   {} to {} of {}", skipped + 1, std::min(skipped + room, rows.size()),
                         rows.size());
  lines.push_back(
      line(fmt::format("q quit  p {}  s sort: {}  j k scroll{}",
                       view.is_held ? "go on (held)" : "hold", name_of(view.order), hidden),
           view, Ink::quiet));
  if (lines.size() + 1 > view.rows) lines.resize(view.rows > 1 ? view.rows - 1 : 1);
  return lines;
}

}  // namespace gg
