// SPDX-License-Identifier: Apache-2.0
// A fixed resolver on an engine of its own, and answers as short texts, for the tests of dns/.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dns/fixed_resolver.h"
#include "engine/epoll/epoll_engine.h"
#include "task/scope.h"

namespace gg {

using Answer = Result<Resolved, DnsError>;

inline Resolved one_address(std::string_view ip, Duration ttl) {
  return {.addresses = {*parse_ip(ip)}, .ttl = ttl};
}

/// "10.0.0.1", "10.0.0.1 stale", the error's name, or "ask" for no answer.
inline std::string text(const std::optional<Answer>& answer) {
  if (!answer) return "ask";
  if (!*answer) return std::string(text_of(answer->error()));
  return ip_text((*answer)->addresses[0]) + ((*answer)->is_stale ? " stale" : "");
}

inline Task<void> resolve_into(Resolver& resolver, std::string name, Deadline deadline,
                               std::optional<Answer>& answer) {
  Answer resolved = co_await resolver.resolve(name, deadline);
  answer = std::move(resolved);
}

class FixedResolverTest : public testing::Test {
 protected:
  std::string resolve(Resolver& resolver, const std::string& name,
                      Deadline deadline = Deadline::never()) {
    Scope scope(engine_->ready());
    std::optional<Answer> answer;
    scope.start(resolve_into(resolver, name, deadline, answer));
    while (scope.running() > 0) engine_->turn(1ms);
    return text(answer);
  }

  std::unique_ptr<EpollEngine> engine_ = *EpollEngine::make();
  FixedResolver fixed_{*engine_};
};

}  // namespace gg
