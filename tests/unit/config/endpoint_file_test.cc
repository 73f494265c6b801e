// SPDX-License-Identifier: Apache-2.0
#include "config/endpoint_file.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

std::vector<EndpointConfig> good(std::string_view text) {
  auto read = parse_endpoint_file(text, "app.endpoints");
  EXPECT_TRUE(read.has_value()) << (read ? "" : to_text(read.error()));
  return read ? std::move(*read) : std::vector<EndpointConfig>();
}

/// "line:column problem" of each complaint.
std::vector<std::string> mistakes(std::string_view text) {
  std::vector<std::string> found;
  auto read = parse_endpoint_file(text, "app.endpoints");
  if (read) return found;
  for (const Complaint& complaint : read.error()) {
    found.push_back(std::to_string(complaint.place.mark.line) + ":" +
                    std::to_string(complaint.place.mark.column) + " " + complaint.problem);
  }
  return found;
}

TEST(EndpointFile, HasAUrlALineAndWhatIsToBeSaidOfIt) {
  std::vector<EndpointConfig> endpoints = good(
      "# the servers of the shop\n"
      "http://10.0.0.1:3000\n"
      "\n"
      "  https://app.internal weight=2\ttier=3 zone=b-2  # the new one\r\n"
      "http://[fd00::1]:81");

  ASSERT_EQ(endpoints.size(), 3U);
  EXPECT_EQ(endpoints[0],
            (EndpointConfig{
                .url = {.scheme = Scheme::http, .host = "10.0.0.1", .port = 3000, .path = {}}}));
  EXPECT_EQ(endpoints[1],
            (EndpointConfig{
                .url = {.scheme = Scheme::https, .host = "app.internal", .port = 443, .path = {}},
                .weight = 2,
                .tier = 3,
                .zone = "b-2"}));
  EXPECT_EQ(endpoints[2].url.host, "fd00::1");
}

TEST(EndpointFile, IsWrittenAsItIsRead) {
  std::string_view text =
      "http://10.0.0.1:3000 weight=1 tier=1\n"
      "https://[fd00::1]:443 weight=1000 tier=16 zone=b drain\n";
  std::string written;
  for (const EndpointConfig& endpoint : good(text)) written += endpoint_line(endpoint);

  EXPECT_EQ(written, text);
  EXPECT_TRUE(good(text)[1].drains);
}

TEST(EndpointFile, MayBeEmpty) {
  EXPECT_TRUE(good("").empty());
  EXPECT_TRUE(good("\n# nobody\n\n").empty());
}

TEST(EndpointFile, EveryMistakeHasItsLineAndColumn) {
  EXPECT_EQ(mistakes("http://10.0.0.1:3000\n10.0.0.2:99999\n").size(), 1U);
  EXPECT_TRUE(mistakes("http://10.0.0.1:3000\n10.0.0.2:99999\n")[0].starts_with("2:1 "));
  EXPECT_EQ(mistakes("http://a:1 weight=0\nhttp://b:1 tier=17 weight=x"),
            (std::vector<std::string>{"1:12 \"0\" is not a number from 1 to 1000",
                                      "2:12 \"17\" is not a number from 1 to 16",
                                      "2:20 \"x\" is not a number from 1 to 1000"}));
  EXPECT_EQ(
      mistakes("http://a:1 b"),
      std::vector<std::string>{"1:12 \"b\" is none of weight=N, tier=N, zone=NAME and drain"});
  EXPECT_EQ(mistakes("http://a:1 zone=").size(), 1U);
  EXPECT_EQ(mistakes("http://a:1 weight").size(), 1U);
}

TEST(EndpointFile, ColumnsAreCountedInCharacters) {
  EXPECT_TRUE(mistakes("http://a:1 zone=b\xC3\xA4 c")[0].starts_with("1:12 "));
  EXPECT_TRUE(mistakes("http://a:1 zone=b\xC3\xA4 c")[1].starts_with("1:20 "));
}

}  // namespace
}  // namespace gg
