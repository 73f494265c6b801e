// SPDX-License-Identifier: Apache-2.0
// The talk between the supervisor and a worker process: single characters over a socket pair that
// keeps message bounds. Used by both of them.
#pragma once

#include <cstdint>

namespace gg {

/// From the worker process to the supervisor.
enum class WorkerReport : char {
  ready = 'r',  // every worker accepts; sent once
};

/// From the supervisor to the worker process. An end of the stream (the supervisor is gone, kill -9
/// included) means `drain`. Signals never mean anything to a worker process: a terminal sends its
/// SIGINT to the whole group, and only the supervisor shall decide what follows from it.
enum class WorkerCommand : char {
  drain = 'd',   // stop accepting, end when the exchanges are over or Config::timeouts.drain passed
  reopen = 'l',  // the log file was moved away: write to a new one
  retire = 'o',  // the same without that limit: others serve already, streams may take their time
};

/// What one look at a control socket found.
struct ControlMessage {
  enum class Kind : std::uint8_t { none, message, end };
  Kind kind = Kind::none;
  char text = 0;  // of a message
};

/// Takes one message off; never waits. Errors count as the end.
ControlMessage receive_control(int descriptor);

/// False when the other side is gone. Never waits, raises no signal.
bool send_control(int descriptor, char text);
inline bool send_control(int descriptor, WorkerReport report) {
  return send_control(descriptor, static_cast<char>(report));
}
inline bool send_control(int descriptor, WorkerCommand command) {
  return send_control(descriptor, static_cast<char>(command));
}

}  // namespace gg
