// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_settings.h"

#include <fmt/core.h>
#include <unistd.h>

#include "cli/command.h"
#include "diagnose/printable.h"
#include "diagnose/settings/remark.h"

namespace gg {

int explain_settings(const std::string& file, bool json) {
  DiskFiles files;
  Result<SettingsVerdict, std::string> verdict = examine_settings(file, files);
  if (!verdict) {
    complain(fmt::format("{}: {}", printable(file), printable(verdict.error())));
    return exit_used_wrongly;
  }
  fmt::print("{}",
             json ? remarks_json(*verdict) : remarks_text(*verdict, takes_color(STDOUT_FILENO)));
  return verdict->remarks.empty() ? exit_fine : exit_something_wrong;
}

}  // namespace gg
