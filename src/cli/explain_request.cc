// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_request.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/record_text.h"
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
  return print_answer(
      question, "/api/v1/records/" + id, record_text,
      fmt::format(
          "keeps no record of request {}\n  it keeps those that failed or were rescued, the "
          "newest some thousands of them, and a few that went well",
          id));
}

}  // namespace gg
