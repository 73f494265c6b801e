// SPDX-License-Identifier: Apache-2.0
#include "discovery/file_source.h"

#include <sys/stat.h>

#include <utility>

#include "config/endpoint_file.h"
#include "config/whole_file.h"

namespace gg {

namespace {

std::string text_of(const std::vector<Complaint>& complaints) {
  const Complaint& first = complaints.front();
  std::string text = first.place.file + ":" + std::to_string(first.place.mark.line) + ":" +
                     std::to_string(first.place.mark.column) + ": " + first.problem;
  if (complaints.size() == 1) return text;
  return text + ", and " + std::to_string(complaints.size() - 1) + " more";
}

}  // namespace

FileSource::FileSource(std::size_t upstream, std::string file, SourceListener& listener)
    : upstream_(upstream), file_(std::move(file)), listener_(listener) {
  std::size_t slash = file_.rfind('/');
  folder_ = slash == std::string::npos ? "." : file_.substr(0, slash + 1);
  name_ = slash == std::string::npos ? file_ : file_.substr(slash + 1);
  // Before the file is read for the first time, so that nothing is missed.
  watch_.watch(folder_);
}

FileSource::Stamp FileSource::stamp() const {
  struct stat status{};
  if (stat(file_.c_str(), &status) != 0) return {};
  return {
      .device = status.st_dev,
      .number = status.st_ino,
      .size = status.st_size,
      .changed_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

bool FileSource::is_link() const {
  struct stat status{};
  return lstat(file_.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

void FileSource::pump(Instant now) {
  bool is_time = now >= next_look_;
  // What a link leads to is exchanged under other names.
  bool has_news = watch_.has_news(is_link() ? std::string_view() : std::string_view(name_));
  if (is_time) {
    next_look_ = now + look_interval;
    watch_.watch(folder_);
    has_news = has_settled() || has_news;
  }
  if (has_news) read();
}

/// Is it another file than the one that was read, and has been for two looks? In between somebody
/// may be writing it.
bool FileSource::has_settled() {
  Stamp now = stamp();
  bool is_still = now == std::exchange(seen_stamp_, now);
  return is_still && now != read_stamp_;
}

void FileSource::read() {
  read_stamp_ = stamp();
  Result<std::string, int> text = read_whole_file(file_, endpoint_file_most);
  if (!text) {
    return fail(file_ + " cannot be read: " + unreadable_text(text.error(), endpoint_file_most));
  }
  bool is_known = text_ == *text && problem_.empty();
  if (is_known) return;
  auto endpoints = parse_endpoint_file(*text, file_);
  if (!endpoints) return fail(text_of(endpoints.error()));
  problem_.clear();
  text_ = std::move(*text);
  listener_.answered(upstream_, std::move(*endpoints), {});
}

void FileSource::fail(std::string why) {
  if (why == problem_) return;
  problem_ = std::move(why);
  listener_.failed(upstream_, problem_);
}

}  // namespace gg
