// SPDX-License-Identifier: Apache-2.0
#include "report/line_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gg {
namespace {

std::string written(LogStyle style, std::string_view bytes, std::size_t longest = 100) {
  std::array<char, 2048> room;
  LineWriter out(room, style);
  out.text(bytes, longest);
  return {room.data(), out.size()};
}

TEST(LineWriter, QuotesTextInJsonOnly) {
  EXPECT_EQ(written(LogStyle::json, "plain"), "\"plain\"");
  EXPECT_EQ(written(LogStyle::text, "plain"), "plain");
  EXPECT_EQ(written(LogStyle::json, ""), "\"\"");
}

TEST(LineWriter, MakesHostileBytesHarmlessInJson) {
  EXPECT_EQ(written(LogStyle::json, "a\"b\\c"), R"("a\u0022b\u005cc")");
  EXPECT_EQ(written(LogStyle::json, std::string_view("\0\n\r\x1b\x7f\xff", 6)),
            R"("\u0000\u000a\u000d\u001b\u007f\u00ff")");
}

TEST(LineWriter, MakesHostileBytesHarmlessInText) {
  EXPECT_EQ(written(LogStyle::text, "x\" 200\n127.0.0.1"), R"(x\x22 200\x0a127.0.0.1)");
  EXPECT_EQ(written(LogStyle::text, "\\x22"), R"(\x5cx22)");
}

TEST(LineWriter, EscapesEveryByteThatIsNotPrintable) {
  for (int i = 0; i < 256; ++i) {
    const char byte = static_cast<char>(i);
    const bool is_plain = i >= 0x20 && i < 0x7f && byte != '"' && byte != '\\';
    EXPECT_EQ(written(LogStyle::json, {&byte, 1}).size(), is_plain ? 3u : 8u) << i;
    EXPECT_EQ(written(LogStyle::text, {&byte, 1}).size(), is_plain ? 1u : 4u) << i;
  }
}

TEST(LineWriter, FindsTheOneHostileByteInALongText) {
  for (std::size_t at = 0; at < 70; ++at) {
    std::string bytes(70, 'x');
    bytes[at] = '\n';
    const std::string text = written(LogStyle::text, bytes);
    EXPECT_EQ(text.find("\\x0a"), at);
    EXPECT_EQ(text.size(), 73u);
  }
}

TEST(LineWriter, CutsWhatIsTooLongAndSaysSo) {
  EXPECT_EQ(written(LogStyle::json, "abcdef", 4), "\"abcd...\"");
  EXPECT_EQ(written(LogStyle::json, "abcd", 4), "\"abcd\"");
}

TEST(LineWriter, WritesNumbersAndDurations) {
  std::array<char, 128> room;
  LineWriter out(room, LogStyle::json);
  out.number(~std::uint64_t{0});
  out.raw(" ");
  out.signed_number(INT64_MIN);
  out.raw(" ");
  out.milliseconds(1'234'567'891ns);
  out.raw(" ");
  out.milliseconds(999ns);
  out.raw(" ");
  out.milliseconds(-1ms);
  out.raw(" ");
  out.flag(true);
  out.raw(" ");
  out.word("name");

  EXPECT_EQ(std::string_view(room.data(), out.size()),
            "18446744073709551615 -9223372036854775808 1234.567 0.000 0.000 true \"name\"");
  EXPECT_FALSE(out.is_full());
}

TEST(LineWriter, NeverWritesPastTheEnd) {
  constexpr std::size_t needed = 3 + 6 + 6 + 5 + 23;  // text asks for room for its worst case
  for (std::size_t size = 0; size < needed; ++size) {
    std::string room(size, '.');
    LineWriter out(room, LogStyle::json);
    out.raw("raw");
    out.word("word");
    out.number(123456);
    out.milliseconds(1ms);
    out.text("a\nb", 10);

    EXPECT_LE(out.size(), size);
    EXPECT_TRUE(out.is_full());
  }
}

TEST(LineWriter, RewindsToAnEarlierLength) {
  std::array<char, 16> room;
  LineWriter out(room, LogStyle::text);
  out.raw("keep");
  out.raw("drop");
  out.rewind(4);

  EXPECT_EQ(std::string_view(room.data(), out.size()), "keep");
}

}  // namespace
}  // namespace gg
