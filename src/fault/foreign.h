// SPDX-License-Identifier: Apache-2.0
// How Envoy, HAProxy and nginx report the causes of our catalogue, as far as is known. Read by the
// documents and by whoever explains another gateway's log.
#pragma once

#include <span>
#include <string_view>

#include "fault/fault.h"

namespace gg {

/// Empty: that program has no word of its own for the cause. All text is static.
struct ForeignNames {
  Fault fault;
  std::string_view envoy;    // response flag and detail
  std::string_view haproxy;  // termination state and error name
  std::string_view nginx;    // what the error log says
};

/// Every cause that has a foreign name, in the order of the catalogue.
std::span<const ForeignNames> foreign_names();

/// Null if no other program names this cause.
const ForeignNames* find_foreign_names(Fault fault);

}  // namespace gg
