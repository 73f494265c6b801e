// SPDX-License-Identifier: Apache-2.0
// Every value of a configuration by its key, whether it is the default, and where it stands: what
// the admin interface shows of it.
#pragma once

#include <string>
#include <vector>

#include "config/model.h"

namespace gg {

struct ValueInForce {
  std::string key;          // "upstreams.app.endpoints[0].url"
  std::string text;         // as the file spells it; dots for a secret
  bool is_default = false;  // without a word in the file it would be the same
  std::string place;        // "routes/api.yaml:3"; empty: no file says it
};

/// In the order of the reference.
std::vector<ValueInForce> values_in_force(const Config& config);

}  // namespace gg
