// SPDX-License-Identifier: Apache-2.0
#include "tls/ticket_keys.h"

#include <gtest/gtest.h>

namespace gg {

namespace {

constexpr WallTime noon{1'767'268'800'000'000};
constexpr WallTime later(Duration time) { return {noon.microseconds + time.count() / 1000}; }

TEST(TicketKeys, AreTheSameForEverybodyWithTheSecret) {
  TicketKeys::Secret secret{1, 2, 3};

  EXPECT_EQ(TicketKeys(secret).at(noon).cipher, TicketKeys(secret).at(noon).cipher);
  EXPECT_NE(TicketKeys(secret).at(noon).cipher, TicketKeys::random().at(noon).cipher);
}

TEST(TicketKeys, OpenWhatTheKeyBeforeHasSealedAndAskForAnother) {
  TicketKeys keys = TicketKeys::random();
  TicketKey sealed_with = keys.at(noon);

  EXPECT_FALSE(keys.find(sealed_with.name, noon)->is_old);
  EXPECT_TRUE(keys.find(sealed_with.name, later(TicketKeys::lifetime))->is_old);
  EXPECT_EQ(keys.find(sealed_with.name, later(TicketKeys::lifetime))->key.mac, sealed_with.mac);
  EXPECT_NE(keys.at(later(TicketKeys::lifetime)).name, sealed_with.name);
}

TEST(TicketKeys, NoLongerOpenWhatIsOlder) {
  TicketKeys keys = TicketKeys::random();

  EXPECT_FALSE(keys.find(keys.at(noon).name, later(2 * TicketKeys::lifetime)).has_value());
}

TEST(TicketKeys, DoNotOpenWhatOthersHaveSealed) {
  EXPECT_FALSE(TicketKeys::random().find(TicketKeys::random().at(noon).name, noon).has_value());
}

}  // namespace

}  // namespace gg
