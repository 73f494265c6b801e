// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>

#include "config/model.h"

namespace gg {
namespace {

using namespace std::string_literals;

using Parsed = Result<std::optional<ProxyHeader>, ProxyHeaderError>;
using Kind = ProxyHeader::Kind;

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

/// "0x.." strings with NULs in them: version and command, family, length, and what follows.
std::string v2(unsigned command, unsigned family, std::size_t length, const std::string& block) {
  std::string header = signature;
  header += static_cast<char>(command);
  header += static_cast<char>(family);
  header += static_cast<char>(length >> 8);
  header += static_cast<char>(length & 0xff);
  return header + block;
}

const std::string v4_block = "\x0a\x00\x00\x01\x0a\x00\x00\x02\x30\x39\x01\xbb"s;

Address address(std::string_view text) { return *parse_address(text); }

void expect_error(std::string_view bytes, ProxyHeaderError expected) {
  Parsed parsed = parse_proxy_header(bytes);
  ASSERT_FALSE(parsed.has_value()) << testing::PrintToString(bytes);
  EXPECT_EQ(parsed.error(), expected) << testing::PrintToString(bytes);
}

void expect_incomplete(std::string_view bytes) {
  Parsed parsed = parse_proxy_header(bytes);
  ASSERT_TRUE(parsed.has_value()) << testing::PrintToString(bytes);
  EXPECT_FALSE(parsed->has_value()) << testing::PrintToString(bytes);
}

ProxyHeader read(std::string_view bytes) {
  Parsed parsed = parse_proxy_header(bytes);
  EXPECT_TRUE(parsed && *parsed) << testing::PrintToString(bytes);
  return parsed && *parsed ? **parsed : ProxyHeader{};
}

/// Every proper beginning of a header is incomplete, and what follows it changes nothing.
void expect_same_however_split(const std::string& header) {
  for (std::size_t size = 0; size < header.size(); ++size) {
    expect_incomplete(std::string_view(header).substr(0, size));
  }
  EXPECT_EQ(read(header).size, header.size());
  EXPECT_EQ(read(header + "GET / HTTP/1.1\r\n").size, header.size());
}

TEST(ProxyProtocolV1, TellsTheClientOfAnIpv4Connection) {
  ProxyHeader header = read("PROXY TCP4 10.0.0.1 10.0.0.2 12345 443\r\nGET /");

  EXPECT_EQ(header.kind, Kind::proxied);
  EXPECT_EQ(header.source, address("10.0.0.1:12345"));
  EXPECT_EQ(header.destination, address("10.0.0.2:443"));
  EXPECT_EQ(header.size, 40U);
}

TEST(ProxyProtocolV1, TellsTheClientOfAnIpv6Connection) {
  ProxyHeader header = read("PROXY TCP6 2001:db8::1 ::1 1 65535\r\n");

  EXPECT_EQ(header.kind, Kind::proxied);
  EXPECT_EQ(header.source, address("[2001:db8::1]:1"));
  EXPECT_EQ(header.destination, address("[::1]:65535"));
}

TEST(ProxyProtocolV1, IgnoresWhatFollowsUnknown) {
  EXPECT_EQ(read("PROXY UNKNOWN\r\n").kind, Kind::unknown);
  EXPECT_EQ(read("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n").kind, Kind::unknown);
}

TEST(ProxyProtocolV1, GivesTheSameHoweverItIsSplit) {
  expect_same_however_split("PROXY TCP4 10.0.0.1 10.0.0.2 12345 443\r\n");
  expect_same_however_split("PROXY UNKNOWN\r\n");
}

TEST(ProxyProtocolV1, RefusesALineThatIsNotExactlyRight) {
  expect_error("PROXY TCP4 10.0.0.1 10.0.0.2 12345 443\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4 10.0.0.1 10.0.0.2 12345 443\r ", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4  10.0.0.1 10.0.0.2 12345 443\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4 10.0.0.1 10.0.0.2 12345 443 \r\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4 10.0.0.1 10.0.0.2 12345\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4 10.0.0.1 10.0.0.2 012345 443\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4 10.0.0.1 10.0.0.2 +1 443\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4 10.0.0.1 10.0.0.2 1 65536\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4 10.0.0.256 10.0.0.2 1 2\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4 010.0.0.1 10.0.0.2 1 2\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP4 ::1 ::2 1 2\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY TCP6 10.0.0.1 10.0.0.2 1 2\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY UDP4 10.0.0.1 10.0.0.2 1 2\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY UNKNOWNS\r\n", ProxyHeaderError::malformed);
  expect_error("PROXY \r\n", ProxyHeaderError::malformed);
}

TEST(ProxyProtocolV1, EndsAfter107Bytes) {
  std::string longest = "PROXY UNKNOWN " + std::string(107 - 16, 'x') + "\r\n";
  ASSERT_EQ(longest.size(), 107U);
  std::string too_long = "PROXY UNKNOWN " + std::string(107 - 15, 'x') + "\r\n";

  EXPECT_EQ(read(longest).size, 107U);
  expect_error(too_long, ProxyHeaderError::too_long);
  expect_error(too_long.substr(0, 107), ProxyHeaderError::too_long);
  expect_incomplete(too_long.substr(0, 106));
}

TEST(ProxyProtocol, SaysAtTheFirstByteThatItIsSomethingElse) {
  expect_error("G", ProxyHeaderError::not_a_header);
  expect_error("PROXZ", ProxyHeaderError::not_a_header);
  expect_error("PROXY\t", ProxyHeaderError::not_a_header);
  expect_error("proxy TCP4", ProxyHeaderError::not_a_header);
  expect_error("\r\n\r\nG", ProxyHeaderError::not_a_header);
  expect_error("\x16\x03\x01", ProxyHeaderError::not_a_header);
  expect_incomplete("");
}

TEST(ProxyProtocolV2, TellsTheClientOfAnIpv4Connection) {
  ProxyHeader header = read(v2(0x21, 0x11, 12, v4_block));

  EXPECT_EQ(header.kind, Kind::proxied);
  EXPECT_EQ(header.source, address("10.0.0.1:12345"));
  EXPECT_EQ(header.destination, address("10.0.0.2:443"));
  EXPECT_EQ(header.size, 28U);
}

TEST(ProxyProtocolV2, TellsTheClientOfAnIpv6Connection) {
  std::string block = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01"s +
                      std::string(15, '\0') + "\x01\x00\x50\x01\xbb"s;

  ProxyHeader header = read(v2(0x21, 0x21, 36, block));

  EXPECT_EQ(header.source, address("[2001:db8::1]:80"));
  EXPECT_EQ(header.destination, address("[::1]:443"));
}

TEST(ProxyProtocolV2, SkipsTlvs) {
  std::string alpn = "\x01\x00\x02h2"s;
  std::string empty = "\x04\x00\x00"s;

  ProxyHeader header = read(v2(0x21, 0x11, 20, v4_block + alpn + empty));

  EXPECT_EQ(header.kind, Kind::proxied);
  EXPECT_EQ(header.size, 36U);
}

TEST(ProxyProtocolV2, RefusesTlvsThatLeaveTheirBounds) {
  expect_error(v2(0x21, 0x11, 13, v4_block + "\x01"), ProxyHeaderError::malformed);
  expect_error(v2(0x21, 0x11, 14, v4_block + "\x01\x00"s), ProxyHeaderError::malformed);
  expect_error(v2(0x21, 0x11, 16, v4_block + "\x01\x00\x02h"s), ProxyHeaderError::malformed);
  expect_error(v2(0x21, 0x11, 16, v4_block + "\x01\xff\xffh"s), ProxyHeaderError::malformed);
}

TEST(ProxyProtocolV2, TakesALocalHeaderWhateverItsFamilySays) {
  EXPECT_EQ(read(v2(0x20, 0x00, 0, "")).kind, Kind::local);
  EXPECT_EQ(read(v2(0x20, 0xff, 3, "xyz")).kind, Kind::local);
  EXPECT_EQ(read(v2(0x20, 0xff, 3, "xyz")).size, 19U);
}

TEST(ProxyProtocolV2, KnowsNoClientOfWhatIsNoIpConnection) {
  EXPECT_EQ(read(v2(0x21, 0x00, 0, "")).kind, Kind::unknown);
  EXPECT_EQ(read(v2(0x21, 0x31, 216, std::string(216, 'p'))).kind, Kind::unknown);
}

TEST(ProxyProtocolV2, GivesTheSameHoweverItIsSplit) {
  expect_same_however_split(v2(0x21, 0x11, 12, v4_block));
  expect_same_however_split(v2(0x20, 0x00, 5, "12345"));
}

TEST(ProxyProtocolV2, RefusesWhatItDoesNotKnow) {
  expect_error(signature + "\x11", ProxyHeaderError::unsupported);      // version 1
  expect_error(signature + "\x31", ProxyHeaderError::unsupported);      // version 3
  expect_error(signature + "\x22", ProxyHeaderError::unsupported);      // command 2
  expect_error(signature + "\x21\x12", ProxyHeaderError::unsupported);  // UDP
  expect_error(signature + "\x21\x01", ProxyHeaderError::unsupported);  // no family
  expect_error(signature + "\x21\x41", ProxyHeaderError::unsupported);  // no such family
}

TEST(ProxyProtocolV2, RefusesALengthThatCannotBe) {
  expect_error(v2(0x21, 0x11, 11, ""), ProxyHeaderError::malformed);
  expect_error(v2(0x21, 0x21, 35, ""), ProxyHeaderError::malformed);
  expect_error(v2(0x21, 0x31, 215, ""), ProxyHeaderError::malformed);
  expect_error(v2(0x21, 0x11, proxy_header_max - 15, ""), ProxyHeaderError::too_long);
  expect_error(v2(0x20, 0x00, 0xffff, ""), ProxyHeaderError::too_long);
  expect_incomplete(v2(0x20, 0x00, proxy_header_max - 16, ""));
}

TEST(ProxyProtocolWriter, WritesWhatTheReaderReads) {
  ProxyHeader v1_v4 = read(proxy_header_v1(address("10.0.0.1:80"), address("10.0.0.2:443")));
  ProxyHeader v1_v6 = read(proxy_header_v1(address("[::1]:80"), address("[2001:db8::1]:443")));
  ProxyHeader v2_v4 = read(proxy_header_v2(address("10.0.0.1:80"), address("10.0.0.2:443")));
  ProxyHeader v2_v6 = read(proxy_header_v2(address("[::1]:80"), address("[2001:db8::1]:443")));

  EXPECT_EQ(v1_v4.source, address("10.0.0.1:80"));
  EXPECT_EQ(v1_v4.destination, address("10.0.0.2:443"));
  EXPECT_EQ(v1_v6.source, address("[::1]:80"));
  EXPECT_EQ(v1_v6.destination, address("[2001:db8::1]:443"));
  EXPECT_EQ(v2_v4.source, v1_v4.source);
  EXPECT_EQ(v2_v4.destination, v1_v4.destination);
  EXPECT_EQ(v2_v6.source, v1_v6.source);
  EXPECT_EQ(v2_v6.destination, v1_v6.destination);
}

TEST(ProxyProtocolWriter, WritesTheBytesOfTheSpecification) {
  EXPECT_EQ(proxy_header_v1(address("10.0.0.1:12345"), address("10.0.0.2:443")),
            "PROXY TCP4 10.0.0.1 10.0.0.2 12345 443\r\n");
  EXPECT_EQ(proxy_header_v2(address("10.0.0.1:12345"), address("10.0.0.2:443")),
            v2(0x21, 0x11, 12, v4_block));
  EXPECT_EQ(own_proxy_header(ProxyHeaderUse::v2), v2(0x20, 0x00, 0, ""));
  EXPECT_EQ(own_proxy_header(ProxyHeaderUse::v1), "PROXY UNKNOWN\r\n");
  EXPECT_EQ(own_proxy_header(ProxyHeaderUse::off), "");
}

TEST(ProxyProtocolWriter, MapsIpv4WhenTheFamiliesDiffer) {
  ProxyHeader header = read(proxy_header_v2(address("10.0.0.1:80"), address("[::1]:443")));
  ProxyHeader line = read(proxy_header_v1(address("10.0.0.1:80"), address("[::1]:443")));

  EXPECT_EQ(header.source, address("[::ffff:10.0.0.1]:80"));
  EXPECT_EQ(line.source, address("[::ffff:10.0.0.1]:80"));
}

TEST(ProxyProtocolWriter, ClaimsNothingForAUnixSocket) {
  EXPECT_EQ(proxy_header_v1(address("unix:/run/a.sock"), address("10.0.0.2:443")),
            "PROXY UNKNOWN\r\n");
  EXPECT_EQ(read(proxy_header_v2(address("unix:/run/a.sock"), Address{})).kind, Kind::unknown);
}

}  // namespace
}  // namespace gg
