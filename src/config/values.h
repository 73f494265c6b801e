// SPDX-License-Identifier: Apache-2.0
// The small value types that the configuration is made of: shares, rates, addresses, networks,
// matches. Plain data, already parsed; `formats.h` reads and prints them.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/time.h"

namespace gg {

/// A part of something, in percent: "20%" is {20}.
struct Share {
  double percent = 0;

  constexpr double fraction() const { return percent / 100; }
  bool operator==(const Share&) const = default;
};

/// So many per span of time: "100/s" is {100, 1s}. Never per zero time.
struct Rate {
  std::uint64_t count = 0;
  Duration per = 1s;

  constexpr double per_second() const {
    return static_cast<double>(count) / std::chrono::duration<double>(per).count();
  }
  bool operator==(const Rate&) const = default;
};

/// Where to listen. `host` is an IP address without brackets, or empty for every address of both
/// families; `port` may be 0 (the kernel chooses). A Unix socket has a `path` and nothing else.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
  std::string path;

  bool is_unix() const { return !path.empty(); }
  bool operator==(const ListenAddress&) const = default;
};

/// A block of addresses, "10.0.0.0/8" or "fd00::/8". IPv4 is kept as ::ffff:a.b.c.d with 96 added
/// to `prefix_bits`, so that one comparison serves both families. Bits beyond the prefix are zero.
struct IpNetwork {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t prefix_bits = 0;

  /// `ip`: 16 bytes in network order, IPv4 mapped as above.
  constexpr bool contains(const std::array<std::uint8_t, 16>& ip) const {
    std::size_t whole = prefix_bits / 8U;
    for (std::size_t i = 0; i < whole; ++i) {
      if (address[i] != ip[i]) return false;
    }
    unsigned rest = prefix_bits % 8U;
    if (rest == 0) return true;
    unsigned differing = static_cast<unsigned>(address[whole] ^ ip[whole]);
    return (differing >> (8U - rest)) == 0;
  }
  bool operator==(const IpNetwork&) const = default;
};

enum class Scheme : std::uint8_t { http, https, unix_socket };

/// Which host and port an endpoint is, from "http://10.0.0.1:3000", "http://[::1]:3000" or
/// "unix:/run/app.sock". `host` is an address without brackets or a name to be resolved.
struct EndpointUrl {
  Scheme scheme = Scheme::http;
  std::string host;
  std::uint16_t port = 80;
  std::string path;  // of a Unix socket; empty otherwise

  bool operator==(const EndpointUrl&) const = default;
};

/// How a request's path is compared. `prefix` goes by whole segments: /api matches /api and
/// /api/x but not /apix. `regex` is RE2, and must match from the path's first to its last byte
/// only if it says so with ^ and $.
struct PathMatch {
  enum class Kind : std::uint8_t { prefix, exact, regex };
  Kind kind = Kind::prefix;
  std::string text = "/";

  bool operator==(const PathMatch&) const = default;
};

/// A condition on one request header. Of a repeated header any value may satisfy it.
struct HeaderMatch {
  enum class Kind : std::uint8_t { exact, regex };
  std::string name;  // in lower case
  Kind kind = Kind::exact;
  std::string text;

  bool operator==(const HeaderMatch&) const = default;
};

/// What a request is hashed by to choose an endpoint. `text` is the header's or cookie's name.
struct HashKey {
  enum class Kind : std::uint8_t { header, cookie, source, path };
  Kind kind = Kind::source;
  std::string text;

  bool operator==(const HashKey&) const = default;
};

/// What makes another attempt worth while. `status` is set only when `kind` is `status` or `grpc`.
struct RetryOn {
  enum class Kind : std::uint8_t {
    connect,         // no connection: refused, unreachable, timed out, TLS failed
    reset,           // the connection ended before the first byte of the response
    timeout,         // no response head in time
    malformed,       // the response was not valid HTTP
    truncated,       // it ended too early, before any of it had been passed on
    stream_refused,  // the endpoint said that it did not take the request
    status,          // it answered with this status
    grpc,            // it answered with this gRPC status, and nothing else
  };
  Kind kind = Kind::connect;
  std::uint16_t status = 0;

  bool operator==(const RetryOn&) const = default;
};

}  // namespace gg
