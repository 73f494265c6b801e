// SPDX-License-Identifier: Apache-2.0
// The target that an endpoint is sent instead of the client's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/rules_model.h"
#include "http/head.h"

namespace re2 {
class RE2;
}

namespace gg {

/// Immutable: any number of threads may ask at once.
///
/// A prefix is taken off the path as it came if it begins so, else off its canonical reading (as
/// routes are matched), so that no spelling of it slips past. An expression sees the canonical
/// reading. The query stays.
class PathRewrite {
 public:
  /// `config` is valid: its expression compiles.
  explicit PathRewrite(const RewriteConfig& config);
  ~PathRewrite();
  PathRewrite(PathRewrite&&) noexcept;
  PathRewrite& operator=(PathRewrite&&) = delete;

  /// Path and query for the endpoint. Nothing: what would be left could lead above the endpoint's
  /// root, as some servers read it, and is not to be sent. Allocates.
  std::optional<std::string> target_for(const RequestHead& head) const;

 private:
  std::optional<std::string> path_for(std::string_view path) const;
  std::string matched(std::string_view path) const;

  std::string strip_;
  std::string add_;
  std::string to_;
  std::unique_ptr<const re2::RE2> regex_;
};

}  // namespace gg
