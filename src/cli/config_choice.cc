// SPDX-License-Identifier: Apache-2.0
#include "cli/config_choice.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>

#include "cli/command.h"
#include "cli/file_checks.h"
#include "config/formats.h"

namespace gg {
namespace {

constexpr std::string_view default_listener = ":8080";
constexpr std::uint32_t threads_most = 1024;

/// Says why `text` is not what `format` reads, if it is not.
std::optional<std::string> misreading(std::string_view option, const std::string& text,
                                      const Format& format, void* value) {
  std::optional<Misreading> wrong = format.parse(text, value);
  if (!wrong) return std::nullopt;
  return fmt::format("{}: {}\n  {}", option, wrong->problem, wrong->remedy);
}

/// The options that change a configuration, whichever it is. They were checked.
void apply(const ConfigChoice& choice, Config& config) {
  if (choice.threads) config.threads = *choice.threads;
  if (!choice.admin.empty()) {
    static_cast<void>(admin_address_format.parse(choice.admin, &config.admin.address));
  }
  if (choice.listen.empty() || !choice.to.empty()) return;
  config.listeners.clear();
  for (const std::string& address : choice.listen) {
    ListenerConfig& listener = config.listeners.emplace_back();
    static_cast<void>(listen_address_format.parse(address, &listener.address));
  }
}

}  // namespace

std::optional<std::string> find_config_file(const std::string& file) {
  namespace fs = std::filesystem;
  std::vector<fs::path> candidates;
  if (file.empty()) {
    candidates = {"goodgate.yaml", "/etc/goodgate/goodgate.yaml"};
  } else {
    candidates = {file};
  }
  for (const fs::path& candidate : candidates) {
    std::error_code error;
    if (fs::exists(candidate, error)) return fs::weakly_canonical(candidate, error).string();
  }
  return std::nullopt;
}

std::string no_config_text(const std::string& file) {
  if (!file.empty()) return fmt::format("there is no file {}", gg::in_quotes(file));
  return "there is no goodgate.yaml in this folder, and no /etc/goodgate/goodgate.yaml\n"
         "  name a file with -c FILE";
}

std::optional<std::string> misuse_of(const ConfigChoice& choice) {
  if (!choice.file.empty() && !choice.to.empty()) {
    return "-c and --to exclude each other: with --to there is no file";
  }
  if (choice.threads && (*choice.threads == 0 || *choice.threads > threads_most)) {
    return fmt::format("--threads: allowed are 1 to {}", threads_most);
  }
  ListenAddress listen;
  for (const std::string& text : choice.listen) {
    auto wrong = misreading("--listen", text, listen_address_format, &listen);
    if (wrong) return wrong;
  }
  EndpointUrl url;
  for (const std::string& text : choice.to) {
    auto wrong = misreading("--to", text, endpoint_url_format, &url);
    if (wrong) return wrong;
  }
  std::optional<ListenAddress> admin;
  if (choice.admin.empty()) return std::nullopt;
  return misreading("--admin", choice.admin, admin_address_format, &admin);
}

Result<std::shared_ptr<const Config>, std::string> ChosenConfig::load() {
  std::vector<std::string> listen = choice_.listen;
  if (listen.empty()) listen.emplace_back(default_listener);
  // What is in force already may be better than what has expired.
  bool is_start = std::exchange(is_first_, false);
  FileCheck files = is_start ? check_files_at_start : check_files;
  LoadResult loaded =
      path_.empty() ? config_from_command_line(listen, choice_.to) : load_config_file(path_, files);
  if (!loaded) return Failure(to_text(loaded.error()));
  if (!loaded->warnings.empty()) fmt::print(stderr, "{}", to_text(loaded->warnings));
  Config config = *loaded->config;
  apply(choice_, config);
  return std::make_shared<const Config>(std::move(config));
}

}  // namespace gg
