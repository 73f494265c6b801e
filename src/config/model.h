// SPDX-License-Identifier: Apache-2.0
// The whole configuration file as plain structs, each member with its default. Made by load.h,
// described row by row in tables.cc, immutable afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "config/rules_model.h"
#include "config/values.h"

namespace gg {

// In all of these a Duration of zero means "none" (Deadline::after understands that), and a count
// or size of zero means "unlimited" or "auto", as the row in tables.cc says.

using namespace literals;  // NOLINT(google-global-names-in-headers): 64_KiB reads as text

// Features of later versions ---------------------------------------------------------------------
// Their keys are refused as "not available" until their rows in tables.cc say otherwise.

struct Certificate {
  std::string cert;  // file: the chain in PEM, the own certificate first
  std::string key;   // file: its private key in PEM
  std::string ocsp;  // file: what is stapled to it; empty: nothing
  bool operator==(const Certificate&) const = default;
};

struct ListenerTls {
  enum class ClientCertificates : std::uint8_t { required, optional };

  std::vector<Certificate> certificates;
  std::string client_ca;  // file; empty: no client certificate is asked for
  ClientCertificates client_certificates = ClientCertificates::required;
  bool operator==(const ListenerTls&) const = default;
};

struct UpstreamTls {
  std::string ca;           // file; empty: the system's
  std::string server_name;  // empty: the endpoint's host
  bool verify = true;
  std::string cert;  // file: our chain for endpoints that ask for one; empty: none
  std::string key;   // file: its private key
  bool operator==(const UpstreamTls&) const = default;
};

struct HedgeConfig {
  std::string after = "p99";  // a percentile of the upstream's own times, a duration, or "off"
  Share at_most{10};
  Duration at_least = 20ms;
  bool operator==(const HedgeConfig&) const = default;
};

struct HealthConfig {
  std::string get;   // path; empty: no HTTP checks
  std::string grpc;  // a service of gRPC's health protocol; empty: no gRPC checks
  Duration every = 2s;
  Duration timeout = 1s;
  std::uint32_t healthy_after = 2;
  std::uint32_t unhealthy_after = 3;
  std::string host;          // empty: the endpoint's own
  std::uint32_t status = 0;  // 0: any 2xx or 3xx
  std::string body;          // empty: any
  bool operator==(const HealthConfig&) const = default;
};

struct EjectConfig {
  std::uint32_t consecutive_faults = 5;
  Duration shortest = 1s;
  Duration longest = 60s;
  Share at_most{50};
  bool operator==(const EjectConfig&) const = default;
};

struct DiscoverConfig {
  std::string dns;
  std::uint16_t port = 0;
  std::string srv;
  std::string file;
  std::string etcd;
  bool operator==(const DiscoverConfig&) const = default;
};

/// The servers of etcd, for `discover.etcd`.
struct EtcdConfig {
  std::vector<EndpointUrl> servers;  // any of them will do
  std::string user;                  // empty: it asks for none
  std::string password;
  std::optional<UpstreamTls> tls;  // towards https servers
  bool operator==(const EtcdConfig&) const = default;
};

struct QueueConfig {
  std::uint32_t depth = 1024;
  Duration wait = 1s;
  bool operator==(const QueueConfig&) const = default;
};

struct RaceConfig {
  Duration after = 250ms;
  bool operator==(const RaceConfig&) const = default;
};

// Listeners --------------------------------------------------------------------------------------

struct ListenerConfig {
  ListenAddress address;
  std::optional<ListenerTls> tls;
  bool http2 = true;
  bool proxy_protocol = false;  // accept v1 and v2 from trusted_proxies
  bool operator==(const ListenerConfig&) const = default;
};

// Routes -----------------------------------------------------------------------------------------

/// The conditions of `retry.on` when the file has none: every one that can be known to be safe.
inline std::vector<RetryOn> default_retry_conditions() {
  using Kind = RetryOn::Kind;
  return {{Kind::connect},     {Kind::reset},       {Kind::timeout},
          {Kind::malformed},   {Kind::truncated},   {Kind::stream_refused},
          {Kind::status, 502}, {Kind::status, 503}, {Kind::status, 504}};
}

struct RetryConfig {
  std::uint32_t attempts = 3;  // the first one included; 1: no retry
  std::vector<RetryOn> on = default_retry_conditions();
  bool unsafe_methods = false;
  bool idempotency_key = false;  // a request with one may be sent twice
  Duration timeout{};            // of one attempt, until its response head
  Bytes hold_back = 64_KiB;
  Duration hold_back_time = 50ms;
  Bytes keep_body = 1_MiB;
  bool continues = false;  // asks elsewhere for the rest of a response that broke off
  bool operator==(const RetryConfig&) const = default;
};

enum class Priority : std::uint8_t { low, normal, high };

struct RouteConfig {
  std::vector<std::string> hosts;  // lower case; "*.example" for any name below; empty: any host
  PathMatch path;
  std::vector<std::string> methods;  // empty: any
  std::vector<HeaderMatch> headers;  // all must hold
  std::string to;                    // an upstream's name
  Duration timeout{};                // the whole exchange
  RetryConfig retry;
  HedgeConfig hedge;
  std::vector<IpNetwork> allow;  // empty: everyone
  std::vector<IpNetwork> deny;   // looked at first
  Priority priority = Priority::normal;
  RouteRulesConfig rules;  // its keys stand beside the others
  bool operator==(const RouteConfig&) const = default;
};

// Upstreams --------------------------------------------------------------------------------------

struct EndpointConfig {
  EndpointUrl url;
  std::uint32_t weight = 1;
  std::uint32_t tier = 1;  // tier 2 is used when tier 1 cannot carry the load
  std::string zone;        // empty: in none
  bool drains = false;     // gets nothing new, by the word of what it was found in
  bool operator==(const EndpointConfig&) const = default;
};

enum class Balance : std::uint8_t { least_time, least_requests, round_robin, random };

/// A cookie by which a client keeps coming back to one endpoint.
struct StickyConfig {
  std::string cookie = "goodgate";  // its name
  std::string secret;               // keys what it names the endpoint by
  bool operator==(const StickyConfig&) const = default;
};

struct BalanceConfig {
  Balance algorithm = Balance::least_time;
  std::optional<HashKey> hash;         // set: instead of `algorithm`, for requests that have it
  std::optional<StickyConfig> sticky;  // set: before both, for clients that have been here
  bool operator==(const BalanceConfig&) const = default;
};

struct UpstreamTimeouts {
  Duration connect = 2s;
  Duration tls = 3s;
  Duration first_byte = 60s;
  Duration idle = 60s;     // between two pieces of a body, either way
  Duration tunnel = 1h;    // without a byte either way after an upgrade
  Duration tunnel_life{};  // of an upgraded connection; zero: as long as it likes
  bool operator==(const UpstreamTimeouts&) const = default;
};

struct KeepAliveConfig {
  bool enabled = true;
  Duration idle = 60s;
  std::uint64_t requests = 0;        // per connection; 0: unlimited
  std::uint32_t connections = 1024;  // idle ones kept per endpoint and worker
  bool operator==(const KeepAliveConfig&) const = default;
};

struct UpstreamLimits {
  std::uint32_t connections = 0;  // to all endpoints together; 0: unlimited
  std::uint32_t requests = 0;     // in flight at once; 0: auto
  QueueConfig queue;
  bool operator==(const UpstreamLimits&) const = default;
};

/// How much retrying an upstream bears: `share` of the requests of the last `over`, at least
/// `floor`.
struct RetryBudgetConfig {
  Share share{20};
  Duration over = 10s;
  Rate floor{10, 1s};
  bool operator==(const RetryBudgetConfig&) const = default;
};

/// Is HTTP/2 spoken with the endpoints?
enum class Http2Use : std::uint8_t {
  automatic,  // where TLS agrees on it
  always,     // also without TLS, of which nobody asks first
  never,
};

/// Do connections to endpoints begin with a PROXY header?
enum class ProxyHeaderUse : std::uint8_t { off, v1, v2 };

struct UpstreamConfig {
  std::string name;
  std::vector<EndpointConfig> endpoints;
  std::optional<DiscoverConfig> discover;
  BalanceConfig balance;
  HealthConfig health;
  EjectConfig eject;
  Http2Use http2 = Http2Use::automatic;
  ProxyHeaderUse proxy_protocol = ProxyHeaderUse::off;
  UpstreamLimits limits;
  UpstreamTimeouts timeouts;
  KeepAliveConfig keep_alive;
  RetryBudgetConfig retry_budget;
  RaceConfig race;
  std::optional<UpstreamTls> tls;
  bool operator==(const UpstreamConfig&) const = default;
};

// The gateway as a whole -------------------------------------------------------------------------

struct ClientTimeouts {
  Duration head = 10s;         // from a request's first byte to the end of its head
  Duration idle = 75s;         // between requests, and from accepting to the first byte
  Duration body = 60s;         // between two pieces of a request body
  Duration send = 60s;         // for the client to take a piece of the response
  Duration drain = 30s;        // for exchanges to end after the gateway was told to stop
  std::string request_header;  // in which clients say how long they wait; empty: none
  bool operator==(const ClientTimeouts&) const = default;
};

struct ClientLimits {
  Bytes head = 64_KiB;
  std::uint32_t fields = 128;
  Bytes body{};                              // 0: unlimited
  std::uint32_t connections = 20000;         // or what the descriptors allow, if that is less
  std::uint32_t connections_per_client = 0;  // 0: unlimited
  bool operator==(const ClientLimits&) const = default;
};

/// Where the admin interface listens; no address: it is off.
struct AdminConfig {
  std::optional<ListenAddress> address =
      ListenAddress{.host = "127.0.0.1", .port = 9502, .path = {}};
  std::string token_file;  // whose first line operators must know; empty: none
  bool operator==(const AdminConfig&) const = default;
};

struct LogTarget {
  enum class Kind : std::uint8_t { off, standard_output, file, syslog, journald };
  static constexpr std::uint16_t syslog_port = 514;

  Kind kind = Kind::standard_output;
  std::string path;  // of a file, or of the syslog daemon's socket
  std::string host;  // of a syslog server, an IP address; empty: the daemon at `path`
  std::uint16_t port = 0;
  bool operator==(const LogTarget&) const = default;
};

struct LogFormat {
  enum class Kind : std::uint8_t { json, combined, custom };
  Kind kind = Kind::json;
  std::string pattern;  // of a custom one
  bool operator==(const LogFormat&) const = default;
};

struct LogConfig {
  LogTarget access;
  LogFormat format;
  Share sample{100};   // of the requests that are not worth a line anyway
  Duration slow = 1s;  // from here on one is; zero: never for that
  bool operator==(const LogConfig&) const = default;
};

class Origins;

/// Where the file says what. Two configurations that differ in nothing else are the same.
struct ConfigOrigins {
  std::shared_ptr<const Origins> all;  // null: it was made without a file
  bool operator==(const ConfigOrigins& /*other*/) const { return true; }
};

/// Where what outlives the process is kept.
struct StateConfig {
  enum class Kind : std::uint8_t { automatic, off, directory };
  Kind kind = Kind::automatic;
  std::string path;  // of a directory
  bool operator==(const StateConfig&) const = default;
};

/// Where an OpenTelemetry collector takes traces over OTLP/HTTP.
struct CollectorUrl {
  EndpointUrl server;
  std::string path = "/v1/traces";
  bool operator==(const CollectorUrl&) const = default;
};

struct TracesConfig {
  std::optional<CollectorUrl> collector;  // none: no traces
  Share sample{10};                       // of the requests that are not worth one anyway
  std::string service = "goodgate";       // what this gateway is called in them
  bool operator==(const TracesConfig&) const = default;
};

/// Where gateways tell each other of the limits that they share.
struct RedisUrl {
  EndpointUrl server;  // https: with TLS
  std::uint32_t database = 0;
  bool operator==(const RedisUrl&) const = default;
};

struct RedisConfig {
  RedisUrl server;
  std::string user;                 // empty: the default one
  std::string password;             // empty: it asks for none
  std::string prefix = "goodgate";  // of its keys
  bool operator==(const RedisConfig&) const = default;
};

struct Config {
  std::string name;  // of this deployment, for Via and Proxy-Status; empty: the machine's host name
  std::string zone;  // where it stands; empty: nowhere in particular
  std::vector<ListenerConfig> listeners;
  std::vector<IpNetwork> trusted_proxies;
  std::vector<IpNetwork> allow;           // of clients; empty: everyone
  std::vector<IpNetwork> deny;            // looked at first
  std::vector<RouteConfig> routes;        // first match wins; never empty after loading
  std::vector<UpstreamConfig> upstreams;  // in the file's order, uniquely named
  std::optional<EtcdConfig> etcd;
  ClientTimeouts timeouts;
  ClientLimits limits;
  std::optional<RedisConfig> redis;
  AdminConfig admin;
  LogConfig log;
  StateConfig state;
  TracesConfig traces;
  std::uint32_t threads = 0;  // 0: auto, one per core this process may use
  std::string user;           // to become after binding; empty: stay
  std::string group;          // empty: the user's own
  ConfigOrigins origins;
  bool operator==(const Config&) const = default;

  /// Borrowed from this configuration; null when there is none of that name.
  const UpstreamConfig* find_upstream(std::string_view upstream) const {
    for (const UpstreamConfig& candidate : upstreams) {
      if (candidate.name == upstream) return &candidate;
    }
    return nullptr;
  }
};

}  // namespace gg
