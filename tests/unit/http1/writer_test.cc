// SPDX-License-Identifier: Apache-2.0
#include "http1/writer.h"

#include <gtest/gtest.h>

#include <string>

#include "http1/head_parser.h"
#include "vectors/make_head.h"

namespace gg {
namespace {

TEST(HeadWriter, WritesARequest) {
  BufferPool pool;
  HeadWriter writer(pool);
  writer.request_line("GET", "/x?y");
  writer.field("Host", "a");
  writer.field("Content-Length", std::uint64_t{18446744073709551615U});
  std::string_view parts[] = {"1.1 a", ", ", "1.1 goodgate"};
  writer.field("Via", parts);
  Chunk head = writer.finish();

  EXPECT_EQ(head.view(),
            "GET /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n"
            "Via: 1.1 a, 1.1 goodgate\r\n\r\n");
}

TEST(HeadWriter, WritesAResponse) {
  BufferPool pool;
  Fields fields = testing::make_fields(pool, {{"Server", "x"}});
  Fields extra = testing::make_fields(pool, {{"X-Empty", ""}});

  EXPECT_EQ(write_response_head(502, "Bad Gateway", fields.all(), extra.all(), pool).view(),
            "HTTP/1.1 502 Bad Gateway\r\nServer: x\r\nX-Empty: \r\n\r\n");
  EXPECT_EQ(write_response_head(299, "", {}, {}, pool).view(), "HTTP/1.1 299 \r\n\r\n");
}

TEST(HeadWriter, GrowsBeyondItsFirstBlock) {
  BufferPool pool;
  std::string value(300, 'v');
  std::string expected = "GET / HTTP/1.1\r\n";
  HeadWriter writer(pool, 1);
  writer.request_line("GET", "/");
  for (int i = 0; i < 100; ++i) {
    writer.field("X", value);
    expected += "X: " + value + "\r\n";
  }

  EXPECT_EQ(writer.finish().view(), expected + "\r\n");
}

TEST(HeadWriter, UndoesTheParser) {
  BufferPool pool;
  std::string_view bytes =
      "PATCH http://a.example/b?c HTTP/1.1\r\nhOsT: a.example\r\nX: a \t b\xff\r\nX: \r\n\r\n";
  HeadProgress progress;
  RequestHead head;
  ASSERT_EQ(parse_request_head(bytes, {}, progress, pool, head).state,
            HeadOutcome::State::complete);

  Chunk written = write_request_head(head.method_text, head.target, head.fields.all(), {}, pool);

  EXPECT_EQ(written.view(), bytes);
}

TEST(HeadWriterDeathTest, NothingThatItIsGivenCanSplitAHead) {
  auto write = [](std::string_view name, std::string_view value) {
    BufferPool pool;
    HeadWriter writer(pool);
    writer.request_line("GET", "/");
    writer.field(name, value);
    writer.finish();
  };

  EXPECT_DEATH(write("X", "a\r\nY: b"), "has_no_more_controls");
  EXPECT_DEATH(write("X", "a\nb"), "has_no_more_controls");
  EXPECT_DEATH(write("X\r", "a"), "has_no_more_controls");
  EXPECT_DEATH(write("X", std::string_view("a\0", 2)), "has_no_more_controls");
  EXPECT_DEATH(write("", "a"), "name");
}

TEST(Chunks, HeadersAreHexWithoutLeadingZeros) {
  EXPECT_EQ(chunk_header(1).view(), "1\r\n");
  EXPECT_EQ(chunk_header(255).view(), "ff\r\n");
  EXPECT_EQ(chunk_header(~std::uint64_t{0}).view(), "ffffffffffffffff\r\n");
  EXPECT_DEATH(chunk_header(0), "payload");
}

TEST(Chunks, TheLastMayCarryTrailers) {
  BufferPool pool;
  Fields trailers = testing::make_fields(pool, {{"X-Sum", "1"}});

  EXPECT_EQ(write_last_chunk(trailers.all(), pool).view(), "0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(write_last_chunk({}, pool).view(), last_chunk);
}

}  // namespace
}  // namespace gg
