// SPDX-License-Identifier: Apache-2.0
// `goodgate incidents`.
#include <fmt/core.h>

#include "base/text.h"
#include "cli/ask_gateway.h"
#include "cli/incident_text.h"
#include "cli/options.h"

namespace gg {
namespace {

constexpr const char* description =
    "What failed, or had to be rescued, at the running gateway: where, since when, how often, "
    "why,\n"
    "whose it is and what to do. What matters most stands first.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate incidents               all of them, one line each\n"
    "  goodgate incidents 3             one: evidence, what changed before, remedies, samples\n"
    "  goodgate incidents --json | jq '.incidents[] | select(.open)'\n";

}  // namespace

int incidents_command(Arguments arguments) {
  std::string id;
  GatewayQuestion question;
  Options options(description, "goodgate incidents", examples);
  options.text("id", id, "ID", "One of them, with all that is known of it");
  add_options(options, question);
  if (std::optional<int> status = options.read(arguments)) return *status;
  if (id.empty()) return print_answer(question, "/api/v1/incidents", incident_table);
  if (!parse_number(id)) {
    complain("an incident's id is a number\n  `goodgate incidents` lists them");
    return exit_used_wrongly;
  }
  return print_answer(question, "/api/v1/incidents/" + id, incident_text,
                      fmt::format("knows no incident {}\n  `goodgate incidents` lists them", id));
}

}  // namespace gg
