// SPDX-License-Identifier: Apache-2.0
#include "rules/basic_auth.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

// "correct horse", made by mkpasswd and htpasswd -B with the least work that they allow.
constexpr const char* bcrypt_hash = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
constexpr const char* sha512_hash =
    "$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi."
    "HdxNDcL3fGE1XXuzvo6kbx7UOloZKONqEk5H3JrQA4NOfU8BmqFPrpGqwA1";

std::string shown_by(std::string_view authorization) {
  std::optional<Credentials> shown = basic_credentials_of(authorization);
  return shown ? shown->user + "|" + shown->password : "nothing";
}

TEST(BasicAuth, CredentialsAreReadAsRfc7617SaysIt) {
  EXPECT_EQ(shown_by("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "Aladdin|open sesame");
  EXPECT_EQ(shown_by("bASIC  QWxhZGRpbjpvcGVuIHNlc2FtZQ"), "Aladdin|open sesame");
  EXPECT_EQ(shown_by("Basic dGVzdDoxMjPCow=="), "test|123\xC2\xA3");
  EXPECT_EQ(shown_by("Basic YTpiOmM="), "a|b:c");
  EXPECT_EQ(shown_by("Basic Og=="), "|");
}

TEST(BasicAuth, WhatIsNoneOfItIsNothing) {
  for (std::string_view text :
       {"", "Basic", "Basic ", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic QWxhZGRpbg==",
        "Basic QWxh!GRpbjpv", "Basic Y", "Basic YQA6Yg==", "Basic QWxhZGRpbjpv cGVu"}) {
    EXPECT_EQ(shown_by(text), "nothing") << text;
  }
  EXPECT_EQ(shown_by("Basic " + std::string(4000, 'A')), "nothing");
}

TEST(BasicAuth, APasswordFitsItsHashAndNoOther) {
  for (const char* hash : {bcrypt_hash, sha512_hash}) {
    EXPECT_TRUE(password_fits("correct horse", hash)) << hash;
    EXPECT_FALSE(password_fits("correct horsf", hash)) << hash;
    EXPECT_FALSE(password_fits("", hash)) << hash;
  }
  EXPECT_FALSE(password_fits("x", ""));
  EXPECT_FALSE(password_fits("x", "nonsense"));
}

TEST(BasicAuth, UsersOfTheFileAndOfTheConfigurationAreKnown) {
  BasicAuthConfig config;
  config.users_of_file = {{.name = "zoe", .text = "h1"}, {.name = "ann", .text = "h2"}};
  config.users = {{.name = "bob", .text = "h3"}};
  BasicAuth auth(config);

  EXPECT_EQ(auth.wanted_of("zoe").hash, "h1");
  EXPECT_EQ(auth.wanted_of("bob").hash, "h3");
  EXPECT_TRUE(auth.wanted_of("ann").is_of_user);
}

TEST(BasicAuth, WhoIsNotThereTakesAsLongAsWhoIs) {
  BasicAuthConfig config;
  config.users = {{.name = "ann", .text = "h"}};
  BasicAuth auth(config);

  EXPECT_FALSE(auth.wanted_of("anne").is_of_user);
  EXPECT_EQ(auth.wanted_of("anne").hash, "h");
  EXPECT_FALSE(auth.wanted_of("").is_of_user);
}

TEST(BasicAuth, TheChallengeNamesTheRealm) {
  BasicAuthConfig config;
  config.realm = "shop";

  EXPECT_EQ(BasicAuth(config).challenge(), "Basic realm=\"shop\", charset=\"UTF-8\"");
}

TEST(BasicAuth, WhatIsForgottenIsOverwritten) {
  std::string secret = "open sesame";
  forget(secret);

  EXPECT_EQ(secret, std::string(11, '\0'));
}

}  // namespace
}  // namespace gg
