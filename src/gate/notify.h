// SPDX-License-Identifier: Apache-2.0
// Tells the service manager how the service is, as sd_notify(3) describes it. Used by the
// supervisor; without a service manager every call does nothing.
#pragma once

#include <string>
#include <string_view>

namespace gg {

/// Speaks to one datagram socket. A leading '@' names an abstract one.
class Notifier {
 public:
  /// An empty path: nobody listens.
  explicit Notifier(std::string socket_path) : socket_path_(std::move(socket_path)) {}
  /// The socket in $NOTIFY_SOCKET.
  static Notifier from_environment();

  /// Is there a service manager?
  bool is_heard() const { return !socket_path_.empty(); }
  /// Sends assignments, one a line ("READY=1\nSTATUS=…"). False when nobody listens or it could not
  /// be sent; never waits.
  bool tell(std::string_view assignments) const;

 private:
  std::string socket_path_;
};

}  // namespace gg
