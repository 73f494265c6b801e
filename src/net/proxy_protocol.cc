// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_protocol.h"

#include <algorithm>

#include "base/text.h"
#include "config/model.h"
#include "net/networks.h"

namespace gg {
namespace {

using Parsed = Result<std::optional<ProxyHeader>, ProxyHeaderError>;

constexpr std::string_view v1_start = "PROXY ";
constexpr std::size_t v1_max = 107;  // specification 2.1, CRLF included
constexpr std::string_view v2_signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t v2_fixed = 16;  // signature, version and command, family, length

bool is_start_of(std::string_view whole, std::string_view bytes) {
  return whole.starts_with(bytes.substr(0, whole.size()));
}

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>((byte_at(bytes, at) << 8U) | byte_at(bytes, at + 1));
}

// Version 1 ---------------------------------------------------------------------------------------

/// Takes what stands before the next space, and the space.
std::optional<std::string_view> next_word(std::string_view& line) {
  std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  std::string_view word = line.substr(0, space);
  line.remove_prefix(space + 1);
  return word;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  bool has_leading_zero = text.size() > 1 && text.front() == '0';
  std::optional<std::uint64_t> port = parse_number(text);
  if (has_leading_zero || !port || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

/// "<source> <destination> <source port> <destination port>", all of one family.
std::optional<ProxyHeader> parse_v1_addresses(std::string_view line, AddressFamily family) {
  std::optional<std::string_view> source_ip = next_word(line);
  std::optional<std::string_view> destination_ip = next_word(line);
  std::optional<std::string_view> source_port = next_word(line);
  if (!source_port) return std::nullopt;
  std::optional<std::uint16_t> from_port = parse_port(*source_port);
  std::optional<std::uint16_t> to_port = parse_port(line);
  if (!from_port || !to_port) return std::nullopt;

  std::optional<Address> source = parse_ip(*source_ip, *from_port);
  std::optional<Address> destination = parse_ip(*destination_ip, *to_port);
  bool both_fit =
      source && destination && source->family == family && destination->family == family;
  if (!both_fit) return std::nullopt;
  return ProxyHeader{
      .kind = ProxyHeader::Kind::proxied, .source = *source, .destination = *destination};
}

/// `line` is what stands between "PROXY " and CRLF.
std::optional<ProxyHeader> parse_v1_line(std::string_view line) {
  constexpr std::string_view tcp4 = "TCP4 ";
  constexpr std::string_view tcp6 = "TCP6 ";
  // What may follow UNKNOWN must be ignored (2.1), but it is one line and a word of its own.
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) {
    return ProxyHeader{.kind = ProxyHeader::Kind::unknown};
  }
  if (line.starts_with(tcp4))
    return parse_v1_addresses(line.substr(tcp4.size()), AddressFamily::v4);
  if (line.starts_with(tcp6))
    return parse_v1_addresses(line.substr(tcp6.size()), AddressFamily::v6);
  return std::nullopt;
}

Parsed parse_v1(std::string_view bytes) {
  std::string_view head = bytes.substr(0, v1_max);
  std::size_t line_end = head.find_first_of("\r\n");
  if (line_end == std::string_view::npos) {
    if (head.size() == v1_max) return Failure(ProxyHeaderError::too_long);
    return std::nullopt;
  }
  if (head[line_end] == '\n') return Failure(ProxyHeaderError::malformed);
  if (line_end + 1 == v1_max) return Failure(ProxyHeaderError::too_long);
  if (line_end + 1 == head.size()) return std::nullopt;
  if (head[line_end + 1] != '\n') return Failure(ProxyHeaderError::malformed);

  std::optional<ProxyHeader> header =
      parse_v1_line(head.substr(v1_start.size(), line_end - v1_start.size()));
  if (!header) return Failure(ProxyHeaderError::malformed);
  header->size = line_end + 2;
  return header;
}

// Version 2 ---------------------------------------------------------------------------------------

constexpr unsigned v2_local = 0x20;  // version 2 and the command in one byte
constexpr unsigned v2_proxy = 0x21;

/// The families that a stream may have; UDP and reserved values are not supported.
struct V2Family {
  unsigned code;
  AddressFamily family;
  std::size_t size;  // of both addresses and ports
};
constexpr V2Family v2_families[] = {
    {0x00, AddressFamily::none, 0},
    {0x11, AddressFamily::v4, 12},
    {0x21, AddressFamily::v6, 36},
    {0x31, AddressFamily::unix_path, 216},
};

const V2Family* find_v2_family(unsigned code) {
  const auto* found = std::ranges::find(v2_families, code, &V2Family::code);
  return found == std::end(v2_families) ? nullptr : found;
}

Address v2_address(std::string_view ip, AddressFamily family, std::uint16_t port) {
  Address address{.family = family, .port = port};
  std::ranges::copy(ip, address.ip.begin());
  return address;
}

ProxyHeader v2_proxied(const V2Family& family, std::string_view block) {
  bool is_ip = family.family == AddressFamily::v4 || family.family == AddressFamily::v6;
  if (!is_ip) return {.kind = ProxyHeader::Kind::unknown};
  std::size_t ip_size = (family.size - 4) / 2;
  return {
      .kind = ProxyHeader::Kind::proxied,
      .source = v2_address(block.substr(0, ip_size), family.family, number_at(block, 2 * ip_size)),
      .destination = v2_address(block.substr(ip_size, ip_size), family.family,
                                number_at(block, 2 * ip_size + 2))};
}

/// Type, two bytes of length, value; one after the other up to the exact end.
bool are_tlvs(std::string_view rest) {
  constexpr std::size_t tlv_head = 3;
  while (!rest.empty()) {
    if (rest.size() < tlv_head) return false;
    std::size_t size = tlv_head + number_at(rest, 1);
    if (size > rest.size()) return false;
    rest.remove_prefix(size);
  }
  return true;
}

Parsed parse_v2(std::string_view bytes) {
  std::size_t known = bytes.size();
  if (known <= v2_signature.size()) return std::nullopt;
  unsigned command = byte_at(bytes, 12);
  if (command != v2_local && command != v2_proxy) return Failure(ProxyHeaderError::unsupported);
  if (known < 14) return std::nullopt;
  // Of a LOCAL header the rest must be skipped whatever it says, its family included (2.2).
  const V2Family* family =
      command == v2_local ? &v2_families[0] : find_v2_family(byte_at(bytes, 13));
  if (family == nullptr) return Failure(ProxyHeaderError::unsupported);
  if (known < v2_fixed) return std::nullopt;
  std::size_t length = number_at(bytes, 14);
  if (length > proxy_header_max - v2_fixed) return Failure(ProxyHeaderError::too_long);
  if (length < family->size) return Failure(ProxyHeaderError::malformed);
  if (known < v2_fixed + length) return std::nullopt;

  std::string_view block = bytes.substr(v2_fixed, length);
  ProxyHeader header{.kind = ProxyHeader::Kind::local};
  if (command == v2_proxy) {
    if (!are_tlvs(block.substr(family->size))) return Failure(ProxyHeaderError::malformed);
    header = v2_proxied(*family, block);
  }
  header.size = v2_fixed + length;
  return header;
}

// Writing -----------------------------------------------------------------------------------------

struct Ends {
  Address source;
  Address destination;
  bool are_ip = false;
};

/// Both in one family, if they are IP addresses at all.
Ends in_one_family(const Address& source, const Address& destination) {
  std::optional<IpBytes> from = ip_bytes_of(source);
  std::optional<IpBytes> to = ip_bytes_of(destination);
  if (!from || !to) return {};
  if (source.family == destination.family) return {source, destination, true};
  Address from_v6{.family = AddressFamily::v6, .port = source.port, .ip = *from};
  Address to_v6{.family = AddressFamily::v6, .port = destination.port, .ip = *to};
  return {from_v6, to_v6, true};
}

void append_number(std::string& out, std::size_t number) {
  out += static_cast<char>((number >> 8) & 0xff);
  out += static_cast<char>(number & 0xff);
}

void append_ip(std::string& out, const Address& address) {
  for (std::uint8_t byte : address.ip_bytes()) out += static_cast<char>(byte);
}

std::string v2_start(unsigned command, const V2Family& family) {
  std::string header(v2_signature);
  header += static_cast<char>(command);
  header += static_cast<char>(family.code);
  append_number(header, family.size);
  return header;
}

}  // namespace

Parsed parse_proxy_header(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  bool is_v1 = is_start_of(v1_start, bytes);
  bool is_v2 = is_start_of(v2_signature, bytes);
  if (!is_v1 && !is_v2) return Failure(ProxyHeaderError::not_a_header);
  return is_v1 ? parse_v1(bytes) : parse_v2(bytes);
}

std::string_view text_of(ProxyHeaderError error) {
  switch (error) {
    case ProxyHeaderError::not_a_header:
      return "not_a_header";
    case ProxyHeaderError::malformed:
      return "malformed";
    case ProxyHeaderError::too_long:
      return "too_long";
    case ProxyHeaderError::unsupported:
      return "unsupported";
  }
  return "";
}

std::string proxy_header_v1(const Address& source, const Address& destination) {
  Ends ends = in_one_family(source, destination);
  if (!ends.are_ip) return "PROXY UNKNOWN\r\n";
  std::string header = ends.source.family == AddressFamily::v4 ? "PROXY TCP4 " : "PROXY TCP6 ";
  header += ip_text(ends.source) + " " + ip_text(ends.destination) + " ";
  header += std::to_string(ends.source.port) + " " + std::to_string(ends.destination.port) + "\r\n";
  return header;
}

std::string proxy_header_v2(const Address& source, const Address& destination) {
  Ends ends = in_one_family(source, destination);
  if (!ends.are_ip) return v2_start(v2_proxy, v2_families[0]);
  std::string header =
      v2_start(v2_proxy, v2_families[ends.source.family == AddressFamily::v4 ? 1 : 2]);
  append_ip(header, ends.source);
  append_ip(header, ends.destination);
  append_number(header, ends.source.port);
  append_number(header, ends.destination.port);
  return header;
}

std::string own_proxy_header(ProxyHeaderUse use) {
  switch (use) {
    case ProxyHeaderUse::v1:
      return proxy_header_v1({}, {});
    case ProxyHeaderUse::v2:
      return v2_start(v2_local, v2_families[0]);
    case ProxyHeaderUse::off:
      break;
  }
  return {};
}

}  // namespace gg
