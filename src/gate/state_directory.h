// SPDX-License-Identifier: Apache-2.0
// The directory in which one gateway keeps what outlives it: found, made, given to the user that
// the gateway becomes, and locked against a second gateway. Held by the supervisor.
#pragma once

#include <optional>
#include <string>

#include "config/model.h"
#include "gate/descriptors.h"
#include "gate/privileges.h"

namespace gg {

/// What `state:` stands for; empty: nothing is kept. Where the service manager gives several
/// directories in $STATE_DIRECTORY it is the first.
std::string state_directory_of(const StateConfig& state);

class StateDirectory {
 public:
  /// None.
  StateDirectory() = default;
  /// Makes the directory if need be (its parent must be there) for `account`, or for us, and locks
  /// it. When that fails, problem() says why.
  static StateDirectory open(const std::string& path, const std::optional<Account>& account);
  /// Goes on with the directory of the process that handed its lock over.
  static StateDirectory adopt(std::string path, Descriptor lock);

  /// Empty: none is wanted.
  const std::string& path() const { return path_; }
  /// Why it cannot be used; a sentence without an end, empty if it can.
  const std::string& problem() const { return problem_; }
  /// The descriptor of the lock; -1: none is held.
  int lock() const { return lock_.number(); }

 private:
  std::string path_;
  std::string problem_;
  Descriptor lock_;  // held as long as it is open
};

/// Opens it, and tells the operator of a problem.
StateDirectory open_and_say(const std::string& path, const std::optional<Account>& account);

}  // namespace gg
