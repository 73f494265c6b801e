// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_logs.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/command.h"
#include "config/complaint.h"
#include "diagnose/logs/log_reader.h"
#include "diagnose/logs/print_tally.h"
#include "diagnose/printable.h"

namespace gg {
namespace {

constexpr std::uint64_t progress_step = std::uint64_t{64} << 20;

/// One line on a terminal, written over; nothing elsewhere.
class TerminalProgress final : public ReadingProgress {
 public:
  TerminalProgress(std::string name, std::uint64_t size)
      : name_(std::move(name)), size_(size), is_shown_(isatty(STDERR_FILENO) == 1) {}

  ~TerminalProgress() override {
    if (has_shown_) fmt::print(stderr, "\r\033[K");
  }

  void read_so_far(std::uint64_t file_bytes) override {
    if (!is_shown_ || file_bytes < next_) return;
    next_ = file_bytes + progress_step;
    has_shown_ = true;
    std::uint64_t mebibytes = file_bytes >> 20;
    if (size_ > 0) {
      fmt::print(stderr, "\r\033[K{}: {} MiB, {} %", name_, mebibytes, file_bytes * 100 / size_);
    } else {
      fmt::print(stderr, "\r\033[K{}: {} MiB", name_, mebibytes);
    }
  }

 private:
  std::string name_;
  std::uint64_t size_;
  std::uint64_t next_ = progress_step;
  bool is_shown_;
  bool has_shown_ = false;
};

std::string format_words(LogReader& reader) {
  std::string words;
  for (const auto& [name, lines] : reader.take_formats()) {
    words += words.empty() ? std::string(name) : fmt::format(", {} ({})", name, lines);
  }
  return words.empty() ? "no known format" : words;
}

/// Reads one file into the tally. False if it could not be read to its end; that was said then.
bool read_one(const std::string& file, LogReader& reader) {
  bool is_input = file == "-";
  int descriptor = is_input ? dup(STDIN_FILENO) : open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    complain(fmt::format("{}: {}", printable(file), std::strerror(errno)));
    return false;
  }
  struct stat about{};
  bool has_size = fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
  Result<std::uint64_t, std::string> read = 0;
  {
    TerminalProgress progress(printable(file),
                              has_size ? static_cast<std::uint64_t>(about.st_size) : 0);
    read = read_log(descriptor, reader, &progress);
  }
  if (read) return true;
  complain(fmt::format("{}: {}", printable(file), read.error()));
  return false;
}

}  // namespace

int explain_logs(std::span<const std::string> files, bool json) {
  LogTally tally;
  LogReader reader(tally);
  std::vector<ReadFile> sources;
  bool are_whole = true;
  for (const std::string& file : files) {
    are_whole = read_one(file, reader) && are_whole;
    sources.push_back(
        {.name = file == "-" ? "standard input" : file, .formats = format_words(reader)});
  }
  if (!are_whole && tally.lines() == 0) return exit_used_wrongly;
  tally.join();
  fmt::print("{}", json ? tally_json(tally, sources)
                        : tally_text(tally, sources, takes_color(STDOUT_FILENO)));
  return has_trouble(tally) || !are_whole ? exit_something_wrong : exit_fine;
}

}  // namespace gg
