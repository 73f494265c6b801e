// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/content.h"

#include <gtest/gtest.h>

#include <array>

#include "http/framing.h"
#include "http1/head_parser.h"

namespace gg {
namespace {

TEST(DemoPayload, ItsPathNamesIt) {
  DemoPayload payload{.size = 1234, .seed = 77};

  std::optional<DemoPayload> named = DemoPayload::named_by(payload.path());

  ASSERT_TRUE(named.has_value());
  EXPECT_EQ(named->text(), payload.text());
}

TEST(DemoPayload, IsAsLongAsItSays) {
  EXPECT_EQ((DemoPayload{.size = 0, .seed = 1}).text(), "");
  EXPECT_EQ((DemoPayload{.size = 16384, .seed = 1}).text().size(), 16384);
}

TEST(DemoPayload, DiffersBySeed) {
  EXPECT_NE((DemoPayload{.size = 100, .seed = 1}).text(),
            (DemoPayload{.size = 100, .seed = 2}).text());
}

TEST(DemoPayload, IsNotNamedByAnythingElse) {
  EXPECT_FALSE(DemoPayload::named_by("/"));
  EXPECT_FALSE(DemoPayload::named_by("/payload/12"));
  EXPECT_FALSE(DemoPayload::named_by("/payload/12/x"));
  EXPECT_FALSE(DemoPayload::named_by("/payload/-1/2"));
  EXPECT_FALSE(DemoPayload::named_by("/payload/16385/2"));
}

RequestHead head_of(std::string_view text, BufferPool& pool) {
  RequestHead head;
  HeadProgress progress;
  HeadOutcome outcome = parse_request_head(text, HeadLimits{}, progress, pool, head);
  EXPECT_EQ(outcome.state, HeadOutcome::State::complete);
  return head;
}

TEST(DemoGreeting, TellsWhoAnswersWhatAndWhatTheGatewayAdded) {
  BufferPool pool;
  RequestHead head = head_of(
      "GET /hello?x=1 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 127.0.0.1\r\nAccept: */*\r\n\r\n",
      pool);

  EXPECT_EQ(demo_greeting(2, head),
            "Hello from origin 2 of 3.\n\n"
            "You asked for GET /hello?x=1\n\n"
            "The gateway told this origin:\n"
            "  X-Forwarded-For    127.0.0.1\n"
            "\nAsk as often as you like: the origins take turns failing, the answers go on.\n");
}

TEST(DemoGarbage, NoneOfItIsAResponse) {
  BufferPool pool;
  int accepted = 0;
  for (std::uint64_t variant = 0; variant < 4; ++variant) {
    ResponseHead head;
    HeadProgress progress;
    HeadOutcome outcome =
        parse_response_head(demo_garbage(variant), HeadLimits{}, progress, pool, head);
    bool is_response = outcome.state == HeadOutcome::State::complete &&
                       decide_response_framing(Method::get, head).has_value();
    accepted += is_response ? 1 : 0;
  }

  EXPECT_EQ(accepted, 0);
}

}  // namespace
}  // namespace gg
