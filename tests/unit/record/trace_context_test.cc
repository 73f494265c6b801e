// SPDX-License-Identifier: Apache-2.0
#include "record/trace_context.h"

#include <gtest/gtest.h>

#include <set>

#include "base/rng.h"

namespace gg {
namespace {

constexpr std::uint64_t chance[3] = {0x10, 0x20, 0x30};
constexpr TraceParent client = {
    .trace_high = 1, .trace_low = 0x00ffffffffffffff, .span = 3, .is_sampled = true};

TEST(TraceContext, BeginsATraceOfItsOwn) {
  TraceContext context = TraceContext::of(std::nullopt, false, Share{0}, chance);

  EXPECT_EQ(context.trace_high, 0x11U);
  EXPECT_EQ(context.trace_low, 0x20U);
  EXPECT_EQ(context.span, 0x31U);
  EXPECT_EQ(context.parent, 0U);
  EXPECT_FALSE(context.is_sampled);
}

TEST(TraceContext, GoesOnWithTheClients) {
  TraceContext context = TraceContext::of(client, false, Share{0}, chance);

  EXPECT_EQ(context.trace_high, client.trace_high);
  EXPECT_EQ(context.trace_low, client.trace_low);
  EXPECT_EQ(context.parent, client.span);
  EXPECT_NE(context.span, client.span);
}

TEST(TraceContext, OnlyThoseWhoAreBelievedMayAskToBeSampled) {
  EXPECT_FALSE(TraceContext::of(client, false, Share{0}, chance).is_sampled);
  EXPECT_TRUE(TraceContext::of(client, true, Share{0}, chance).is_sampled);
}

TEST(TraceContext, TheTracesIdDecidesWhoIsInTheShare) {
  EXPECT_TRUE(TraceContext::of(client, false, Share{0.1}, chance).is_sampled);
  EXPECT_FALSE(TraceContext::of(std::nullopt, false, Share{99}, chance).is_sampled);
  EXPECT_TRUE(TraceContext::of(std::nullopt, false, Share{100}, chance).is_sampled);
}

TEST(TraceContext, TheShareIsKept) {
  Rng rng(1);
  int sampled = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t random[3] = {rng.next(), rng.next(), rng.next()};
    sampled += TraceContext::of(std::nullopt, false, Share{10}, random).is_sampled ? 1 : 0;
  }
  EXPECT_NEAR(sampled, 2000, 200);
}

TEST(TraceContext, EachAttemptHasASpanOfItsOwn) {
  TraceContext context = TraceContext::of(std::nullopt, false, Share{0}, chance);
  std::set<std::uint64_t> spans = {0, context.span};
  for (int attempt = 1; attempt <= 255; ++attempt) {
    spans.insert(context.span_of(static_cast<std::uint8_t>(attempt)));
  }
  EXPECT_EQ(spans.size(), 257U);
}

TEST(TraceContext, AnEndpointIsToldOfItsAttempt) {
  TraceContext context = TraceContext::of(client, true, Share{0}, chance);
  TraceParent told = context.parent_for(2);

  EXPECT_EQ(told.trace_low, client.trace_low);
  EXPECT_EQ(told.span, context.span_of(2));
  EXPECT_TRUE(told.is_sampled);
}

}  // namespace
}  // namespace gg
