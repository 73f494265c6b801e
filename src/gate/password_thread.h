// SPDX-License-Identifier: Apache-2.0
// The thread that checks passwords: one, so that guesses of strangers cost no more than one core.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

#include "proxy/password_checker.h"

namespace gg {

/// Outlives the workers that use it, none of which may wait for it when it goes.
class PasswordThread final : public PasswordChecker {
 public:
  /// Of checks that wait at most `waiting_most`: a few seconds' worth.
  explicit PasswordThread(std::size_t waiting_most = 64);
  ~PasswordThread() override;

  bool start(Engine& engine, PasswordCheck& check) override;
  const CredentialCache::Keys& cache_keys() const override { return keys_; }

 private:
  struct Job {
    Engine* engine = nullptr;
    PasswordCheck* check = nullptr;
  };
  void main();

  const std::size_t waiting_most_;
  CredentialCache::Keys keys_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace gg
