// SPDX-License-Identifier: Apache-2.0
// Endpoints from a file of URLs (config/endpoint_file.h): read again when it is written, replaced,
// or put where another was. A file that is broken or gone changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "discovery/folder_watch.h"
#include "discovery/source.h"

namespace gg {

class FileSource final : public Source {
 public:
  /// The listener outlives the source.
  FileSource(std::size_t upstream, std::string file, SourceListener& listener);

  void start() override { read(); }
  /// Reads what the watch has news of at once; where there is no news to be had, as on a network's
  /// file system, finds a change within `look_interval` twice.
  void pump(Instant now) override;
  /// Of the watch, for whoever waits.
  int descriptor() const { return watch_.descriptor(); }

  static constexpr Duration look_interval = 2s;

 private:
  /// What tells one version of a file from another.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    std::int64_t size = -1;  // -1: there is no file
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  Stamp stamp() const;
  bool is_link() const;
  bool has_settled();
  void read();
  void fail(std::string why);

  std::size_t upstream_;
  std::string file_;
  std::string folder_;
  std::string name_;
  SourceListener& listener_;
  FolderWatch watch_;
  Instant next_look_{};
  Stamp read_stamp_;  // of what was read last
  Stamp seen_stamp_;  // at the last look
  std::optional<std::string> text_;
  std::string problem_;  // that was told last
};

}  // namespace gg
