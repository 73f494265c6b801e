// SPDX-License-Identifier: Apache-2.0
// Apache's error log and Traefik's own log.
#include "diagnose/logs/line.h"
#include "diagnose/logs/read_message.h"
#include "diagnose/logs/scan.h"

namespace gg {
namespace {

bool is_loud(std::string_view level) {
  return level == "error" || level == "crit" || level == "alert" || level == "emerg" ||
         level == "warn";
}

/// "(111)Connection refused: AH00957: HTTP: attempt to connect to 127.0.0.1:9 (*:80) failed".
std::string_view endpoint_in(std::string_view message) {
  for (std::string_view before : {"attempt to connect to ", "remote server ", "backend: "}) {
    std::size_t at = message.find(before);
    if (at == std::string_view::npos) continue;
    std::string_view rest = message.substr(at + before.size());
    std::size_t end = rest.find_first_of(" ,)");
    return rest.substr(0, end);
  }
  return {};
}

/// logfmt: the value of `key`, without its quotes.
std::string_view logfmt(std::string_view line, std::string_view key) {
  std::size_t at = line.find(key);
  if (at == std::string_view::npos) return {};
  std::string_view rest = line.substr(at + key.size());
  if (!rest.starts_with('"')) return rest.substr(0, rest.find(' '));
  return Scan(rest).quoted().value_or(rest.substr(1));
}

bool is_failure_level(std::string_view level) {
  return level == "ERR" || level == "WRN" || level == "error" || level == "warning" ||
         level == "ERROR" || level == "WARN" || level == "FTL" || level == "fatal";
}

}  // namespace

bool read_apache_error(std::string_view line, ReadLine& out) {
  if (!line.starts_with('[')) return false;
  std::optional<LogTime> at = parse_apache_time(line.substr(1));
  if (!at) return false;
  Scan scan(line);
  if (!scan.until(']') || !scan.take(" [")) return false;
  std::optional<std::string_view> module = scan.until(']');
  if (!module) return false;
  std::size_t colon = module->find(':');
  std::string_view level = colon == std::string_view::npos ? *module : module->substr(colon + 1);
  if (scan.take(" [pid")) scan.until(']');
  scan.skip_spaces();
  out.product = Product::apache;
  out.at = *at;
  out.is_message = true;
  std::string_view message = scan.rest();
  if (std::size_t client = message.find("[client "); client != std::string_view::npos) {
    std::string_view address = message.substr(client + 8);
    address = address.substr(0, address.find(']'));
    out.client = address.substr(0, address.rfind(':'));
  }
  out.endpoint = endpoint_in(message);
  bool is_about_proxy = module->starts_with("proxy") || module->starts_with("mpm") ||
                        module->starts_with("http") || module->starts_with("core") ||
                        module->starts_with("ssl");
  out.sign = is_about_proxy ? find_sign(apache_signs(), message) : nullptr;
  if (out.sign != nullptr) {
    out.kind = out.sign->is_failure ? LineKind::failure : LineKind::notice;
  } else {
    out.kind =
        module->starts_with("proxy") && is_loud(level) ? LineKind::unknown : LineKind::notice;
  }
  return true;
}

bool read_traefik_own(std::string_view line, ReadLine& out) {
  if (line.starts_with("time=\"")) {  // version 2
    std::optional<LogTime> at = parse_rfc3339(line.substr(6));
    std::string_view level = logfmt(line, " level=");
    if (!at || level.empty()) return false;
    out.product = Product::traefik;
    out.at = *at;
    judge_message({.text = logfmt(line, " msg="),
                   .error = logfmt(line, " error="),
                   .is_error = is_failure_level(level)},
                  out);
    return true;
  }
  // Version 3: 2024-05-01T12:00:00Z ERR github.com/... > 502 Bad Gateway error="dial tcp ..."
  std::optional<LogTime> at = parse_rfc3339(line);
  std::size_t space = line.find(' ');
  if (!at || space == std::string_view::npos || space + 5 > line.size()) return false;
  std::string_view level = line.substr(space + 1, 3);
  bool is_level = level == "DBG" || level == "TRC" || level == "INF" || is_failure_level(level);
  if (!is_level || line[space + 4] != ' ') return false;
  out.product = Product::traefik;
  out.at = *at;
  judge_message({.text = line.substr(space + 5),
                 .error = logfmt(line, " error="),
                 .is_error = is_failure_level(level)},
                out);
  return true;
}

}  // namespace gg
