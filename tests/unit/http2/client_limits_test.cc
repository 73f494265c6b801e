// SPDX-License-Identifier: Apache-2.0
// What an endpoint's connection may cost, and how long it is trusted.
#include <gtest/gtest.h>

#include "http2/client.h"
#include "support/http2_client_fixture.h"

namespace gg {
namespace {

// Conduct.

TEST_F(Http2Client, FramesThatBreakTheRulesEndTheConnection) {
  greet();
  Http2ClientStream& asked = ask();

  say(http2::frame(http2::data, 0, 0, "x"));

  EXPECT_EQ(head_error(asked).message, MessageError::http2_violation);
  EXPECT_TRUE(connection().failure());
}

TEST_F(Http2Client, APushIsAgainstTheRules) {
  greet();
  Http2ClientStream& asked = ask();

  say(http2::frame(http2::push_promise, http2::end_headers, 1,
                   http2::number(2, 4) + http2::block(http2::request("GET", "/"))));

  EXPECT_EQ(head_error(asked).message, MessageError::http2_violation);
}

TEST_F(Http2Client, AFloodOfPingsEndsTheConnection) {
  greet();
  Http2ClientStream& asked = ask();
  std::string flood;
  for (int i = 0; i < 1100; ++i) flood += http2::frame(http2::ping, 0, 0, "12345678");

  say(flood, 100ms);

  StreamError error = head_error(asked);
  EXPECT_EQ(error.message, MessageError::http2_violation);
  EXPECT_EQ(error.io.number, 11);
}

TEST_F(Http2Client, AHeaderBlockWithoutEndEndsTheConnection) {
  greet();
  Http2ClientStream& asked = ask();
  std::string flood = http2::frame(http2::headers, 0, 1, http2::block({{":status", "200"}}));
  for (int i = 0; i < 100; ++i) flood += http2::frame(http2::continuation, 0, 1, {});

  say(flood, 100ms);

  EXPECT_EQ(head_error(asked).message, MessageError::too_many_fields);
}

// How many, how long.

TEST_F(Http2Client, NoMoreStreamsBeginThanTheEndpointAllows) {
  greet(http2::setting(3, 2));
  ask();
  EXPECT_TRUE(connection().may_begin());
  ask();
  EXPECT_FALSE(connection().may_begin());

  say(head(1, "200", true));
  streams_.erase(streams_.begin());

  EXPECT_TRUE(connection().may_begin());
}

TEST_F(Http2Client, AConnectionWithoutStreamsIsRetiredAfterAWhile) {
  greet();

  pass(61s);

  EXPECT_TRUE(connection().is_retired());
}

TEST_F(Http2Client, ADoubtfulConnectionIsAskedBeforeItGetsTheRequest) {
  greet();
  Http2ClientStream& asked = stream(true);
  std::optional<Result<void, StreamError>> sent;
  begin(asked.send_head(get_, {}, Deadline::never()), sent);
  pass();
  ASSERT_EQ(ear().pings.size(), 1U);
  EXPECT_TRUE(fields_of(1).empty());

  say(http2::frame(http2::ping, http2::ack, 0, ear().pings[0]));

  EXPECT_TRUE(sent && *sent);
  EXPECT_FALSE(fields_of(1).empty());
}

TEST_F(Http2Client, AConnectionThatDoesNotAnswerGetsNoRequest) {
  greet();
  Http2ClientStream& asked = stream(true);

  Result<void, StreamError> sent = await(asked.send_head(get_, {}, Deadline::never()));

  EXPECT_FALSE(sent);
  EXPECT_EQ(asked.bytes_written(), 0U);
  EXPECT_TRUE(connection().is_retired());
}

TEST_F(Http2Client, AnAnswerThatNeverCameLeavesTheConnectionInDoubtUntilItIsHeard) {
  greet();
  pass(100ms);
  ask();
  EXPECT_EQ(head_error(*streams_[0]).io.kind, IoError::Kind::deadline);
  streams_.clear();
  pass();
  EXPECT_FALSE(connection().may_begin());

  say(http2::frame(http2::ping, http2::ack, 0, ear().pings.at(0)));

  EXPECT_TRUE(connection().may_begin());
}

TEST_F(Http2Client, AnInterruptedWaitForAHeadCanBeResumed) {
  greet();
  Http2ClientStream& asked = ask();
  std::optional<Result<ResponseHead, StreamError>> head_read;
  begin(asked.read_head(Deadline::never()), head_read);
  pass();

  asked.interrupt_reading();
  pass();
  ASSERT_TRUE(head_read);
  EXPECT_EQ(head_read->error().io.kind, IoError::Kind::cancelled);
  say(head(1, "200", true));

  EXPECT_EQ(read_head(asked)->status, 200);
}

}  // namespace
}  // namespace gg
