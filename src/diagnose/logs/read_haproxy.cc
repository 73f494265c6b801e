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
    .causes = {connect_refused, host_unreachable, tls_closed_in_handshake, tls_alert_received,
               tls_untrusted_certificate},
    .settle =
        "Add %{+Q}[bc_err_str] and %{+Q}[ssl_bc_err_str] to the end of the log-format: they name "
        "the error. A server without ssl on its line refuses; with ssl, try openssl s_client."};
// The request's body was still on its way: there is no status yet.
constexpr Sign broken_upload = {.code = "SD, no status",
                                .name = "the server broke the connection within the request",
                                .causes = {reset_while_sending}};
constexpr Sign stalled_upload = {.code = "sD, no status",
                                 .name = "timeout server expired within the request",
                                 .causes = {send_timeout}};
constexpr Sign left_upload = {.code = "CD, no status",
                              .name = "the client left within its request",
                              .causes = {client_gone_in_upload}};
constexpr Sign silent_upload = {.code = "cD, no status",
                                .name = "timeout client expired within the request",
                                .causes = {client_body_timeout}};
constexpr Sign closed_in_upload = {
    .code = "SH",
    .name = "the server closed before its response head was complete",
    .causes = {closed_before_head, reset_while_sending, closed_after_long_wait, keep_alive_race,
               head_incomplete},
    .settle =
        "Tt (the last timer): at once is a crash or the keep-alive race, always the same "
        "number of seconds is a worker's timeout. Large uploads only: it breaks them off."};
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
  bool is_routed;           // a backend was chosen
  std::string_view errors;  // what stands behind the request: a custom log-format's
};

/// A transfer that ended before there was a status; null if that cannot be.
const Sign* sign_of_upload(std::string_view letters) {
  if (letters == "SD") return &broken_upload;
  if (letters == "sD") return &stalled_upload;
  if (letters == "CD") return &left_upload;
  if (letters == "cD") return &silent_upload;
  return nullptr;
}

bool may_have_body(std::string_view request) {
  return request.starts_with("POST ") || request.starts_with("PUT ") ||
         request.starts_with("PATCH ");
}

const Sign* sign_of(const Course& course, std::string_view letters, const ReadLine& out) {
  bool has_server = course.server != "<NOSRV>" && course.server != "<STATS>";
  if (letters == "SC" && !has_server) return course.is_routed ? &no_server : &no_backend;
  // In TLS 1.3 a server rejects a certificate after the handshake.
  bool has_stood = letters == "SH" && course.errors.find("Success") != std::string_view::npos;
  if (letters == "SC" || (letters == "SH" && !has_stood)) {
    const Sign* named = find_sign(haproxy_connection_errors(), course.errors);
    if (named != nullptr) return named;
  }
  if (letters == "SC") return &no_connection;
  if (out.status == 101 && (letters[1] == 'D' || letters[1] == 'L')) {
    return &sign_of_cause(tunnel_cut);
  }
  if (course.is_http && out.status == 0) {
    if (const Sign* upload = sign_of_upload(letters)) return upload;
  }
  if (letters == "SH" && may_have_body(out.request)) return &closed_in_upload;
  const Sign* known = find_code(haproxy_states(), letters, true);
  return known != nullptr ? known : &other_state;
}

void judge(const Course& course, const HaproxyState& state, ReadLine& out) {
  std::string_view letters = state.letters();
  if (letters == "--") {
    bool has_server = course.server != "<NOSRV>" && course.server != "<STATS>";
    bool is_relayed = course.is_http && has_server && out.status >= 502 && out.status <= 504;
    out.kind = is_relayed ? LineKind::failure : LineKind::fine;
    out.sign = is_relayed ? &sign_of_relayed_error() : nullptr;
    return;
  }
  if (letters[0] == 'L') {
    out.kind = LineKind::fine;
    return;
  }
  out.kind = LineKind::failure;
  out.sign = sign_of(course, letters, out);
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
  std::string_view errors;
  std::size_t quote = scan.rest().find('"');
  if (quote != std::string_view::npos) {
    std::string_view request = scan.rest().substr(quote + 1);
    std::size_t end = request.find('"');
    out.request = request.substr(0, end);
    if (end != std::string_view::npos) errors = request.substr(end + 1);
  }
  judge({.server = server, .is_http = is_http, .is_routed = is_routed, .errors = errors}, *state,
        out);
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
