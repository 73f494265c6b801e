// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/epoll/epoll_engine.h"
#include "gate/password_thread.h"
#include "task/scope.h"

namespace gg {
namespace {

constexpr const char* hash =
    "$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi."
    "HdxNDcL3fGE1XXuzvo6kbx7UOloZKONqEk5H3JrQA4NOfU8BmqFPrpGqwA1";  // of "correct horse"

Task<void> check_one(Engine& engine, PasswordChecker& checker, std::string password, int& good,
                     int& done) {
  PasswordCheck check;
  check.password = std::move(password);
  check.hash = hash;
  if (checker.start(engine, check)) {
    Sleep wait(engine, engine.now() + 24h);
    check.waiting = &wait;
    co_await wait;
    good += check.fits ? 1 : 0;
  }
  ++done;
}

TEST(PasswordThread, ChecksBesideTheWorkerAndWakesWhoWaits) {
  std::unique_ptr<EpollEngine> engine = std::move(*EpollEngine::make());
  PasswordThread thread;
  int good = 0;
  int done = 0;
  Scope scope(engine->ready());
  scope.start(check_one(*engine, thread, "correct horse", good, done));
  scope.start(check_one(*engine, thread, "battery staple", good, done));
  scope.start(check_one(*engine, thread, "correct horse", good, done));
  EXPECT_EQ(done, 0);

  while (done < 3) engine->turn(100ms);

  EXPECT_EQ(good, 2);
}

TEST(PasswordThread, WhoWouldWaitTooLongIsTurnedAway) {
  std::unique_ptr<EpollEngine> engine = std::move(*EpollEngine::make());
  PasswordThread thread(0);
  int good = 0;
  int done = 0;
  Scope scope(engine->ready());
  scope.start(check_one(*engine, thread, "correct horse", good, done));

  EXPECT_EQ(done, 1);
  EXPECT_EQ(good, 0);
}

TEST(PasswordThread, HasKeysOfItsOwn) {
  EXPECT_NE(PasswordThread().cache_keys()[0].low, PasswordThread().cache_keys()[0].low);
}

}  // namespace
}  // namespace gg
