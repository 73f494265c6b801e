// SPDX-License-Identifier: Apache-2.0
// `goodgate status`.
#include "cli/ask_gateway.h"
#include "cli/options.h"
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
  GatewayQuestion question;
  Options options(description, "goodgate status", examples);
  add_options(options, question);
  if (std::optional<int> status = options.read(arguments)) return *status;
  return print_answer(question, "/api/v1/status", status_table);
}

}  // namespace gg
