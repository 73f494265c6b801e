// SPDX-License-Identifier: Apache-2.0
// Posting to an engine from other threads: nothing lost, per-thread order kept, a sleeper woken.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "engine/epoll/epoll_engine.h"

namespace gg {

namespace {

struct Received {
  std::vector<int> last;  // of each sender
  int count = 0;
  int out_of_order = 0;
};

class Numbered final : public Message {
 public:
  Numbered(Received& received, std::size_t sender, int number)
      : received_(received), sender_(sender), number_(number) {}
  void run() override {
    if (number_ != received_.last[sender_] + 1) ++received_.out_of_order;
    received_.last[sender_] = number_;
    ++received_.count;
  }

 private:
  Received& received_;
  std::size_t sender_;
  int number_;
};

constexpr std::size_t senders = 4;
constexpr int messages_each = 5000;

TEST(PostThreads, EveryMessageArrivesInItsSendersOrder) {
  std::unique_ptr<EpollEngine> engine = std::move(*EpollEngine::make());
  Received received{.last = std::vector<int>(senders, 0)};
  std::vector<std::thread> threads;
  for (std::size_t sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&engine, &received, sender] {
      for (int i = 1; i <= messages_each; ++i) {
        engine->post(std::make_unique<Numbered>(received, sender, i));
      }
    });
  }

  Instant limit = engine->now() + 60s;
  while (received.count < static_cast<int>(senders) * messages_each && engine->now() < limit) {
    engine->turn(1s);
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(received.count, static_cast<int>(senders) * messages_each);
  EXPECT_EQ(received.out_of_order, 0);
}

TEST(PostThreads, AMessageWakesASleepingEngine) {
  std::unique_ptr<EpollEngine> engine = std::move(*EpollEngine::make());
  Received received{.last = {0}};
  Instant before = engine->now();
  std::thread poster([&engine, &received] {
    std::this_thread::sleep_for(20ms);
    engine->post(std::make_unique<Numbered>(received, 0, 1));
  });

  while (received.count == 0 && engine->now() - before < 50s) engine->turn(50s);
  poster.join();

  EXPECT_EQ(received.count, 1);
  EXPECT_LT(engine->now() - before, 40s);
}

TEST(PostThreads, MessagesThatWereNeverRunAreFreed) {
  std::unique_ptr<EpollEngine> engine = std::move(*EpollEngine::make());
  Received received{.last = {0}};
  std::thread poster([&engine, &received] {
    engine->post(std::make_unique<Numbered>(received, 0, 1));
    engine->post(std::make_unique<Numbered>(received, 0, 2));
  });
  poster.join();

  engine.reset();

  EXPECT_EQ(received.count, 0);  // and the leak checker is content
}

}  // namespace
}  // namespace gg
