// SPDX-License-Identifier: Apache-2.0
#include "config/rule_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace gg {
namespace {

constexpr std::size_t page_most = 512 << 10;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<std::string, std::string> read_whole_file(const std::string& name, std::size_t most) {
  std::unique_ptr<std::FILE, FileCloser> file(std::fopen(name.c_str(), "rbe"));
  if (!file) return Failure(std::string(std::strerror(errno)));
  struct stat status{};
  bool is_folder = fstat(fileno(file.get()), &status) == 0 && S_ISDIR(status.st_mode);
  if (is_folder) return Failure(std::string(std::strerror(EISDIR)));
  std::string text;
  char chunk[16384];
  while (text.size() <= most) {
    std::size_t count = std::fread(chunk, 1, sizeof chunk, file.get());
    text.append(chunk, count);
    if (count < sizeof chunk) break;
  }
  if (std::ferror(file.get()) != 0) return Failure(std::string(std::strerror(errno)));
  if (text.size() > most) return Failure(fmt::format("it is larger than {}KiB", most >> 10U));
  return text;
}

void read_rule_files(Config& config, const Places& places, ComplaintList& complaints) {
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    for (ErrorPage& page : config.routes[i].rules.error_pages) {
      Result<std::string, std::string> content = read_whole_file(page.file, page_most);
      if (content) {
        page.content = std::move(*content);
        continue;
      }
      std::string path = fmt::format("routes[{}].error_pages.{}", i, page.name);
      complaints.error(places.find(path), path,
                       fmt::format("{} cannot be read: {}", in_quotes(page.file), content.error()),
                       "correct the name; a relative one is looked for in the folder that goodgate "
                       "is started in");
    }
  }
}

}  // namespace gg
