// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_request.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/record_text.h"
#include "cli/running.h"
#include "config/complaint.h"
#include "record/exchange_record.h"

namespace gg {
namespace {

bool is_hex_digit(char c) {
  return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

}  // namespace

bool looks_like_request_id(std::string_view text) {
  return text.size() >= 8 && text.size() <= 32 && std::ranges::all_of(text, is_hex_digit);
}

int explain_request(const std::string& id, const GatewayQuestion& question) {
  if (!RequestId::is_usable(id)) {
    complain(
        fmt::format("{} is no request id\n  it stands in the error page, in X-Request-Id and in "
                    "the access log",
                    in_quotes(id)));
    return exit_used_wrongly;
  }
  Result<std::string, std::string> address = admin_address(question.admin, question.config_file);
  if (!address) {
    complain(address.error());
    return exit_something_wrong;
  }
  Result<std::string, std::string> page = fetch_page(*address, "/api/v1/records/" + id);
  if (!page && is_not_found(page.error())) {
    complain(fmt::format(
        "the gateway at {} keeps no record of request {}\n  it keeps those that failed or were "
        "rescued, the newest some thousands of them, and a few that went well",
        *address, id));
    return exit_something_wrong;
  }
  if (!page) {
    complain(fmt::format("no answer from {}: {}", *address, page.error()));
    return exit_something_wrong;
  }
  Coloring coloring = takes_color(STDOUT_FILENO) ? Coloring::colored : Coloring::plain;
  Result<std::string, std::string> text = question.json ? *page : record_text(*page, coloring);
  if (!text) {
    complain(text.error());
    return exit_something_wrong;
  }
  fmt::print("{}", *text);
  return exit_fine;
}

}  // namespace gg
