// SPDX-License-Identifier: Apache-2.0
// HAProxy: httplog, httpslog, tcplog, the log without an option, and its notices; with a prefix of
// syslog or without.
#include "diagnose/codes/haproxy_state.h"
#include "diagnose/logs/line.h"
#include "diagnose/logs/scan.h"

namespace gg {
namespace {

using enum Fault;

constexpr Sign no_server = {
    .code = "SC <NOSRV>",
    .name = "no server was up",
    .causes = {no_healthy_endpoint, empty_upstream},
    .settle = "The \"is DOWN, reason\" lines before it say why; none: the backend has no server."};
constexpr Sign no_backend = {
    .code = "SC, no backend", .name = "no rule chose a backend", .causes = {no_route}};
constexpr Sign no_connection = {
    .code = "SC",
    .name = "the connection to the server failed",
    .causes = {connect_refused, host_unreachable, tls_closed_in_handshake, tls_alert_received},
    .settle =
        "Add %[bc_err_str] to the log-format: it names the error. A plain server that is up "
        "again and again refuses; with ssl on its line, try openssl s_client."};
constexpr Sign other_state = {.code = "another state",
                              .name = "a termination state that is not in the tables"};

/// "10.0.1.2:33317 [06/Feb/2009:12:14:14.655] " somewhere in the line; what follows the address.
bool find_start(std::string_view line, ReadLine& out, std::string_view& rest) {
  for (std::size_t at = line.find(" ["); at != std::string_view::npos;
       at = line.find(" [", at + 1)) {
    std::optional<LogTime> time = parse_haproxy_time(line.substr(at + 2));
    if (!time) continue;
    std::size_t close = line.find("] ", at + 21);
    if (close == std::string_view::npos || close > at + 30) return false;
    // The combined format has a zone in it, HAProxy's own has not.
    if (line.substr(at, close - at).find(' ', 1) != std::string_view::npos) return false;
    std::size_t start = line.rfind(' ', at - 1);
    start = start == std::string_view::npos || at == 0 ? 0 : start + 1;
    out.client = line.substr(start, at - start);
    out.client = out.client.substr(0, out.client.rfind(':'));
    out.at = *time;
    rest = line.substr(close + 2);
    return true;
  }
  return false;
}

/// The last of the timers, and how many there are: "10/0/30/69/109" or "0/0/5007".
std::size_t read_timers(std::string_view text, ReadLine& out) {
  std::size_t count = 0;
  while (true) {
    std::size_t slash = text.find('/');
    std::string_view timer = text.substr(0, slash);
    if (timer.starts_with('+')) timer.remove_prefix(1);
    bool is_negative = timer.starts_with('-');
    std::optional<std::uint64_t> ms = parse_number(is_negative ? timer.substr(1) : timer);
    if (!ms || *ms > 1'000'000'000'000) return 0;
    ++count;
    out.duration_ms = is_negative ? -1 : static_cast<std::int64_t>(*ms);
    if (slash == std::string_view::npos) return count;
    text.remove_prefix(slash + 1);
  }
}

struct Course {
  std::string_view server;
  bool is_http;
  bool is_routed;  // a backend was chosen
};

void judge(const Course& course, const HaproxyState& state, ReadLine& out) {
  auto [server, is_http, is_routed] = course;
  bool has_server = server != "<NOSRV>" && server != "<STATS>";
  std::string_view letters = state.letters();
  if (letters == "--") {
    bool is_relayed = is_http && has_server && out.status >= 502 && out.status <= 504;
    out.kind = is_relayed ? LineKind::failure : LineKind::fine;
    out.sign = is_relayed ? &sign_of_relayed_error() : nullptr;
    return;
  }
  if (letters[0] == 'L') {
    out.kind = LineKind::fine;
    return;
  }
  out.kind = LineKind::failure;
  if (letters == "SC") {
    out.sign = has_server ? &no_connection : is_routed ? &no_server : &no_backend;
  } else if (out.status == 101 && (letters[1] == 'D' || letters[1] == 'L')) {
    out.sign = &sign_of_cause(tunnel_cut);
  } else {
    out.sign = find_code(haproxy_states(), letters, true);
    if (out.sign == nullptr) out.sign = &other_state;
  }
}

/// After the time: frontend backend/server timers ...
bool read_traffic(std::string_view rest, ReadLine& out) {
  Scan scan(rest);
  std::string_view name = scan.word();
  std::string_view route = scan.word();
  std::size_t slash = route.find('/');
  if (name.empty() || slash == std::string_view::npos) return false;
  std::string_view server = route.substr(slash + 1);
  std::string_view timer_text = scan.word();
  std::size_t timers = read_timers(timer_text, out);
  if (timers == 0) return false;
  bool is_http = timers >= 4;
  if (is_http) {
    std::string_view status = scan.word();
    if (status != "-1" && status_in(status) == 0) return false;
    out.status = status_in(status);
  }
  std::string_view bytes = scan.word();
  if (bytes.starts_with('+')) bytes.remove_prefix(1);
  if (!parse_number(bytes)) return false;
  if (is_http) {
    scan.word();  // captured cookies
    scan.word();
  }
  std::optional<HaproxyState> state = parse_haproxy_state(scan.word());
  if (!state) return false;
  out.endpoint = route;
  bool is_routed = route.substr(0, slash) != name || !timer_text.starts_with("-1/-1");
  judge({.server = server, .is_http = is_http, .is_routed = is_routed}, *state, out);
  std::size_t quote = scan.rest().find('"');
  if (quote != std::string_view::npos) {
    std::string_view request = scan.rest().substr(quote + 1);
    out.request = request.substr(0, request.find('"'));
  }
  return true;
}

/// Where the message of a syslog line with HAProxy's tag begins; 0 if it is none.
std::size_t after_tag(std::string_view line) {
  std::size_t tag = line.find("haproxy[");
  if (tag == std::string_view::npos || tag > 80) return 0;
  std::size_t end = line.find("]: ", tag);
  return end == std::string_view::npos || end - tag > 20 ? 0 : end + 3;
}

constexpr std::string_view notices[] = {
    "Server ",        "Backup Server ", "backend ",         "Proxy ",   "proxy ",
    "Connect from ",  "Stopping ",      "Health check for", "Loading ", "New worker",
    "Current worker", "Pausing ",       "Starting "};

}  // namespace

bool read_haproxy(std::string_view line, ReadLine& out) {
  out.product = Product::haproxy;
  std::string_view rest;
  if (find_start(line, out, rest)) {
    if (read_traffic(rest, out)) return true;
    if (rest.find(": ") == std::string_view::npos || rest.find('/') == std::string_view::npos) {
      return false;
    }
    // An error before any request: "frontend/1: SSL handshake failure".
    out.is_message = true;
    out.sign = find_sign(haproxy_notices(), rest);
    out.kind = LineKind::notice;
    return out.sign != nullptr || rest.find("handshake") != std::string_view::npos;
  }
  std::size_t start = after_tag(line);
  if (start == 0) return false;
  std::string_view message = line.substr(start);
  out.is_message = true;
  out.sign = find_sign(haproxy_notices(), message);
  out.kind = out.sign != nullptr ? LineKind::notice : LineKind::unknown;
  for (std::string_view notice : notices) {
    if (message.starts_with(notice)) out.kind = LineKind::notice;
  }
  if (message.starts_with("Server ")) {
    std::string_view name = message.substr(7);
    out.endpoint = name.substr(0, name.find(' '));
  }
  return true;
}

}  // namespace gg
