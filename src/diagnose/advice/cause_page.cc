// SPDX-License-Identifier: Apache-2.0
#include "diagnose/advice/cause_page.h"

#include <fmt/format.h>

#include "diagnose/advice/advice.h"
#include "fault/catalogue.h"
#include "fault/foreign.h"

namespace gg {
namespace {

void add_row(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out += fmt::format("- **{}**: {}\n", name, text);
}

void add_quoted(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out += fmt::format("- **{}**: `{}`\n", name, text);
}

void add_looks(std::string& out, const FaultRow& row) {
  out += "\n## How it looks\n\n";
  bool has_status = row.status != 0 && row.status != 499;
  std::string status = has_status          ? fmt::format("status {}, ", row.status)
                       : row.status == 499 ? "nobody is left to be answered, "
                                           : "";
  out += fmt::format("- **Goodgate**: {}`fault={}`{}\n", status, row.name,
                     row.error.empty() ? "" : fmt::format(", `Proxy-Status: error={}`", row.error));
  const ForeignNames* names = find_foreign_names(row.fault);
  if (names == nullptr) return;
  add_quoted(out, "nginx", names->nginx);
  add_quoted(out, "HAProxy", names->haproxy);
  add_quoted(out, "Envoy", names->envoy);
}

}  // namespace

std::string cause_page(Fault fault) {
  const FaultRow& row = row_of(fault);
  const Advice& advice = advice_on(fault);
  std::string out = fmt::format("# {} `{}`\n\n", row.id, row.name);
  out += "Generated from the catalogue and `src/diagnose/advice/` by `make docs`; do not edit.\n\n";
  out += fmt::format("{}\n", row.meaning);
  if (!advice.background.empty()) out += fmt::format("{}\n", advice.background);
  out += fmt::format("\nWhose it is: {}. What it proves about delivery: {}.\n", name_of(row.blame),
                     name_of(row.delivery));
  add_looks(out, row);
  out += fmt::format("\n## How to prove it\n\n{}\n", advice.proof);
  if (row.evidence == Evidence::comparison) {
    out += "One request alone cannot show it: compare many, or probe.\n";
  }
  out += fmt::format("\n## How to mend it\n\n{}\n", row.remedy);
  bool has_own_words = !advice.nginx.empty() || !advice.haproxy.empty() || !advice.envoy.empty() ||
                       !advice.others.empty();
  if (has_own_words) out += "\n";
  add_row(out, "nginx", advice.nginx);
  add_row(out, "HAProxy", advice.haproxy);
  add_row(out, "Envoy", advice.envoy);
  add_row(out, "Others", advice.others);
  out += "\n[All causes](../causes.md)\n";
  return out;
}

}  // namespace gg
