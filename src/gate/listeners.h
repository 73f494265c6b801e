// SPDX-License-Identifier: Apache-2.0
// The listening sockets of the process. The supervisor keeps them for as long as the configuration
// names them, whatever becomes of the worker processes that accept from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/model.h"
#include "gate/descriptors.h"
#include "gate/handover.h"
#include "gate/privileges.h"
#include "gate/worker_process.h"

namespace gg {

/// One thread. Destroying it closes everything and removes the paths of Unix sockets.
class Listeners {
 public:
  Listeners() = default;
  Listeners(Listeners&& other) noexcept;
  Listeners& operator=(Listeners&&) = delete;
  ~Listeners() { close_all(); }

  /// Binds what `config` names and is not held yet. All of it or, with the reasons as text for a
  /// person, nothing. Unix sockets are given to `owner`; everybody may connect to a listener, only
  /// the owner and its group to the admin interface.
  Result<void, std::string> add(const Config& config, const std::optional<Account>& owner);
  /// Closes what `config` does not name.
  void keep_only(const Config& config);
  void close_all();

  /// What a process that takes over needs to go on with all of them.
  std::vector<Handover::Socket> to_hand_over() const;
  /// Holds what another process handed over.
  void adopt(const std::vector<Handover::Socket>& sockets);
  /// Closes everything and leaves the paths of Unix sockets to the process that has them now.
  void leave_to_other();

  /// What a worker process gets; all of it must be held. The result borrows Unix paths from
  /// `config`.
  std::vector<ListeningSocket> for_worker(const Config& config) const;
  /// -1 when the admin interface is off.
  int admin_descriptor(const Config& config) const;

  /// Where clients and operators can connect, with the ports that the kernel chose: ":8080",
  /// "127.0.0.1:41203", "unix:/run/app.sock".
  std::vector<std::string> client_addresses(const Config& config) const;
  std::string admin_address(const Config& config) const;

 private:
  enum class Purpose : std::uint8_t { clients, admin };

  /// What makes a socket the one that a configuration means. Port 0 may be there several times.
  struct Key {
    Purpose purpose = Purpose::clients;
    ListenAddress address;
    std::size_t repetition = 0;
    bool operator==(const Key&) const = default;
  };

  struct Held {
    Key key;
    Descriptor descriptor;
    Address actual;         // without the path of a Unix socket, which the key owns
    std::uint64_t inode{};  // of a Unix socket's file; 0: none
  };

  static std::vector<Key> keys_of(const Config& config);
  static Result<Held, std::string> bind_one(const Key& key, const std::optional<Account>& owner);
  static std::string shown(const Held& held);
  static void close_one(Held& held);
  static Address bound_address(const Descriptor& bound);
  const Held* find(const Key& key) const;

  std::vector<Held> held_;
};

}  // namespace gg
