// SPDX-License-Identifier: Apache-2.0
// `goodgate demo`.
#include "cli/demo/demo.h"

#include <fmt/core.h>

#include "cli/options.h"
#include "config/units.h"

namespace gg {
namespace {

constexpr const char* description =
    "Runs the gateway with three built-in origins that take turns crashing, hanging, closing\n"
    "kept-alive connections and sending garbage, and with clients that check every answer.\n"
    "Send requests of your own meanwhile. Ctrl-C ends it with a tally.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate demo\n"
    "  goodgate demo --listen :9000 --for 1m\n"
    "  goodgate demo --for 10s --json | jq .faults_absorbed     for scripts\n"
    "Exit status: 0 no client saw an error, 1 one did, 2 used wrongly\n";

constexpr Duration shortest = 1s;

}  // namespace

int demo_command(Arguments arguments) {
  std::string length;
  std::string listen;
  DemoSettings settings;
  Options options(description, "goodgate demo", examples);
  options.text("--for", length, "DURATION", "End after so long: 10s, 5m; until Ctrl-C otherwise");
  options.flag("--json", settings.json,
               "The tally as one line of JSON on standard output, progress on standard error");
  options.text("--listen", listen, "ADDRESS",
               "Where the gateway listens; 127.0.0.1:8080 otherwise, or a free port if that is "
               "taken");
  if (std::optional<int> status = options.read(arguments)) return *status;

  if (!length.empty()) {
    Result<Duration, Misreading> parsed = parse_duration(length);
    if (!parsed) {
      complain(fmt::format("--for: {}\n  {}", parsed.error().problem, parsed.error().remedy));
      return exit_used_wrongly;
    }
    if (*parsed < shortest) {
      complain("--for: that is too short to see anything\n  write 1s or more");
      return exit_used_wrongly;
    }
    settings.length = *parsed;
  }
  if (!listen.empty()) settings.listen = listen;
  return run_demo(settings);
}

}  // namespace gg
