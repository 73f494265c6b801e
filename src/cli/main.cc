// SPDX-License-Identifier: Apache-2.0
// The program. To add a command: a file of its own, its declaration in command.h, and a row here.
#include "cli/command.h"

int main(int argc, char** argv) {
  constexpr gg::Command commands[] = {
      {"run", "serve in the foreground", gg::run_command},
      {"demo", "watch it absorb the faults of three built-in origins", gg::demo_command},
      {"check", "say everything that is wrong with a configuration", gg::check_command},
      {"status", "show upstreams, endpoints and rates of the running gateway", gg::status_command},
      {"top", "the same and more, live in the terminal", gg::top_command},
      {"incidents", "what failed or had to be rescued, since when, why, what to do",
       gg::incidents_command},
      {"explain",
       "say what any gateway's codes, logs and settings mean, and tell one request's life",
       gg::explain_command},
      {"reload", "make the running gateway read its file again", gg::reload_command},
      {"upgrade", "make the running gateway run its program anew, in another version perhaps",
       gg::upgrade_command},
      {"drain", "send an endpoint, or this gateway, nothing new", gg::drain_command},
      {"undrain", "end a drain", gg::undrain_command},
      {"stop", "let the running gateway finish its exchanges and end", gg::stop_command},
      {"doctor", "look at servers stage by stage, and say what is wrong", gg::doctor_command},
      {"drill", "be an origin that fails as you say, for practice and tests", gg::drill_command},
      {"version", "print the version", gg::version_command},
  };
  return gg::run_command_line(commands, {argv, static_cast<std::size_t>(argc)});
}
