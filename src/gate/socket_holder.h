// SPDX-License-Identifier: Apache-2.0
// Which process holds an address that we wanted, as far as the kernel lets us see. Only for the
// text of an error.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "engine/address.h"

namespace gg {

struct SocketHolder {
  pid_t pid = 0;
  std::string program;  // its short name; may be empty
};

/// Looks for a listening socket that conflicts with `address` (TCP, or a Unix path) and for a
/// process that has it open. Nothing when there is none, or it is another user's and we are not
/// root.
std::optional<SocketHolder> find_holder(const Address& address);

}  // namespace gg
