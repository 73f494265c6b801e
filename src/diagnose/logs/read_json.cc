// SPDX-License-Identifier: Apache-2.0
// Logs that are one JSON object per line: Caddy, Traefik, Envoy, nginx's custom ones, and our own.
// Their members are known by name; nothing is built of them.
#include <array>
#include <cstddef>
#include <utility>

#include "diagnose/logs/line.h"
#include "diagnose/logs/read_caddy.h"
#include "diagnose/logs/read_flags.h"
#include "diagnose/logs/read_message.h"
#include "diagnose/logs/scan.h"
#include "fault/catalogue.h"

namespace gg {
namespace {

enum class Key : std::uint8_t {
  time,
  status,
  flags,
  details,
  transport,
  endpoint,
  method,
  path,
  request,
  client,
  duration,
  traefik_duration,
  goodgate_ms,
  nginx_duration,
  level,
  message,
  error,
  logger,
  fault,
  rescued,
  attempts,
  traefik_status,
  upstream_status,
  header_time,
  relayed,
  server,
  last = server,
};

struct Name {
  std::string_view name;
  Key key;
};

constexpr Name names[] = {
    {"time", Key::time},
    {"ts", Key::time},
    {"start_time", Key::time},
    {"StartUTC", Key::time},
    {"timestamp", Key::time},
    {"@timestamp", Key::time},
    {"time_iso8601", Key::time},
    {"time_local", Key::time},
    {"msec", Key::time},
    {"status", Key::status},
    {"response_code", Key::status},
    {"DownstreamStatus", Key::traefik_status},
    {"response_flags", Key::flags},
    {"response_code_details", Key::details},
    {"upstream_transport_failure_reason", Key::transport},
    {"endpoint", Key::endpoint},
    {"upstream_host", Key::endpoint},
    {"upstream_addr", Key::endpoint},
    {"ServiceAddr", Key::endpoint},
    {"ServiceURL", Key::endpoint},
    {"method", Key::method},
    {"request_method", Key::method},
    {"RequestMethod", Key::method},
    {"path", Key::path},
    {"uri", Key::path},
    {"target", Key::path},
    {"request_uri", Key::path},
    {"RequestPath", Key::path},
    {"request", Key::request},
    {"client", Key::client},
    {"remote_ip", Key::client},
    {"client_ip", Key::client},
    {"ClientHost", Key::client},
    {"remote_addr", Key::client},
    {"downstream_remote_address", Key::client},
    {"duration", Key::duration},
    {"Duration", Key::traefik_duration},
    {"ms", Key::goodgate_ms},
    {"request_time", Key::nginx_duration},
    {"level", Key::level},
    {"msg", Key::message},
    {"message", Key::message},
    {"error", Key::error},
    {"logger", Key::logger},
    {"fault", Key::fault},
    {"rescued", Key::rescued},
    {"attempt_count", Key::attempts},
    {"upstream_status", Key::upstream_status},
    {"upstream_header_time", Key::header_time},
    {"Date", Key::relayed},
    {"Via", Key::relayed},
    {"Proxy-Status", Key::relayed},
    {"Server", Key::server},
};

using Values = std::array<std::string_view, static_cast<std::size_t>(Key::last) + 1>;

/// Walks through the members of an object, and of those within it.
class Members {
 public:
  Members(std::string_view text, Values& values) : text_(text), values_(values) {}

  /// False if the text is no object; what was read until then stays.
  bool read() { return object(0) && text_.find_first_not_of(" \r", at_) == std::string_view::npos; }

 private:
  static constexpr int deepest = 8;

  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  /// A string at a quote; its inside with its escapes as they stand.
  bool string(std::string_view& inside) {
    if (!take('"')) return false;
    std::size_t start = at_;
    while (true) {
      std::size_t end = text_.find_first_of("\"\\", at_);
      if (end == std::string_view::npos) return false;
      if (text_[end] == '"') {
        inside = text_.substr(start, end - start);
        at_ = end + 1;
        return true;
      }
      at_ = end + 2;
      if (at_ > text_.size()) return false;
    }
  }

  void keep(std::string_view name, std::string_view value, int depth) {
    for (const Name& known : names) {
      if (known.name.size() != name.size() || known.name != name) continue;
      // A request's own fields stand one deeper in Caddy's logs; elsewhere the outer ones count.
      // An endpoint is that of the last attempt.
      std::string_view& place = values_[static_cast<std::size_t>(known.key)];
      if (known.key == Key::relayed || known.key == Key::server) {
        // Caddy's resp_headers; the request's own fields stand one deeper.
        if (depth == 3 && value != "Caddy") place = value;
        return;
      }
      bool is_deep_kind = known.key == Key::method || known.key == Key::path ||
                          known.key == Key::client || known.key == Key::endpoint;
      if (depth == 1 || is_deep_kind) {
        if (place.empty() || known.key == Key::endpoint) place = value;
      }
      return;
    }
  }

  bool value(std::string_view name, int depth) {
    skip();
    if (at_ >= text_.size()) return false;
    char c = text_[at_];
    if (c == '{') return object(depth);
    if (c == '[') return array(name, depth);
    std::string_view found;
    if (c == '"') {
      if (!string(found)) return false;
    } else {
      std::size_t end = text_.find_first_of(",}] ", at_);
      if (end == std::string_view::npos || end == at_) return false;
      found = text_.substr(at_, end - at_);
      at_ = end;
    }
    if (!name.empty()) keep(name, found, depth);
    return true;
  }

  bool object(int depth) {
    if (depth >= deepest || !take('{')) return false;
    if (take('}')) return true;
    do {
      std::string_view name;
      if (!string(name) || !take(':') || !value(name, depth + 1)) return false;
    } while (take(','));
    return take('}');
  }

  /// Its elements have the array's name.
  bool array(std::string_view name, int depth) {
    if (depth >= deepest || !take('[')) return false;
    if (take(']')) return true;
    do {
      if (!value(name, depth + 1)) return false;
    } while (take(','));
    return take(']');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Values& values_;
};

class JsonLine {
 public:
  JsonLine(const Values& values, ReadLine& out) : values_(values), out_(out) {}

  bool judge() {
    read_common();
    if (has(Key::attempts) || has(Key::fault)) return judge_goodgate();
    if (has(Key::flags)) return judge_envoy();
    if (has(Key::traefik_status)) return judge_traefik();
    if (has(Key::logger)) return judge_caddy_line();
    if (has(Key::level) && has(Key::message)) {
      bool counts_seconds = get(Key::time).find('T') == std::string_view::npos;
      return counts_seconds ? judge_caddy_line() : judge_traefik_own();
    }
    if (out_.status == 0) return false;
    return judge_nginx();
  }

  /// A line of Caddy's whose logger, level and text stand elsewhere.
  void judge_caddy_columns(const CaddyFacts& columns) {
    read_common();
    judge_caddy_with(columns);
  }

 private:
  void judge_caddy_with(CaddyFacts facts) {
    out_.duration_ms = seconds_to_ms(get(Key::duration));
    facts.error = get(Key::error);
    facts.method = get(Key::method);
    facts.status = get(Key::status);
    facts.is_relayed = has(Key::relayed) || has(Key::server);
    judge_caddy(facts, out_);
  }

  std::string_view get(Key key) const { return values_[static_cast<std::size_t>(key)]; }
  bool has(Key key) const { return !get(key).empty(); }

  void read_common() {
    std::string_view time = get(Key::time);
    std::optional<LogTime> at = parse_rfc3339(time);
    if (!at) at = parse_common_time(time);
    if (!at) at = parse_unix_seconds(time);
    out_.at = at.value_or(0);
    out_.status = status_in(get(has(Key::traefik_status) ? Key::traefik_status : Key::status));
    out_.endpoint = get(Key::endpoint) == "-" || get(Key::endpoint) == "null"
                        ? std::string_view{}
                        : address_in(get(Key::endpoint));
    out_.client = get(Key::client);
    out_.request = has(Key::request) ? get(Key::request) : get(Key::path);
  }

  bool judge_goodgate() {
    out_.product = Product::goodgate;
    out_.duration_ms = seconds_to_ms(get(Key::goodgate_ms)) / 1000;
    out_.kind = LineKind::fine;
    std::optional<Fault> fault = find_fault(get(Key::fault));
    if (!fault || *fault == Fault::none) return true;
    out_.kind = LineKind::failure;
    out_.sign = &sign_of_cause(*fault);
    return true;
  }

  bool judge_envoy() {
    out_.product = Product::envoy;
    std::optional<std::uint64_t> ms = parse_number(get(Key::duration));
    if (ms && *ms < 1'000'000'000'000) out_.duration_ms = static_cast<std::int64_t>(*ms);
    std::string_view details = get(Key::details);
    std::string_view transport = get(Key::transport);
    judge_flags({.flags = get(Key::flags),
                 .details = details == "null" ? std::string_view{} : details,
                 .transport = transport == "null" ? std::string_view{} : transport},
                out_);
    return true;
  }

  bool judge_traefik() {
    out_.product = Product::traefik;
    std::optional<std::uint64_t> ns = parse_number(get(Key::traefik_duration));
    if (ns) out_.duration_ms = static_cast<std::int64_t>(*ns / 1'000'000);
    judge_status(out_);
    return true;
  }

  bool judge_caddy_line() {
    judge_caddy_with(
        {.logger = get(Key::logger), .level = get(Key::level), .text = get(Key::message)});
    return true;
  }

  bool judge_traefik_own() {
    out_.product = Product::traefik;
    std::string_view level = get(Key::level);
    judge_message({.text = get(Key::message),
                   .error = get(Key::error),
                   .is_error = level == "error" || level == "warn" || level == "warning"},
                  out_);
    return true;
  }

  bool judge_nginx() {
    bool is_nginx = has(Key::nginx_duration) || has(Key::upstream_status);
    out_.product = is_nginx ? Product::nginx : Product::any;
    out_.duration_ms = has(Key::nginx_duration) ? seconds_to_ms(get(Key::nginx_duration)) : -1;
    judge_status(out_);
    std::string_view head = get(Key::header_time);
    bool is_relayed = out_.kind == LineKind::unexplained && !head.empty() && head != "-" &&
                      get(Key::upstream_status).ends_with(get(Key::status));
    if (is_relayed) {
      out_.kind = LineKind::failure;
      out_.sign = &sign_of_relayed_error();
    }
    return true;
  }

  const Values& values_;
  ReadLine& out_;
};

}  // namespace

bool read_json_line(std::string_view line, ReadLine& out) {
  if (!line.starts_with('{')) return false;
  Values values;
  if (!Members(line, values).read()) return false;
  return JsonLine(values, out).judge();
}

bool read_caddy_members(std::string_view json, CaddyFacts columns, ReadLine& out) {
  Values values;
  if (!Members(json, values).read()) return false;
  JsonLine(values, out).judge_caddy_columns(columns);
  return true;
}

}  // namespace gg
