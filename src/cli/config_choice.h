// SPDX-License-Identifier: Apache-2.0
// Which configuration a command is about. Used by run, check and those that look for a running
// gateway.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"
#include "gate/supervisor.h"

namespace gg {

/// What `run` was given beside or instead of a file.
struct ConfigChoice {
  std::string file;                 // -c; empty: search
  std::vector<std::string> listen;  // without `to` in place of the file's listeners
  std::vector<std::string> to;      // no file at all
  std::optional<std::uint32_t> threads;
  std::string admin;  // address or "off"; empty: as configured
};

/// `file` made absolute; empty: goodgate.yaml in this folder, else the one in /etc/goodgate.
/// Nothing when there is none.
std::optional<std::string> find_config_file(const std::string& file);

/// What is said when there is none.
std::string no_config_text(const std::string& file);

/// Why the choice makes no sense, or nothing.
std::optional<std::string> misuse_of(const ConfigChoice& choice);

/// Loads what was chosen, again at every call, and says warnings on standard error.
class ChosenConfig final : public ConfigSource {
 public:
  /// `path`: of the file, or empty when `choice.to` names endpoints.
  ChosenConfig(ConfigChoice choice, std::string path)
      : choice_(std::move(choice)), path_(std::move(path)) {}

  Result<std::shared_ptr<const Config>, std::string> load() override;

 private:
  ConfigChoice choice_;
  std::string path_;
  bool is_first_ = true;
};

}  // namespace gg
