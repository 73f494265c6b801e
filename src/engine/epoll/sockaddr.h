// SPDX-License-Identifier: Apache-2.0
// Address to and from the system's sockaddr. Only for code that makes system calls.
#pragma once

#include <sys/socket.h>

#include "engine/address.h"

namespace gg {

struct SystemAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// `address` is not `none`; a Unix path has at most 107 bytes.
SystemAddress to_system(const Address& address);

/// A Unix peer comes out with an empty path.
Address from_system(const sockaddr_storage& storage);

}  // namespace gg
