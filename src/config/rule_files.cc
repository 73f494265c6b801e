// SPDX-License-Identifier: Apache-2.0
#include "config/rule_files.h"

#include <fmt/format.h>

#include "config/whole_file.h"

namespace gg {
namespace {

constexpr std::size_t page_most = 512 << 10;

}  // namespace

void read_rule_files(Config& config, const Places& places, ComplaintList& complaints) {
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    for (ErrorPage& page : config.routes[i].rules.error_pages) {
      Result<std::string, int> content = read_whole_file(page.file, page_most);
      if (content) {
        page.content = std::move(*content);
        continue;
      }
      std::string path = fmt::format("routes[{}].error_pages.{}", i, page.name);
      complaints.error(places.find(path), path,
                       fmt::format("{} cannot be read: {}", in_quotes(page.file),
                                   unreadable_text(content.error(), page_most)),
                       "correct the name; a relative one is looked for in the folder that goodgate "
                       "is started in");
    }
  }
}

}  // namespace gg
