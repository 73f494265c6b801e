// SPDX-License-Identifier: Apache-2.0
#include "http/request_path.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr PathReading verbatim = other_readings[0];
constexpr PathReading resolved = other_readings[1];
constexpr PathReading folded = other_readings[2];
constexpr PathReading without_parameters = other_readings[3];
constexpr PathReading like_some_containers = other_readings[4];

std::string read(std::string_view path, PathReading reading = canonical_reading) {
  ReadPath read(path, reading);
  return read.escapes_root() ? "escapes" : std::string(read.text());
}

bool is_ambiguous(std::string_view path) {
  return ReadPath(path, canonical_reading).is_ambiguous();
}

TEST(RequestPath, DecodesWhatMayStandForItself) {
  EXPECT_EQ(read("/%61%7e%21x"), "/a~!x");
  EXPECT_EQ(read("/a%20b%c3%a9%00"), "/a%20b%C3%A9%00");
  EXPECT_EQ(read("/caf\xc3\xa9"), "/caf%C3%A9");
}

TEST(RequestPath, KeepsEscapesThatSeparate) {
  EXPECT_EQ(read("/a%2fb%5cc%3bd%25e%3ff%23g"), "/a%2Fb%5Cc%3Bd%25e%3Ff%23g");
  EXPECT_EQ(read("/a;b\\c"), "/a;b\\c");
}

TEST(RequestPath, TakesABrokenEscapeForAPercentSign) {
  EXPECT_EQ(read("/%"), "/%25");
  EXPECT_EQ(read("/%4"), "/%254");
  EXPECT_EQ(read("/%zz"), "/%25zz");
  EXPECT_EQ(read("/%%32F"), "/%252F");
}

TEST(RequestPath, DecodesOnceOnly) { EXPECT_EQ(read("/%252e%252e/x", folded), "/%252e%252e/x"); }

TEST(RequestPath, ResolvesDotSegments) {
  EXPECT_EQ(read("/a/./b"), "/a/b");
  EXPECT_EQ(read("/a/../b"), "/b");
  EXPECT_EQ(read("/a/b/.."), "/a/");
  EXPECT_EQ(read("/a/."), "/a/");
  EXPECT_EQ(read("/."), "/");
  EXPECT_EQ(read("/a/.."), "/");
  EXPECT_EQ(read("/a/%2e%2E/b"), "/b");
  EXPECT_EQ(read("/a/.%2e/b"), "/b");
}

TEST(RequestPath, LeavesDotsInNamesAlone) {
  EXPECT_EQ(read("/.well-known/x"), "/.well-known/x");
  EXPECT_EQ(read("/..a/b../.../c"), "/..a/b../.../c");
  EXPECT_FALSE(is_ambiguous("/.well-known/.../..a"));
}

TEST(RequestPath, NoticesAPathThatLeavesTheRoot) {
  EXPECT_EQ(read("/.."), "escapes");
  EXPECT_EQ(read("/../x"), "escapes");
  EXPECT_EQ(read("/a/../../a"), "escapes");
  EXPECT_EQ(read("/a/%2e%2e/%2e./x"), "escapes");
  EXPECT_EQ(read("/a//../../x"), "escapes");
  EXPECT_EQ(read("/a//../../x", resolved), "/x");
  EXPECT_EQ(read("/a%2f..%2f..%2fx", folded), "escapes");
  EXPECT_EQ(read("/..;a=b/x", like_some_containers), "escapes");
  EXPECT_EQ(read("/../x", verbatim), "/../x");
}

TEST(RequestPath, MergesSlashes) {
  EXPECT_EQ(read("//"), "/");
  EXPECT_EQ(read("//a///b//"), "/a/b/");
  EXPECT_EQ(read("//a///b//", resolved), "//a///b//");
}

TEST(RequestPath, CanBeReadAsOtherServersReadIt) {
  EXPECT_EQ(read("/a%2Fb\\c%5cd", folded), "/a/b/c/d");
  EXPECT_EQ(read("/a%2F..%5C..//b", folded), "escapes");
  EXPECT_EQ(read("/a/b%2F../c", folded), "/a/c");
  EXPECT_EQ(read("/admin;x=1/y;z", without_parameters), "/admin/y");
  EXPECT_EQ(read("/a%3bx/b", without_parameters), "/a/b");
  EXPECT_EQ(read("/;x/admin", without_parameters), "/admin");
  EXPECT_EQ(read("/a/..;/b", without_parameters), "/b");
  EXPECT_EQ(read("/a;x/..%2Fb;y", like_some_containers), "/b");
}

TEST(RequestPath, IsAmbiguousWhereServersDiffer) {
  EXPECT_TRUE(is_ambiguous("/a/../b"));
  EXPECT_TRUE(is_ambiguous("/a/%2e/b"));
  EXPECT_TRUE(is_ambiguous("/a%2fb"));
  EXPECT_TRUE(is_ambiguous("/a\\b"));
  EXPECT_TRUE(is_ambiguous("/a%5cb"));
  EXPECT_TRUE(is_ambiguous("/a;b"));
  EXPECT_TRUE(is_ambiguous("/a%3bb"));
  EXPECT_FALSE(is_ambiguous("/a//b%20c"));
}

TEST(RequestPath, IsPlainWhenThereIsOneReadingOnly) {
  EXPECT_TRUE(is_plain_path("/"));
  EXPECT_TRUE(is_plain_path("/a/b.c/d~e!$&'()*+,=:@-_"));
  EXPECT_FALSE(is_plain_path("/a//b"));
  EXPECT_FALSE(is_plain_path("/a/./b"));
  EXPECT_FALSE(is_plain_path("/a%41"));
  EXPECT_FALSE(is_plain_path("/a;b"));
  EXPECT_FALSE(is_plain_path("/a\\b"));
  EXPECT_FALSE(is_plain_path("/caf\xc3\xa9"));
}

TEST(RequestPath, MayBeLong) {
  std::string name(65536, 'x');

  EXPECT_EQ(read("/" + name + "/%61"), "/" + name + "/a");
  EXPECT_EQ(read("/" + std::string(65536, '%')).size(), 1 + std::size_t{3} * 65536);
}

}  // namespace
}  // namespace gg
