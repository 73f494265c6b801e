// SPDX-License-Identifier: Apache-2.0
#include "rules/credential_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace gg {
namespace {

using Known = CredentialCache::Known;

class CredentialCacheTest : public testing::Test {
 protected:
  static constexpr CredentialCache::Keys keys{SipKey{.low = 1, .high = 2},
                                              SipKey{.low = 3, .high = 4}};
  Known look(std::string_view credentials, Duration at = {}) {
    return cache_.look(&users_, credentials, Instant{} + at);
  }

  int users_ = 0;
  int other_users_ = 0;
  CredentialCache cache_{keys};
};

TEST_F(CredentialCacheTest, WhatWasFoundIsKnownForItsTime) {
  EXPECT_EQ(look("Basic a"), Known::nothing);
  cache_.note(&users_, "Basic a", true, Instant{});
  cache_.note(&users_, "Basic b", false, Instant{});

  EXPECT_EQ(look("Basic a"), Known::good);
  EXPECT_EQ(look("Basic b"), Known::bad);
  EXPECT_EQ(look("Basic c"), Known::nothing);
  EXPECT_EQ(look("Basic b", bad_credentials_time), Known::nothing);
  EXPECT_EQ(look("Basic a", good_credentials_time - 1ns), Known::good);
  EXPECT_EQ(look("Basic a", good_credentials_time), Known::nothing);
}

TEST_F(CredentialCacheTest, AnotherListOfUsersKnowsNothingOfIt) {
  cache_.note(&users_, "Basic a", true, Instant{});

  EXPECT_EQ(cache_.look(&other_users_, "Basic a", Instant{}), Known::nothing);
}

TEST_F(CredentialCacheTest, ALaterFindingCounts) {
  cache_.note(&users_, "Basic a", false, Instant{});
  cache_.note(&users_, "Basic a", true, Instant{} + 1s);

  EXPECT_EQ(look("Basic a", 2s), Known::good);
}

TEST_F(CredentialCacheTest, GuessesPushOutNobodyWhoWasGood) {
  cache_.note(&users_, "Basic good", true, Instant{});
  for (int i = 0; i < 100'000; ++i) {
    cache_.note(&users_, "Basic guess" + std::to_string(i), false, Instant{} + 1s);
  }

  EXPECT_EQ(look("Basic good", 2s), Known::good);
}

}  // namespace
}  // namespace gg
