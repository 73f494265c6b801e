// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/time_pattern.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr LogTime start = 1'795'381'803'000;

TEST(TimePattern, OneMomentIsNamed) {
  TimePattern pattern;
  for (int i = 0; i < 50; ++i) pattern.add(start + i);

  EXPECT_EQ(pattern.words(), "all at 2026-11-22 21:10:03");
}

TEST(TimePattern, ARhythmIsFound) {
  TimePattern pattern;
  for (int beat = 0; beat < 20; ++beat) {
    for (int i = 0; i < 5; ++i) pattern.add(start + beat * 30'000 + i * 100);
  }

  EXPECT_EQ(pattern.words(), "every 30 s");
}

TEST(TimePattern, WhatNeverPausesIsSteady) {
  TimePattern pattern;
  for (int second = 0; second < 5000; ++second) pattern.add(start + second * 1000);

  EXPECT_EQ(pattern.words(), "steady");
}

TEST(TimePattern, BurstsAreCounted) {
  TimePattern pattern;
  for (int at : {0, 400, 450, 1900}) {
    for (int i = 0; i < 30; ++i) pattern.add(start + at * 1000 + i * 30);
  }

  EXPECT_EQ(pattern.words(), "in 4 bursts");
}

TEST(TimePattern, TheOrderOfTimesDoesNotMatter) {
  TimePattern forwards;
  TimePattern backwards;
  for (int i = 0; i < 40; ++i) {
    forwards.add(start + i * 97'000);
    backwards.add(start + (39 - i) * 97'000);
  }

  EXPECT_EQ(forwards.words(), backwards.words());
  EXPECT_EQ(backwards.first(), start);
  EXPECT_EQ(backwards.last(), start + 39 * 97'000);
}

TEST(TimePattern, YearsApartStillFit) {
  TimePattern pattern;
  pattern.add(start);
  pattern.add(1000);
  pattern.add(start * 2);

  EXPECT_EQ(pattern.first(), 1000);
  EXPECT_EQ(pattern.last(), start * 2);
}

TEST(TimePattern, FewSayNothing) {
  TimePattern pattern;
  pattern.add(0);
  EXPECT_EQ(pattern.words(), "");
  pattern.add(start);
  pattern.add(start + 90'000);
  EXPECT_EQ(pattern.words(), "");
}

}  // namespace
}  // namespace gg
