// SPDX-License-Identifier: Apache-2.0
#include "engine/io_error.h"

#include <cerrno>

namespace gg {

IoError io_error_of(int error_number) {
  using Kind = IoError::Kind;
  Kind kind = Kind::other;
  switch (error_number) {
    case ECONNREFUSED:
      kind = Kind::refused;
      break;
    case ECONNRESET:
    case ECONNABORTED:
      kind = Kind::reset;
      break;
    case EPIPE:
      kind = Kind::broken_pipe;
      break;
    case ETIMEDOUT:
      kind = Kind::timed_out;
      break;
    case EHOSTUNREACH:
    case EHOSTDOWN:
      kind = Kind::host_unreachable;
      break;
    case ENETUNREACH:
    case ENETDOWN:
      kind = Kind::network_unreachable;
      break;
    case EACCES:
    case EPERM:
      kind = Kind::prohibited;
      break;
    case EADDRNOTAVAIL:
      kind = Kind::no_ports;
      break;
    case EMFILE:
    case ENFILE:
      kind = Kind::no_descriptors;
      break;
    case ENOMEM:
    case ENOBUFS:
      kind = Kind::no_memory;
      break;
    case ENOENT:
      kind = Kind::no_such_path;
      break;
    case EADDRINUSE:
      kind = Kind::address_in_use;
      break;
    case ECANCELED:
      kind = Kind::cancelled;
      break;
    default:
      break;
  }
  return {.kind = kind, .number = error_number};
}

std::string_view text_of(IoError::Kind kind) {
  using Kind = IoError::Kind;
  switch (kind) {
    case Kind::refused:
      return "refused";
    case Kind::reset:
      return "reset";
    case Kind::broken_pipe:
      return "broken_pipe";
    case Kind::timed_out:
      return "timed_out";
    case Kind::deadline:
      return "deadline";
    case Kind::host_unreachable:
      return "host_unreachable";
    case Kind::network_unreachable:
      return "network_unreachable";
    case Kind::prohibited:
      return "prohibited";
    case Kind::no_ports:
      return "no_ports";
    case Kind::no_descriptors:
      return "no_descriptors";
    case Kind::no_memory:
      return "no_memory";
    case Kind::backlog_full:
      return "backlog_full";
    case Kind::no_such_path:
      return "no_such_path";
    case Kind::address_in_use:
      return "address_in_use";
    case Kind::cancelled:
      return "cancelled";
    case Kind::other:
      return "other";
  }
  return "other";
}

}  // namespace gg
