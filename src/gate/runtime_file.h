// SPDX-License-Identifier: Apache-2.0
// How `goodgate stop`, `reload` and `status` find a running gateway: a small file that its
// supervisor keeps locked for as long as it lives. Written by the supervisor, read by cli/.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/descriptors.h"

namespace gg {

/// What the file says.
struct RunningGateway {
  pid_t pid = 0;
  std::string config_path;          // absolute; empty: started without a file
  std::string admin;                // address, or "off"
  std::string state;                // starting, ready or stopping
  std::uint64_t reloads_asked = 0;  // that have ended, well or not
  std::string reload_problem;       // of the last one; empty: it went well
  std::string file;                 // where this was read; not in the text

  bool operator==(const RunningGateway&) const = default;
};

/// One `key value` a line, the problem with its lines to the end.
std::string to_text(const RunningGateway& gateway);
std::optional<RunningGateway> parse_running_gateway(std::string_view text);

/// The file of this process. Removed when destroyed; the lock goes with the process, so a file
/// that was left behind is known as such.
class RuntimeFile {
 public:
  /// In $RUNTIME_DIRECTORY, else /run/goodgate (root), else $XDG_RUNTIME_DIR/goodgate, else
  /// /tmp/goodgate-UID. Clears away what dead ones left there. Fails with a sentence when none of
  /// them can be used.
  static Result<RuntimeFile, std::string> create();

  /// Goes on with the file of the process that handed it over, locked as it is.
  static RuntimeFile adopt(Descriptor file, std::string path) {
    return {std::move(file), std::move(path)};
  }

  RuntimeFile(RuntimeFile&&) noexcept = default;
  RuntimeFile& operator=(RuntimeFile&&) = delete;
  ~RuntimeFile();

  void write(const RunningGateway& gateway);
  const std::string& path() const { return path_; }
  int descriptor() const { return file_.number(); }
  /// Another process goes on with it: it is neither written nor removed any more.
  void leave_to_other() { file_.reset(); }

 private:
  RuntimeFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Descriptor file_;
  std::string path_;
};

/// Every gateway that this user can see running, in no order.
std::vector<RunningGateway> find_running_gateways();

/// Does the process that made `gateway.file` still live? It may have a new text by now.
std::optional<RunningGateway> look_again(const RunningGateway& gateway);

}  // namespace gg
