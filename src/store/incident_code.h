// SPDX-License-Identifier: Apache-2.0
// An incident as text for the disk, and back. Names stand for what is enumerated, so that another
// version of the program reads it rightly or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "report/incident.h"

namespace gg {

/// One line of JSON. The moments by the monotonic clock, which mean nothing later, are left out.
std::string encoded(const Incident& incident);

/// What encoded() gave; nothing if it is anything else, of a cause that is not known here, or bears
/// a number or a time that no gateway would have written. What is missing is as in a fresh
/// incident.
std::optional<Incident> decoded(std::string_view text);

}  // namespace gg
