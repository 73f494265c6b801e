// SPDX-License-Identifier: Apache-2.0
#include "proxy/continuation.h"

#include <gtest/gtest.h>

#include <string>

#include "http1/head_parser.h"

namespace gg {
namespace {

constexpr std::string_view good_fields = "ETag: \"v1\"\r\nContent-Encoding: br\r\n";
constexpr std::string_view rest_fields = "ETag: \"v1\"\r\nContent-Range: bytes 400-999/1000\r\n";

constexpr BodyPlan of_length(std::uint64_t bytes) {
  return {.kind = BodyPlan::Kind::length, .length = bytes};
}

class ContinuationTest : public testing::Test {
 protected:
  RequestHead request(std::string_view method = "GET", std::string_view fields = "") {
    std::string text =
        std::string(method) + " / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
    HeadProgress progress;
    RequestHead head;
    HeadOutcome outcome = parse_request_head(text, {}, progress, pool_, head);
    GG_ASSERT(outcome.state == HeadOutcome::State::complete);
    return head;
  }
  ResponseHead response(int status, std::string_view fields) {
    std::string text =
        "HTTP/1.1 " + std::to_string(status) + " X\r\n" + std::string(fields) + "\r\n";
    HeadProgress progress;
    ResponseHead head;
    HeadOutcome outcome = parse_response_head(text, {}, progress, pool_, head);
    GG_ASSERT(outcome.state == HeadOutcome::State::complete);
    return head;
  }
  bool can_be_continued(std::string_view fields, int status = 200) {
    RequestHead head = request();
    ResponseHead answer = response(status, fields);
    return continuable(head, answer, of_length(1000)).has_value();
  }
  bool can_be_continued_for(std::string_view method, std::string_view fields) {
    RequestHead head = request(method, fields);
    ResponseHead answer = response(200, good_fields);
    return continuable(head, answer, of_length(1000)).has_value();
  }
  /// Of "v1" in br, 1000 bytes, of which 400 were passed on.
  bool is_continued_by(std::string_view fields, int status = 206, std::uint64_t length = 600) {
    Continuation rest({.etag = "\"v1\"", .coding = "br", .total = 1000}, pool_);
    rest.go_on_from(400);
    ResponseHead answer = response(status, fields);
    return rest.is_continued_by(answer, of_length(length));
  }

  BufferPool pool_;
};

TEST_F(ContinuationTest, AWholeAnswerWithAStrongEntityTagCanBeContinued) {
  RequestHead head = request();
  ResponseHead answer = response(200, good_fields);

  std::optional<Continuable> found = continuable(head, answer, of_length(1000));

  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->etag, "\"v1\"");
  EXPECT_EQ(found->coding, "br");
  EXPECT_EQ(found->total, 1000U);
}

TEST_F(ContinuationTest, WithoutOneStrongEntityTagItCannot) {
  EXPECT_FALSE(can_be_continued(""));
  EXPECT_FALSE(can_be_continued("ETag: W/\"v1\"\r\n"));
  EXPECT_FALSE(can_be_continued("ETag: v1\r\n"));
  EXPECT_FALSE(can_be_continued("ETag: \"\r\n"));
  EXPECT_FALSE(can_be_continued("ETag: \"a b\"\r\n"));
  EXPECT_FALSE(can_be_continued("ETag: \"a\"b\"\r\n"));
  EXPECT_FALSE(can_be_continued("ETag: \"v1\"\r\nETag: \"v1\"\r\n"));
}

TEST_F(ContinuationTest, OnlyA200OfKnownLengthCan) {
  RequestHead head = request();
  ResponseHead answer = response(200, good_fields);

  EXPECT_FALSE(can_be_continued(good_fields, 203));
  EXPECT_FALSE(can_be_continued(good_fields, 206));
  EXPECT_FALSE(can_be_continued("ETag: \"v1\"\r\nAccept-Ranges: none\r\n"));
  EXPECT_FALSE(continuable(head, answer, {.kind = BodyPlan::Kind::unknown, .length = {}}));
  EXPECT_FALSE(continuable(head, answer, {.kind = BodyPlan::Kind::none, .length = 1000}));
}

TEST_F(ContinuationTest, OnlyAGetThatAsksForAllOfItCan) {
  EXPECT_TRUE(can_be_continued_for("GET", ""));
  EXPECT_FALSE(can_be_continued_for("POST", ""));
  EXPECT_FALSE(can_be_continued_for("HEAD", ""));
  EXPECT_FALSE(can_be_continued_for("GET", "Range: bytes=0-\r\n"));
  EXPECT_FALSE(can_be_continued_for("GET", "If-Range: \"v1\"\r\n"));
}

TEST_F(ContinuationTest, WhatIsMissingIsAskedFor) {
  Continuation rest({.etag = "\"v1\"", .coding = "", .total = 1000}, pool_);

  rest.go_on_from(400);

  ASSERT_EQ(rest.fields().size(), 2U);
  EXPECT_EQ(rest.fields()[0].name, "Range");
  EXPECT_EQ(rest.fields()[0].value, "bytes=400-");
  EXPECT_EQ(rest.fields()[1].name, "If-Range");
  EXPECT_EQ(rest.fields()[1].value, "\"v1\"");
}

TEST_F(ContinuationTest, TheLargestNumberHasRoom) {
  Continuation rest({.etag = "\"v1\"", .coding = "", .total = UINT64_MAX}, pool_);

  rest.go_on_from(UINT64_MAX - 1);

  EXPECT_EQ(rest.fields()[0].value, "bytes=18446744073709551614-");
}

TEST_F(ContinuationTest, ExactlyTheRestOfTheSameThingContinuesIt) {
  EXPECT_TRUE(is_continued_by(rest_fields));
  EXPECT_TRUE(is_continued_by(std::string(rest_fields) + "Content-Encoding: br\r\n"));
}

TEST_F(ContinuationTest, AnythingElseDoesNot) {
  EXPECT_FALSE(is_continued_by(rest_fields, 200));
  EXPECT_FALSE(is_continued_by(rest_fields, 206, 599));
  EXPECT_FALSE(is_continued_by(rest_fields, 206, 1000));
  EXPECT_FALSE(is_continued_by(std::string(rest_fields) + "Content-Encoding: gzip\r\n"));
  EXPECT_FALSE(is_continued_by("Content-Range: bytes 400-999/1000\r\n"));
  EXPECT_FALSE(is_continued_by("ETag: W/\"v1\"\r\nContent-Range: bytes 400-999/1000\r\n"));
  EXPECT_FALSE(is_continued_by("ETag: \"v2\"\r\nContent-Range: bytes 400-999/1000\r\n"));
  EXPECT_FALSE(is_continued_by("ETag: \"v1\"\r\n"));
  EXPECT_FALSE(is_continued_by("ETag: \"v1\"\r\nContent-Range: bytes 399-998/1000\r\n"));
  EXPECT_FALSE(is_continued_by("ETag: \"v1\"\r\nContent-Range: bytes 400-999/1001\r\n"));
  EXPECT_FALSE(is_continued_by("ETag: \"v1\"\r\nContent-Range: bytes 400-999/*\r\n"));
  EXPECT_FALSE(is_continued_by(std::string(rest_fields) + "Content-Range: bytes 400-999/1000\r\n"));
}

}  // namespace
}  // namespace gg
