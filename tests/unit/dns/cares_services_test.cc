// SPDX-License-Identifier: Apache-2.0
// What a name server's answers become is in srv_answer_test;
// tests/wire/discovery_names_root_test.py asks one.
#include "dns/cares_services.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/epoll/epoll_engine.h"
#include "task/scope.h"

namespace gg {
namespace {

Task<void> find_into(ServiceFinder& finder, Deadline deadline,
                     std::optional<Result<Services, DnsError>>& answer) {
  answer = co_await finder.find("_http._tcp.invalid", deadline);
}

/// Lets descriptors below `most` be open; false where that is not allowed.
bool allow_descriptors(rlim_t most) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(most, limit.rlim_max));
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= most;
}

TEST(CaresServices, AsksWithSocketsBeyondWhatSelectCanName) {
  std::unique_ptr<EpollEngine> engine = *EpollEngine::make();
  if (!allow_descriptors(FD_SETSIZE + 200)) GTEST_SKIP() << "so many may not be open";
  std::vector<int> others;
  while (others.empty() || others.back() < FD_SETSIZE) {
    others.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_GE(others.back(), 0);
  }
  CaresServices services(*engine);
  std::optional<Result<Services, DnsError>> answer;
  Scope scope(engine->ready());

  scope.start(find_into(services, Deadline::after(engine->now(), 100ms), answer));
  while (scope.running() > 0) engine->turn(1ms);

  EXPECT_FALSE(answer->has_value());
  for (int other : others) close(other);
}

}  // namespace
}  // namespace gg
