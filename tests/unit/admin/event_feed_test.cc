// SPDX-License-Identifier: Apache-2.0
#include "admin/event_feed.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/sim/sim_engine.h"

namespace gg {
namespace {

class EventFeedTest : public testing::Test {
 protected:
  void tell(std::string text, std::int64_t second = 100) {
    feed_.tell({.at = {second * 1'000'000},
                .kind = "health",
                .upstream = "app",
                .endpoint = "10.0.0.1:80",
                .text = std::move(text)});
  }
  std::string heard() { return feed_.stream_after(last_); }

  SimWorld world_{1};
  SimEngine engine_{world_};
  EventFeed feed_{engine_};
  std::uint64_t last_ = 0;
};

TEST_F(EventFeedTest, EachIsTakenOnce) {
  tell("one");
  tell("two");

  std::string both = heard();
  EXPECT_LT(both.find("\"text\":\"one\""), both.find("\"text\":\"two\""));
  EXPECT_TRUE(both.starts_with("id: 100000000\nevent: health\ndata: {\"id\":100000000,"));
  EXPECT_EQ(heard(), "");

  tell("three");
  EXPECT_TRUE(feed_.has_after(last_));
  EXPECT_EQ(heard().find("two"), std::string::npos);
}

TEST_F(EventFeedTest, IdsGrowWithTheTimeAndNeverStandStill) {
  tell("one", 100);
  tell("two", 100);
  tell("earlier, as a clock that was set shows it", 50);
  tell("later", 200);

  heard();
  EXPECT_EQ(last_, 200'000'000U);
}

TEST_F(EventFeedTest, TheOldestAreForgotten) {
  for (int i = 0; i < 300; ++i) tell("event " + std::to_string(i));

  nlohmann::json all = nlohmann::json::parse(feed_.to_json());
  ASSERT_EQ(all["events"].size(), EventFeed::kept_most);
  EXPECT_EQ(all["events"][0]["text"], "event 299");
  EXPECT_EQ(all["events"].back()["text"], "event 44");
}

TEST_F(EventFeedTest, WhoeverWaitsIsWoken) {
  Sleep sleep(engine_, engine_.now() + 1h);
  {
    EventWait wait(sleep);
    feed_.wait(wait);
    EXPECT_TRUE(wait.is_linked());

    feed_.ring();

    EXPECT_FALSE(wait.is_linked());
  }
}

TEST(StreamMessage, EveryLineIsMarked) {
  EXPECT_EQ(stream_message("x", "a\nb"), "event: x\ndata: a\ndata: b\n\n");
  EXPECT_EQ(stream_message("x", "a", 7), "id: 7\nevent: x\ndata: a\n\n");
}

}  // namespace
}  // namespace gg
