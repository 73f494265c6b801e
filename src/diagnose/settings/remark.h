// SPDX-License-Identifier: Apache-2.0
// A setting of somebody's nginx or HAProxy that makes requests fail needlessly,
// and what to write instead: `goodgate explain --config`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "diagnose/advice/advice.h"
#include "fault/fault.h"

namespace gg {

struct Remark {
  std::string file;
  int line = 0;
  std::string about;    // "upstream app"
  std::string problem;  // "no keepalive"
  std::string why;
  std::string mend;  // a line to paste, or a few
  Fault cause = Fault::none;
};

struct SettingsVerdict {
  Product product = Product::any;  // nginx or HAProxy
  std::vector<std::string> files;  // all that were read
  std::vector<Remark> remarks;     // by file and line
};

/// Gives a file's text, and the files that a pattern matches; what is tested
/// without a disk.
class SettingsFiles {
 public:
  virtual ~SettingsFiles() = default;
  /// The text, or why it cannot be read.
  virtual Result<std::string, std::string> read(const std::string& path) = 0;
  virtual std::vector<std::string> matching(const std::string& pattern) = 0;
};

/// Those of this machine.
class DiskFiles final : public SettingsFiles {
 public:
  Result<std::string, std::string> read(const std::string& path) override;
  std::vector<std::string> matching(const std::string& pattern) override;
};

/// Reads a configuration, whichever of the two it is, and all that it includes.
/// An error in words if it cannot be read or understood.
Result<SettingsVerdict, std::string> examine_settings(const std::string& path,
                                                      SettingsFiles& files);

std::string remarks_text(const SettingsVerdict& verdict, bool color);
std::string remarks_json(const SettingsVerdict& verdict);

}  // namespace gg
