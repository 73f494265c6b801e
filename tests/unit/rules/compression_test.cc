// SPDX-License-Identifier: Apache-2.0
#include "rules/compression.h"

#include <gtest/gtest.h>

#include "vectors/make_head.h"

namespace gg {
namespace {

const std::vector<Coding> all = {Coding::zstd, Coding::brotli, Coding::gzip};

/// The coding for that Accept-Encoding, or "-".
std::string chosen(std::string_view accept) {
  BufferPool pool;
  Fields fields = testing::make_fields(pool, {{"Accept-Encoding", accept}});
  std::optional<Coding> coding = choose_coding(fields, all);
  return coding ? std::string(name_of(*coding)) : "-";
}

TEST(Compression, TheFirstOfferedWinsWhereTheClientLikesAllTheSame) {
  EXPECT_EQ(chosen("gzip, deflate, br, zstd"), "zstd");
  EXPECT_EQ(chosen("gzip, deflate, br"), "br");
  EXPECT_EQ(chosen("gzip"), "gzip");
  EXPECT_EQ(chosen("x-gzip"), "gzip");
  EXPECT_EQ(chosen("GZIP"), "gzip");
}

TEST(Compression, AWeightDecidesBefore) {
  EXPECT_EQ(chosen("zstd;q=0.5, gzip"), "gzip");
  EXPECT_EQ(chosen("zstd;q=0.1, br;q=0.2, gzip;q=0.15"), "br");
  EXPECT_EQ(chosen("zstd;q=0.001"), "zstd");
}

TEST(Compression, WhatIsRefusedIsNotTaken) {
  EXPECT_EQ(chosen("zstd;q=0, br;q=0.0, gzip;q=0.000"), "-");
  EXPECT_EQ(chosen("zstd;q=0, *"), "br");
  EXPECT_EQ(chosen("*;q=0"), "-");
  EXPECT_EQ(chosen("identity"), "-");
  EXPECT_EQ(chosen("gzip;q=0.5, identity;q=0.9"), "-");
  EXPECT_EQ(chosen("deflate, compress"), "-");
}

TEST(Compression, WhoSaysNothingGetsTheBodyAsItIs) {
  BufferPool pool;
  Fields none = testing::make_fields(pool, {{"Accept", "*/*"}});

  EXPECT_EQ(chosen(""), "-");
  EXPECT_FALSE(choose_coding(none, all));
}

class Decide : public ::testing::Test {
 protected:
  CompressionRule::Decision decide(testing::FieldList response, int status = 200) {
    BufferPool pool;
    RequestHead request =
        testing::make_request(pool, method_, HttpVersion::http11, {{"Accept-Encoding", "gzip"}});
    ResponseHead head = testing::make_response(pool, status, HttpVersion::http11, response);
    return CompressionRule(config_).decide(request, head, plan_);
  }
  bool compresses(testing::FieldList response, int status = 200) {
    return decide(response, status).coding.has_value();
  }

  CompressConfig config_;
  std::string_view method_ = "GET";
  BodyPlan plan_{.kind = BodyPlan::Kind::unknown, .length = {}};
};

TEST_F(Decide, TextIsCompressedAndPicturesAreNot) {
  EXPECT_TRUE(compresses({{"Content-Type", "text/html; charset=utf-8"}}));
  EXPECT_TRUE(compresses({{"Content-Type", "Application/JSON"}}));
  EXPECT_FALSE(compresses({{"Content-Type", "image/png"}}));
  EXPECT_FALSE(compresses({{"Content-Type", "application/jsonp"}}));
  EXPECT_FALSE(compresses({{"X", "no type"}}));
}

TEST_F(Decide, NothingIsCompressedTwice) {
  EXPECT_FALSE(compresses({{"Content-Type", "text/html"}, {"Content-Encoding", "br"}}));
}

TEST_F(Decide, EventStreamsPartsAndWhatIsMarkedAreLeftAlone) {
  EXPECT_FALSE(compresses({{"Content-Type", "text/event-stream"}}));
  EXPECT_FALSE(compresses({{"Content-Type", "text/html"}}, 206));
  EXPECT_FALSE(compresses({{"Content-Type", "text/html"}, {"Content-Range", "bytes 0-1/2"}}));
  EXPECT_FALSE(
      compresses({{"Content-Type", "text/html"}, {"Cache-Control", "private, no-transform"}}));
  EXPECT_FALSE(compresses({{"Content-Type", "text/html"}}, 304));
  EXPECT_FALSE(decide({{"Content-Type", "text/event-stream"}}).varies);
}

TEST_F(Decide, ShortBodiesAreLeftAlone) {
  plan_ = {.kind = BodyPlan::Kind::length, .length = 1023};
  EXPECT_FALSE(compresses({{"Content-Type", "text/html"}}));

  plan_.length = 1024;
  EXPECT_TRUE(compresses({{"Content-Type", "text/html"}}));
}

TEST_F(Decide, TheAnswerToHeadOnlySaysThatItWouldVary) {
  method_ = "HEAD";
  plan_ = {.kind = BodyPlan::Kind::none, .length = 5000};

  CompressionRule::Decision decision = decide({{"Content-Type", "text/html"}});

  EXPECT_FALSE(decision.coding);
  EXPECT_TRUE(decision.varies);
}

TEST_F(Decide, TypesAreTheOperatorsIfSheNamesSome) {
  config_.types = {"text/*", "Image/X-Icon", "application/*"};

  EXPECT_TRUE(compresses({{"Content-Type", "text/x-anything"}}));
  EXPECT_TRUE(compresses({{"Content-Type", "image/x-icon"}}));
  EXPECT_FALSE(compresses({{"Content-Type", "image/svg+xml"}}));
  EXPECT_FALSE(compresses({{"Content-Type", "text/event-stream"}}));
  EXPECT_FALSE(compresses({{"Content-Type", "application/grpc+proto"}}));
}

}  // namespace
}  // namespace gg
