// SPDX-License-Identifier: Apache-2.0
#include "http/connection_options.h"

#include <gtest/gtest.h>

#include <string>

#include "vectors/make_head.h"

namespace gg {
namespace {

using testing::make_fields;
using testing::make_request;

TEST(ConnectionOptions, AreGatheredFromEveryLineAndCase) {
  BufferPool pool;
  Fields fields =
      make_fields(pool, {{"Connection", "x-a, KEEP-Alive"}, {"connection", ", Upgrade"}});

  ConnectionOptions options = connection_options_of(fields);

  EXPECT_TRUE(options.keep_alive);
  EXPECT_TRUE(options.upgrade);
  EXPECT_FALSE(options.close);
  EXPECT_FALSE(options.too_many);
}

TEST(ConnectionOptions, OnlyWholeTokensCount) {
  BufferPool pool;

  ConnectionOptions options =
      connection_options_of(make_fields(pool, {{"Connection", "closed, not-close"}}));

  EXPECT_FALSE(options.close);
}

TEST(ConnectionOptions, SixtyFourAreEnough) {
  BufferPool pool;
  std::string most = "a";
  for (int i = 1; i < connection_options_max; ++i) most += ",a";
  std::string more = most + ",a";

  EXPECT_FALSE(connection_options_of(make_fields(pool, {{"Connection", most}})).too_many);
  EXPECT_TRUE(connection_options_of(make_fields(pool, {{"Connection", more}})).too_many);
}

TEST(Upgrade, IsWantedOnlyByBothFieldsInHttp11) {
  BufferPool pool;
  testing::FieldList both = {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}};

  EXPECT_EQ(wanted_upgrade(make_request(pool, "GET", HttpVersion::http11, both)), "websocket");
  EXPECT_EQ(wanted_upgrade(make_request(pool, "GET", HttpVersion::http10, both)), "");
  EXPECT_EQ(wanted_upgrade(make_request(pool, "GET", HttpVersion::http11, {{"Upgrade", "h2c"}})),
            "");
  EXPECT_EQ(
      wanted_upgrade(make_request(pool, "GET", HttpVersion::http11, {{"Connection", "upgrade"}})),
      "");
}

TEST(Upgrade, ToHttp2IsNeverWanted) {
  BufferPool pool;
  auto wanted = [&pool](std::string_view upgrade) {
    return wanted_upgrade(make_request(pool, "GET", HttpVersion::http11,
                                       {{"Connection", "Upgrade"}, {"Upgrade", upgrade}}));
  };

  EXPECT_EQ(wanted("h2c"), "");
  EXPECT_EQ(wanted("websocket, H2C"), "");
  EXPECT_EQ(wanted("h2cx"), "h2cx");
}

TEST(Trailers, AreAcceptedByWhoSaysSo) {
  BufferPool pool;

  EXPECT_TRUE(accepts_trailers(make_fields(pool, {{"TE", "gzip;q=0.5, Trailers"}})));
  EXPECT_TRUE(accepts_trailers(make_fields(pool, {{"TE", "trailers ;q=1"}})));
  EXPECT_FALSE(accepts_trailers(make_fields(pool, {{"TE", "trailersx"}})));
  EXPECT_FALSE(accepts_trailers(make_fields(pool, {})));
}

TEST(Expect, OnlyContinueIsKnown) {
  BufferPool pool;
  auto expect = [&pool](HttpVersion version, std::string_view value) {
    return expectation_of(make_request(pool, "PUT", version, {{"Expect", value}}));
  };

  EXPECT_EQ(expect(HttpVersion::http11, "100-Continue"), Expectation::continue_100);
  EXPECT_EQ(expect(HttpVersion::http11, "200-ok"), Expectation::unknown);
  EXPECT_EQ(expect(HttpVersion::http11, "100-continue, x"), Expectation::unknown);
  EXPECT_EQ(expect(HttpVersion::http11, ""), Expectation::unknown);
  EXPECT_EQ(expect(HttpVersion::http10, "100-continue"), Expectation::none);
  EXPECT_EQ(expectation_of(make_request(pool, "PUT", HttpVersion::http11, {})), Expectation::none);
}

}  // namespace
}  // namespace gg
