// SPDX-License-Identifier: Apache-2.0
// What a supervisor gives to the one that takes over from it, which may be another version of the
// program: written by the old one, read by the new one from memory that both have open.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/values.h"
#include "gate/descriptors.h"
#include "tls/ticket_keys.h"

namespace gg {

/// Descriptors are numbers that are the same on both sides; nothing here owns them.
struct Handover {
  struct Socket {
    bool is_admin = false;
    ListenAddress address;  // as it is configured
    std::size_t repetition = 0;
    int descriptor = -1;
    std::uint64_t inode = 0;  // of a Unix socket's file; 0: none

    bool operator==(const Socket&) const = default;
  };

  int report = -1;           // where the new one says that it is ready
  int runtime_file = -1;     // locked; -1: there is none
  std::string runtime_path;  // of that file
  int health = -1;           // HealthMemory's; -1: there is none
  std::uint64_t health_layout = 0;
  int state_lock = -1;     // of the state directory; -1: there is none
  std::string state_path;  // of that directory
  bool is_kept = false;    // a parent waits for whoever is in charge
  std::vector<Socket> sockets;
  TicketKeys::Secret tickets{};

  bool operator==(const Handover&) const = default;
};

/// One fact a line, after a line that names the form and its version.
std::string to_text(const Handover& handover);
/// Fails with a sentence that says what is wrong with the text.
Result<Handover, std::string> parse_handover(std::string_view text);

/// The name of the variable that gives a process the descriptor of the text.
inline constexpr const char* handover_variable = "GOODGATE_HANDOVER";

/// What this process was given, taken out of its environment; nothing when it was started as usual.
Result<std::optional<Handover>, std::string> take_handover();

/// Memory with the text, or errno. Closed on exec like every descriptor.
Result<Descriptor, int> memory_with(const std::string& text);

}  // namespace gg
