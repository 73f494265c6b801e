// SPDX-License-Identifier: Apache-2.0
#include "config/secret_lines.h"

#include <gtest/gtest.h>

#include <vector>

#include "config/complaint.h"

namespace gg {
namespace {

std::string last_of(std::vector<std::string_view> lines) {
  return without_secrets(lines, lines.size() - 1);
}

TEST(SecretLines, APasswordInPlaceOfAHashIsNotShown) {
  EXPECT_EQ(last_of({"    basic_auth:", "      users:", "        bob: hunter2"}), "        bob: …");
}

TEST(SecretLines, NorIsOneOfAnotherUserInTheLine) {
  EXPECT_EQ(last_of({"    basic_auth: { users: { ann: hunter3 }, relm: x }"}),
            "    basic_auth: { users: …");
  EXPECT_EQ(last_of({"  basic_auth:", "    users: { ann: hunter3, bob: x }"}), "    users: …");
}

TEST(SecretLines, NorWhatIsNoYamlAtAll) {
  EXPECT_EQ(last_of({"  basic_auth:", "    users:", "", "      # them", "      hunter2"}),
            "      …");
}

TEST(SecretLines, NorASecretWhereverItStands) {
  EXPECT_EQ(last_of({"balance: { sticky: { cookie: a, secret: \"abc\" } }"}),
            "balance: { sticky: { cookie: a, secret: …");
  EXPECT_EQ(last_of({"  secret: >", "    abc"}), "    …");
}

TEST(SecretLines, AnUpstreamOfThatNameIsNoSecret) {
  EXPECT_EQ(last_of({"upstreams:", "  users:", "    endpoints: [htp://a]"}),
            "    endpoints: [htp://a]");
  EXPECT_EQ(last_of({"  basic_auth:", "    realm: x", "  users: [y]"}), "  users: [y]");
}

TEST(SecretLines, AKeyWithoutAValueAndALineAfterItStayAsTheyAre) {
  EXPECT_EQ(last_of({"  basic_auth:", "    users:"}), "    users:");
  EXPECT_EQ(last_of({"  basic_auth:", "    users:", "      a: b", "    relm: x"}), "    relm: x");
}

TEST(SecretLines, AComplaintPointsAtTheEllipsis) {
  ComplaintList complaints("a.yaml", "basic_auth:\n  users: { ann: hunter3 }\n");
  complaints.error({.line = 2, .column = 17}, "basic_auth.users.ann", "no hash", "make one");

  EXPECT_EQ(to_text(complaints.take()),
            "a.yaml:2:17: basic_auth.users.ann: no hash\n"
            "    users: …\n"
            "           ^\n"
            "  make one\n");
}

}  // namespace
}  // namespace gg
