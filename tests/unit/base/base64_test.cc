// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

struct Base64Row {
  std::string_view bytes;
  std::string_view text;
};

// RFC 4648 10, and bytes beyond text.
constexpr Base64Row rows[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {{"\0\xff\xfe", 3}, "AP/+"},
};

TEST(Base64, IsWhatTheStandardSaysBothWays) {
  for (const Base64Row& row : rows) {
    EXPECT_EQ(encode_base64(row.bytes), row.text);
    EXPECT_EQ(decode_base64(row.text), row.bytes);
  }
}

TEST(Base64, IsReadWithoutPaddingToo) { EXPECT_EQ(decode_base64("Zm9vYg"), "foob"); }

TEST(Base64, WhatIsNoneIsNotRead) {
  for (std::string_view text : {"Z", "Zm9vY", "Zm 9", "Zm9-", "Z=g="}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace gg
