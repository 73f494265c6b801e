// SPDX-License-Identifier: Apache-2.0
#include "rules/request_key.h"

#include <gtest/gtest.h>

#include "rules_request.h"

namespace gg {
namespace {

const Address one = Address::v4({192, 0, 2, 1}, 1000);
const Address two = Address::v4({192, 0, 2, 2}, 1000);

std::uint64_t key(const RequestKey& of, std::string_view lines, const Address& client = one) {
  RulesRequest request(RulesRequest::get("/", lines));
  return hash_of(of, request.head(), client);
}

TEST(RequestKey, AClientIsItsAddressWhateverItsPort) {
  RequestKey by_ip;
  Address again = one;
  again.port = 2000;

  EXPECT_EQ(key(by_ip, "", one), key(by_ip, "", again));
  EXPECT_NE(key(by_ip, "", one), key(by_ip, "", two));
}

TEST(RequestKey, OfAnIPv6AddressTheNetworkCounts) {
  RequestKey by_ip;
  Address low = *parse_ip("2001:db8:0:1::1");
  Address high = *parse_ip("2001:db8:0:1:ffff::2");
  Address other = *parse_ip("2001:db8:0:2::1");

  EXPECT_EQ(key(by_ip, "", low), key(by_ip, "", high));
  EXPECT_NE(key(by_ip, "", low), key(by_ip, "", other));
}

TEST(RequestKey, AHeaderTellsClientsApartWhateverTheirAddress) {
  RequestKey by_user{RequestKey::Source::header, "x-user"};

  EXPECT_EQ(key(by_user, "X-User: a\r\n", one), key(by_user, "x-user: a\r\n", two));
  EXPECT_NE(key(by_user, "X-User: a\r\n", one), key(by_user, "X-User: b\r\n", one));
}

TEST(RequestKey, WithoutTheHeaderOrCookieTheAddressCounts) {
  RequestKey by_user{RequestKey::Source::header, "x-user"};
  RequestKey by_session{RequestKey::Source::cookie, "s"};

  EXPECT_EQ(key(by_user, ""), key({}, ""));
  EXPECT_EQ(key(by_session, "Cookie: t=1\r\n"), key({}, ""));
  EXPECT_EQ(key(by_session, "Cookie: s=1\r\n", one), key(by_session, "Cookie: s=1\r\n", two));
}

TEST(RequestKey, NothingIsTheSameForAll) {
  RequestKey nothing{RequestKey::Source::nothing, {}};

  EXPECT_EQ(key(nothing, "", one), key(nothing, "", two));
}

}  // namespace
}  // namespace gg
