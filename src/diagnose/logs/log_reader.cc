// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/log_reader.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace gg {
namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 20;
constexpr std::size_t longest_line = std::size_t{64} << 10;

/// Cuts what comes in pieces into lines, in one buffer.
class LineCutter {
 public:
  explicit LineCutter(LogReader& reader) : reader_(reader), buffer_(buffer_size) {}

  /// Where the next piece goes, and how much of it.
  std::span<char> room() { return std::span(buffer_).subspan(held_); }

  void took(std::size_t size) {
    std::string_view text(buffer_.data(), held_ + size);
    std::size_t at = 0;
    while (true) {
      const void* found = std::memchr(text.data() + at, '\n', text.size() - at);
      if (found == nullptr) break;
      std::size_t end = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
      line(text.substr(at, end - at));
      at = end + 1;
    }
    held_ = text.size() - at;
    if (held_ > longest_line) {  // of a line so long, the beginning is enough
      if (!is_in_long_line_) reader_.read_line(text.substr(at, longest_line));
      is_in_long_line_ = true;
      held_ = 0;
      return;
    }
    std::memmove(buffer_.data(), text.data() + at, held_);
  }

  void finish() {
    if (held_ > 0) line(std::string_view(buffer_.data(), held_));
    held_ = 0;
  }

 private:
  void line(std::string_view text) {
    if (std::exchange(is_in_long_line_, false)) return;
    if (text.ends_with('\r')) text.remove_suffix(1);
    reader_.read_line(text.substr(0, longest_line));
  }

  LogReader& reader_;
  std::vector<char> buffer_;
  std::size_t held_ = 0;
  bool is_in_long_line_ = false;
};

struct CloseGzip {
  void operator()(gzFile file) const { gzclose(file); }
};

}  // namespace

void LogReader::read_line(std::string_view line) {
  if (line.find_first_not_of(" \t") == std::string_view::npos) return;
  std::span<const LineReader> readers = line_readers();
  for (std::size_t i = 0; i <= readers.size(); ++i) {
    std::size_t which = i == 0 ? current_ : i - 1;
    ReadLine out;
    if (!readers[which].read(line, out)) continue;
    current_ = which;
    ++counts_[which];
    tally_.add(line, out);
    return;
  }
  tally_.add_unknown(line);
}

std::vector<std::pair<std::string_view, std::uint64_t>> LogReader::take_formats() {
  std::vector<std::pair<std::string_view, std::uint64_t>> formats;
  for (std::size_t i = 0; i < line_readers().size(); ++i) {
    if (counts_[i] > 0) formats.emplace_back(line_readers()[i].name, counts_[i]);
  }
  counts_ = {};
  std::ranges::sort(formats, [](const auto& a, const auto& b) { return a.second > b.second; });
  return formats;
}

Result<std::uint64_t, std::string> read_log(int descriptor, LogReader& reader,
                                            ReadingProgress* progress) {
  std::unique_ptr<gzFile_s, CloseGzip> file(gzdopen(descriptor, "rb"));
  if (file == nullptr) {
    close(descriptor);
    return Failure<std::string>("there is not enough memory to read it");
  }
  gzbuffer(file.get(), buffer_size);
  LineCutter cutter(reader);
  std::uint64_t total = 0;
  while (true) {
    std::span<char> room = cutter.room();
    int count = gzread(file.get(), room.data(), static_cast<unsigned>(room.size()));
    if (count < 0) {
      cutter.finish();
      int code = Z_OK;
      const char* words = gzerror(file.get(), &code);
      return Failure<std::string>(code == Z_ERRNO ? std::strerror(errno) : words);
    }
    if (count == 0) break;
    total += static_cast<std::uint64_t>(count);
    cutter.took(static_cast<std::size_t>(count));
    if (progress != nullptr) {
      progress->read_so_far(static_cast<std::uint64_t>(std::max<z_off_t>(gzoffset(file.get()), 0)));
    }
  }
  cutter.finish();
  int code = Z_OK;
  const char* words = gzerror(file.get(), &code);
  if (code != Z_OK) return Failure<std::string>(words);  // such as a gzip file that is cut off
  return total;
}

}  // namespace gg
