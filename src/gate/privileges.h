// SPDX-License-Identifier: Apache-2.0
// Becoming the user that the configuration names, once the sockets are bound. Used by the
// supervisor before it forks the first worker process.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace gg {

/// Whom to become.
struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string user;  // its name, for its further groups; empty: it keeps none

  bool operator==(const Account&) const = default;
};

/// The account of `user` and `group`, names or numbers; nothing when both are empty (stay). Fails
/// with a sentence and a remedy when one is unknown.
Result<std::optional<Account>, std::string> find_account(const std::string& user,
                                                         const std::string& group);

/// Becomes `account` for good and gives up every capability; without one, and when not root, only
/// the latter. Fails with a sentence and a remedy, and then the process must not go on.
Result<void, std::string> drop_privileges(const std::optional<Account>& account);

}  // namespace gg
