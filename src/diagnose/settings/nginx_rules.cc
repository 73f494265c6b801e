// SPDX-License-Identifier: Apache-2.0
#include "diagnose/settings/nginx_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "base/text.h"

namespace gg {
namespace {

using Path = std::vector<const NginxDirective*>;  // the blocks around a
                                                  // directive, outermost first

/// An address, or a name that somebody has to look up?
bool is_name(std::string_view host) {
  if (host.empty() || host.starts_with('[') || host.starts_with("unix:")) return false;
  host = host.substr(0, host.find(':'));
  bool is_local = host == "localhost";
  return !is_local && host.find_first_not_of("0123456789.") != std::string_view::npos;
}

struct Target {
  bool is_tls = false;
  bool has_variable = false;
  std::string host;  // with its port
};

Target target_of(std::string_view url) {
  Target target;
  target.is_tls = url.starts_with("https://");
  if (std::size_t at = url.find("://"); at != std::string_view::npos) url = url.substr(at + 3);
  std::string_view host = url.starts_with("unix:") ? url : url.substr(0, url.find('/'));
  target.has_variable = host.find('$') != std::string_view::npos;
  target.host = host;
  return target;
}

class Rules {
 public:
  explicit Rules(const NginxSettings& settings) : settings_(settings) {}

  std::vector<Remark> run() {
    collect_upstreams(settings_.directives);
    Path path;
    walk(settings_.directives, path);
    for (const auto& [name, upstream] : upstreams_) examine_upstream(name, *upstream);
    return std::move(remarks_);
  }

 private:
  void add(const NginxDirective& at, std::string about, std::string problem, std::string why,
           std::string mend, Fault cause) {
    // The same line may be reached on several ways.
    if (!said_.insert(fmt::format("{}:{}:{}", at.file, at.line, problem)).second) return;
    remarks_.push_back({.file = at.file,
                        .line = at.line,
                        .about = std::move(about),
                        .problem = std::move(problem),
                        .why = std::move(why),
                        .mend = std::move(mend),
                        .cause = cause});
  }

  static const NginxDirective* find(std::span<const NginxDirective> block, std::string_view name) {
    for (const NginxDirective& directive : block) {
      if (directive.name == name) return &directive;
    }
    return nullptr;
  }

  static std::size_t servers_in(const NginxDirective& upstream) {
    return static_cast<std::size_t>(std::ranges::count_if(upstream.block, [](const auto& one) {
      return one.name == "server" && std::ranges::find(one.values, "down") == one.values.end();
    }));
  }

  /// What is in force at the end of a path: the innermost block that sets it
  /// decides.
  const NginxDirective* in_force(const Path& path, std::string_view name) const {
    for (auto block = path.rbegin(); block != path.rend(); ++block) {
      if (const NginxDirective* found = find((*block)->block, name)) return found;
    }
    return find(settings_.directives, name);
  }

  /// proxy_set_header's of the innermost block that has any.
  static const NginxDirective* header_in_force(const Path& path, std::string_view field) {
    for (auto block = path.rbegin(); block != path.rend(); ++block) {
      if (find((*block)->block, "proxy_set_header") == nullptr) continue;
      for (const NginxDirective& directive : (*block)->block) {
        bool is_it = directive.name == "proxy_set_header" && directive.values.size() == 2 &&
                     equal_ignoring_case(directive.values[0], field);
        if (is_it) return &directive;
      }
      return nullptr;
    }
    return nullptr;
  }

  void collect_upstreams(std::span<const NginxDirective> block) {
    for (const NginxDirective& directive : block) {
      if (directive.name == "upstream" && directive.values.size() == 1) {
        upstreams_[directive.values[0]] = &directive;
      }
      if (directive.name == "http") collect_upstreams(directive.block);
    }
  }

  void walk(std::span<const NginxDirective> block, Path& path) {
    for (const NginxDirective& directive : block) {
      if (directive.name == "stream" || directive.name == "mail") continue;
      if (directive.name == "proxy_pass" && directive.values.size() == 1) {
        examine_pass(directive, path);
      }
      if (directive.name == "limit_req") examine_limit(directive, path);
      if (directive.name == "events") examine_events(directive);
      if (!directive.has_block) continue;
      path.push_back(&directive);
      walk(directive.block, path);
      path.pop_back();
    }
  }

  void examine_events(const NginxDirective& events) {
    const NginxDirective* slots = find(events.block, "worker_connections");
    std::uint64_t count = slots == nullptr || slots->values.empty()
                              ? 512
                              : parse_number(slots->values[0]).value_or(512);
    if (count >= 1024) return;
    add(slots == nullptr ? events : *slots, "events", fmt::format("{} worker_connections", count),
        "A request takes two, one to each side; beyond that clients get "
        "nothing.",
        "worker_connections 8192;", Fault::connection_slots_exhausted);
  }

  void examine_limit(const NginxDirective& limit, const Path& path) {
    if (in_force(path, "limit_req_status") != nullptr) return;
    add(limit, "limit_req", "refused requests get a 503",
        "The default looks like a fault of the service to clients, alarms and "
        "balancers in front.",
        "limit_req_status 429;", Fault::rate_limited);
  }

  void examine_pass(const NginxDirective& pass, const Path& path) {
    Target target = target_of(pass.values[0]);
    std::string about = fmt::format("proxy_pass {}", pass.values[0]);
    auto known = upstreams_.find(target.host);
    if (known != upstreams_.end()) {
      used_.insert(target.host);
      examine_use(pass, path, about, *known->second);
    } else if (target.has_variable) {
      bool leads_to_upstream = false;
      for (const auto& [name, upstream] : upstreams_) {
        leads_to_upstream = leads_to_upstream || target.host.find(name) != std::string::npos;
      }
      if (in_force(path, "resolver") == nullptr && !leads_to_upstream && upstreams_.empty()) {
        add(pass, about, "a variable, and no resolver",
            "A name from a variable is looked up at every request, which needs "
            "one: 502 otherwise.",
            "resolver 127.0.0.53 valid=10s;", Fault::dns_no_resolver);
      }
    } else if (is_name(target.host)) {
      add(pass, about, "the name is looked up once, at start",
          "When its address changes, as that of a container does, nginx keeps "
          "using the old one.",
          fmt::format("resolver 127.0.0.53 valid=10s;\nset $target "
                      "{};\nproxy_pass {}://$target;",
                      target.host, target.is_tls ? "https" : "http"),
          Fault::dns_stale_answer);
    }
    if (target.is_tls) examine_tls(pass, path, about);
    examine_buffer(pass, path, about);
  }

  void examine_tls(const NginxDirective& pass, const Path& path, const std::string& about) {
    const NginxDirective* sni = in_force(path, "proxy_ssl_server_name");
    bool is_on = sni != nullptr && !sni->values.empty() && sni->values[0] == "on";
    if (is_on) return;
    add(sni == nullptr ? pass : *sni, about, "no server name (SNI) is sent",
        "Endpoints that serve several names refuse such a handshake, with "
        "alert 40 or 112.",
        "proxy_ssl_server_name on;", Fault::tls_alert_received);
  }

  void examine_buffer(const NginxDirective& pass, const Path& path, const std::string& about) {
    if (in_force(path, "proxy_buffer_size") != nullptr) return;
    if (std::exchange(has_said_buffer_, true)) return;  // once is enough: it is mended for all
    add(pass, about, "proxy_buffer_size is 4k",
        "A response whose head is larger, mostly by cookies, becomes a 502.",
        "proxy_buffer_size 16k;\nproxy_buffers 8 16k;", Fault::head_too_large);
  }

  void examine_use(const NginxDirective& pass, const Path& path, const std::string& about,
                   const NginxDirective& upstream) {
    if (servers_in(upstream) >= 2) examine_failing_over(pass, path, about);
    if (find(upstream.block, "keepalive") == nullptr) return;
    const NginxDirective* version = in_force(path, "proxy_http_version");
    const NginxDirective* connection = header_in_force(path, "Connection");
    bool is_11 = version != nullptr && !version->values.empty() && version->values[0] != "1.0";
    bool is_kept = connection != nullptr && !equal_ignoring_case(connection->values[1], "close");
    if (is_11 && is_kept) return;
    add(pass, about, "keepalive has no effect here",
        "Before version 1.29.7 it needs HTTP/1.1 and an empty Connection "
        "field; without, each "
        "request takes a port and a handshake.",
        "proxy_http_version 1.1;\nproxy_set_header Connection \"\";", Fault::ports_exhausted);
  }

  void examine_failing_over(const NginxDirective& pass, const Path& path,
                            const std::string& about) {
    const NginxDirective* next = in_force(path, "proxy_next_upstream");
    if (next != nullptr && std::ranges::find(next->values, "off") != next->values.end()) {
      add(*next, about, "proxy_next_upstream off",
          "The failure of one server reaches the client though another one "
          "stands by.",
          "proxy_next_upstream error timeout http_502 http_503 http_504;", Fault::connect_refused);
      return;
    }
    bool covers_status = next != nullptr && std::ranges::any_of(next->values, [](const auto& word) {
                           return word == "http_502" || word == "http_503" || word == "http_504";
                         });
    if (!covers_status) {
      add(next == nullptr ? pass : *next, about, "a 502, 503 or 504 of one server is final",
          "By default only errors and timeouts lead to another server; what "
          "must not run twice is "
          "not sent again either way.",
          "proxy_next_upstream error timeout http_502 http_503 http_504;",
          Fault::upstream_error_status);
    }
    if (in_force(path, "proxy_connect_timeout") == nullptr) {
      add(pass, about, "proxy_connect_timeout is 60s",
          "A machine that is gone keeps a client waiting for a minute before "
          "another is tried.",
          "proxy_connect_timeout 1s;", Fault::connect_timeout);
    }
    bool is_bounded = in_force(path, "proxy_next_upstream_timeout") != nullptr ||
                      in_force(path, "proxy_next_upstream_tries") != nullptr;
    if (!is_bounded) {
      add(pass, about, "attempts are not limited",
          "One request may try every server for its whole timeout, and does so "
          "just when all are "
          "slow.",
          "proxy_next_upstream_tries 3;\nproxy_next_upstream_timeout 10s;", Fault::head_timeout);
    }
  }

  void examine_upstream(const std::string& name, const NginxDirective& upstream) {
    if (!used_.contains(name)) return;
    std::string about = fmt::format("upstream {}", name);
    std::size_t servers = servers_in(upstream);
    const NginxDirective* keepalive = find(upstream.block, "keepalive");
    if (keepalive == nullptr) {
      add(upstream, about, "no keepalive",
          "Before version 1.29.7 each request opens a connection of its own, "
          "which costs a port "
          "for a minute.",
          "keepalive 32;", Fault::ports_exhausted);
    } else if (find(upstream.block, "keepalive_timeout") == nullptr) {
      add(*keepalive, about, "idle connections are kept for 60s",
          "Servers that close earlier (Node 5 s, gunicorn 2 s) close just as a "
          "request is sent.",
          "keepalive_timeout 4s;  # below the service's own", Fault::keep_alive_race);
    }
    for (const NginxDirective& server : upstream.block) {
      if (server.name == "server" && !server.values.empty()) {
        examine_server(about, server, servers, find(upstream.block, "zone") != nullptr);
      }
    }
  }

  void examine_server(const std::string& about, const NginxDirective& server, std::size_t servers,
                      bool has_zone) {
    bool has_max_fails = std::ranges::any_of(
        server.values, [](const auto& word) { return word.starts_with("max_fails="); });
    if (servers >= 2 && !has_max_fails) {
      add(server, about, "one failure takes the server out for 10s",
          "A kept-alive connection that the server had closed counts too; two "
          "of them, and nobody "
          "is left: no live upstreams.",
          fmt::format("server {} max_fails=3 fail_timeout=5s;", server.values[0]),
          Fault::all_endpoints_ejected);
    }
    bool resolves = std::ranges::find(server.values, "resolve") != server.values.end();
    if (!is_name(server.values[0]) || (resolves && has_zone)) return;
    add(server, about, "the name is looked up once, at start",
        "When its address changes, as that of a container does, nginx keeps "
        "using the old one.",
        fmt::format("zone app 64k;\nresolver 127.0.0.53 valid=10s;\nserver {} "
                    "resolve;  # 1.27.3 and "
                    "newer",
                    server.values[0]),
        Fault::dns_stale_answer);
  }

  const NginxSettings& settings_;
  std::map<std::string, const NginxDirective*> upstreams_;
  std::set<std::string> used_;
  std::set<std::string> said_;
  bool has_said_buffer_ = false;
  std::vector<Remark> remarks_;
};

}  // namespace

std::vector<Remark> nginx_remarks(const NginxSettings& settings) { return Rules(settings).run(); }

}  // namespace gg
