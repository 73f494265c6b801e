// SPDX-License-Identifier: Apache-2.0
// Addresses as text: where to listen, which networks, which endpoints, which hosts.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>

#include "base/text.h"
#include "config/formats.h"
#include "config/values.h"

namespace gg {
namespace {

using Ip = std::array<std::uint8_t, 16>;

constexpr std::string_view unix_prefix = "unix:";

/// Sixteen bytes, IPv4 mapped; nothing when `text` is no address.
std::optional<Ip> parse_ip(const std::string& text) {
  Ip ip{};
  if (inet_pton(AF_INET6, text.c_str(), ip.data()) == 1) return ip;
  ip[10] = ip[11] = 0xFF;
  if (inet_pton(AF_INET, text.c_str(), ip.data() + 12) == 1) return ip;
  return std::nullopt;
}

bool is_ipv4(const std::string& text) {
  in_addr ignored{};
  return inet_pton(AF_INET, text.c_str(), &ignored) == 1;
}

bool is_ipv6(const std::string& text) { return parse_ip(text) && !is_ipv4(text); }

/// A name that DNS or the hosts file may know: labels of letters, digits, hyphen and underscore.
/// What ends in a number would be taken for an IPv4 address, so it is no name (RFC 1123 2.1).
bool is_host_name(std::string_view name) {
  constexpr std::size_t name_most = 253;
  constexpr std::size_t label_most = 63;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > name_most) return false;
  while (true) {
    std::size_t dot = name.find('.');
    std::string_view label = name.substr(0, dot);
    bool is_fine = std::ranges::all_of(label, [](char c) {
      char lower = ascii_lower(c);
      return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '-' || c == '_';
    });
    if (!is_fine || label.empty() || label.size() > label_most) return false;
    if (dot == std::string_view::npos) return !std::ranges::all_of(label, is_digit);
    name.remove_prefix(dot + 1);
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), ascii_lower);
  return out;
}

struct HostAndPort {
  std::string host;  // without brackets
  std::optional<std::string> port;
};

/// Splits "host:port", "[v6]:port", ":port" and "host". Nothing when brackets or colons are wrong.
std::optional<HostAndPort> split_host_and_port(std::string_view text) {
  HostAndPort out;
  if (text.starts_with('[')) {
    std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (!is_ipv6(out.host)) return std::nullopt;
    if (text.empty()) return out;
    if (!text.starts_with(':')) return std::nullopt;
    out.port = text.substr(1);
    return out;
  }
  std::size_t colon = text.find(':');
  out.host = text.substr(0, colon);
  if (colon == std::string_view::npos) return out;
  out.port = text.substr(colon + 1);
  if (out.port->find(':') != std::string::npos) return std::nullopt;
  return out;
}

std::optional<std::uint16_t> parse_port(std::string_view text, std::uint64_t least) {
  std::optional<std::uint64_t> port = parse_number(text);
  if (!port || *port < least || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

Misreading bad_port(std::string_view text, int least) {
  return {fmt::format("{} is not a port", in_quotes(text)),
          fmt::format("allowed: {} to 65535", least)};
}

constexpr std::size_t socket_path_most = sizeof(sockaddr_un::sun_path) - 1;

Misreading bad_socket_path(std::string_view text) {
  return {in_quotes(text) + " is not a usable path of a Unix socket",
          fmt::format("a path has 1 to {} bytes", socket_path_most)};
}

std::string bracketed(const std::string& host) {
  return is_ipv6(host) ? fmt::format("[{}]", host) : host;
}

Misreading bad_listen_address(std::string_view text) {
  bool looks_like_bare_ipv6 = std::ranges::count(text, ':') > 1 && !text.starts_with('[');
  std::string_view remedy = looks_like_bare_ipv6
                                ? "put an IPv6 address in brackets: [::1]:8080"
                                : "write host:port, [v6]:port or unix:/path, such as :8080";
  return {in_quotes(text) + " is not an address to listen on", std::string(remedy)};
}

Result<ListenAddress, Misreading> parse_listen_address(std::string_view text) {
  ListenAddress address;
  if (text.starts_with(unix_prefix)) {
    address.path = text.substr(unix_prefix.size());
    if (!address.path.empty() && address.path.size() <= socket_path_most) return address;
    return Failure(bad_socket_path(text));
  }
  bool is_bare_port = !text.empty() && std::ranges::all_of(text, is_digit);
  std::optional<HostAndPort> parts =
      is_bare_port ? HostAndPort{{}, std::string(text)} : split_host_and_port(text);
  if (!parts) return Failure(bad_listen_address(text));
  if (parts->host == "localhost") parts->host = "127.0.0.1";
  if (parts->host == "*") parts->host.clear();
  if (!parts->host.empty() && !parse_ip(parts->host)) {
    return Failure(Misreading{in_quotes(parts->host) + " is not an IP address of this machine",
                              "write an address such as 127.0.0.1:8080, or :8080 for all"});
  }
  if (!parts->port) {
    return Failure(Misreading{in_quotes(text) + " has no port", "write it as in 127.0.0.1:8080"});
  }
  std::optional<std::uint16_t> port = parse_port(*parts->port, 0);
  if (!port) return Failure(bad_port(*parts->port, 0));
  address.host = std::move(parts->host);
  address.port = *port;
  return address;
}

std::string print_listen_address(const ListenAddress& address) {
  if (address.is_unix()) return std::string(unix_prefix) + address.path;
  return fmt::format("{}:{}", bracketed(address.host), address.port);
}

Ip masked(Ip ip, unsigned bits) {
  for (unsigned i = 0; i < 16; ++i) {
    unsigned kept = bits > i * 8 ? std::min(bits - i * 8, 8U) : 0U;
    ip[i] = static_cast<std::uint8_t>(ip[i] & (0xFF00U >> kept));
  }
  return ip;
}

std::string print_network(const IpNetwork& network) {
  constexpr Ip mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  bool is_v4 = network.prefix_bits >= 96 &&
               std::equal(mapped.begin(), mapped.begin() + 12, network.address.begin());
  char text[INET6_ADDRSTRLEN] = {};
  const std::uint8_t* bytes = network.address.data() + (is_v4 ? 12 : 0);
  inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
  if (network.prefix_bits == 128) return text;
  return fmt::format("{}/{}", text, network.prefix_bits - (is_v4 ? 96 : 0));
}

Result<IpNetwork, Misreading> parse_network(std::string_view text) {
  constexpr std::string_view remedy = "write a network such as 10.0.0.0/8, or one address";
  std::size_t slash = text.find('/');
  std::string address(text.substr(0, slash));
  std::optional<Ip> ip = parse_ip(address);
  if (!ip) return Failure(Misreading{in_quotes(text) + " is not a network", std::string(remedy)});
  unsigned longest = is_ipv4(address) ? 32 : 128;
  unsigned bits = longest;
  if (slash != std::string_view::npos) {
    std::optional<std::uint64_t> given = parse_number(text.substr(slash + 1));
    if (!given || *given > longest) {
      return Failure(Misreading{in_quotes(text.substr(slash)) + " is not a prefix length",
                                fmt::format("allowed: /0 to /{}", longest)});
    }
    bits = static_cast<unsigned>(*given);
  }
  unsigned mapped_bits = bits + (128 - longest);
  IpNetwork network{masked(*ip, mapped_bits), static_cast<std::uint8_t>(mapped_bits)};
  if (network.address != *ip) {
    return Failure(Misreading{in_quotes(text) + " has bits beyond its prefix",
                              fmt::format("write {}", print_network(network))});
  }
  return network;
}

constexpr struct {
  std::string_view name;
  Availability availability;
} schemes[] = {
    {"http", Availability::here},
    {"https", Availability::here},
    {"unix", Availability::later},
};

std::optional<Misreading> check_scheme(std::string_view scheme, std::string_view text) {
  for (const auto& known : schemes) {
    if (known.name != scheme) continue;
    if (known.availability == Availability::here) return std::nullopt;
    return Misreading{fmt::format("{} endpoints are not available in this version", scheme),
                      "write http://host:port or https://host:port"};
  }
  return Misreading{fmt::format("{} has the unknown scheme {}", in_quotes(text), in_quotes(scheme)),
                    "write http://host:port"};
}

Result<EndpointUrl, Misreading> parse_endpoint_url(std::string_view text) {
  std::string_view rest = text;
  std::size_t colons = text.find("://");
  std::string scheme = colons == std::string_view::npos ? "http" : lower(text.substr(0, colons));
  if (colons != std::string_view::npos) rest.remove_prefix(colons + 3);
  if (text.starts_with(unix_prefix)) scheme = "unix";
  std::optional<Misreading> refused = check_scheme(scheme, text);
  if (refused) return Failure(std::move(*refused));

  if (scheme == "unix") {
    EndpointUrl url{.scheme = Scheme::unix_socket, .host = {}, .port = 0, .path = {}};
    url.path = text.substr(unix_prefix.size());
    if (!url.path.empty() && url.path.size() <= socket_path_most) return url;
    return Failure(bad_socket_path(text));
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#@") != std::string_view::npos) {
    return Failure(Misreading{in_quotes(text) + " is more than a scheme, a host and a port",
                              "requests keep their own path; write http://host:port"});
  }
  std::optional<HostAndPort> parts = split_host_and_port(rest);
  bool has_host = parts && (parse_ip(parts->host) || is_host_name(parts->host));
  if (!has_host) {
    return Failure(Misreading{in_quotes(text) + " names no usable host",
                              "write http://10.0.0.1:3000, http://[::1]:3000 or "
                              "http://name:3000"});
  }
  EndpointUrl url{.scheme = Scheme::http, .host = lower(parts->host), .port = 80, .path = {}};
  if (scheme == "https") {
    url.scheme = Scheme::https;
    url.port = 443;
  }
  if (!parts->port) return url;
  std::optional<std::uint16_t> port = parse_port(*parts->port, 1);
  if (!port) return Failure(bad_port(*parts->port, 1));
  url.port = *port;
  return url;
}

Result<EndpointUrl, Misreading> parse_etcd_server(std::string_view text) {
  constexpr std::uint16_t usual_port = 2379;
  if (text.starts_with(unix_prefix)) {
    return Failure(Misreading{in_quotes(text) + " is not a server of etcd",
                              "write http://host:2379 or https://host:2379"});
  }
  Result<EndpointUrl, Misreading> url = parse_endpoint_url(text);
  if (!url) return url;
  std::size_t host = text.find("://") == std::string_view::npos ? 0 : text.find("://") + 3;
  std::size_t bracket = text.rfind(']');
  bool has_port =
      text.find(':', bracket == std::string_view::npos ? host : bracket) != std::string_view::npos;
  if (!has_port) url->port = usual_port;
  return url;
}

std::string print_endpoint_url(const EndpointUrl& url) {
  switch (url.scheme) {
    case Scheme::http:
      return fmt::format("http://{}:{}", bracketed(url.host), url.port);
    case Scheme::https:
      return fmt::format("https://{}:{}", bracketed(url.host), url.port);
    case Scheme::unix_socket:
      return std::string(unix_prefix) + url.path;
  }
  return {};
}

Result<std::string, Misreading> parse_host_pattern(std::string_view text) {
  std::string_view name = text.starts_with("*.") ? text.substr(2) : text;
  bool is_bracketed = text.starts_with('[') && text.ends_with(']');
  if (is_bracketed && is_ipv6(std::string(text.substr(1, text.size() - 2)))) return lower(text);
  if (is_host_name(name) || is_ipv4(std::string(text))) return lower(text);
  std::string_view remedy = text.find(':') != std::string_view::npos
                                ? "write the name alone: a route does not look at the port"
                                : "write a name such as shop.example, or *.example for those below";
  return Failure(Misreading{in_quotes(text) + " is not a host", std::string(remedy)});
}

/// Stores a parsed value, or hands the misreading on.
template <class Target, class Parsed>
std::optional<Misreading> keep(Result<Parsed, Misreading> parsed, void* value) {
  if (!parsed) return std::move(parsed.error());
  *static_cast<Target*>(value) = std::move(*parsed);
  return std::nullopt;
}

}  // namespace

const Format listen_address_format = {
    "address", "host:port, [v6]:port or unix:/path", "",
    [](std::string_view text, void* value) {
      return keep<ListenAddress>(parse_listen_address(text), value);
    },
    [](const void* value) {
      return print_listen_address(*static_cast<const ListenAddress*>(value));
    }};

const Format admin_address_format = {
    "address", "host:port, [v6]:port, unix:/path or off", "",
    [](std::string_view text, void* value) -> std::optional<Misreading> {
      auto& address = *static_cast<std::optional<ListenAddress>*>(value);
      if (text == "off" || text == "false") {
        address.reset();
        return std::nullopt;
      }
      return keep<std::optional<ListenAddress>>(parse_listen_address(text), value);
    },
    [](const void* value) -> std::string {
      const auto& address = *static_cast<const std::optional<ListenAddress>*>(value);
      return address ? print_listen_address(*address) : "off";
    }};

const Format network_format = {
    "network", "an address, or address/bits", "^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$",
    [](std::string_view text, void* value) { return keep<IpNetwork>(parse_network(text), value); },
    [](const void* value) { return print_network(*static_cast<const IpNetwork*>(value)); }};

const Format endpoint_url_format = {
    "URL", "http://host:port", "",
    [](std::string_view text, void* value) {
      return keep<EndpointUrl>(parse_endpoint_url(text), value);
    },
    [](const void* value) { return print_endpoint_url(*static_cast<const EndpointUrl*>(value)); }};

const Format etcd_server_format = {
    "URL", "http://host:port or https://host:port", "",
    [](std::string_view text, void* value) {
      return keep<EndpointUrl>(parse_etcd_server(text), value);
    },
    [](const void* value) { return print_endpoint_url(*static_cast<const EndpointUrl*>(value)); }};

const Format host_pattern_format = {
    "host", "a name, *.name for every name below it, or an IP address", "",
    [](std::string_view text, void* value) {
      return keep<std::string>(parse_host_pattern(text), value);
    },
    [](const void* value) { return *static_cast<const std::string*>(value); }};

}  // namespace gg
