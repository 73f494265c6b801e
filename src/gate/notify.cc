// SPDX-License-Identifier: Apache-2.0
#include "gate/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "gate/descriptors.h"

namespace gg {

Notifier Notifier::from_environment() {
  const char* path = std::getenv("NOTIFY_SOCKET");
  return Notifier(path == nullptr ? "" : path);
}

bool Notifier::tell(std::string_view assignments) const {
  sockaddr_un address{};
  if (socket_path_.empty() || socket_path_.size() >= sizeof address.sun_path) return false;
  bool is_abstract = socket_path_.front() == '@';
  if (!is_abstract && socket_path_.front() != '/') return false;

  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_path_.data(), socket_path_.size());
  if (is_abstract) address.sun_path[0] = '\0';
  // An abstract name ends where its length says, so no zero may follow it.
  std::size_t size = offsetof(sockaddr_un, sun_path) + socket_path_.size() + (is_abstract ? 0 : 1);

  Descriptor socket_descriptor(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_descriptor.is_open()) return false;
  ssize_t sent =
      sendto(socket_descriptor.number(), assignments.data(), assignments.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size));
  return sent == static_cast<ssize_t>(assignments.size());
}

}  // namespace gg
