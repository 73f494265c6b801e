// SPDX-License-Identifier: Apache-2.0
#include "http/field_name.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"

namespace gg {
namespace {

/// The definition that the hash must agree with.
FieldName slowly(std::string_view name) {
  for (int i = 1; i <= static_cast<int>(FieldName::last); ++i) {
    if (equal_ignoring_case(text_of(static_cast<FieldName>(i)), name)) {
      return static_cast<FieldName>(i);
    }
  }
  return FieldName::other;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
  return result;
}

TEST(FieldName, EveryKnownNameIsFoundInAnyCase) {
  for (int i = 1; i <= static_cast<int>(FieldName::last); ++i) {
    auto id = static_cast<FieldName>(i);
    EXPECT_FALSE(text_of(id).empty());
    EXPECT_EQ(field_name_of(text_of(id)), id) << text_of(id);
    EXPECT_EQ(field_name_of(upper(text_of(id))), id) << text_of(id);
  }
}

TEST(FieldName, OneByteOffIsAnotherName) {
  for (int i = 1; i <= static_cast<int>(FieldName::last); ++i) {
    std::string name(text_of(static_cast<FieldName>(i)));
    for (std::size_t at = 0; at < name.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string changed = name;
        changed[at] = static_cast<char>(byte);
        ASSERT_EQ(field_name_of(changed), slowly(changed)) << changed;
      }
    }
  }
}

TEST(FieldName, ShorterAndLongerAreOtherNames) {
  EXPECT_EQ(field_name_of(""), FieldName::other);
  EXPECT_EQ(field_name_of("t"), FieldName::other);
  EXPECT_EQ(field_name_of("Content-Lengt"), FieldName::other);
  EXPECT_EQ(field_name_of("Content-Length2"), FieldName::other);
  EXPECT_EQ(field_name_of("Access-Control-Allow-Headers"), FieldName::other);
}

}  // namespace
}  // namespace gg
