// SPDX-License-Identifier: Apache-2.0
#include "config/whole_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace gg {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<std::string, int> read_whole_file(const std::string& name, std::size_t most) {
  std::unique_ptr<std::FILE, FileCloser> file(std::fopen(name.c_str(), "rbe"));
  if (!file) return Failure(errno);
  struct stat status{};
  if (fstat(fileno(file.get()), &status) != 0) return Failure(errno);
  if (S_ISDIR(status.st_mode)) return Failure(EISDIR);
  std::string text;
  char chunk[16384];
  while (text.size() <= most) {
    std::size_t count = std::fread(chunk, 1, sizeof chunk, file.get());
    text.append(chunk, count);
    if (count < sizeof chunk) break;
  }
  if (std::ferror(file.get()) != 0) return Failure(errno);
  if (text.size() > most) return Failure(EFBIG);
  return text;
}

std::string unreadable_text(int error, std::size_t most) {
  if (error == EFBIG) return fmt::format("it is larger than {}KiB", most >> 10U);
  return std::strerror(error);
}

}  // namespace gg
