// SPDX-License-Identifier: Apache-2.0
#include "upstream/members/membership.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

/// "a b2 c" are endpoints on those hosts, b with a weight of 2; "A" is a by https.
std::vector<EndpointConfig> endpoints(std::string_view text) {
  std::vector<EndpointConfig> all;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == ' ') continue;
    if (c >= '0' && c <= '9') {
      all.back().weight = static_cast<std::uint32_t>(c - '0');
      continue;
    }
    bool is_secure = c >= 'A' && c <= 'Z';
    char host = is_secure ? static_cast<char>(c - 'A' + 'a') : c;
    all.push_back({.url = {.scheme = is_secure ? Scheme::https : Scheme::http,
                           .host = std::string(1, host),
                           .port = 80,
                           .path = {}}});
  }
  return all;
}

std::string text_of(const std::vector<EndpointConfig>& all) {
  std::string text;
  for (const EndpointConfig& one : all) {
    char c = one.url.host[0];
    if (one.url.scheme == Scheme::https) c = static_cast<char>(c - 'a' + 'A');
    text += (text.empty() ? "" : " ") + std::string(1, c);
    if (one.weight != 1) text += std::to_string(one.weight);
  }
  return text;
}

struct MembershipRow {
  std::string_view about;
  std::string_view configured;
  std::string_view present;
  std::string_view answer;
  std::string_view members;
  std::string_view come;
  std::string_view gone;
  std::string_view altered = "";
  bool keeps_last = false;
  std::size_t left_out = 0;
};

constexpr MembershipRow rows[] = {
    {"the first answer", "", "", "a b", "a b", "a b", ""},
    {"the same answer again", "", "a b", "a b", "a b", "", ""},
    {"the same in another order", "", "a b c", "c a b", "a b c", "", ""},
    {"one more, wherever it is named", "", "a b", "c a b", "a b c", "c", ""},
    {"one less", "", "a b c", "a c", "a c", "", "b"},
    {"all others", "", "a b", "c d", "c d", "c d", "a b"},
    {"another weight", "", "a b", "a b3", "a b3", "", "", "b3"},
    {"named twice, the first counts", "", "a", "a b2 b3", "a b2", "b2", ""},
    {"one that stays, named twice", "", "a2", "a2 a3", "a2", "", ""},
    {"listed in the configuration", "a", "", "a b", "b", "b", ""},
    {"the configuration's weight counts", "a", "b", "a9 b", "b", "", ""},
    {"http and https are two", "", "a", "a A", "a A", "A", ""},
    {"nobody, as it was", "", "", "", "", "", ""},
    {"nobody any more", "", "a b", "", "a b", "", "", "", true},
    {"nobody, but there are the configured ones", "x", "a b", "", "", "", "a b"},
    {"nobody but who is listed", "x", "a", "x", "", "", "a"},
    {"too many: who is there stays", "", "a b", "c d b a", "a b c", "c", "", "", false, 1},
    {"too many: room that others leave is used", "", "a b c", "d e c f", "c d e", "d e", "a b", "",
     false, 1},
};

TEST(Membership, IsWhatTheAnswerSaysAsFarAsThatLeavesAnybody) {
  for (const MembershipRow& row : rows) {
    SCOPED_TRACE(row.about);
    std::vector<EndpointConfig> configured = endpoints(row.configured);
    std::vector<EndpointConfig> present = endpoints(row.present);
    std::vector<EndpointConfig> answer = endpoints(row.answer);

    MembershipChange change = decide_membership(
        {.configured = configured, .present = present, .answer = answer, .most = 3});

    EXPECT_EQ(text_of(change.members), row.members);
    EXPECT_EQ(text_of(change.come), row.come);
    EXPECT_EQ(text_of(change.gone), row.gone);
    EXPECT_EQ(text_of(change.altered), row.altered);
    EXPECT_EQ(change.keeps_last, row.keeps_last);
    EXPECT_EQ(change.left_out, row.left_out);
  }
}

TEST(Membership, ATierOrZoneIsAnAlterationToo) {
  std::vector<EndpointConfig> present = endpoints("a");
  std::vector<EndpointConfig> answer = endpoints("a");
  answer[0].tier = 2;
  answer[0].zone = "b";

  MembershipChange change =
      decide_membership({.configured = {}, .present = present, .answer = answer});

  EXPECT_EQ(change.altered, answer);
  EXPECT_FALSE(change.is_none());
}

TEST(Membership, ADrainIsTakenUpAndEndedAndIsNoAlteration) {
  std::vector<EndpointConfig> present = endpoints("a b c");
  std::vector<EndpointConfig> answer = endpoints("a b5 c d");
  present[1].drains = true;
  answer[0].drains = true;
  answer[3].drains = true;

  MembershipChange change =
      decide_membership({.configured = {}, .present = present, .answer = answer});

  EXPECT_EQ(text_of(change.drained), "a");
  EXPECT_EQ(text_of(change.undrained), "b5");
  EXPECT_EQ(text_of(change.altered), "b5");
  EXPECT_EQ(text_of(change.come), "d");
  EXPECT_EQ(change.members, answer);
  EXPECT_FALSE(change.is_none());
}

TEST(Membership, AThousandAndOneAreOneTooMany) {
  std::vector<EndpointConfig> answer;
  for (std::uint16_t i = 0; i < discovered_most + 1; ++i) {
    std::uint16_t port = static_cast<std::uint16_t>(i + 1);
    answer.push_back({.url = {.scheme = Scheme::http, .host = "a", .port = port, .path = {}}});
  }

  MembershipChange change = decide_membership({.configured = {}, .present = {}, .answer = answer});

  EXPECT_EQ(change.members.size(), discovered_most);
  EXPECT_EQ(change.left_out, 1U);
}

}  // namespace
}  // namespace gg
