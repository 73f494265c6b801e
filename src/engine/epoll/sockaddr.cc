// SPDX-License-Identifier: Apache-2.0
#include "engine/epoll/sockaddr.h"

#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "base/assert.h"

namespace gg {

SystemAddress to_system(const Address& address) {
  SystemAddress system;
  switch (address.family) {
    case AddressFamily::v4: {
      sockaddr_in in{};
      in.sin_family = AF_INET;
      in.sin_port = htons(address.port);
      std::memcpy(&in.sin_addr, address.ip.data(), sizeof in.sin_addr);
      std::memcpy(&system.storage, &in, sizeof in);
      system.size = sizeof in;
      break;
    }
    case AddressFamily::v6: {
      sockaddr_in6 in{};
      in.sin6_family = AF_INET6;
      in.sin6_port = htons(address.port);
      in.sin6_scope_id = address.scope_id;
      std::memcpy(&in.sin6_addr, address.ip.data(), sizeof in.sin6_addr);
      std::memcpy(&system.storage, &in, sizeof in);
      system.size = sizeof in;
      break;
    }
    case AddressFamily::unix_path: {
      sockaddr_un un{};
      GG_ASSERT(address.path.size() < sizeof un.sun_path);
      un.sun_family = AF_UNIX;
      std::memcpy(un.sun_path, address.path.data(), address.path.size());
      std::memcpy(&system.storage, &un, sizeof un);
      system.size =
          static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.path.size() + 1);
      break;
    }
    case AddressFamily::none:
      GG_UNREACHABLE("an address of no family");
  }
  return system;
}

Address from_system(const sockaddr_storage& storage) {
  Address address;
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    address.family = AddressFamily::v4;
    address.port = ntohs(in.sin_port);
    std::memcpy(address.ip.data(), &in.sin_addr, sizeof in.sin_addr);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    address.port = ntohs(in.sin6_port);
    bool mapped = IN6_IS_ADDR_V4MAPPED(&in.sin6_addr);
    address.family = mapped ? AddressFamily::v4 : AddressFamily::v6;
    const unsigned char* bytes = in.sin6_addr.s6_addr;
    std::memcpy(address.ip.data(), mapped ? bytes + 12 : bytes, mapped ? 4 : 16);
    if (!mapped) address.scope_id = in.sin6_scope_id;
  } else if (storage.ss_family == AF_UNIX) {
    address.family = AddressFamily::unix_path;
  }
  return address;
}

}  // namespace gg
