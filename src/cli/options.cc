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

std::optional<int> Options::read(Arguments arguments) {
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
