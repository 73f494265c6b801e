// SPDX-License-Identifier: Apache-2.0
#include "diagnose/codes/print_readings.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "diagnose/printable.h"
#include "fault/catalogue.h"
#include "fault/foreign.h"

namespace gg {
namespace {

constexpr std::size_t margin = 13;  // where the facts begin

std::string bold(std::string_view text, bool color) {
  return color ? fmt::format("\033[1m{}\033[0m", text) : std::string(text);
}

std::string whose(Blame blame) {
  switch (blame) {
    case Blame::upstream:
      return "the upstream's: the service, or the machine it runs on";
    case Blame::network:
      return "the network's between the gateway and the endpoint";
    case Blame::gateway:
      return "the gateway's own";
    case Blame::client:
      return "the client's";
    case Blame::operator_:
      return "the operator's: a setting or a plan";
  }
  return "unknown";
}

void add_fact(std::string& out, std::string_view label, std::string_view text) {
  if (text.empty()) return;
  out += fmt::format("  {:<{}}{}\n", label, margin - 2, wrapped(text, margin));
}

/// The mend in the words of one product, or of the three that are asked about most.
void add_remedies(std::string& out, Fault fault, Product product) {
  const Advice& advice = advice_on(fault);
  if (product != Product::any) {
    add_fact(out, "Mend", remedy_for(fault, product));
    return;
  }
  add_fact(out, "Mend", row_of(fault).remedy);
  add_fact(out, "  nginx", advice.nginx);
  add_fact(out, "  HAProxy", advice.haproxy);
  add_fact(out, "  Envoy", advice.envoy);
  add_fact(out, "  others", advice.others);
}

void add_foreign(std::string& out, Fault fault) {
  const ForeignNames* names = find_foreign_names(fault);
  if (names == nullptr) return;
  std::string text;
  auto add = [&](std::string_view program, std::string_view name) {
    if (name.empty()) return;
    if (!text.empty()) text += "; ";
    text += fmt::format("{}: {}", program, name);
  };
  add("nginx", names->nginx);
  add("HAProxy", names->haproxy);
  add("Envoy", names->envoy);
  add_fact(out, "Elsewhere", text);
}

void add_one_cause(std::string& out, const Reading& reading) {
  Fault fault = reading.causes.front();
  const FaultRow& row = row_of(fault);
  bool is_own = reading.code == row.id;
  if (!is_own) add_fact(out, "Cause", fmt::format("{} {}: {}", row.id, row.name, row.meaning));
  add_fact(out, "Whose", whose(row.blame));
  add_fact(out, "Why", advice_on(fault).background);
  add_fact(out, "Prove", advice_on(fault).proof);
  add_remedies(out, fault, reading.product);
  if (is_own) add_foreign(out, fault);
  add_fact(out, "Page", fmt::format("docs/causes/{}.md", row.id));
}

void add_many_causes(std::string& out, const Reading& reading) {
  std::string_view label = "Causes";
  for (Fault fault : reading.causes) {
    const FaultRow& row = row_of(fault);
    out += fmt::format("  {:<{}}{} {} ({})\n", label, margin - 2, row.id, row.name,
                       name_of(row.blame));
    label = "";
    add_fact(out, "", row.meaning);
    add_fact(out, "", fmt::format("Prove: {}", advice_on(fault).proof));
    add_fact(out, "", fmt::format("Mend: {}", remedy_for(fault, reading.product)));
  }
  add_fact(out, "Tell apart", reading.settle);
  add_fact(out, "More", fmt::format("goodgate explain {}", row_of(reading.causes.front()).id));
}

std::string title(const Reading& reading) {
  std::string name = reading.name.empty() ? "" : fmt::format(", {}", reading.name);
  return fmt::format("{}: {}{}", reading.vocabulary, reading.code, name);
}

nlohmann::json cause_json(Fault fault, Product product) {
  const FaultRow& row = row_of(fault);
  return {{"id", row.id},
          {"name", row.name},
          {"blame", name_of(row.blame)},
          {"meaning", row.meaning},
          {"proof", advice_on(fault).proof},
          {"remedy", remedy_for(fault, product)}};
}

}  // namespace

std::string readings_text(std::string_view typed, std::span<const Reading> readings, bool color) {
  std::string out;
  if (readings.size() > 1) {
    out += fmt::format("{} can be read in {} ways.\n\n", printable(typed), readings.size());
  }
  bool is_first = true;
  for (const Reading& reading : readings) {
    if (!is_first) out += '\n';
    is_first = false;
    out += bold(printable(title(reading), 500), color);
    out += '\n';
    std::string_view meaning = reading.meaning;
    bool is_own = reading.causes.size() == 1 && reading.code == row_of(reading.causes.front()).id;
    if (is_own) meaning = row_of(reading.causes.front()).meaning;
    if (!meaning.empty()) out += fmt::format("  {}\n", wrapped(meaning, 2));
    if (reading.causes.empty()) {
      add_fact(out, "Cause",
               reading.is_failure ? "none of a gateway's: ask whoever gave this code"
                                  : "none: no request failed by this");
    } else if (reading.causes.size() == 1) {
      add_one_cause(out, reading);
    } else {
      add_many_causes(out, reading);
    }
  }
  return out;
}

std::string readings_json(std::string_view typed, std::span<const Reading> readings) {
  nlohmann::json list = nlohmann::json::array();
  for (const Reading& reading : readings) {
    nlohmann::json causes = nlohmann::json::array();
    for (Fault fault : reading.causes) causes.push_back(cause_json(fault, reading.product));
    list.push_back({{"vocabulary", reading.vocabulary},
                    {"code", reading.code},
                    {"name", reading.name},
                    {"meaning", reading.meaning},
                    {"causes", std::move(causes)},
                    {"settle", reading.settle},
                    {"is_failure", reading.is_failure}});
  }
  nlohmann::json all = {{"typed", typed}, {"readings", std::move(list)}};
  return all.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace gg
