// SPDX-License-Identifier: Apache-2.0
// Who checks passwords for workers, which must not be kept busy so long.
#pragma once

#include <string>

#include "engine/engine.h"
#include "rules/credential_cache.h"

namespace gg {

/// One password to be checked. Stays where it is until it is done.
struct PasswordCheck {
  PasswordCheck() = default;
  PasswordCheck(const PasswordCheck&) = delete;
  PasswordCheck& operator=(const PasswordCheck&) = delete;
  /// Leaves no password behind.
  ~PasswordCheck();

  std::string password;
  std::string hash;
  bool fits = false;
  Sleep* waiting = nullptr;  // of who waits, to be cancelled on its engine's thread
};

class PasswordChecker {
 public:
  virtual ~PasswordChecker() = default;
  /// Has it checked, then ends the wait of `check`, which begins before the caller's next turn.
  /// False: too many wait already, and nothing happens. Any thread.
  virtual bool start(Engine& engine, PasswordCheck& check) = 0;
  /// For workers to remember by what was found.
  virtual const CredentialCache::Keys& cache_keys() const = 0;
};

}  // namespace gg
