// SPDX-License-Identifier: Apache-2.0
#include "config/rule_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "config/formats.h"
#include "config/whole_file.h"

namespace gg {
namespace {

constexpr std::size_t page_most = 512 << 10;
constexpr std::size_t users_most = 16 << 20;

/// Of a file that the key at `path` names; nothing if it cannot be read, which is said.
std::optional<std::string> read_named(const std::string& name, const std::string& path,
                                      std::size_t most, const Places& places,
                                      ComplaintList& complaints) {
  Result<std::string, int> content = read_whole_file(name, most);
  if (content) return std::move(*content);
  complaints.error(
      places.find(path), path,
      fmt::format("{} cannot be read: {}", in_quotes(name), unreadable_text(content.error(), most)),
      "correct the name; a relative one is looked for in the folder that goodgate is started in");
  return std::nullopt;
}

/// A line of a file of users, which holds one.
std::optional<Misreading> read_user(std::string_view line, std::vector<BasicUser>& users) {
  std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Misreading{"has no colon", "write name:hash"};
  BasicUser user;
  std::optional<Misreading> misread = user_name_format.parse(line.substr(0, colon), &user.name);
  if (!misread) misread = password_hash_format.parse(line.substr(colon + 1), &user);
  if (!misread) users.push_back(std::move(user));
  return misread;
}

/// As htpasswd writes it: a line for each, empty ones and comments between them.
void read_users(BasicAuthConfig& auth, const std::string& path, const Places& places,
                ComplaintList& complaints) {
  std::optional<std::string> content =
      read_named(auth.users_file, path, users_most, places, complaints);
  if (!content) return;
  std::string_view rest = *content;
  for (int number = 1; !rest.empty(); ++number) {
    std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    std::optional<Misreading> misread = read_user(line, auth.users_of_file);
    if (!misread) continue;
    complaints.error(places.find(path), path,
                     fmt::format("{}:{}: {}", auth.users_file, number, misread->problem),
                     std::move(misread->remedy));
  }
  if (auth.users_of_file.empty() && !complaints.has_errors_at(path)) {
    complaints.error(places.find(path), path, in_quotes(auth.users_file) + " names nobody",
                     "add a user: htpasswd -B FILE NAME");
  }
}

}  // namespace

void read_rule_files(Config& config, const Places& places, ComplaintList& complaints) {
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    RouteRulesConfig& rules = config.routes[i].rules;
    std::string path = fmt::format("routes[{}]", i);
    for (ErrorPage& page : rules.error_pages) {
      std::optional<std::string> content =
          read_named(page.file, path + ".error_pages." + page.name, page_most, places, complaints);
      if (content) page.content = std::move(*content);
    }
    bool has_users = rules.basic_auth && !rules.basic_auth->users_file.empty();
    if (has_users)
      read_users(*rules.basic_auth, path + ".basic_auth.users_file", places, complaints);
  }
}

}  // namespace gg
