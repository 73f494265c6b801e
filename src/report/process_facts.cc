// SPDX-License-Identifier: Apache-2.0
#include "report/process_facts.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>

#include "base/text.h"

namespace gg {
namespace {

std::uint64_t count_descriptors() {
  std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
  if (folder == nullptr) return 0;
  std::uint64_t count = 0;
  while (readdir(folder.get()) != nullptr) ++count;
  // ".", "..", and the one that reads this.
  return count > 3 ? count - 3 : 0;
}

std::uint64_t resident_bytes() {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                       std::fclose);
  if (file == nullptr) return 0;
  std::array<char, 128> text;
  std::size_t size = std::fread(text.data(), 1, text.size(), file.get());
  auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return resident_bytes_in({text.data(), size}, page);
}

Duration time_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

std::uint64_t resident_bytes_in(std::string_view statm, std::uint64_t page) {
  std::size_t begin = statm.find(' ');
  if (begin == std::string_view::npos) return 0;
  std::string_view rest = statm.substr(begin + 1);
  return parse_number(rest.substr(0, rest.find(' '))).value_or(0) * page;
}

ProcessFacts read_process_facts() {
  ProcessFacts facts{.resident_bytes = resident_bytes(), .descriptors = count_descriptors()};
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) facts.descriptors_most = limit.rlim_cur;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    facts.cpu = time_of(usage.ru_utime) + time_of(usage.ru_stime);
  }
  return facts;
}

}  // namespace gg
