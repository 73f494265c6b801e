// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "gate/worker_thread.h"
#include "unit/gate/worker_threads.h"

namespace gg {
namespace {

using Phase = WorkerThread::Phase;

/// A log whose reader never comes: there is no room for anything.
class FullLog final : public LogWriter {
 public:
  Swapped swap(std::unique_ptr<LogBuffer> full) override {
    full->clear();
    return {.empty = std::move(full), .was_taken = false};
  }
};

/// A log that keeps what it is given.
class KeptLog final : public LogWriter {
 public:
  Swapped swap(std::unique_ptr<LogBuffer> full) override {
    lines_ += full->lines();
    full->clear();
    return {.empty = std::move(full), .was_taken = true};
  }
  std::uint64_t lines() const { return lines_.load(); }

 private:
  std::atomic<std::uint64_t> lines_{0};
};

class WorkerThreadTest : public WorkerThreads {};

TEST_F(WorkerThreadTest, AWorkerServesOnItsOwnThread) {
  Door door;
  add_worker().start({door.listener()});

  EXPECT_TRUE(door.ask(last_request()).starts_with("HTTP/1.1 502 "));

  std::thread::id its = on_worker(worker(), [](Worker&) { return std::this_thread::get_id(); });
  EXPECT_NE(its, std::this_thread::get_id());
  EXPECT_EQ(worker().phase(), Phase::accepting);
}

TEST_F(WorkerThreadTest, WhatCannotBeListenedToIsAFailure) {
  add_worker().start({{.descriptor = -1, .address = {}, .name = "closed"}});

  EXPECT_TRUE(comes_true([this] { return worker().phase() == Phase::failed; }));
}

TEST_F(WorkerThreadTest, AWorkerThatHasDrainedStops) {
  Door door;
  add_worker().start({door.listener()});
  EXPECT_TRUE(comes_true([this] { return worker().phase() == Phase::accepting; }));

  worker().drain();

  EXPECT_TRUE(comes_true([this] { return worker().phase() == Phase::stopped; }));
}

TEST_F(WorkerThreadTest, CuttingEndsConnectionsThatAreOpen) {
  Door door;
  add_worker().start({door.listener()});
  std::future<std::string> answer =
      std::async(std::launch::async, [&door] { return door.ask("GET / HTTP/1.1\r\n"); });
  EXPECT_TRUE(
      comes_true([this] { return worker().counters().client_connections_active.read() > 0; }));

  worker().cut();

  EXPECT_EQ(answer.get(), "");
  EXPECT_TRUE(comes_true([this] { return worker().phase() == Phase::stopped; }));
}

TEST_F(WorkerThreadTest, CountersAreReadWhileTheWorkerCounts) {
  Door door;
  add_worker().start({door.listener()});

  for (int i = 0; i < 20; ++i) door.ask(last_request());

  EXPECT_EQ(worker().counters().client_connections_accepted.read(), 20U);
}

TEST_F(WorkerThreadTest, EveryRequestIsLoggedByTheTimeTheWorkerHasStopped) {
  Door door;
  KeptLog log;
  add_worker(&log).start({door.listener()});
  for (int i = 0; i < 3; ++i) door.ask(last_request());

  worker().drain();
  EXPECT_TRUE(comes_true([this] { return worker().phase() == Phase::stopped; }));

  EXPECT_EQ(log.lines(), 3U);
}

TEST_F(WorkerThreadTest, LinesThatTheLogHadNoRoomForAreCounted) {
  Door door;
  FullLog log;
  add_worker(&log).start({door.listener()});
  for (int i = 0; i < 3; ++i) door.ask(last_request());

  worker().drain();
  EXPECT_TRUE(comes_true([this] { return worker().phase() == Phase::stopped; }));

  EXPECT_EQ(worker().counters().access_log_dropped.read(), 3U);
}

}  // namespace
}  // namespace gg
