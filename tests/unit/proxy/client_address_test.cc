// SPDX-License-Identifier: Apache-2.0
#include "proxy/client_address.h"

#include <gtest/gtest.h>

#include <string>

#include "net/networks.h"
#include "vectors/make_head.h"

namespace gg {
namespace {

/// The client's address for a peer 10.0.0.1 and these fields; 10.0.0.0/8 is trusted.
std::string client_of(const testing::FieldList& list, bool peer_is_trusted = true) {
  BufferPool pool;
  Fields fields = testing::make_fields(pool, list);
  IpNetwork own{.address = *ip_bytes_of(*parse_ip("10.0.0.0")), .prefix_bits = 104};
  ClientAddress peer{.address = *parse_ip("10.0.0.1"), .text = "10.0.0.1"};

  ClientAddress client = client_address_of(fields, peer, std::span(&own, 1), peer_is_trusted);

  EXPECT_EQ(ip_text(client.address), client.text);
  return std::string(client.text);
}

std::string client_of(const std::string& forwarded_for) {
  return client_of({{"X-Forwarded-For", forwarded_for}});
}

TEST(ClientAddress, IsThePeersUnlessAProxyThatIsTrustedSaysOtherwise) {
  EXPECT_EQ(client_of({{"X-Forwarded-For", "192.0.2.1"}}, false), "10.0.0.1");
  EXPECT_EQ(client_of({}), "10.0.0.1");
  EXPECT_EQ(client_of("192.0.2.1"), "192.0.2.1");
}

TEST(ClientAddress, IsTheLastThatIsNoTrustedProxys) {
  EXPECT_EQ(client_of("203.0.113.9, 192.0.2.1, 10.0.0.7"), "192.0.2.1");
  EXPECT_EQ(client_of("10.0.0.9, 10.0.0.8"), "10.0.0.9");
  EXPECT_EQ(client_of({{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "192.0.2.1"}}),
            "192.0.2.1");
}

TEST(ClientAddress, IsNotLookedForBeyondWhatIsNoAddress) {
  EXPECT_EQ(client_of("192.0.2.1, unknown"), "10.0.0.1");
  EXPECT_EQ(client_of("192.0.2.1, nonsense, 10.0.0.7"), "10.0.0.7");
  EXPECT_EQ(client_of(""), "10.0.0.1");
  EXPECT_EQ(client_of("[::1"), "::1");
  EXPECT_EQ(client_of("["), "10.0.0.1");
}

TEST(ClientAddress, MayHaveAPortAndBrackets) {
  EXPECT_EQ(client_of("192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(client_of("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(client_of("[2001:db8::1]:4711"), "2001:db8::1");
}

TEST(ClientAddress, ComesFromForwardedIfThereIsNoXForwardedFor) {
  EXPECT_EQ(client_of({{"Forwarded", "for=192.0.2.1;proto=https, for=10.0.0.7"}}), "192.0.2.1");
  EXPECT_EQ(client_of({{"Forwarded", "proto=http;For=\"[2001:db8::1]:80\";by=x"}}), "2001:db8::1");
  EXPECT_EQ(client_of({{"Forwarded", "for=\"a,b\\\";for=192.0.2.1\""}}), "10.0.0.1");
  EXPECT_EQ(client_of({{"Forwarded", "for=192.0.2.1"}, {"X-Forwarded-For", "192.0.2.2"}}),
            "192.0.2.2");
}

TEST(ClientAddress, IsLookedForAmongTheLastHopsOnly) {
  std::string many = "192.0.2.1";
  for (int i = 0; i < 40; ++i) many += ", 10.0.0.7";

  EXPECT_EQ(client_of(many), "10.0.0.7");
}

}  // namespace
}  // namespace gg
