// SPDX-License-Identifier: Apache-2.0
// `goodgate check`.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "cli/config_choice.h"
#include "cli/file_checks.h"
#include "cli/options.h"
#include "config/load.h"
#include "config/print.h"

namespace gg {
namespace {

constexpr const char* description =
    "Reads a configuration and says everything that is wrong with it: file, line and column, what\n"
    "was expected, and the nearest known key. Starts nothing.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate check                      goodgate.yaml here, else /etc/goodgate/goodgate.yaml\n"
    "  goodgate check -c new.yaml && goodgate reload\n"
    "  goodgate check --effective          with every default filled in, as YAML, and where\n"
    "                                      what is no default stands\n"
    "  goodgate check --json | jq .        an array of complaints; empty when there are none\n";

void say_summary(const std::string& path, std::size_t errors, std::size_t warnings) {
  bool color = takes_color(STDOUT_FILENO);
  std::string_view mark = errors > 0 ? "\033[31m" : "\033[32m";
  std::string verdict =
      errors > 0 ? fmt::format("{} error{}", errors, errors == 1 ? "" : "s") : "fine";
  if (warnings > 0) verdict += fmt::format(", {} warning{}", warnings, warnings == 1 ? "" : "s");
  fmt::print("{}: {}{}{}\n", path, color ? mark : "", verdict, color ? "\033[0m" : "");
}

}  // namespace

int check_command(Arguments arguments) {
  std::string file;
  bool json = false;
  bool effective = false;
  Options options(description, "goodgate check", examples);
  options.text("-c,--config", file, "FILE", "The configuration");
  options.flag("--json", json, "Complaints as JSON, for scripts");
  options.flag("--effective", effective, "Print the configuration with every default filled in");
  options.excludes("--effective", "--json");
  if (std::optional<int> status = options.read(arguments)) return *status;

  std::optional<std::string> path = find_config_file(file);
  if (!path) {
    complain(no_config_text(file));
    return exit_used_wrongly;
  }
  // Complaints call the file what the person called it.
  LoadResult loaded = load_config_file(file.empty() ? *path : file, check_files);
  const std::vector<Complaint>& complaints = loaded ? loaded->warnings : loaded.error();
  auto errors = static_cast<std::size_t>(
      std::ranges::count(complaints, Severity::error, &Complaint::severity));
  if (json) {
    fmt::print("{}\n", to_json(complaints));
  } else if (effective) {
    if (!complaints.empty()) fmt::print(stderr, "{}", to_text(complaints));
    if (loaded) fmt::print("{}", to_text_with_origins(*loaded->config));
  } else {
    if (!complaints.empty()) fmt::print("{}\n", to_text(complaints));
    say_summary(file.empty() ? *path : file, errors, complaints.size() - errors);
  }
  return loaded ? exit_fine : exit_something_wrong;
}

}  // namespace gg
