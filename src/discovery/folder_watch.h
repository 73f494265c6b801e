// SPDX-License-Identifier: Apache-2.0
// Notices that something in a folder has changed, by inotify. The folder and not the file, for a
// file that is replaced is another file. Used by FileSource.
#pragma once

#include <string>
#include <string_view>

namespace gg {

class FolderWatch {
 public:
  /// Watches nothing yet. Where there is no inotify it never will.
  FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  ~FolderWatch();

  /// Becomes readable with news, for whoever waits; -1: never.
  int descriptor() const { return descriptor_; }
  /// Watches this folder, which may be another one by that name by now, or not be there.
  void watch(const std::string& folder);
  /// Was a file of that name written, put there or removed since the last call? Empty: any file.
  bool has_news(std::string_view name);

 private:
  int descriptor_;
};

}  // namespace gg
