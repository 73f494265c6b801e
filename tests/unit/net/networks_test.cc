// SPDX-License-Identifier: Apache-2.0
#include "net/networks.h"

#include <gtest/gtest.h>

#include <vector>

namespace gg {
namespace {

IpNetwork network(std::string_view ip, unsigned prefix_bits) {
  Address address = *parse_ip(ip);
  unsigned added = address.family == AddressFamily::v4 ? 96 : 0;
  return {.address = *ip_bytes_of(address),
          .prefix_bits = static_cast<std::uint8_t>(prefix_bits + added)};
}

TEST(Networks, ContainTheirAddressesAndNoOthers) {
  std::vector<IpNetwork> networks = {network("10.0.0.0", 8), network("fd00::", 8)};

  EXPECT_TRUE(is_in_any(networks, *parse_address("10.255.0.1:80")));
  EXPECT_FALSE(is_in_any(networks, *parse_address("11.0.0.1:80")));
  EXPECT_TRUE(is_in_any(networks, *parse_address("[fd12::1]:80")));
  EXPECT_FALSE(is_in_any(networks, *parse_address("[fe80::1]:80")));
}

TEST(Networks, KnowAnIpv4AddressInEitherForm) {
  std::vector<IpNetwork> networks = {network("192.168.1.0", 24)};

  EXPECT_TRUE(is_in_any(networks, *parse_address("[::ffff:192.168.1.9]:80")));
}

TEST(Networks, CompareBitsWithinAByte) {
  std::vector<IpNetwork> networks = {network("10.0.0.128", 25)};

  EXPECT_TRUE(is_in_any(networks, *parse_address("10.0.0.200:80")));
  EXPECT_FALSE(is_in_any(networks, *parse_address("10.0.0.127:80")));
}

TEST(Networks, ContainNoUnixSocket) {
  std::vector<IpNetwork> everything = {network("::", 0)};

  EXPECT_FALSE(is_in_any(everything, *parse_address("unix:/run/app.sock")));
  EXPECT_FALSE(is_in_any(everything, Address{}));
}

TEST(Networks, OfAnEmptyListContainNothing) {
  EXPECT_FALSE(is_in_any({}, *parse_address("10.0.0.1:80")));
}

}  // namespace
}  // namespace gg
