// SPDX-License-Identifier: Apache-2.0
#include "http/hop_by_hop.h"

#include <gtest/gtest.h>

#include <string>

#include "vectors/make_head.h"

namespace gg {
namespace {

using testing::make_request;
using testing::make_response;

template <class Head>
std::string passing(const Head& head, const HopFilter& filter) {
  std::string names;
  for (const Field& field : head.fields.all()) {
    if (filter.passes(field)) names += std::string(field.name) + " ";
  }
  return names;
}

TEST(HopByHop, WhatIsForThisHopEndsHere) {
  BufferPool pool;
  RequestHead head = make_request(pool, "GET", HttpVersion::http11,
                                  {{"Host", "a"},
                                   {"Connection", "keep-alive, X-One, HTTP2-Settings"},
                                   {"Keep-Alive", "timeout=5"},
                                   {"X-One", "1"},
                                   {"x-two", "2"},
                                   {"TE", "trailers"},
                                   {"Proxy-Connection", "close"},
                                   {"Transfer-Encoding", "chunked"},
                                   {"Upgrade", "h2c"},
                                   {"HTTP2-Settings", "AAMAAABk"},
                                   {"Proxy-Authorization", "Basic eA=="},
                                   {"Trailer", "X-Sum"},
                                   {"x-ONE", "3"}});

  EXPECT_EQ(passing(head, HopFilter::for_request(head)), "Host x-two Trailer ");
}

TEST(HopByHop, AResponseLosesItsOwn) {
  BufferPool pool;
  ResponseHead head = make_response(pool, 200, HttpVersion::http11,
                                    {{"Connection", "close, x-internal"},
                                     {"X-Internal", "1"},
                                     {"Proxy-Authenticate", "Basic"},
                                     {"Content-Length", "5"},
                                     {"Content_Length", "6"},
                                     {"ETag", "\"a\""}});

  EXPECT_EQ(passing(head, HopFilter::for_response(head)), "Content-Length Content_Length ETag ");
}

TEST(HopByHop, ConnectionCannotRemoveWhatServesTheEnds) {
  BufferPool pool;
  RequestHead head = make_request(pool, "GET", HttpVersion::http11,
                                  {{"Host", "a"},
                                   {"Connection", "host, cookie, x-forwarded-for, content-length"},
                                   {"Cookie", "a=b"},
                                   {"X-Forwarded-For", "192.0.2.1"},
                                   {"Content-Length", "0"}});

  EXPECT_EQ(passing(head, HopFilter::for_request(head)),
            "Host Cookie X-Forwarded-For Content-Length ");
}

TEST(HopByHop, AnUpgradeIsPassedOnWhenItIsMeantTo) {
  BufferPool pool;
  RequestHead head = make_request(pool, "GET", HttpVersion::http11,
                                  {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}});

  EXPECT_EQ(passing(head, HopFilter::for_request(head, HopFilter::Upgrade::yes)), "Upgrade ");
  EXPECT_EQ(passing(head, HopFilter::for_request(head)), "");
}

TEST(HopByHop, NoLengthStaysWhereNoneMayStand) {
  BufferPool pool;
  ResponseHead none = make_response(pool, 204, HttpVersion::http11, {{"Content-Length", "0"}});
  ResponseHead hint = make_response(pool, 103, HttpVersion::http11, {{"Content-Length", "0"}});
  ResponseHead same = make_response(pool, 304, HttpVersion::http11, {{"Content-Length", "7"}});

  EXPECT_EQ(passing(none, HopFilter::for_response(none)), "");
  EXPECT_EQ(passing(hint, HopFilter::for_response(hint)), "");
  EXPECT_EQ(passing(same, HopFilter::for_response(same)), "Content-Length ");
}

TEST(HopByHop, LookalikesOfFramingFieldsAreNotForwarded) {
  BufferPool pool;
  RequestHead head = make_request(pool, "POST", HttpVersion::http11,
                                  {{"Host", "a"},
                                   {"Transfer_Encoding", "chunked"},
                                   {"Content_Length", "1000"},
                                   {"transfer---encoding", "chunked"},
                                   {"Transfer___Encoding", "chunked"},
                                   {"X_Forwarded_For", "127.0.0.1"},
                                   {"x_forwarded-proto", "https"},
                                   {"My_Header", "kept"},
                                   {"Content_Type", "kept"}});

  EXPECT_EQ(passing(head, HopFilter::for_request(head)), "Host My_Header Content_Type ");
}

TEST(Lookalike, IsWhatOnlyPunctuationTellsApart) {
  EXPECT_TRUE(is_lookalike("CONTENT_LENGTH"));
  EXPECT_TRUE(is_lookalike("Transfer--Encoding"));
  EXPECT_FALSE(is_lookalike("Content-Length"));
  EXPECT_FALSE(is_lookalike("Content_Length_X"));
  EXPECT_FALSE(is_lookalike("_"));
  EXPECT_FALSE(is_lookalike("a_very_long_name_of_some_application_header"));
}

}  // namespace
}  // namespace gg
