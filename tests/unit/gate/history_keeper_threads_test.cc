// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/epoll/epoll_engine.h"
#include "gate/history_keeper.h"
#include "task/scope.h"

namespace gg {
namespace {

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() : engine_(*EpollEngine::make()) {
    std::string name = testing::TempDir() + "goodgate-history-XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~HistoryTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<HistoryKeeper> begin(const std::string& folder) {
    auto history = std::make_unique<HistoryKeeper>(
        *engine_, folder,
        [](const FlightRecord& record) { return "story of " + std::string(record.id.view()); });
    turn_until([&] { return history->is_settled(); });
    return history;
  }
  std::unique_ptr<HistoryKeeper> begin() { return begin(folder_); }

  template <class Reached>
  void turn_until(Reached reached) {
    Instant end = engine_->now() + 20s;
    while (!reached() && engine_->now() < end) engine_->turn(5ms);
    EXPECT_TRUE(reached());
  }
  std::optional<std::string> find(HistoryKeeper& history, const std::string& id) {
    std::optional<std::string> answer;
    Scope tasks(engine_->ready());
    tasks.start(ask(history, id, answer));
    turn_until([&] { return tasks.running() == 0; });
    return answer;
  }

  static FlightRecord record(std::uint64_t number) {
    FlightRecord made;
    made.id = RequestId::of(number, 0);
    made.fault = Fault::connect_refused;
    return made;
  }
  static std::string id_of(std::uint64_t number) {
    return std::string(RequestId::of(number, 0).view());
  }
  static Incident incident(std::uint64_t id) {
    Incident made;
    made.id = id;
    made.key = {.upstream = "app", .endpoint = "10.0.0.1:80", .fault = Fault::connect_refused};
    return made;
  }
  Engine& engine() { return *engine_; }
  const std::string& folder() const { return folder_; }
  std::string file() const { return folder_ + "/history.db"; }

 private:
  static Task<void> ask(HistoryKeeper& history, std::string id,
                        std::optional<std::string>& answer) {
    std::optional<std::string> found = co_await history.find_record(std::move(id));
    answer = std::move(found);
  }

  std::unique_ptr<EpollEngine> engine_;
  std::string folder_;
};

TEST_F(HistoryTest, WhatIsGivenIsThereForTheNextProcess) {
  {
    std::unique_ptr<HistoryKeeper> first = begin();
    EXPECT_EQ(first->status().state, HistoryStatus::State::kept);
    EXPECT_TRUE(first->take_past()->empty());
    first->keep(incident(1));
    first->keep(record(7));
  }

  std::unique_ptr<HistoryKeeper> second = begin();

  std::optional<std::vector<Incident>> past = second->take_past();
  ASSERT_TRUE(past && past->size() == 1);
  EXPECT_EQ(past->front().key.upstream, "app");
  EXPECT_EQ(find(*second, id_of(7)), "story of " + id_of(7));
  EXPECT_EQ(find(*second, id_of(8)), std::nullopt);
  EXPECT_EQ(second->status().lost, 0U);
  EXPECT_TRUE(second->take_lines().empty());
}

TEST_F(HistoryTest, WhatWasWrittenIsFoundWhileItRuns) {
  std::unique_ptr<HistoryKeeper> history = begin();
  history->keep(record(7));
  history->write();

  turn_until([&] { return find(*history, id_of(7)).has_value(); });
}

TEST_F(HistoryTest, IncidentsAreNotTakenBeforeTheirPastIsKnown) {
  std::unique_ptr<HistoryKeeper> history = begin();

  EXPECT_FALSE(history->takes_incidents());
  history->take_past();
  EXPECT_TRUE(history->takes_incidents());
  EXPECT_EQ(history->take_past(), std::nullopt);
}

TEST_F(HistoryTest, MoreRecordsThanMayWaitAreLostAndCounted) {
  std::unique_ptr<HistoryKeeper> history = begin();
  for (std::uint64_t i = 0; i < HistoryKeeper::records_waiting_max + 5; ++i)
    history->keep(record(i));

  EXPECT_EQ(history->status().lost, 5U);
}

TEST_F(HistoryTest, WithoutADirectoryItIsSaidOnceAndAllRecordsAreLost) {
  std::unique_ptr<HistoryKeeper> history = begin(folder() + "/none");

  EXPECT_EQ(history->status().state, HistoryStatus::State::broken);
  std::vector<std::string> lines = history->take_lines();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "incidents are kept in memory only: " + folder() +
                          "/none/history.db: it cannot be used: No such file or directory");
  history->keep(record(1));
  EXPECT_EQ(history->status().lost, 1U);
  EXPECT_FALSE(history->takes_incidents());
  EXPECT_EQ(find(*history, id_of(1)), std::nullopt);
  EXPECT_TRUE(history->take_lines().empty());
}

TEST_F(HistoryTest, ADamagedFileIsSetAsideAndItIsSaid) {
  std::ofstream(file()) << std::string(9000, 'x');

  std::unique_ptr<HistoryKeeper> history = begin();

  EXPECT_EQ(history->status().state, HistoryStatus::State::kept);
  EXPECT_EQ(history->take_lines(),
            (std::vector<std::string>{"the history of incidents was damaged and is now " + file() +
                                      ".damaged; a new one has begun"}));
}

TEST_F(HistoryTest, ManyRecordsPassWhileOthersAreAskedFor) {
  std::unique_ptr<HistoryKeeper> history = begin();
  history->take_past();
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    history->keep(record(i));
    history->keep(incident(i % 7 + 1));
    history->write();
    if (i % 100 == 0) find(*history, id_of(i));
  }

  turn_until([&] { return find(*history, id_of(2000)).has_value() || history->status().lost > 0; });
}

}  // namespace
}  // namespace gg
