// SPDX-License-Identifier: Apache-2.0
// Where logs and traces go and how log lines look, as texts of the configuration.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/formats.h"
#include "config/model.h"

namespace gg {
namespace {

constexpr std::string_view server_prefix = "syslog://";
constexpr std::string_view socket_prefix = "syslog:";
constexpr std::string_view usual_socket = "/dev/log";
constexpr std::size_t socket_path_most = 107;  // unix(7)

bool is_one_line(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x20U && c != 0x7F; });
}

bool is_ip(const std::string& text) {
  in6_addr room{};
  return inet_pton(AF_INET, text.c_str(), &room) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &room) == 1;
}

/// "10.0.0.9", "10.0.0.9:514", "[fd00::9]:514".
Result<LogTarget, Misreading> parse_syslog_server(std::string_view text) {
  std::string_view rest = text.substr(server_prefix.size());
  bool is_bracketed = rest.starts_with('[');
  std::size_t end = is_bracketed ? rest.find(']') : rest.find(':');
  LogTarget target{.kind = LogTarget::Kind::syslog,
                   .path = {},
                   .host = std::string(rest.substr(0, end)),
                   .port = LogTarget::syslog_port};
  rest.remove_prefix(std::min(end, rest.size()));
  if (is_bracketed) {
    target.host.erase(0, 1);
    if (rest.starts_with(']')) rest.remove_prefix(1);
  }
  std::optional<std::uint64_t> port =
      rest.starts_with(':') ? parse_number(rest.substr(1)) : target.port;
  bool is_closed = !is_bracketed || end != std::string_view::npos;
  bool is_whole = rest.empty() || rest.starts_with(':');
  bool is_good =
      is_closed && is_whole && port && *port >= 1 && *port <= 65535 && is_ip(target.host);
  if (!is_good) {
    return Failure(Misreading{
        in_quotes(text) + " is not the address of a syslog server",
        "write syslog://10.0.0.9:514 or syslog://[fd00::9]:514: an IP address, no name"});
  }
  target.port = static_cast<std::uint16_t>(*port);
  return target;
}

Result<LogTarget, Misreading> parse_log_target(std::string_view text) {
  if (text == "off" || text == "false") return LogTarget{.kind = LogTarget::Kind::off};
  if (text == "stdout") return LogTarget{};
  if (text == "journald") return LogTarget{.kind = LogTarget::Kind::journald};
  if (text == "syslog") {
    return LogTarget{.kind = LogTarget::Kind::syslog, .path = std::string(usual_socket)};
  }
  if (text.starts_with(server_prefix)) return parse_syslog_server(text);
  bool is_socket = text.starts_with(socket_prefix);
  std::string_view path = is_socket ? text.substr(socket_prefix.size()) : text;
  bool is_path = path.find_first_of("/.") != std::string_view::npos && is_one_line(path) &&
                 !path.ends_with('/');
  if (is_path && is_socket && path.size() <= socket_path_most) {
    return LogTarget{.kind = LogTarget::Kind::syslog, .path = std::string(path)};
  }
  if (is_path && !is_socket) {
    return LogTarget{.kind = LogTarget::Kind::file, .path = std::string(path)};
  }
  return Failure(
      Misreading{in_quotes(text) + " is no place for a log",
                 "write off, stdout, journald, syslog, syslog://10.0.0.9:514 or a file such as "
                 "/var/log/goodgate/access.log"});
}

std::string print_log_target(const LogTarget& target) {
  switch (target.kind) {
    case LogTarget::Kind::off:
      return "off";
    case LogTarget::Kind::standard_output:
      return "stdout";
    case LogTarget::Kind::file:
      return target.path;
    case LogTarget::Kind::journald:
      return "journald";
    case LogTarget::Kind::syslog:
      break;
  }
  if (target.path == usual_socket) return "syslog";
  if (!target.path.empty()) return std::string(socket_prefix) + target.path;
  bool is_v6 = target.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}{}:{}", server_prefix, is_v6 ? "[" : "", target.host, is_v6 ? "]" : "",
                     target.port);
}

/// Which fields there are is known to report/, which looks at templates once the rest is good.
Result<LogFormat, Misreading> parse_log_format(std::string_view text) {
  if (text == "json") return LogFormat{};
  if (text == "combined") return LogFormat{LogFormat::Kind::combined, {}};
  bool is_template = text.find('{') != std::string_view::npos && is_one_line(text);
  if (is_template) return LogFormat{LogFormat::Kind::custom, std::string(text)};
  return Failure(
      Misreading{in_quotes(text) + " is not a log format",
                 R"(write json, combined or a template such as "{client} {status} {ms}")"});
}

std::string print_log_format(const LogFormat& format) {
  switch (format.kind) {
    case LogFormat::Kind::json:
      return "json";
    case LogFormat::Kind::combined:
      return "combined";
    case LogFormat::Kind::custom:
      return format.pattern;
  }
  return {};
}

/// The URL of an endpoint with a path behind it, or without: then it is the usual one.
Result<CollectorUrl, Misreading> parse_collector(std::string_view text) {
  std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) {
    return Failure(Misreading{in_quotes(text) + " is not the URL of a collector",
                              "write http://127.0.0.1:4318, or off"});
  }
  CollectorUrl collector;
  std::size_t path = text.find('/', scheme_end + 3);
  std::optional<Misreading> wrong =
      endpoint_url_format.parse(text.substr(0, path), &collector.server);
  if (wrong) return Failure(std::move(*wrong));
  if (path == std::string_view::npos || path + 1 == text.size()) return collector;
  wrong = path_format.parse(text.substr(path), &collector.path);
  if (wrong) return Failure(std::move(*wrong));
  return collector;
}

/// As Redis' own client writes it, but for the password, which has a key of its own.
Result<RedisUrl, Misreading> parse_redis_url(std::string_view text) {
  constexpr std::string_view plain = "redis://";
  constexpr std::string_view secure = "rediss://";
  constexpr std::uint64_t default_port = 6379;
  constexpr std::uint64_t databases = 65536;
  bool is_secure = text.starts_with(secure);
  if (!is_secure && !text.starts_with(plain)) {
    return Failure(Misreading{in_quotes(text) + " is not the URL of a Redis",
                              "write redis://127.0.0.1:6379, or rediss:// for TLS"});
  }
  text.remove_prefix(is_secure ? secure.size() : plain.size());
  if (text.contains('@')) {
    return Failure(Misreading{"a password in a URL is shown wherever the URL is",
                              "write it beside: { server: redis://HOST, password: ... }"});
  }
  std::size_t slash = text.find('/');
  std::string host(text.substr(0, slash));
  bool has_port =
      host.find(':', host.find(']') == std::string::npos ? 0 : host.find(']')) != std::string::npos;
  if (!has_port) host += ":" + std::to_string(default_port);
  RedisUrl url;
  std::optional<Misreading> wrong =
      endpoint_url_format.parse((is_secure ? "https://" : "http://") + host, &url.server);
  if (wrong) return Failure(std::move(*wrong));
  std::string_view number = slash == std::string_view::npos ? "" : text.substr(slash + 1);
  if (number.empty()) return url;
  std::optional<std::uint64_t> database = parse_number(number);
  if (!database || *database >= databases) {
    return Failure(Misreading{in_quotes(number) + " is not the number of a database",
                              "write redis://127.0.0.1:6379/1, or nothing behind the port"});
  }
  url.database = static_cast<std::uint32_t>(*database);
  return url;
}

std::string print_redis_url(const RedisUrl& url) {
  std::string text = endpoint_url_format.print(&url.server);
  bool is_secure = url.server.scheme == Scheme::https;
  text.replace(0, text.find("://"), is_secure ? "rediss" : "redis");
  return url.database == 0 ? text : text + "/" + std::to_string(url.database);
}

}  // namespace

const Format redis_url_format = {
    "URL", "redis://host:port or rediss://host:port, with or without /database", "",
    [](std::string_view text, void* value) -> std::optional<Misreading> {
      Result<RedisUrl, Misreading> parsed = parse_redis_url(text);
      if (!parsed) return std::move(parsed.error());
      *static_cast<RedisUrl*>(value) = std::move(*parsed);
      return std::nullopt;
    },
    [](const void* value) { return print_redis_url(*static_cast<const RedisUrl*>(value)); }};

const Format log_target_format = {
    "target", "off, stdout, journald, syslog, syslog:/SOCKET, syslog://IP:PORT or a file", "",
    [](std::string_view text, void* value) -> std::optional<Misreading> {
      Result<LogTarget, Misreading> parsed = parse_log_target(text);
      if (!parsed) return std::move(parsed.error());
      *static_cast<LogTarget*>(value) = std::move(*parsed);
      return std::nullopt;
    },
    [](const void* value) { return print_log_target(*static_cast<const LogTarget*>(value)); }};

const Format log_format_format = {
    "format", "json, combined or a template with {fields}", "",
    [](std::string_view text, void* value) -> std::optional<Misreading> {
      Result<LogFormat, Misreading> parsed = parse_log_format(text);
      if (!parsed) return std::move(parsed.error());
      *static_cast<LogFormat*>(value) = std::move(*parsed);
      return std::nullopt;
    },
    [](const void* value) { return print_log_format(*static_cast<const LogFormat*>(value)); }};

const Format collector_format = {
    "URL", "http://host:port, https://host:port, with or without a path, or off", "",
    [](std::string_view text, void* value) -> std::optional<Misreading> {
      auto& collector = *static_cast<std::optional<CollectorUrl>*>(value);
      if (text == "off" || text == "false") {
        collector.reset();
        return std::nullopt;
      }
      Result<CollectorUrl, Misreading> parsed = parse_collector(text);
      if (!parsed) return std::move(parsed.error());
      collector = std::move(*parsed);
      return std::nullopt;
    },
    [](const void* value) -> std::string {
      const auto& collector = *static_cast<const std::optional<CollectorUrl>*>(value);
      if (!collector) return "off";
      return endpoint_url_format.print(&collector->server) + collector->path;
    }};

}  // namespace gg
