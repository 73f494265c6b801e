// SPDX-License-Identifier: Apache-2.0
// Where the values of a configuration come from: which file and line gives each.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/complaint.h"

namespace gg {

/// Where each key that the text gives stands, by its path ("upstreams.app.endpoints[0].url").
/// Cross-checks use it to point, and to know what was given rather than taken by default.
class Places {
 public:
  void note(std::string path, Mark mark) { marks_.try_emplace(std::move(path), mark); }
  bool has(const std::string& path) const { return marks_.contains(path); }
  /// Of that path or of the nearest one above it that stands in the text.
  Mark find(std::string path) const;

 private:
  std::unordered_map<std::string, Mark> marks_;
};

/// The same with the names of the files, for people.
class Origins {
 public:
  /// `files` in the order of the numbers in marks.
  Origins(Places places, std::vector<std::string> files)
      : places_(std::move(places)), files_(std::move(files)) {}

  /// "routes/api.yaml:3", of that path or the nearest one above it; empty: it stands nowhere.
  std::string of(const std::string& path) const;

 private:
  Places places_;
  std::vector<std::string> files_;
};

}  // namespace gg
