// SPDX-License-Identifier: Apache-2.0
#include "rules/forward_auth.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

bool passes(const ForwardAuthConfig& config, std::string_view name) {
  return ForwardAuth(config).passes({.name = name, .value = "x", .id = field_name_of(name)});
}

TEST(ForwardAuth, EveryStatusHasItsMeaning) {
  using Answer = ForwardAuth::Answer;
  struct Case {
    int status;
    Answer meaning;
  };
  const Case cases[] = {
      {200, Answer::goes_on},    {204, Answer::goes_on},    {299, Answer::goes_on},
      {302, Answer::is_refused}, {304, Answer::failed},     {401, Answer::is_refused},
      {403, Answer::is_refused}, {404, Answer::is_refused}, {500, Answer::failed},
      {503, Answer::failed},     {0, Answer::failed}};
  for (const Case& one : cases) {
    EXPECT_EQ(ForwardAuth::meaning_of(one.status), one.meaning) << one.status;
  }
}

TEST(ForwardAuth, TheServiceGetsTheClientsFieldsButNoneThatChangesTheQuestion) {
  ForwardAuthConfig config;

  EXPECT_TRUE(passes(config, "Cookie"));
  EXPECT_TRUE(passes(config, "Authorization"));
  EXPECT_TRUE(passes(config, "X-Anything"));
  EXPECT_TRUE(passes(config, "Connection"));  // names what the rewriting leaves out
  for (std::string_view name : {"Expect", "Range", "If-None-Match", "If-Modified-Since", "Upgrade",
                                "Content-Length", "X-Forwarded-Uri", "x-forwarded-method"}) {
    EXPECT_FALSE(passes(config, name)) << name;
  }
}

TEST(ForwardAuth, WhereSomeAreNamedItGetsThoseAlone) {
  ForwardAuthConfig config;
  config.request_headers = {"cookie"};

  EXPECT_TRUE(passes(config, "Cookie"));
  EXPECT_TRUE(passes(config, "Connection"));
  EXPECT_FALSE(passes(config, "Authorization"));
}

TEST(ForwardAuth, OnlyNamedFieldsAreCopied) {
  ForwardAuthConfig config;
  config.copy_headers = {"remote-user"};
  ForwardAuth auth(config);

  EXPECT_TRUE(auth.copies({.name = "Remote-User", .value = "ann"}));
  EXPECT_FALSE(auth.copies({.name = "Remote-Groups", .value = "staff"}));
}

TEST(ForwardAuth, WithoutAPathItIsAskedForTheRequestsOwn) {
  ForwardAuthConfig config;
  RequestHead head;
  head.target = "/a?b=c";
  head.path = "/a";
  EXPECT_EQ(ForwardAuth(config).target_for(head), "/a?b=c");
  head.form = TargetForm::asterisk;
  head.target = "*";
  EXPECT_EQ(ForwardAuth(config).target_for(head), "/");
  config.path = "/verify";
  EXPECT_EQ(ForwardAuth(config).target_for(head), "/verify");
}

}  // namespace
}  // namespace gg
