// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/gzip_check.h"

#include <gtest/gtest.h>

#include <string>

namespace gg {
namespace {

/// "hello\n", packed.
const std::string packed(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36\x06"
    "\x00\x00\x00",
    26);

TEST(GzipCheck, KnowsGzipHoweverItComes) {
  GzipCheck check;
  for (char c : packed) check.take({&c, 1});
  EXPECT_TRUE(check.is_whole());

  check.take(packed);  // a second member
  EXPECT_TRUE(check.is_whole());
}

TEST(GzipCheck, KnowsWhatIsNoGzipOrNotAllOfIt) {
  GzipCheck plain;
  plain.take("hello\n");
  EXPECT_FALSE(plain.is_whole());

  GzipCheck cut;
  cut.take(std::string_view(packed).substr(0, 20));
  EXPECT_FALSE(cut.is_whole());

  GzipCheck wrong;
  std::string damaged = packed;
  damaged[19] = 'x';  // of the checksum
  wrong.take(damaged);
  EXPECT_FALSE(wrong.is_whole());
}

}  // namespace
}  // namespace gg
