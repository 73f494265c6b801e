// SPDX-License-Identifier: Apache-2.0
#include "http/cookie.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "vectors/make_head.h"

namespace gg {
namespace {

std::optional<std::string_view> cookie(const testing::FieldList& fields, std::string_view name) {
  BufferPool pool;
  return cookie_of(testing::make_fields(pool, fields), name);
}

TEST(Cookie, IsFoundAmongOthersAndInAnyLine) {
  testing::FieldList fields = {{"Cookie", "a=1; bb=2;c=3"}, {"X", "d=0"}, {"cookie", "d=4"}};

  EXPECT_EQ(cookie(fields, "a"), "1");
  EXPECT_EQ(cookie(fields, "bb"), "2");
  EXPECT_EQ(cookie(fields, "c"), "3");
  EXPECT_EQ(cookie(fields, "d"), "4");
  EXPECT_EQ(cookie(fields, "b"), std::nullopt);
}

TEST(Cookie, TheFirstOfTwoCounts) {
  EXPECT_EQ(cookie({{"Cookie", "a=1; a=2"}, {"Cookie", "a=3"}}, "a"), "1");
}

TEST(Cookie, AValueMayBeEmptyQuotedOrHoldEquals) {
  EXPECT_EQ(cookie({{"Cookie", "a="}}, "a"), "");
  EXPECT_EQ(cookie({{"Cookie", "a=\"x\""}}, "a"), "x");
  EXPECT_EQ(cookie({{"Cookie", "a=\""}}, "a"), "\"");
  EXPECT_EQ(cookie({{"Cookie", "a=b=c"}}, "a"), "b=c");
}

TEST(Cookie, NamesAreCaseSensitive) { EXPECT_EQ(cookie({{"Cookie", "A=1"}}, "a"), std::nullopt); }

TEST(Cookie, NonsenseIsPassedOver) {
  EXPECT_EQ(cookie({{"Cookie", ";;; = ;a; ;b=2"}}, "b"), "2");
  EXPECT_EQ(cookie({{"Cookie", ";;; = ;a; ;b=2"}}, "a"), std::nullopt);
  EXPECT_EQ(cookie({{"Cookie", ""}}, "a"), std::nullopt);
  EXPECT_EQ(cookie({{"Cookie2", "a=1"}}, "a"), std::nullopt);
}

std::string without(std::string_view name, std::string_view line) {
  std::vector<char> room(line.size());
  return std::string(cookies_but(name, line, room));
}

TEST(Cookie, OneIsTakenOutOfALineAndTheOthersStayAsTheyAre) {
  EXPECT_EQ(without("r", "r=1"), "");
  EXPECT_EQ(without("r", "r=1; a=2"), "a=2");
  EXPECT_EQ(without("r", "a=2; r=1"), "a=2");
  EXPECT_EQ(without("r", "a=2; r=1;b = \"3;\" ;rr=4; r=5"), "a=2;b = \"3;\" ;rr=4");
  EXPECT_EQ(without("r", "a=1;b=2;c=3"), "a=1;b=2;c=3");
  EXPECT_EQ(without("r", "R=1; r; =r"), "R=1; r; =r");
  EXPECT_EQ(without("r", ""), "");
}

}  // namespace
}  // namespace gg
