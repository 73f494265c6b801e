// SPDX-License-Identifier: Apache-2.0
// The cross-checks. Each is one function that knows nothing of the others.
#include "config/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/check_rules.h"
#include "config/formats.h"
#include "config/loopback.h"
#include "config/route_cover.h"
#include "config/units.h"

namespace gg {
namespace {

std::string print(const ListenAddress& address) { return listen_address_format.print(&address); }
std::string print(const EndpointUrl& url) { return endpoint_url_format.print(&url); }

class Checker {
 public:
  Checker(const Config& config, const Places& places, ComplaintList& complaints)
      : config_(config), places_(places), complaints_(complaints) {}

  void run() {
    check_listeners();
    check_upstreams();
    check_etcd();
    check_routes();
    // What was misread looks like a default: warnings about that would only confuse.
    if (complaints_.has_errors()) return;
    check_route_order();
    check_unused_upstreams();
    check_zones();
    check_cookies();
    check_shared_limits();
    check_admin();
  }

 private:
  void error(const std::string& path, std::string problem, std::string remedy) {
    complaints_.error(places_.find(path), path, std::move(problem), std::move(remedy));
  }
  void warning(const std::string& path, std::string problem, std::string remedy) {
    complaints_.warning(places_.find(path), path, std::move(problem), std::move(remedy));
  }

  void check_listeners();
  void check_proxy_protocol(std::size_t index);
  void check_upstreams();
  void check_proxy_header(const UpstreamConfig& upstream);
  void check_endpoints(const UpstreamConfig& upstream, const std::string& path);
  void check_discovery(const UpstreamConfig& upstream, const std::string& path);
  void check_etcd();
  void check_loop(const EndpointConfig& endpoint, const std::string& path);
  void check_routes();
  void check_target(const RouteConfig& route, const std::string& path);
  void check_name(const std::string& upstream, const std::string& path);
  void check_split(const RouteConfig& route, const std::string& path);
  void check_retry(const RouteConfig& route, const std::string& path);
  void check_times(const RouteConfig& route, const std::string& path);
  void check_route_order();
  void check_unused_upstreams();
  void check_zones();
  void check_cookies();
  void check_shared_limits();
  void check_admin();

  const Config& config_;
  const Places& places_;
  ComplaintList& complaints_;
};

/// Does listening on `any` take this host's connections too?
bool is_every_address(const std::string& any, const std::string& host) {
  bool is_ipv6 = host.find(':') != std::string::npos;
  return any.empty() || any == "::" || (any == "0.0.0.0" && !is_ipv6);
}

/// Would binding one keep the other from being bound?
bool overlap(const ListenAddress& a, const ListenAddress& b) {
  if (a.is_unix() || b.is_unix()) return a.path == b.path;
  if (a.port == 0 || a.port != b.port) return false;
  return a.host == b.host || is_every_address(a.host, b.host) || is_every_address(b.host, a.host);
}

void Checker::check_listeners() {
  for (std::size_t i = 0; i < config_.listeners.size(); ++i) {
    check_proxy_protocol(i);
    const ListenAddress& address = config_.listeners[i].address;
    for (std::size_t j = 0; j < i; ++j) {
      const ListenAddress& earlier = config_.listeners[j].address;
      if (!overlap(address, earlier)) continue;
      std::string problem =
          address == earlier ? fmt::format("{} is listed twice", print(address))
                             : fmt::format("{} overlaps with {}", print(address), print(earlier));
      error(fmt::format("listeners[{}]", i), std::move(problem), "keep one of the two");
      break;
    }
  }
  const std::optional<ListenAddress>& admin = config_.admin.address;
  bool is_taken = admin && std::ranges::any_of(config_.listeners, [&](const ListenerConfig& l) {
                    return overlap(*admin, l.address);
                  });
  if (!is_taken) return;
  error("admin", fmt::format("{} overlaps with a listener", print(*admin)),
        "give the admin interface a port of its own");
}

void Checker::check_proxy_protocol(std::size_t index) {
  const ListenerConfig& listener = config_.listeners[index];
  bool somebody_may = listener.address.is_unix() || !config_.trusted_proxies.empty();
  if (!listener.proxy_protocol || somebody_may) return;
  error(fmt::format("listeners[{}].proxy_protocol", index),
        "nobody may connect here: there are no trusted proxies",
        "list the addresses of the proxies in front in trusted_proxies");
}

void Checker::check_upstreams() {
  for (const UpstreamConfig& upstream : config_.upstreams) {
    check_endpoints(upstream, fmt::format("upstreams.{}", upstream.name));
    if (upstream.discover) {
      check_discovery(upstream, fmt::format("upstreams.{}.discover", upstream.name));
    }
    check_proxy_header(upstream);
  }
}

/// On a connection of HTTP/2 the requests of all clients would be one client's.
void Checker::check_proxy_header(const UpstreamConfig& upstream) {
  bool needs_http2 = upstream.http2 == Http2Use::always || !upstream.health.grpc.empty();
  if (upstream.proxy_protocol == ProxyHeaderUse::off || !needs_http2) return;
  error(fmt::format("upstreams.{}.proxy_protocol", upstream.name),
        "a PROXY header names one client, and HTTP/2 shares its connections among all",
        "take out proxy_protocol, or HTTP/2 (http2: always, health.grpc)");
}

void Checker::check_endpoints(const UpstreamConfig& upstream, const std::string& path) {
  bool is_misread =
      complaints_.has_errors_at(path) || complaints_.has_errors_at(path + ".endpoints");
  if (upstream.endpoints.empty() && !upstream.discover && !is_misread) {
    error(path, "the upstream has no endpoint",
          "give at least one, for example: endpoints: [\"http://10.0.0.1:3000\"]");
  }
  std::unordered_set<std::string> seen;
  for (std::size_t i = 0; i < upstream.endpoints.size(); ++i) {
    const EndpointConfig& endpoint = upstream.endpoints[i];
    if (endpoint.url.host.empty() && endpoint.url.path.empty()) continue;
    std::string listed = fmt::format("{}.endpoints[{}]", path, i);
    std::string endpoint_path = places_.has(listed) ? listed : fmt::format("{}[{}]", path, i);
    if (!seen.insert(print(endpoint.url)).second) {
      error(endpoint_path, fmt::format("{} is listed twice", print(endpoint.url)),
            "list it once; a weight gives it more of the load");
    }
    check_loop(endpoint, endpoint_path);
  }
}

void Checker::check_discovery(const UpstreamConfig& upstream, const std::string& path) {
  for (const char* key : {"", ".dns", ".port", ".srv", ".file", ".etcd"}) {
    if (complaints_.has_errors_at(path + key)) return;
  }
  const DiscoverConfig& discover = *upstream.discover;
  std::vector<std::string_view> given;
  if (!discover.dns.empty()) given.push_back("dns");
  if (!discover.srv.empty()) given.push_back("srv");
  if (!discover.file.empty()) given.push_back("file");
  if (!discover.etcd.empty()) given.push_back("etcd");
  if (given.empty()) {
    return error(path, "it does not say where endpoints are looked up",
                 "give it one source, as in file: app.endpoints");
  }
  if (given.size() > 1) {
    return error(path, fmt::format("{} exclude each other", fmt::join(given, " and ")),
                 "keep one of them: an upstream has one source, beside its `endpoints`");
  }
  if (!discover.dns.empty() && discover.port == 0) {
    error(path, "the port at those addresses is missing", "add port: 3000, for example");
  }
  if (discover.dns.empty() && discover.port != 0) {
    error(path + ".port", fmt::format("this has no effect: {} says which port", given.front()),
          "remove it");
  }
  if (!discover.etcd.empty() && !config_.etcd && !complaints_.has_errors_at("etcd")) {
    error(path + ".etcd", "it is not said where the servers of etcd are",
          "add etcd: http://127.0.0.1:2379 at the top level, for example");
  }
}

void Checker::check_etcd() {
  if (!config_.etcd) return;
  for (const char* key : {"etcd", "etcd.servers", "etcd.user", "etcd.password"}) {
    if (complaints_.has_errors_at(key)) return;
  }
  const EtcdConfig& etcd = *config_.etcd;
  if (etcd.servers.empty()) {
    error("etcd.servers", "there is no server", "list one, as in etcd: http://127.0.0.1:2379");
  }
  if (etcd.user.empty() != etcd.password.empty()) {
    error("etcd", "a user and its password go together", "give both user and password, or neither");
  }
}

void Checker::check_loop(const EndpointConfig& endpoint, const std::string& path) {
  for (const ListenerConfig& listener : config_.listeners) {
    const ListenAddress& address = listener.address;
    bool is_same_port = !address.is_unix() && address.port == endpoint.url.port &&
                        endpoint.url.scheme != Scheme::unix_socket;
    bool is_same_host =
        address.host == endpoint.url.host ||
        (is_loopback(endpoint.url.host) && is_every_address(address.host, endpoint.url.host));
    if (!is_same_port || !is_same_host) continue;
    error(path, fmt::format("{} is this gateway's own listener", print(endpoint.url)),
          "give the address of the server behind it; requests would go round in a circle");
    return;
  }
}

void Checker::check_routes() {
  for (std::size_t i = 0; i < config_.routes.size(); ++i) {
    const RouteConfig& route = config_.routes[i];
    std::string path = fmt::format("routes[{}]", i);
    check_target(route, path);
    check_retry(route, path);
    check_times(route, path);
    check_rules(route, path, places_, complaints_);
    check_split(route, path);
    if (route.rules.forward_auth)
      check_name(route.rules.forward_auth->to, path + ".forward_auth.to");
    if (route.rules.mirror) check_name(route.rules.mirror->to, path + ".mirror.to");
  }
}

void Checker::check_target(const RouteConfig& route, const std::string& path) {
  if (config_.upstreams.empty()) return;
  if (route.to.empty()) {
    bool is_misread = places_.has(path + ".to") || complaints_.has_errors_at(path);
    if (is_misread) return;  // which has been said
    if (answers_by_itself(route) || route.rules.split) return;
    std::string remedy = fmt::format("add to: {}", config_.upstreams.front().name);
    if (places_.has(path)) {
      return error(path, "the route does not say which upstream answers", std::move(remedy));
    }
    complaints_.error(places_.find("upstreams"), "upstreams",
                      "there are several upstreams and no route says which one answers",
                      "add routes: [{ path: /, to: " + config_.upstreams.front().name + " }]");
    return;
  }
  check_name(route.to, path + ".to");
}

void Checker::check_name(const std::string& upstream, const std::string& path) {
  bool is_misread = upstream.empty() || config_.upstreams.empty();  // which has been said
  if (is_misread || config_.find_upstream(upstream) != nullptr) return;
  std::vector<std::string_view> names;
  for (const UpstreamConfig& known : config_.upstreams) names.push_back(known.name);
  error(path, fmt::format("there is no upstream {}", in_quotes(upstream)),
        did_you_mean(upstream, names, fmt::format("known upstreams: {}", fmt::join(names, ", "))));
}

void Checker::check_split(const RouteConfig& route, const std::string& path) {
  if (config_.upstreams.empty() || !route.rules.split) return;
  const std::vector<SplitTarget>& among = route.rules.split->among;
  for (std::size_t i = 0; i < among.size(); ++i) {
    if (among[i].upstream.empty()) continue;  // misread, which has been said
    std::string listed = fmt::format("{}.split.among[{}]", path, i);
    check_name(among[i].upstream,
               places_.has(listed) ? listed : fmt::format("{}.split[{}]", path, i));
  }
}

void Checker::check_retry(const RouteConfig& route, const std::string& path) {
  const RetryConfig& retry = route.retry;
  std::string retry_path = path + ".retry";
  if (retry.attempts == 1 && places_.has(retry_path + ".on")) {
    warning(retry_path + ".on", "this has no effect: one attempt is all there is",
            "raise attempts, or remove this");
  }
  if (retry.attempts == 1 && retry.unsafe_methods) {
    warning(retry_path + ".unsafe_methods", "this has no effect: one attempt is all there is",
            "raise attempts, or remove this");
  }
  if (retry.attempts == 1 && retry.idempotency_key) {
    warning(retry_path + ".idempotency_key", "this has no effect: one attempt is all there is",
            "raise attempts, or remove this");
  }
  if (retry.attempts == 1 && retry.continues) {
    warning(retry_path + ".continue", "this has no effect: one attempt is all there is",
            "raise attempts, or remove this");
  }
  bool contradicts = route.timeout > Duration::zero() && retry.timeout > route.timeout;
  if (contradicts) {
    error(retry_path + ".timeout",
          fmt::format("one attempt may take {}, but the whole exchange only {}",
                      print_duration(retry.timeout), print_duration(route.timeout)),
          fmt::format("write {} or less, or raise the route's timeout",
                      print_duration(route.timeout)));
  }
}

void Checker::check_times(const RouteConfig& route, const std::string& path) {
  const UpstreamConfig* upstream = config_.find_upstream(route.to);
  std::string connect_path = fmt::format("upstreams.{}.timeouts.connect", route.to);
  bool both_are_given = places_.has(path + ".timeout") && places_.has(connect_path);
  if (upstream == nullptr || !both_are_given || route.timeout <= Duration::zero()) return;
  if (upstream->timeouts.connect <= route.timeout) return;
  error(path + ".timeout",
        fmt::format("the exchange may take {}, but a connection to {} alone {}",
                    print_duration(route.timeout), route.to,
                    print_duration(upstream->timeouts.connect)),
        fmt::format("raise this, or lower {}", connect_path));
}

void Checker::check_route_order() {
  for (std::size_t i = 0; i < config_.routes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!covers(config_.routes[j], config_.routes[i])) continue;
      std::string path = fmt::format("routes[{}]", i);
      warning(path,
              fmt::format("no request gets here: routes[{}] on line {} takes them all", j,
                          places_.find(fmt::format("routes[{}]", j)).line),
              "put the narrower route first");
      break;
    }
  }
}

void Checker::check_unused_upstreams() {
  std::unordered_set<std::string_view> used;
  bool some_are_unknown = false;
  for (const RouteConfig& route : config_.routes) {
    std::vector<std::string_view> names = upstreams_of(route);
    used.insert(names.begin(), names.end());
    std::vector<std::string_view> beside = side_upstreams_of(route);
    used.insert(beside.begin(), beside.end());
    some_are_unknown = some_are_unknown || (names.empty() && !answers_by_itself(route));
  }
  for (const UpstreamConfig& upstream : config_.upstreams) {
    if (some_are_unknown || used.contains(upstream.name)) continue;
    warning(fmt::format("upstreams.{}", upstream.name), "no route leads to this upstream",
            fmt::format("add a route with to: {}, or remove it", upstream.name));
  }
}

/// Zones matter only where the gateway's own meets an endpoint's.
void Checker::check_zones() {
  bool own_is_found = config_.zone.empty();
  for (const UpstreamConfig& upstream : config_.upstreams) {
    own_is_found = own_is_found || upstream.discover.has_value();
    for (std::size_t i = 0; i < upstream.endpoints.size(); ++i) {
      const EndpointConfig& endpoint = upstream.endpoints[i];
      own_is_found = own_is_found || endpoint.zone == config_.zone;
      if (endpoint.zone.empty() || !config_.zone.empty()) continue;
      std::string path = fmt::format("upstreams.{}.endpoints[{}].zone", upstream.name, i);
      if (!places_.has(path)) path = fmt::format("upstreams.{}[{}].zone", upstream.name, i);
      return warning(path, "this has no effect: the gateway's own zone is not known",
                     "say where the gateway stands: add zone: NAME at the top of the file");
    }
  }
  if (own_is_found) return;
  warning("zone", fmt::format("no endpoint stands in zone {}", config_.zone),
          "give the endpoints of this zone the same name, or remove it");
}

/// Sticky cookies: each upstream needs one of its own, that tells nothing.
void Checker::check_cookies() {
  std::unordered_map<std::string_view, std::string_view> owners;
  for (const UpstreamConfig& upstream : config_.upstreams) {
    const std::optional<StickyConfig>& sticky = upstream.balance.sticky;
    if (!sticky) continue;
    std::string path = fmt::format("upstreams.{}.balance.sticky", upstream.name);
    auto [owner, is_first] = owners.emplace(sticky->cookie, upstream.name);
    if (!is_first) {
      warning(path,
              fmt::format("upstream {} uses the cookie {} too; a client of both would lose its "
                          "place each time it changes",
                          owner->second, sticky->cookie),
              fmt::format("give it a name of its own, as {}-{}", sticky->cookie, upstream.name));
    }
    if (sticky->secret.empty()) {
      warning(
          path, "without a secret, an endpoint's address can be guessed from the cookie",
          fmt::format("add a long random text, the same on every gateway: sticky: {{ cookie: {}, "
                      "secret: ... }}",
                      sticky->cookie));
    }
  }
}

void Checker::check_shared_limits() {
  bool are_there = false;
  for (std::size_t i = 0; i < config_.routes.size(); ++i) {
    const std::optional<RateLimitConfig>& limit = config_.routes[i].rules.rate_limit;
    if (!limit || !limit->shared) continue;
    are_there = true;
    if (config_.redis) continue;
    error(fmt::format("routes[{}].rate_limit.shared", i),
          "nothing says through which Redis it is shared",
          "add redis: redis://127.0.0.1:6379 at the top of the file, for example");
  }
  if (are_there || !config_.redis) return;
  warning("redis", "this has no effect: no limit says shared: true",
          "write rate_limit: { rate: 100/s, shared: true } where one is for all gateways");
}

void Checker::check_admin() {
  const std::optional<ListenAddress>& address = config_.admin.address;
  if (!address || address->is_unix() || is_loopback(address->host)) return;
  if (!config_.admin.token_file.empty()) return;
  error("admin", fmt::format("{} can be reached from other machines", print(*address)),
        "use 127.0.0.1, or have operators prove who they are: { address: ..., token_file: FILE }");
}

}  // namespace

void fill_in_the_obvious(Config& config) {
  if (config.routes.empty()) config.routes.emplace_back();
  if (config.upstreams.size() != 1) return;
  for (RouteConfig& route : config.routes) {
    if (route.to.empty() && !route.rules.split) route.to = config.upstreams.front().name;
  }
}

void check(const Config& config, const Places& places, ComplaintList& complaints) {
  Checker(config, places, complaints).run();
}

}  // namespace gg
