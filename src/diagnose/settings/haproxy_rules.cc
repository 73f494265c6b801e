// SPDX-License-Identifier: Apache-2.0
#include "diagnose/settings/haproxy_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <span>

namespace gg {
namespace {

bool has_word(const HaproxyLine& line, std::string_view word) {
  return std::ranges::find(line.words, word) != line.words.end();
}

bool begins(const HaproxyLine& line, std::initializer_list<std::string_view> words) {
  if (line.words.size() < words.size()) return false;
  return std::equal(words.begin(), words.end(), line.words.begin());
}

const HaproxyLine* find(std::span<const HaproxyLine> lines,
                        std::initializer_list<std::string_view> words) {
  for (const HaproxyLine& line : lines) {
    if (begins(line, words)) return &line;
  }
  return nullptr;
}

bool is_name(std::string_view host) {
  if (host.empty() || host.starts_with("unix@") || host.starts_with('/')) return false;
  for (std::string_view prefix : {"ipv4@", "ipv6@"}) {
    if (host.starts_with(prefix)) host = host.substr(prefix.size());
  }
  if (std::ranges::count(host, ':') > 1 || host.starts_with('[')) return false;
  host = host.substr(0, host.find(':'));
  return host != "localhost" && host.find_first_not_of("0123456789.") != std::string_view::npos;
}

/// One backend or listen section with the defaults that it inherits.
class Backend {
 public:
  Backend(const HaproxySettings& settings, const HaproxySection& section,
          const HaproxySection* defaults, std::vector<Remark>& remarks)
      : settings_(settings), section_(section), defaults_(defaults), remarks_(remarks) {}

  void examine() {
    for (const HaproxyLine& line : section_.lines) {
      if (begins(line, {"server"}) && line.words.size() >= 3) servers_.push_back(&line);
      if (begins(line, {"server-template"}) && line.words.size() >= 4) has_template_ = true;
    }
    if (servers_.empty() && !has_template_) return;
    bool is_http = mode() == "http";
    if (servers_.size() >= 2 || has_template_) examine_failing_over(is_http);
    examine_timeouts();
    examine_reuse(is_http);
    for (const HaproxyLine* server : servers_) examine_server(*server);
  }

 private:
  void add(int number, std::string problem, std::string why, std::string mend, Fault cause) {
    remarks_.push_back({.file = settings_.file,
                        .line = number,
                        .about = fmt::format("{} {}", section_.kind, section_.name),
                        .problem = std::move(problem),
                        .why = std::move(why),
                        .mend = std::move(mend),
                        .cause = cause});
  }

  /// What is in force: the section's own line, else that of its defaults.
  const HaproxyLine* in_force(std::initializer_list<std::string_view> words) const {
    if (const HaproxyLine* own = find(section_.lines, words)) return own;
    return defaults_ == nullptr ? nullptr : find(defaults_->lines, words);
  }

  std::string mode() const {
    const HaproxyLine* line = in_force({"mode"});
    return line == nullptr || line->words.size() < 2 ? "tcp" : line->words[1];
  }

  /// Has the server this word, by itself or by default-server?
  bool server_has(const HaproxyLine& server, std::string_view word) const {
    if (has_word(server, word)) return true;
    const HaproxyLine* own = find(section_.lines, {"default-server"});
    if (own != nullptr && has_word(*own, word)) return true;
    const HaproxyLine* inherited =
        defaults_ == nullptr ? nullptr : find(defaults_->lines, {"default-server"});
    return inherited != nullptr && has_word(*inherited, word);
  }

  void examine_failing_over(bool is_http) {
    const HaproxyLine* retries = in_force({"retries"});
    if (retries != nullptr && retries->words.size() > 1 && retries->words[1] == "0") {
      add(retries->number, "retries 0",
          "A refused connection reaches the client though another server "
          "stands by.",
          "retries 3", Fault::connect_refused);
    }
    if (in_force({"option", "redispatch"}) == nullptr) {
      add(section_.number, "no option redispatch",
          "Every retry goes to the same server, which is down; the others are "
          "not asked.",
          "option redispatch 1", Fault::connect_refused);
    }
    if (!is_http) return;
    const HaproxyLine* retry_on = in_force({"retry-on"});
    if (retry_on == nullptr) {
      add(section_.number, "only failed connections are retried",
          "A server that closes without an answer, or answers 503, is final "
          "for the client.",
          "retry-on conn-failure empty-response 503\nhttp-request "
          "disable-l7-retry if METH_POST",
          Fault::closed_before_head);
      return;
    }
    bool is_only_connection =
        retry_on->words.size() == 2 &&
        (retry_on->words[1] == "conn-failure" || retry_on->words[1] == "none");
    bool spares_post = in_force({"http-request", "disable-l7-retry"}) != nullptr;
    if (is_only_connection || spares_post) return;
    add(retry_on->number, "a POST may run twice",
        "HAProxy repeats requests of any method under these conditions.",
        "http-request disable-l7-retry if METH_POST", Fault::closed_before_head);
  }

  void examine_timeouts() {
    struct Timeout {
      std::string_view name;
      std::string_view value;
      Fault cause;
    };
    constexpr Timeout timeouts[] = {{"connect", "2s", Fault::connect_timeout},
                                    {"server", "60s", Fault::head_timeout}};
    for (const Timeout& timeout : timeouts) {
      if (in_force({"timeout", timeout.name}) != nullptr) continue;
      add(section_.number, fmt::format("no timeout {}", timeout.name),
          "Without it HAProxy waits for ever.",
          fmt::format("timeout {} {}", timeout.name, timeout.value), timeout.cause);
    }
  }

  void examine_reuse(bool is_http) {
    if (!is_http) return;
    for (std::string_view option : {"httpclose", "forceclose"}) {
      const HaproxyLine* line = in_force({"option", option});
      if (line == nullptr) continue;
      add(line->number, fmt::format("option {}", option),
          "Each request opens a connection of its own, which costs a port for "
          "a minute.",
          "option http-keep-alive", Fault::ports_exhausted);
    }
  }

  void examine_server(const HaproxyLine& server) {
    const std::string& address = server.words[2];
    if (!server_has(server, "check")) {
      add(server.number, fmt::format("server {} is not checked", server.words[1]),
          "A server without check counts as up for ever, and gets its share of "
          "requests when dead.",
          fmt::format("server {} {} check", server.words[1], address), Fault::no_healthy_endpoint);
    }
    if (is_name(address) && !server_has(server, "resolvers")) {
      add(server.number, fmt::format("the name {} is looked up once, at start", address),
          "When its address changes, as that of a container does, HAProxy "
          "keeps using the old one.",
          fmt::format("resolvers dns\n  parse-resolv-conf\nserver {} {} check "
                      "resolvers dns "
                      "init-addr last,libc,none",
                      server.words[1], address),
          Fault::dns_stale_answer);
    }
    if (has_word(server, "ssl") && !server_has(server, "sni")) {
      add(server.number, fmt::format("server {} is sent no server name (SNI)", server.words[1]),
          "Endpoints that serve several names refuse such a handshake, with "
          "alert 40 or 112.",
          fmt::format("server {} {} ssl sni req.hdr(host)", server.words[1], address),
          Fault::tls_alert_received);
    }
  }

  const HaproxySettings& settings_;
  const HaproxySection& section_;
  const HaproxySection* defaults_;
  std::vector<Remark>& remarks_;
  std::vector<const HaproxyLine*> servers_;
  bool has_template_ = false;
};

}  // namespace

std::vector<Remark> haproxy_remarks(const HaproxySettings& settings) {
  std::vector<Remark> remarks;
  const HaproxySection* defaults = nullptr;
  for (const HaproxySection& section : settings.sections) {
    if (section.kind == "defaults") defaults = &section;
    if (section.kind == "backend" || section.kind == "listen") {
      Backend(settings, section, defaults, remarks).examine();
    }
  }
  return remarks;
}

}  // namespace gg
