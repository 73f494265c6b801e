// SPDX-License-Identifier: Apache-2.0
#include "discovery/folder_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gg {

namespace {

/// Not IN_MODIFY: a file that is being written is not finished.
constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                  IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

FolderWatch::FolderWatch() : descriptor_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

FolderWatch::~FolderWatch() {
  if (descriptor_ >= 0) close(descriptor_);
}

void FolderWatch::watch(const std::string& folder) {
  // For a folder that is watched already this changes nothing.
  if (descriptor_ >= 0) {
    static_cast<void>(inotify_add_watch(descriptor_, folder.c_str(), changes | IN_ONLYDIR));
  }
}

bool FolderWatch::has_news(std::string_view name) {
  if (descriptor_ < 0) return false;
  bool found = false;
  alignas(inotify_event) std::array<char, 4096> bytes;
  for (;;) {
    ssize_t got = read(descriptor_, bytes.data(), bytes.size());
    if (got <= 0) return found;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, bytes.data() + at, sizeof event);
      std::string_view about = event.len > 0 ? bytes.data() + at + sizeof event : "";
      // Without a name it is about the folder itself, or news were lost.
      found = found || name.empty() || about.empty() || about == name;
      at += sizeof event + event.len;
    }
  }
}

}  // namespace gg
