// SPDX-License-Identifier: Apache-2.0
// What a command of `goodgate` is. main.cc lists them, each has a file of its own.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gg {

enum ExitStatus : int { exit_fine = 0, exit_something_wrong = 1, exit_used_wrongly = 2 };

/// The words after `goodgate`, the command's own name first.
using Arguments = std::span<const char* const>;

struct Command {
  std::string_view name;
  std::string_view summary;  // for `goodgate --help`; lower case, no full stop
  int (*run)(Arguments arguments);
};

/// Runs the command that the arguments name; its exit status. `arguments`: those of main().
int run_command_line(std::span<const Command> commands, Arguments arguments);

/// For shells: what may stand where the last of `words` is being typed, one a line: the word, a tab
/// and what it means; ":file" stands for the names of files. `words` are those after `goodgate`.
/// The exit status.
int complete_words(std::span<const Command> commands, Arguments words);

/// A command that is given this word first, and then the word before the one that is typed, says
/// what may follow.
inline constexpr const char* complete_word = "--complete";

/// "goodgate: " and the text on standard error.
void complain(std::string_view text);

/// May this descriptor's reader be given colours?
bool takes_color(int descriptor);

// The commands.

int run_command(Arguments arguments);
int check_command(Arguments arguments);
int stop_command(Arguments arguments);
int upgrade_command(Arguments arguments);
int reload_command(Arguments arguments);
int top_command(Arguments arguments);
int drain_command(Arguments arguments);
int undrain_command(Arguments arguments);
int status_command(Arguments arguments);
int incidents_command(Arguments arguments);
int demo_command(Arguments arguments);
int doctor_command(Arguments arguments);
int drill_command(Arguments arguments);
int explain_command(Arguments arguments);
int version_command(Arguments arguments);

}  // namespace gg
