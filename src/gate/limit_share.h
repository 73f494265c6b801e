// SPDX-License-Identifier: Apache-2.0
// Has gateways share rate limits through a Redis: every moment it tells what was let through here,
// and hears what all have let through together. No request waits for it. Control thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/model.h"
#include "net/resp.h"
#include "rules/rate_limiter.h"
#include "task/scope.h"
#include "upstream/dialer.h"

namespace gg {

class Snapshot;

/// A limit, and how all gateways call it.
struct SharedLimit {
  RateLimiter& limiter;
  std::string name;
};

/// Those of the routes that say so. Two gateways whose routes are called the same and whose limits
/// say the same have the same names for them.
std::vector<SharedLimit> shared_limits_of(const Snapshot& snapshot);

class LimitShare {
 public:
  /// Everything outlives it.
  LimitShare(Engine& engine, Resolver& resolver, const RedisConfig& redis,
             std::vector<SharedLimit> limits);
  LimitShare(const LimitShare&) = delete;
  LimitShare& operator=(const LimitShare&) = delete;
  ~LimitShare();

  void start();
  /// Ends within a moment: turn the engine until is_stopped(). Its resolver is stopped, too.
  void stop();
  bool is_stopped() const { return tasks_.running() == 0; }

  /// Does it hear of the others?
  bool is_connected() const { return is_connected_; }
  /// Connections that failed, or could not be made.
  std::uint64_t failures() const { return failures_; }
  /// What is to be said to the operator since it was asked last, mostly nothing.
  std::vector<std::string> take_lines() { return std::exchange(lines_, {}); }

 private:
  /// What is to be told of one key.
  struct Spent {
    std::size_t limit;
    std::uint64_t key;
    std::uint32_t count;
  };
  /// Why a connection is of no use any more.
  using Broken = std::optional<std::string>;

  Task<void> run();
  Task<void> wait(Duration time);
  Task<Broken> serve();
  Task<Broken> greet();
  Task<Broken> tell_and_hear();
  void gather();
  void append_question(std::string& out, const Spent& spent) const;
  Task<Broken> send(std::string_view bytes);
  Task<Result<RespReply, std::string>> hear();
  void note(const Broken& broken);

  Engine& engine_;
  const RedisConfig& redis_;
  std::vector<SharedLimit> limits_;
  Dialer dialer_;
  std::unique_ptr<TlsClientContext> tls_;  // null: it is spoken to without
  std::unique_ptr<ByteStream> bytes_;
  RespReader reader_;
  std::string script_;        // by which Redis knows what it is asked
  std::vector<Spent> spent_;  // not told yet, as far as is known
  bool is_connected_ = false;
  bool is_trouble_told_ = false;
  bool stopping_ = false;
  std::uint32_t failed_in_a_row_ = 0;
  std::uint64_t failures_ = 0;
  std::vector<std::string> lines_;
  Sleep* sleeping_ = nullptr;
  Scope tasks_;
};

}  // namespace gg
