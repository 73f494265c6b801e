// SPDX-License-Identifier: Apache-2.0
// A transport address: IPv4, IPv6 or a Unix socket's path. Below net/, because connecting needs it.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gg {

enum class AddressFamily : std::uint8_t { none, v4, v6, unix_path };

/// A value; cheap to copy. `path` borrows: whoever makes a Unix address keeps the path alive
/// (the configuration does, for as long as anything made from it).
struct Address {
  AddressFamily family = AddressFamily::none;
  std::uint16_t port = 0;
  std::uint32_t scope_id = 0;         // of a link-local IPv6 address
  std::array<std::uint8_t, 16> ip{};  // v4 in the first four bytes
  std::string_view path;

  auto operator<=>(const Address&) const = default;

  static Address v4(std::array<std::uint8_t, 4> ip, std::uint16_t port);
  static Address unix_at(std::string_view path);

  /// The bytes of the IP address: 4, 16 or none.
  std::span<const std::uint8_t> ip_bytes() const {
    std::size_t size = family == AddressFamily::v4 ? 4 : family == AddressFamily::v6 ? 16 : 0;
    return std::span(ip).first(size);
  }
};

/// "10.0.0.1", "2001:db8::1" without brackets, or nothing. No name is resolved.
std::optional<Address> parse_ip(std::string_view text, std::uint16_t port = 0);

/// "10.0.0.1:80", "[::1]:80" or "unix:/path". The path borrows from `text`.
std::optional<Address> parse_address(std::string_view text);

/// The IP alone ("10.0.0.1", "::1") or the path; appended to `out`, which is at least
/// address_text_max long. Returns how many characters were written.
constexpr std::size_t address_text_max = 128;
std::size_t write_ip(const Address& address, std::span<char> out);

/// With the port: "10.0.0.1:80", "[::1]:80", "unix:/path", "-" for none.
std::string to_text(const Address& address);
std::string ip_text(const Address& address);

}  // namespace gg
