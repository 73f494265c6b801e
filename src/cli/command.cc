// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "base/version.h"
#include "config/complaint.h"

namespace gg {
namespace {

void print_help(std::span<const Command> commands) {
  fmt::print(
      "goodgate {}: an HTTP gateway that keeps requests from failing, and explains those that "
      "do\n\n"
      "  goodgate COMMAND [OPTIONS]\n\n",
      version());
  for (const Command& command : commands) {
    fmt::print("  {:<10} {}\n", command.name, command.summary);
  }
  fmt::print(
      "\n"
      "  goodgate COMMAND --help   says more about one of them, with examples\n\n"
      "Try it:  goodgate run --listen :8080 --to 127.0.0.1:3001 --to 127.0.0.1:3002\n"
      "Exit status: 0 fine, 1 something is wrong, 2 used wrongly\n");
}

int unknown_command(std::span<const Command> commands, std::string_view typed) {
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  complain(fmt::format("there is no command {}\n  {}", gg::in_quotes(typed),
                       did_you_mean(typed, names, "`goodgate --help` lists the commands")));
  return exit_used_wrongly;
}

}  // namespace

int run_command_line(std::span<const Command> commands, Arguments arguments) {
  std::string_view name = arguments.size() < 2 ? "" : arguments[1];
  if (name == "--help" || name == "-h" || name == "help") {
    print_help(commands);
    return exit_fine;
  }
  if (name == "--version") name = "version";
  if (name == complete_word) return complete_words(commands, arguments.subspan(2));
  for (const Command& command : commands) {
    if (command.name == name) return command.run(arguments.subspan(1));
  }
  if (!name.empty()) return unknown_command(commands, name);
  print_help(commands);
  return exit_used_wrongly;
}

int complete_words(std::span<const Command> commands, Arguments words) {
  bool is_first = words.size() < 2;
  for (const Command& command : commands) {
    if (is_first) {
      fmt::print("{}\t{}\n", command.name, command.summary);
    } else if (command.name == words[0]) {
      const char* asked[] = {words[0], complete_word, words[words.size() - 2]};
      return command.run(asked);
    }
  }
  return exit_fine;
}

void complain(std::string_view text) {
  fmt::print(stderr, "goodgate: {}{}", text, text.ends_with('\n') ? "" : "\n");
}

bool takes_color(int descriptor) {
  const char* terminal = std::getenv("TERM");
  bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(descriptor) == 1 && !is_dumb && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace gg
