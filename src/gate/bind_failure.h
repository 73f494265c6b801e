// SPDX-License-Identifier: Apache-2.0
// Why an address could not be listened on, said so that the reader knows what to do. Used by
// listeners.cc.
#pragma once

#include <string>

#include "engine/address.h"

namespace gg {

/// `error` is the errno of the step that failed. Two or more lines, without a line feed at the end:
/// the problem, then the remedy.
std::string explain_bind_failure(const Address& address, int error);

}  // namespace gg
