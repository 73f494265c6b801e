// SPDX-License-Identifier: Apache-2.0
// `goodgate incidents`.
#include <fmt/core.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/admin_client.h"
#include "cli/incident_text.h"
#include "cli/options.h"
#include "cli/running.h"

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

int complain_of_page(const std::string& address, const std::string& id, const std::string& reason) {
  if (!id.empty() && is_not_found(reason)) {
    complain(fmt::format(
        "the gateway at {} knows no incident {}\n  `goodgate incidents` lists them", address, id));
  } else {
    complain(fmt::format("no answer from {}: {}", address, reason));
  }
  return exit_something_wrong;
}

}  // namespace

int incidents_command(Arguments arguments) {
  std::string id;
  std::string file;
  std::string admin;
  bool json = false;
  Options options(description, "goodgate incidents", examples);
  options.text("id", id, "ID", "One of them, with all that is known of it");
  options.text("-c,--config", file, "FILE", "The configuration that the gateway runs with");
  options.text("--admin", admin, "ADDRESS", "Its admin address, if it is not found by itself");
  options.flag("--json", json, "As the admin interface gives it, for scripts");
  if (std::optional<int> status = options.read(arguments)) return *status;
  if (!id.empty() && !parse_number(id)) {
    complain("an incident's id is a number\n  `goodgate incidents` lists them");
    return exit_used_wrongly;
  }
  Result<std::string, std::string> address = admin_address(admin, file);
  if (!address) {
    complain(address.error());
    return exit_something_wrong;
  }
  std::string path = id.empty() ? "/api/v1/incidents" : "/api/v1/incidents/" + id;
  Result<std::string, std::string> page = fetch_page(*address, path);
  if (!page) return complain_of_page(*address, id, page.error());
  Coloring coloring = takes_color(STDOUT_FILENO) ? Coloring::colored : Coloring::plain;
  Result<std::string, std::string> text = *page;
  if (!json) text = id.empty() ? incident_table(*page, coloring) : incident_text(*page, coloring);
  if (!text) {
    complain(text.error());
    return exit_something_wrong;
  }
  fmt::print("{}", *text);
  return exit_fine;
}

}  // namespace gg
