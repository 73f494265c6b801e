// SPDX-License-Identifier: Apache-2.0
#include "gate/bind_failure.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "gate/socket_holder.h"

namespace gg {
namespace {

std::string own_program() {
  std::array<char, 1024> path;
  ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "goodgate";
}

std::string in_use(const Address& address) {
  std::optional<SocketHolder> holder = find_holder(address);
  if (!holder) {
    return "it is in use by a process that this user may not see\n"
           "  find it with `sudo ss -ltnp`, stop it, or listen elsewhere";
  }
  if (holder->pid == getpid()) {
    return "this gateway listens there already\n"
           "  no two listeners (nor a listener and admin) may overlap; one that is to take the "
           "place "
           "of\n  an overlapping one needs a restart";
  }
  std::string process = holder->program + " (pid " + std::to_string(holder->pid) + ")";
  if (holder->program.starts_with("goodgate")) {
    return "it is in use by another " + process +
           "\n  `goodgate reload` makes that one read its file again, `goodgate stop` ends it";
  }
  return "it is in use by " + process + "\n  stop that process, or listen elsewhere";
}

std::string not_permitted(const Address& address) {
  if (address.family == AddressFamily::unix_path) {
    return "this user may not create a socket there\n"
           "  choose a directory that it may write to";
  }
  return "ports this low need a privilege\n"
         "  allow it to the program: sudo setcap cap_net_bind_service=+ep " +
         own_program() +
         "\n  or start as root and name a user: in the configuration, or use a port from 1024 on";
}

std::string problem(const Address& address, int error) {
  bool is_unix = address.family == AddressFamily::unix_path;
  switch (error) {
    case EADDRINUSE:
      return in_use(address);
    case EACCES:
    case EPERM:
      return not_permitted(address);
    case EADDRNOTAVAIL:
      return "this machine has no such address\n  `ip address` shows those that it has";
    case EAFNOSUPPORT:
      return "IPv6 is switched off on this machine\n  use an IPv4 address";
    case ENOENT:
    case ENOTDIR:
      if (is_unix) return "its directory does not exist\n  create it, or choose another path";
      break;
    case EEXIST:
      if (is_unix)
        return "a file that is no socket is in the way\n  move it, or choose another path";
      break;
    case EMFILE:
    case ENFILE:
      return "no descriptor is left\n  raise the limit: ulimit -n, LimitNOFILE=";
    default:
      break;
  }
  return std::string(std::strerror(error));
}

}  // namespace

std::string explain_bind_failure(const Address& address, int error) {
  return "cannot listen on " + to_text(address) + ": " + problem(address, error);
}

}  // namespace gg
