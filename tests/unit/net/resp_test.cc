// SPDX-License-Identifier: Apache-2.0
#include "net/resp.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using Kind = RespReply::Kind;

/// All replies that are whole, and how it ended.
struct Read {
  std::vector<RespReply> replies;
  std::optional<RespError> error;
};

Read read(std::string_view bytes, std::size_t piece) {
  RespReader reader;
  Read all;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    for (;;) {
      Result<std::optional<RespReply>, RespError> next = reader.next();
      if (!next) all.error = next.error();
      if (!next) return all;
      if (!*next) break;
      all.replies.push_back(std::move(**next));
    }
  }
  return all;
}

TEST(Resp, ACommandSaysHowLongEachWordIs) {
  std::string out;
  append_resp_command(out, {"AUTH", "", "a\r\nb"});

  EXPECT_EQ(out, "*3\r\n$4\r\nAUTH\r\n$0\r\n\r\n$4\r\na\r\nb\r\n");
}

TEST(Resp, RepliesAreReadHoweverTheyAreCut) {
  constexpr std::string_view bytes =
      "+OK\r\n:-12\r\n-ERR no\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n:7";
  const std::vector<RespReply> expected = {
      {.kind = Kind::text, .text = "OK"},      {.kind = Kind::number, .number = -12, .text = ""},
      {.kind = Kind::error, .text = "ERR no"}, {.kind = Kind::text, .text = "a\r\nbc"},
      {.kind = Kind::text, .text = ""},        {.kind = Kind::nothing, .text = ""}};

  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    Read all = read(bytes, piece);
    EXPECT_EQ(all.replies, expected) << piece;
    EXPECT_FALSE(all.error) << piece;
  }
}

TEST(Resp, WhatIsNoReplyIsRefused) {
  for (std::string_view bytes :
       {"HTTP/1.1 400 Bad Request\r\n", "\r\n", ":1x\r\n", "$\r\n", "$-2\r\n", "*1\r\n:1\r\n",
        "$2\r\nabc\r\n", ":99999999999999999999\r\n"}) {
    EXPECT_EQ(read(bytes, bytes.size()).error, RespError::not_resp) << bytes;
  }
}

TEST(Resp, NothingLongIsKept) {
  EXPECT_EQ(read("+" + std::string(5000, 'x'), 1000).error, RespError::too_long);
  EXPECT_EQ(read("$5000\r\n", 10).error, RespError::too_long);
}

}  // namespace
}  // namespace gg
