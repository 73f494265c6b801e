// SPDX-License-Identifier: Apache-2.0
#include "cli/ask_gateway.h"

#include <fmt/core.h>
#include <unistd.h>

#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/running.h"

namespace gg {

void add_options(Options& options, GatewayQuestion& question) {
  options.text("-c,--config", question.config_file, "FILE", "The configuration that it runs with");
  options.text("--admin", question.admin, "ADDRESS",
               "Its admin address, if it is not found by itself");
  options.flag("--json", question.json, "As the admin interface gives it, for scripts");
}

int print_answer(const GatewayQuestion& question, const std::string& path, Draw draw,
                 std::string_view if_missing) {
  Result<std::string, std::string> address = admin_address(question.admin, question.config_file);
  if (!address) {
    complain(address.error());
    return exit_something_wrong;
  }
  Result<std::string, std::string> page = fetch_page(*address, path);
  if (!page) {
    complain(is_not_found(page.error())
                 ? fmt::format("the gateway at {} {}", *address, if_missing)
                 : fmt::format("no answer from {}: {}", *address, page.error()));
    return exit_something_wrong;
  }
  Coloring coloring = takes_color(STDOUT_FILENO) ? Coloring::colored : Coloring::plain;
  Result<std::string, std::string> text = question.json ? *page : draw(*page, coloring);
  if (!text) {
    complain(text.error());
    return exit_something_wrong;
  }
  fmt::print("{}", *text);
  return exit_fine;
}

}  // namespace gg
