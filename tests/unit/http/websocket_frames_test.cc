// SPDX-License-Identifier: Apache-2.0
#include "http/websocket_frames.h"

#include <gtest/gtest.h>

#include <string>

namespace gg {
namespace {

std::string frame(std::uint8_t first, std::size_t size, bool is_masked = false) {
  auto mask_bit = static_cast<char>(is_masked ? 0x80 : 0);
  std::string text(1, static_cast<char>(first));
  if (size < 126) {
    text += static_cast<char>(mask_bit | static_cast<char>(size));
  } else {
    unsigned bytes = size < 65536 ? 2 : 8;
    text += static_cast<char>(mask_bit | static_cast<char>(bytes == 2 ? 126 : 127));
    while (bytes-- > 0) text += static_cast<char>(size >> (8 * bytes));
  }
  if (is_masked) text += "\x01\x02\x03\x04";
  return text + std::string(size, '\x88');  // looks like the beginning of a Close
}

TEST(WebSocketFrames, EndWhereTheirLengthSaysInEveryForm) {
  for (std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U}) {
    for (bool is_masked : {false, true}) {
      std::string bytes = frame(0x82, size, is_masked);
      WebSocketFrames frames;
      frames.pass(std::string_view(bytes).substr(0, bytes.size() - 1));
      EXPECT_FALSE(frames.is_between_frames()) << size;
      EXPECT_EQ(frames.left_of_frame(bytes.back() + std::string("xyz")), 1U) << size;
      frames.pass(std::string_view(bytes).substr(bytes.size() - 1));
      EXPECT_TRUE(frames.may_interpose()) << size;
      EXPECT_FALSE(frames.has_closed()) << size;
    }
  }
}

TEST(WebSocketFrames, AreTheSameHoweverTheBytesAreCut) {
  std::string bytes = frame(0x01, 3) + frame(0x89, 0) + frame(0x80, 300, true) + frame(0x82, 70000);
  for (std::size_t piece : {1U, 2U, 3U, 7U, 100U}) {
    WebSocketFrames frames;
    std::string_view left = bytes;
    while (!left.empty()) {
      frames.pass(left.substr(0, piece));
      left.remove_prefix(std::min(piece, left.size()));
    }
    EXPECT_TRUE(frames.may_interpose()) << piece;
  }
}

TEST(WebSocketFrames, TellHowMuchOfWhatComesIsLeftOfOne) {
  std::string bytes = frame(0x82, 200) + frame(0x82, 10);
  for (std::size_t passed : {1U, 2U, 3U, 4U, 100U}) {
    WebSocketFrames frames;
    frames.pass(std::string_view(bytes).substr(0, passed));
    EXPECT_EQ(frames.left_of_frame(std::string_view(bytes).substr(passed)), 204 - passed) << passed;
  }
  EXPECT_EQ(WebSocketFrames().left_of_frame(bytes), 0U);
}

TEST(WebSocketFrames, TakeNothingBehindAClose) {
  WebSocketFrames frames;
  frames.pass(websocket_close(1000));
  EXPECT_TRUE(frames.has_closed());
  EXPECT_TRUE(frames.is_between_frames());
  EXPECT_FALSE(frames.may_interpose());
}

TEST(WebSocketFrames, AreNotSeenInOtherBytes) {
  WebSocketFrames frames;
  frames.pass("GET / HTTP/1.1\r\n");
  EXPECT_TRUE(frames.is_unknown());
  EXPECT_FALSE(frames.may_interpose());
}

TEST(WebSocketFrames, ACloseIsWrittenPlainAndMasked) {
  EXPECT_EQ(websocket_close(1001), "\x88\x02\x03\xe9");
  EXPECT_EQ(websocket_close(1001, 0x01020304), "\x88\x82\x01\x02\x03\x04\x02\xeb");
}

}  // namespace
}  // namespace gg
