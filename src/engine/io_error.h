// SPDX-License-Identifier: Apache-2.0
// What went wrong with one operation on a socket, in the engine's words and with the system's
// number.
#pragma once

#include <cstdint>
#include <string_view>

namespace gg {

/// The end of a stream is not an error: a receive then gives an empty chunk.
struct IoError {
  enum class Kind : std::uint8_t {
    refused,              // ECONNREFUSED
    reset,                // ECONNRESET, ECONNABORTED
    broken_pipe,          // EPIPE
    timed_out,            // ETIMEDOUT: the kernel gave up
    deadline,             // our own deadline passed
    host_unreachable,     // EHOSTUNREACH
    network_unreachable,  // ENETUNREACH
    prohibited,           // EACCES, EPERM
    no_ports,             // EADDRNOTAVAIL
    no_descriptors,       // EMFILE, ENFILE
    no_memory,            // ENOMEM, ENOBUFS
    backlog_full,         // EAGAIN from connect on a Unix socket
    no_such_path,         // ENOENT on a Unix socket
    address_in_use,       // EADDRINUSE
    cancelled,            // by cancel() or close()
    other,
  };

  Kind kind = Kind::other;
  int number = 0;  // errno, or 0 where there was none

  bool operator==(const IoError&) const = default;
};

/// Names the errno of any socket call but connect on a Unix socket (see backlog_full).
IoError io_error_of(int error_number);

/// The snake_case name of the kind.
std::string_view text_of(IoError::Kind kind);

}  // namespace gg
