// SPDX-License-Identifier: Apache-2.0
// Good heads: what is read out of them, and where it then lives.
#include "http1/head_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace gg {
namespace {

using State = HeadOutcome::State;

class Heads : public ::testing::Test {
 protected:
  HeadOutcome parse_request(std::string_view bytes) {
    progress_ = {};
    return parse_request_head(bytes, limits_, progress_, pool_, request_);
  }
  HeadOutcome parse_response(std::string_view bytes) {
    progress_ = {};
    return parse_response_head(bytes, limits_, progress_, pool_, response_);
  }

  BufferPool pool_;
  HeadLimits limits_;
  HeadProgress progress_;
  RequestHead request_;
  ResponseHead response_;
};

TEST_F(Heads, ARequestIsReadWhole) {
  std::string_view bytes =
      "POST /a/b?c=d&e HTTP/1.1\r\n"
      "Host: shop.example:80\r\n"
      "content-LENGTH:3 \t\r\n"
      "X-Empty:\r\n"
      "X-Text: \t caf\xc3\xa9 \x85 \t in\t\r\n"
      "\r\n"
      "abc";

  HeadOutcome outcome = parse_request(bytes);

  ASSERT_EQ(outcome.state, State::complete);
  EXPECT_EQ(outcome.consumed, bytes.size() - 3);
  EXPECT_EQ(request_.method, Method::post);
  EXPECT_EQ(request_.method_text, "POST");
  EXPECT_EQ(request_.version, HttpVersion::http11);
  EXPECT_EQ(request_.form, TargetForm::origin);
  EXPECT_EQ(request_.target, "/a/b?c=d&e");
  EXPECT_EQ(request_.path, "/a/b");
  EXPECT_EQ(request_.query, "c=d&e");
  EXPECT_TRUE(request_.has_query);
  EXPECT_EQ(request_.authority, "shop.example:80");
  ASSERT_EQ(request_.fields.size(), 4U);
  EXPECT_EQ(request_.fields.all()[1].name, "content-LENGTH");
  EXPECT_EQ(request_.fields.all()[1].value, "3");
  EXPECT_EQ(request_.fields.all()[1].id, FieldName::content_length);
  EXPECT_EQ(request_.fields.all()[2].value, "");
  EXPECT_EQ(request_.fields.all()[3].value, "caf\xc3\xa9 \x85 \t in");
}

TEST_F(Heads, AResponseIsReadWhole) {
  std::string_view bytes = "HTTP/1.0 404 Not\tF\xf6und \r\nServer: x\r\n\r\nbody";

  HeadOutcome outcome = parse_response(bytes);

  ASSERT_EQ(outcome.state, State::complete);
  EXPECT_EQ(outcome.consumed, bytes.size() - 4);
  EXPECT_EQ(response_.status, 404);
  EXPECT_EQ(response_.version, HttpVersion::http10);
  EXPECT_EQ(response_.reason, "Not\tF\xf6und ");
  EXPECT_EQ(response_.fields.find(FieldName::server)->value, "x");
}

TEST_F(Heads, AReasonAndItsSpaceMayBeMissing) {
  ASSERT_EQ(parse_response("HTTP/1.1 301 \r\n\r\n").state, State::complete);
  EXPECT_EQ(response_.reason, "");
  ASSERT_EQ(parse_response("HTTP/1.1 301\r\n\r\n").state, State::complete);
  EXPECT_EQ(response_.reason, "");
  ASSERT_EQ(parse_response("HTTP/1.1 999  two spaces\r\n\r\n").state, State::complete);
  EXPECT_EQ(response_.reason, " two spaces");
}

TEST_F(Heads, OutliveTheBufferTheyCameIn) {
  std::string bytes =
      "GET http://a.example/x?y HTTP/1.1\r\nHost: b\r\nX: long enough value\r\n\r\n";

  ASSERT_EQ(parse_request(bytes).state, State::complete);
  RequestHead moved = std::move(request_);
  bytes.assign(bytes.size(), '#');

  EXPECT_EQ(moved.target, "http://a.example/x?y");
  EXPECT_EQ(moved.authority, "a.example");
  EXPECT_EQ(moved.path, "/x");
  EXPECT_EQ(moved.fields.all()[1].value, "long enough value");
}

TEST_F(Heads, TakeOneBlockEachAndNoneFromTheSystemOnceWarm) {
  std::string_view bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_EQ(parse_request(bytes).state, State::complete);
  request_ = {};
  std::size_t before = pool_.system_allocations();

  ASSERT_EQ(parse_request(bytes).state, State::complete);

  EXPECT_EQ(pool_.system_allocations(), before);
  EXPECT_EQ(pool_.bytes_lent(), BufferPool::smallest_block);
}

TEST_F(Heads, EmptyLinesBeforeARequestAreSkippedUpToFour) {
  EXPECT_EQ(parse_request("\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").consumed, 35U);
  EXPECT_EQ(request_.method_text, "GET");
  EXPECT_EQ(parse_request("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").fault.error,
            MessageError::bad_method);
}

TEST_F(Heads, NothingBehindAHeadIsTouched) {
  std::string_view two = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";

  HeadOutcome first = parse_request(two);
  ASSERT_EQ(first.state, State::complete);
  HeadOutcome second = parse_request(two.substr(first.consumed));

  ASSERT_EQ(second.state, State::complete);
  EXPECT_EQ(request_.path, "/2");
  EXPECT_EQ(first.consumed + second.consumed, two.size());
}

TEST_F(Heads, AHostMayBeEmptyOrMissingInHttp10) {
  ASSERT_EQ(parse_request("GET / HTTP/1.1\r\nHost:\r\n\r\n").state, State::complete);
  EXPECT_EQ(request_.authority, "");
  ASSERT_EQ(parse_request("GET / HTTP/1.0\r\n\r\n").state, State::complete);
  EXPECT_EQ(request_.version, HttpVersion::http10);
  EXPECT_EQ(request_.authority, "");
}

TEST_F(Heads, TrailersKeepOnlyWhatMayStandThere) {
  Fields trailers;
  progress_ = {};

  HeadOutcome outcome = parse_trailer_section("X-Sum: 1\r\nVary: *\r\nX-End: 2\r\n\r\nrest",
                                              limits_, progress_, pool_, trailers);

  ASSERT_EQ(outcome.state, State::complete);
  EXPECT_EQ(outcome.consumed, 31U);
  ASSERT_EQ(trailers.size(), 2U);
  EXPECT_EQ(trailers.all()[1].name, "X-End");
}

}  // namespace
}  // namespace gg
