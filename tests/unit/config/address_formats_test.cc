// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "config/formats.h"
#include "config/values.h"

namespace gg {
namespace {

/// What is printed of what was read, or the problem.
template <class T>
std::string reprinted(const Format& format, std::string_view text) {
  T value{};
  std::optional<Misreading> misread = format.parse(text, &value);
  return misread ? "! " + misread->problem : format.print(&value);
}

std::string listen(std::string_view text) {
  return reprinted<ListenAddress>(listen_address_format, text);
}
std::string network(std::string_view text) { return reprinted<IpNetwork>(network_format, text); }
std::string url(std::string_view text) { return reprinted<EndpointUrl>(endpoint_url_format, text); }
std::string host(std::string_view text) {
  return reprinted<std::string>(host_pattern_format, text);
}

std::array<std::uint8_t, 16> v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d};
}

TEST(AddressFormats, ListenAddressesInAllForms) {
  EXPECT_EQ(listen(":8080"), ":8080");
  EXPECT_EQ(listen("8080"), ":8080");
  EXPECT_EQ(listen("*:8080"), ":8080");
  EXPECT_EQ(listen("127.0.0.1:0"), "127.0.0.1:0");
  EXPECT_EQ(listen("localhost:80"), "127.0.0.1:80");
  EXPECT_EQ(listen("[::1]:65535"), "[::1]:65535");
  EXPECT_EQ(listen("unix:/run/x.sock"), "unix:/run/x.sock");
}

TEST(AddressFormats, WhatCannotBeListenedOnIsRefused) {
  EXPECT_EQ(listen(""), "! \"\" has no port");
  EXPECT_EQ(listen("127.0.0.1"), "! \"127.0.0.1\" has no port");
  EXPECT_EQ(listen(":65536"), "! \"65536\" is not a port");
  EXPECT_EQ(listen(":-1"), "! \"-1\" is not a port");
  EXPECT_EQ(listen("::1:80"), "! \"::1:80\" is not an address to listen on");
  EXPECT_EQ(listen("[::1]80"), "! \"[::1]80\" is not an address to listen on");
  EXPECT_EQ(listen("[127.0.0.1]:80"), "! \"[127.0.0.1]:80\" is not an address to listen on");
  EXPECT_EQ(listen("1.2.3:80"), "! \"1.2.3\" is not an IP address of this machine");
  EXPECT_EQ(listen("unix:"), "! \"unix:\" is not a usable path of a Unix socket");
  EXPECT_EQ(listen("unix:/" + std::string(106, 'a')).front(), 'u');
  EXPECT_EQ(listen("unix:/" + std::string(107, 'a')).front(), '!');
}

TEST(AddressFormats, AdminMayBeOff) {
  using Address = std::optional<ListenAddress>;

  EXPECT_EQ(reprinted<Address>(admin_address_format, "off"), "off");
  EXPECT_EQ(reprinted<Address>(admin_address_format, "127.0.0.1:9502"), "127.0.0.1:9502");
}

TEST(AddressFormats, NetworksOfBothFamilies) {
  EXPECT_EQ(network("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(network("10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(network("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(network("::/0"), "::/0");
  EXPECT_EQ(network("fd00::/8"), "fd00::/8");
  EXPECT_EQ(network("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(network("10.0.0.1/8"), "! \"10.0.0.1/8\" has bits beyond its prefix");
  EXPECT_EQ(network("10.0.0.0/33"), "! \"/33\" is not a prefix length");
  EXPECT_EQ(network("10.0.0.0/"), "! \"/\" is not a prefix length");
  EXPECT_EQ(network("10.0.0"), "! \"10.0.0\" is not a network");
}

TEST(AddressFormats, ANetworkContainsItsAddressesAndNoOther) {
  IpNetwork ten{};
  ASSERT_FALSE(network_format.parse("10.0.0.0/9", &ten));

  EXPECT_TRUE(ten.contains(v4(10, 0, 0, 0)));
  EXPECT_TRUE(ten.contains(v4(10, 127, 255, 255)));
  EXPECT_FALSE(ten.contains(v4(10, 128, 0, 0)));
  EXPECT_FALSE(ten.contains(v4(11, 0, 0, 0)));
}

TEST(AddressFormats, EveryIPv4AddressIsNotEveryAddress) {
  IpNetwork all_v4{};
  IpNetwork everything{};
  std::array<std::uint8_t, 16> v6 = {0xFD};
  ASSERT_FALSE(network_format.parse("0.0.0.0/0", &all_v4));
  ASSERT_FALSE(network_format.parse("::/0", &everything));

  EXPECT_TRUE(all_v4.contains(v4(1, 2, 3, 4)));
  EXPECT_FALSE(all_v4.contains(v6));
  EXPECT_TRUE(everything.contains(v6));
  EXPECT_TRUE(everything.contains(v4(1, 2, 3, 4)));
}

TEST(AddressFormats, EndpointsInAllForms) {
  EXPECT_EQ(url("http://10.0.0.1:3000"), "http://10.0.0.1:3000");
  EXPECT_EQ(url("http://10.0.0.1"), "http://10.0.0.1:80");
  EXPECT_EQ(url("HTTP://App.Internal:1/"), "http://app.internal:1");
  EXPECT_EQ(url("http://[FD00::1]:3000"), "http://[fd00::1]:3000");
  EXPECT_EQ(url("app_1:3000"), "http://app_1:3000");
  EXPECT_EQ(url("localhost"), "http://localhost:80");
}

TEST(AddressFormats, AnEndpointIsAHostAndAPortAndNothingElse) {
  EXPECT_EQ(url("http://a/b").front(), '!');
  EXPECT_EQ(url("http://a?b").front(), '!');
  EXPECT_EQ(url("http://u:p@a").front(), '!');
  EXPECT_EQ(url("http://a:0").front(), '!');
  EXPECT_EQ(url("http://a:1:2").front(), '!');
  EXPECT_EQ(url("http://a b").front(), '!');
  EXPECT_EQ(url("http://-"), "http://-:80");
  EXPECT_EQ(url("http://10.0.0.256").front(), '!');
  EXPECT_EQ(url("http://1").front(), '!');
  EXPECT_EQ(url("http://::1").front(), '!');
  EXPECT_EQ(url("http://[::1").front(), '!');
  EXPECT_EQ(url("http://[10.0.0.1]").front(), '!');
  EXPECT_EQ(url("http://a..b").front(), '!');
  EXPECT_EQ(url("http://" + std::string(64, 'a')).front(), '!');
  EXPECT_EQ(url("").front(), '!');
  EXPECT_EQ(url("https://a"), "https://a:443");
  EXPECT_EQ(url("unix:/x"), "! unix endpoints are not available in this version");
  EXPECT_EQ(url("ws://a"), "! \"ws://a\" has the unknown scheme \"ws\"");
}

TEST(AddressFormats, HostsOfRoutes) {
  EXPECT_EQ(host("Shop.Example"), "shop.example");
  EXPECT_EQ(host("*.Shop.Example"), "*.shop.example");
  EXPECT_EQ(host("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(host("[FD00::1]"), "[fd00::1]");
  EXPECT_EQ(host("*").front(), '!');
  EXPECT_EQ(host("a.*.b").front(), '!');
  EXPECT_EQ(host("a:80").front(), '!');
  EXPECT_EQ(host("*.").front(), '!');
}

}  // namespace
}  // namespace gg
