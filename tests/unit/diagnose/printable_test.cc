// SPDX-License-Identifier: Apache-2.0
#include "diagnose/printable.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Printable, EscapesWhateverATerminalCouldObey) {
  EXPECT_EQ(printable("a\x1b[31mb\r\n\t\x7f\xff"), "a\\x1b[31mb\\x0d\\x0a \\x7f\\xff");
}

TEST(Printable, CutsLongText) { EXPECT_EQ(printable("abcdef", 3), "abc..."); }

TEST(Wrapped, BreaksBetweenWordsAndIndentsWhatFollows) {
  EXPECT_EQ(wrapped("one two three", 2, 9), "one two\n  three");
}

TEST(Wrapped, LeavesALongWordWhole) { EXPECT_EQ(wrapped("abcdefghij k", 0, 4), "abcdefghij\nk"); }

}  // namespace
}  // namespace gg
