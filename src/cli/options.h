// SPDX-License-Identifier: Apache-2.0
// What a command may be told on the command line. Stands before CLI11, whose templates are then
// compiled once and not for each command.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gg {

/// Filled from arguments. Names are written "-c,--config", or without dashes for a word by its
/// place; `form` is what the help shows for the value: FILE, DURATION. The variables must stay, and
/// keep what they hold where nothing was given.
class Options {
 public:
  /// `name`: the command as it is typed. `examples`: what follows the options in the help.
  Options(const std::string& description, const std::string& name,
          const std::string& examples = {});
  ~Options();

  void flag(const std::string& names, bool& into, const std::string& what);
  void text(const std::string& names, std::string& into, const std::string& form,
            const std::string& what);
  void number(const std::string& names, std::optional<std::uint32_t>& into, const std::string& form,
              const std::string& what);
  /// May be given more than once, and takes all words that follow it.
  void texts(const std::string& names, std::vector<std::string>& into, const std::string& form,
             const std::string& what);
  /// May be given more than once, and takes one word each time.
  void repeated(const std::string& names, std::vector<std::string>& into, const std::string& form,
                const std::string& what);

  /// `name` was declared, as `other` was; by one of their names.
  void excludes(const std::string& name, const std::string& other);
  void needs(const std::string& name, const std::string& other);

  /// What a shell may offer for an option or a place, beside what `form` says.
  void offer(const std::string& name, std::vector<std::string> words);

  /// Reads the arguments, or says to a shell what may follow them (complete_word). A status when
  /// that is all there is to do: help was asked for and given, or they were wrong and it was said
  /// how.
  std::optional<int> read(Arguments arguments);

 private:
  void say_what_may_follow(const std::string& word) const;
  void say_values(const CLI::Option& option) const;

  std::unique_ptr<CLI::App> app_;
  std::map<const CLI::Option*, std::vector<std::string>> offers_;
};

}  // namespace gg
