// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace gg {

Options::Options(const std::string& description, const std::string& name,
                 const std::string& examples)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->footer(examples);
}

Options::~Options() = default;

void Options::flag(const std::string& names, bool& into, const std::string& what) {
  app_->add_flag(names, into, what);
}

void Options::text(const std::string& names, std::string& into, const std::string& form,
                   const std::string& what) {
  app_->add_option(names, into, what)->type_name(form);
}

void Options::number(const std::string& names, std::optional<std::uint32_t>& into,
                     const std::string& form, const std::string& what) {
  app_->add_option(names, into, what)->type_name(form);
}

void Options::texts(const std::string& names, std::vector<std::string>& into,
                    const std::string& form, const std::string& what) {
  app_->add_option(names, into, what)->type_name(form);
}

void Options::repeated(const std::string& names, std::vector<std::string>& into,
                       const std::string& form, const std::string& what) {
  app_->add_option(names, into, what)->type_name(form)->allow_extra_args(false);
}

void Options::excludes(const std::string& name, const std::string& other) {
  app_->get_option(name)->excludes(app_->get_option(other));
}

void Options::needs(const std::string& name, const std::string& other) {
  app_->get_option(name)->needs(app_->get_option(other));
}

void Options::offer(const std::string& name, std::vector<std::string> words) {
  offers_[app_->get_option(name)] = std::move(words);
}

void Options::say_values(const CLI::Option& option) const {
  if (option.get_type_name() == "FILE") fmt::print(":file\n");
  auto found = offers_.find(&option);
  if (found == offers_.end()) return;
  for (const std::string& word : found->second) fmt::print("{}\t\n", word);
}

/// `word`: the one before, whose value this may be.
void Options::say_what_may_follow(const std::string& word) const {
  bool is_option = word.starts_with('-');
  const CLI::Option* before = is_option ? app_->get_option_no_throw(word) : nullptr;
  bool wants_value = before != nullptr && before->get_items_expected_max() > 0;
  if (wants_value) return say_values(*before);
  for (const CLI::Option* option : app_->get_options()) {
    for (const std::string& name : option->get_lnames()) {
      fmt::print("--{}\t{}\n", name, option->get_description());
    }
    bool has_short_name_only = option->get_lnames().empty() && !option->get_snames().empty();
    if (has_short_name_only)
      fmt::print("-{}\t{}\n", option->get_snames().front(), option->get_description());
    if (option->get_positional()) say_values(*option);
  }
}

std::optional<int> Options::read(Arguments arguments) {
  bool is_shell = arguments.size() == 3 && std::string_view(arguments[1]) == complete_word;
  if (is_shell) {
    say_what_may_follow(arguments[2]);
    return exit_fine;
  }
  try {
    app_->parse(static_cast<int>(arguments.size()), arguments.data());
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app_->help());
    return exit_fine;
  } catch (const CLI::ParseError& error) {
    complain(fmt::format("{}\n  `{} --help` shows how", error.what(), app_->get_name()));
    return exit_used_wrongly;
  }
}

}  // namespace gg
