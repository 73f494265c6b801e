// SPDX-License-Identifier: Apache-2.0
#include "proxy/request_body.h"

#include <gtest/gtest.h>

#include "exchange_fixture.h"

namespace gg {
namespace {

class RequestBodyTest : public ExchangeFixture {
 protected:
  /// The client sends a PUT with this length; its body is about to be read.
  RequestBody& body_of(std::size_t length) {
    return receive("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) +
                   "\r\n\r\n")
        .request_body;
  }
  void keep(RequestBody& body, std::uint64_t most = 1 << 20) {
    body.keep(most, room_, engine().buffers());
  }
  std::string read_all(RequestBody& body) {
    RequestBody::Cursor cursor;
    std::string all;
    while (!cursor.ended) {
      Result<BodyPart, StreamError> part =
          await(body.read(cursor, Deadline::after(engine().now(), 1s)));
      if (!part) return all + " (failed)";
      all += part->bytes;
    }
    return all;
  }

  KeptBodies room_;
};

TEST_F(RequestBodyTest, WhatIsKeptCanBeReadAgain) {
  RequestBody& body = body_of(6);
  keep(body);
  client().say("abcdef");

  EXPECT_EQ(read_all(body), "abcdef");
  EXPECT_TRUE(body.is_whole());
  EXPECT_EQ(read_all(body), "abcdef");
  EXPECT_EQ(body.received(), 6U);
}

TEST_F(RequestBodyTest, ASecondReaderGoesOnWhereTheFirstStopped) {
  RequestBody& body = body_of(6);
  keep(body);
  client().say("abc");
  RequestBody::Cursor first;
  ASSERT_EQ(await(body.read(first, Deadline::never()))->bytes, "abc");
  EXPECT_TRUE(body.can_be_replayed());
  EXPECT_FALSE(body.is_whole());
  client().say("def");

  EXPECT_EQ(read_all(body), "abcdef");
}

TEST_F(RequestBodyTest, WhatIsNotKeptCannotBeReplayedOnceRead) {
  RequestBody& body = body_of(3);
  client().say("abc");
  EXPECT_TRUE(body.can_be_replayed());

  EXPECT_EQ(read_all(body), "abc");

  EXPECT_FALSE(body.can_be_replayed());
}

TEST_F(RequestBodyTest, ABodyLargerThanAllowedIsNotKept) {
  RequestBody& body = body_of(6);
  keep(body, 5);
  client().say("abcdef");

  EXPECT_EQ(read_all(body), "abcdef");

  EXPECT_FALSE(body.can_be_replayed());
  EXPECT_EQ(room_.used, 0U);
}

TEST_F(RequestBodyTest, TheRoomOfAWorkerIsSharedAndGivenBack) {
  room_.most = 4;
  RequestBody& body = body_of(3);
  keep(body);
  client().say("abc");
  EXPECT_EQ(read_all(body), "abc");
  EXPECT_EQ(room_.used, 3U);

  forget_exchange();

  EXPECT_EQ(room_.used, 0U);
}

TEST_F(RequestBodyTest, LargeBodiesComeBackByteForByte) {
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>('a' + i % 23);
  RequestBody& body = body_of(bytes.size());
  keep(body);
  client().say(bytes);

  EXPECT_EQ(read_all(body), bytes);
  EXPECT_EQ(read_all(body), bytes);
}

TEST_F(RequestBodyTest, WhatWasPassedOnIsGivenBackBeforeTheAnswerComes) {
  RequestBody& body = body_of(6);
  std::size_t before = engine().buffers().bytes_lent();
  client().say("abcdef");
  RequestBody::Cursor cursor;
  ASSERT_TRUE(await(body.read(cursor, Deadline::never()))->last);
  EXPECT_GT(engine().buffers().bytes_lent(), before);

  body.release(cursor);

  EXPECT_EQ(engine().buffers().bytes_lent(), before);
}

TEST_F(RequestBodyTest, WhoReadsWhatIsKeptGivesNothingOfTheClientsBack) {
  RequestBody& body = body_of(6);
  keep(body);
  client().say("abc");
  RequestBody::Cursor first;
  Result<BodyPart, StreamError> live = await(body.read(first, Deadline::never()));
  RequestBody::Cursor second;
  ASSERT_EQ(await(body.read(second, Deadline::never()))->bytes, "abc");
  std::size_t before = engine().buffers().bytes_lent();

  body.release(second);

  EXPECT_EQ(engine().buffers().bytes_lent(), before);
  EXPECT_EQ(live->bytes, "abc");
}

TEST_F(RequestBodyTest, ABodyThatBrokeOffIsNotReplayed) {
  RequestBody& body = body_of(6);
  keep(body);
  client().say("abc");
  pass();
  client().close();

  EXPECT_EQ(read_all(body), "abc (failed)");

  EXPECT_FALSE(body.can_be_replayed());
}

}  // namespace
}  // namespace gg
