// SPDX-License-Identifier: Apache-2.0
#include "http/message_error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gg {
namespace {

TEST(MessageError, EachHasItsOwnName) {
  std::set<std::string_view> names;

  for (int i = 0; i <= static_cast<int>(MessageError::last); ++i) {
    names.insert(text_of(static_cast<MessageError>(i)));
  }

  EXPECT_EQ(names.size(), static_cast<std::size_t>(MessageError::last) + 1);
  EXPECT_EQ(names.count(""), 0U);
  EXPECT_EQ(text_of(MessageError::length_and_coding), "length_and_coding");
}

}  // namespace
}  // namespace gg
