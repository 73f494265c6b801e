// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/print_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "diagnose/printable.h"
#include "fault/catalogue.h"

namespace gg {
namespace {

constexpr std::size_t margin = 14;
constexpr std::size_t groups_most = 12;

std::string thousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", thousands(number), number == 1 ? one : many);
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "0 %";
  double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return percent < 1 ? "under 1 %" : fmt::format("{:.0f} %", percent);
}

std::uint64_t sum(std::span<const CauseGroup* const> groups) {
  std::uint64_t total = 0;
  for (const CauseGroup* group : groups) total += group->count;
  return total;
}

/// "N1 connect_refused", or "H1 keep_alive_race or H2 closed_before_head".
std::string names_of(const CauseGroup& group) {
  std::string out;
  for (Fault fault : group.causes()) {
    if (!out.empty()) out += " or ";
    out += fmt::format("{} {}", row_of(fault).id, row_of(fault).name);
  }
  return out.empty() ? std::string(group.sign->name) : out;
}

void add_fact(std::string& out, std::string_view label, std::string_view text) {
  if (text.empty()) return;
  out += fmt::format("   {:<{}}{}\n", label, margin - 3, wrapped(text, margin));
}

std::string when(const CauseGroup& group) {
  if (group.pattern.first() == 0) return {};
  std::string words = group.pattern.words();
  if (words.starts_with("all at")) return words;
  return fmt::format("{} to {}{}{}", format_log_time(group.pattern.first()),
                     format_log_time(group.pattern.last()), words.empty() ? "" : ", ", words);
}

std::string took(const CauseGroup& group) {
  if (group.longest_ms < 0) return {};
  auto seconds = [](std::int64_t ms) { return static_cast<double>(ms) / 1000; };
  if (group.shortest_ms == group.longest_ms)
    return fmt::format("{:.3f} s", seconds(group.longest_ms));
  return fmt::format("{:.3f} to {:.3f} s", seconds(group.shortest_ms), seconds(group.longest_ms));
}

std::string commonest(const WordCount& words) {
  std::string out;
  for (const auto& [word, count] : words.top(3)) {
    out +=
        fmt::format("{}{} ({})", out.empty() ? "" : ", ", printable(word, 120), thousands(count));
  }
  if (words.different() > 3) out += fmt::format(" and {} more", words.different() - 3);
  return out;
}

void add_group(std::string& out, std::size_t number, const CauseGroup& group, std::uint64_t total) {
  std::vector<Fault> causes = group.causes();
  out += fmt::format("\n{}. {}\n", number, names_of(group));
  std::string requests = group.failed_requests > 0 ? fmt::format("; {} of them cost a request",
                                                                 thousands(group.failed_requests))
                                                   : "";
  add_fact(out, "Count",
           fmt::format("{} ({}), in {}{}", thousands(group.count), share(group.count, total),
                       name_of(group.product), requests));
  if (causes.empty()) {
    add_fact(out, "What", group.sign->meaning);
  } else {
    const FaultRow& row = row_of(causes.front());
    add_fact(out, causes.size() == 1 ? "What" : "Likeliest", row.meaning);
    add_fact(out, "Whose", name_of(row.blame));
  }
  add_fact(out, "When", when(group));
  add_fact(out, "Took", took(group));
  add_fact(out, "Endpoints", commonest(group.endpoints));
  add_fact(out, "Paths", commonest(group.paths));
  if (!causes.empty()) add_fact(out, "Mend", remedy_for(causes.front(), group.product));
  for (std::size_t i = 1; i < causes.size(); ++i) {
    add_fact(out, "",
             fmt::format("If {}: {}", row_of(causes[i]).id, remedy_for(causes[i], group.product)));
  }
  if (causes.size() != 1) add_fact(out, "Tell apart", group.sign->settle);
  if (causes.size() == 1) add_fact(out, "Prove", advice_on(causes.front()).proof);
  for (const std::string& example : group.examples) out += fmt::format("   | {}\n", example);
}

bool is_consequence(const CauseGroup& group) {
  std::vector<Fault> causes = group.causes();
  return causes.empty() || causes.front() == Fault::no_healthy_endpoint ||
         causes.front() == Fault::all_endpoints_ejected;
}

/// Without endpoints nothing works, but something took them out: what checks found, or else what
/// kept requests from connecting.
std::string root_of(const LogTally& tally) {
  if (!is_consequence(*tally.failures().front())) return {};
  for (const CauseGroup* group : tally.warnings()) {
    bool is_check = group->sign->code.find("is DOWN") != std::string_view::npos;
    if (is_check && !is_consequence(*group)) {
      return fmt::format(" What took them out: {}.", names_of(*group));
    }
  }
  for (const CauseGroup* group : tally.failures()) {
    if (is_consequence(*group) || group->is_about_clients()) continue;
    char kind = row_of(group->causes().front()).id.front();
    bool is_before_request = kind == 'N' || kind == 'D' || kind == 'T';
    if (!is_before_request) continue;
    return fmt::format(" Look first at what may have taken them out: {}.", names_of(*group));
  }
  return {};
}

void add_verdict(std::string& out, const LogTally& tally, bool color) {
  std::vector<const CauseGroup*> failures = tally.failures();
  std::uint64_t total = sum(failures);
  std::uint64_t unexplained = sum(tally.unexplained());
  std::string verdict;
  if (!failures.empty() && !failures.front()->is_about_clients()) {
    const CauseGroup& main = *failures.front();
    verdict = fmt::format("{} of {}: {}.", share(main.count, total),
                          counted(total, "failure", "failures"), names_of(main));
    std::vector<Fault> causes = main.causes();
    if (!causes.empty())
      verdict += fmt::format(
          " {}{}", causes.size() == 1 ? "" : "Most likely: ", row_of(causes.front()).meaning);
    verdict += root_of(tally);
    auto endpoints = main.endpoints.top(2);
    if (main.endpoints.different() == 1) {
      verdict += fmt::format(" Only at {}.", printable(endpoints.front().first, 120));
    }
  } else if (unexplained > 0) {
    verdict = fmt::format("{} of which these logs do not say why.",
                          counted(unexplained, "failed request", "failed requests"));
  } else if (!failures.empty()) {
    verdict = fmt::format("Nothing but what clients did: {}.", names_of(*failures.front()));
  } else {
    verdict = tally.lines() == tally.unknown() ? "No line is of a format that is known here."
                                               : "No failure in these logs.";
  }
  out += color ? fmt::format("\033[1m{}\033[0m\n", wrapped(verdict, 0))
               : fmt::format("{}\n", wrapped(verdict, 0));
}

void add_sources(std::string& out, const LogTally& tally, std::span<const ReadFile> files) {
  out += '\n';
  for (const ReadFile& file : files) {
    out += fmt::format("{}: {}\n", printable(file.name), file.formats);
  }
  out += fmt::format("{}, {}", counted(tally.lines(), "line", "lines"),
                     counted(tally.requests(), "request", "requests"));
  if (tally.first() != 0) {
    out += fmt::format(", {} to {}", format_log_time(tally.first()), format_log_time(tally.last()));
  }
  out += '\n';
  if (!tally.errors().empty()) {
    out += "Statuses:";
    for (const auto& [status, count] : tally.errors()) {
      out += fmt::format(" {} {}x", status, thousands(count));
    }
    out += '\n';
  }
  if (tally.joined() > 0) {
    out += fmt::format("{} explained by the error log's messages.\n",
                       counted(tally.joined(), "failed request was", "failed requests were"));
  }
  if (!tally.join_is_complete()) {
    out += "Too many failures to join all of them with their messages; read a shorter time.\n";
  }
}

void add_rest(std::string& out, const LogTally& tally) {
  for (const CauseGroup* group : tally.unexplained()) {
    out += fmt::format("\nUnexplained: {} in {}, {}\n", thousands(group->count),
                       name_of(group->product), group->sign->name);
    add_fact(out, "When", when(*group));
    add_fact(out, "Endpoints", commonest(group->endpoints));
    add_fact(out, "Paths", commonest(group->paths));
    add_fact(out, "Do", group->sign->settle);
    for (const std::string& example : group->examples) out += fmt::format("   | {}\n", example);
  }
  if (!tally.warnings().empty()) out += "\nAlso seen:\n";
  for (const CauseGroup* group : tally.warnings()) {
    out += fmt::format("   {}x {}\n", thousands(group->count), names_of(*group));
    if (!group->examples.empty()) out += fmt::format("   | {}\n", group->examples.front());
  }
  if (tally.unknown() == 0) return;
  out += fmt::format("\n{} not understood and not counted above:\n",
                     counted(tally.unknown(), "line was", "lines were"));
  for (const std::string& example : tally.unknown_examples()) {
    out += fmt::format("   | {}\n", example);
  }
}

nlohmann::json group_json(const CauseGroup& group) {
  nlohmann::json causes = nlohmann::json::array();
  for (Fault fault : group.causes()) {
    const FaultRow& row = row_of(fault);
    causes.push_back({{"id", row.id},
                      {"name", row.name},
                      {"blame", name_of(row.blame)},
                      {"remedy", remedy_for(fault, group.product)}});
  }
  nlohmann::json endpoints = nlohmann::json::object();
  for (const auto& [word, count] : group.endpoints.top(20)) endpoints[printable(word)] = count;
  nlohmann::json paths = nlohmann::json::object();
  for (const auto& [word, count] : group.paths.top(20)) paths[printable(word)] = count;
  return {{"causes", std::move(causes)},
          {"sign", group.sign->code},
          {"product", name_of(group.product)},
          {"count", group.count},
          {"failed_requests", group.failed_requests},
          {"first", format_log_time(group.pattern.first())},
          {"last", format_log_time(group.pattern.last())},
          {"pattern", group.pattern.words()},
          {"shortest_ms", group.shortest_ms},
          {"longest_ms", group.longest_ms},
          {"endpoints", std::move(endpoints)},
          {"paths", std::move(paths)},
          {"settle", group.sign->settle},
          {"examples", group.examples}};
}

nlohmann::json groups_json(std::span<const CauseGroup* const> groups) {
  nlohmann::json list = nlohmann::json::array();
  for (const CauseGroup* group : groups) list.push_back(group_json(*group));
  return list;
}

}  // namespace

bool has_trouble(const LogTally& tally) {
  std::vector<const CauseGroup*> failures = tally.failures();
  bool has_failure = !failures.empty() && !failures.front()->is_about_clients();
  return has_failure || !tally.unexplained().empty();
}

std::string tally_text(const LogTally& tally, std::span<const ReadFile> files, bool color) {
  std::string out;
  add_verdict(out, tally, color);
  add_sources(out, tally, files);
  std::vector<const CauseGroup*> failures = tally.failures();
  std::uint64_t total = sum(failures);
  for (std::size_t i = 0; i < failures.size() && i < groups_most; ++i) {
    add_group(out, i + 1, *failures[i], total);
  }
  if (failures.size() > groups_most) {
    out += fmt::format("\nand {} rarer causes; --json lists them all\n",
                       failures.size() - groups_most);
  }
  add_rest(out, tally);
  return out;
}

std::string tally_json(const LogTally& tally, std::span<const ReadFile> files) {
  nlohmann::json sources = nlohmann::json::array();
  for (const ReadFile& file : files) {
    sources.push_back({{"name", printable(file.name)}, {"format", file.formats}});
  }
  nlohmann::json statuses = nlohmann::json::object();
  for (const auto& [status, count] : tally.errors()) statuses[std::to_string(status)] = count;
  nlohmann::json all = {{"files", std::move(sources)},
                        {"lines", tally.lines()},
                        {"requests", tally.requests()},
                        {"first", format_log_time(tally.first())},
                        {"last", format_log_time(tally.last())},
                        {"statuses", std::move(statuses)},
                        {"joined", tally.joined()},
                        {"failures", groups_json(tally.failures())},
                        {"unexplained", groups_json(tally.unexplained())},
                        {"also_seen", groups_json(tally.warnings())},
                        {"unknown_lines", tally.unknown()},
                        {"unknown_examples", tally.unknown_examples()}};
  return all.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace gg
