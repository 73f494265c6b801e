// SPDX-License-Identifier: Apache-2.0
// `goodgate status`.
#include <fmt/core.h>
#include <unistd.h>

#include "cli/admin_client.h"
#include "cli/options.h"
#include "cli/running.h"
#include "cli/status_table.h"

namespace gg {
namespace {

constexpr const char* description =
    "Asks the running gateway, at its admin address, for its upstreams and endpoints, why one of "
    "them\n"
    "is not used, connections, requests and faults.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate status\n"
    "  goodgate status --admin 10.0.0.7:9502      a gateway elsewhere\n"
    "  goodgate status --json | jq .requests\n";

}  // namespace

int status_command(Arguments arguments) {
  std::string file;
  std::string admin;
  bool json = false;
  Options options(description, "goodgate status", examples);
  options.text("-c,--config", file, "FILE", "The configuration that it runs with");
  options.text("--admin", admin, "ADDRESS", "Its admin address, if it is not found by itself");
  options.flag("--json", json, "As the admin interface gives it, for scripts");
  if (std::optional<int> status = options.read(arguments)) return *status;

  Result<std::string, std::string> address = admin_address(admin, file);
  if (!address) {
    complain(address.error());
    return exit_something_wrong;
  }
  Result<std::string, std::string> page = fetch_page(*address, "/api/v1/status");
  if (!page) {
    complain(fmt::format("no status from {}: {}", *address, page.error()));
    return exit_something_wrong;
  }
  Coloring coloring = takes_color(STDOUT_FILENO) ? Coloring::colored : Coloring::plain;
  Result<std::string, std::string> text = json ? *page : status_table(*page, coloring);
  if (!text) {
    complain(text.error());
    return exit_something_wrong;
  }
  fmt::print("{}", *text);
  return exit_fine;
}

}  // namespace gg
