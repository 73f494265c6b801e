// SPDX-License-Identifier: Apache-2.0
// Where a route sends its clients.
#pragma once

#include <optional>
#include <string>

#include "config/rules_model.h"
#include "rules/text_template.h"

namespace gg {

/// Immutable: any number of threads may ask at once.
class Redirect {
 public:
  explicit Redirect(const RedirectConfig& config);

  int status() const { return status_; }
  /// The value of Location. Nothing: the request is where it should be already. What the client
  /// wrote is escaped, and cannot make another host of a path. Allocates.
  std::optional<std::string> location_for(const RequestView& request) const;

 private:
  TextTemplate to_;
  int status_;
  bool is_to_https_;
  bool is_local_;  // on the host that was asked
};

}  // namespace gg
