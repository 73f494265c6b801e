// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/read_caddy.h"

#include "base/text.h"
#include "diagnose/logs/read_message.h"
#include "diagnose/logs/scan.h"
#include "fault/catalogue.h"

namespace gg {
namespace {

using enum Fault;

constexpr Sign nobody_answered = {
    .code = "0",
    .name = "status 0: Caddy answered nothing",
    .causes = {client_gone_while_waiting, upgrade_not_requested},
    .settle =
        "The duration: none to speak of, and the endpoint switched protocols unasked; else the "
        "client left."};

bool is_loud(std::string_view level) {
  return equal_ignoring_case(level, "error") || equal_ignoring_case(level, "fatal") ||
         equal_ignoring_case(level, "panic");
}

/// Does Go's transport send such a request again by itself, if it has no body?
bool is_sent_again(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

void judge_access(const CaddyFacts& facts, ReadLine& out) {
  judge_status(out);
  if (facts.status == "0") {
    out.kind = LineKind::failure;
    out.sign = &nobody_answered;
  }
  if (out.kind == LineKind::unexplained && facts.is_relayed) {
    out.kind = LineKind::failure;
    out.sign = &sign_of_relayed_error();
  }
}

/// A request that ended before any response had begun.
void judge_error(const CaddyFacts& facts, ReadLine& out) {
  std::string_view words = facts.error.empty() ? facts.text : facts.error;
  const Sign* sign =
      is_sent_again(facts.method) ? find_sign(go_fresh_head_signs(), words) : nullptr;
  if (sign == nullptr) sign = find_sign(go_signs(), words);
  bool is_failure = out.status >= 500 || out.status == 0;
  if (sign == nullptr) {
    out.kind = is_failure && is_loud(facts.level) ? LineKind::unknown : LineKind::notice;
    return;
  }
  out.sign = sign;
  out.kind = is_failure ? LineKind::failure : LineKind::notice;
  if (out.endpoint.empty()) out.endpoint = endpoint_in_go(words);
}

/// What the reverse proxy says while it passes a response on. It says the error twice, and the
/// second time that this cost the response.
void judge_passing_on(const CaddyFacts& facts, ReadLine& out) {
  out.kind = LineKind::notice;
  if (facts.text != "aborting with incomplete response") {
    bool is_said_again = facts.text == "reading from backend" || facts.error.empty();
    if (is_loud(facts.level) && !is_said_again) out.kind = LineKind::unknown;
    return;
  }
  out.sign = find_sign(go_body_signs(), facts.error);
  out.kind = out.sign == nullptr ? LineKind::unknown : LineKind::failure;
  bool is_upstreams = out.sign != nullptr && row_of(out.sign->causes[0]).blame != Blame::client;
  if (is_upstreams && out.endpoint.empty()) out.endpoint = endpoint_in_go(facts.error);
}

}  // namespace

void judge_caddy(const CaddyFacts& facts, ReadLine& out) {
  out.product = Product::caddy;
  if (facts.logger.starts_with("http.log.access")) {
    judge_access(facts, out);
    return;
  }
  out.is_message = true;
  if (facts.logger.starts_with("http.log.error")) {
    judge_error(facts, out);
  } else if (facts.logger == "http.handlers.reverse_proxy") {
    judge_passing_on(facts, out);
  } else {
    out.kind = LineKind::notice;  // about Caddy itself: its start, certificates, health checks
  }
}

bool read_caddy_console(std::string_view line, ReadLine& out) {
  std::optional<LogTime> at = parse_nginx_time(line);
  Scan scan(line);
  if (!at || !scan.until('\t')) return false;
  std::optional<std::string_view> level = scan.until('\t');
  std::optional<std::string_view> logger = scan.until('\t');
  if (!level || !logger) return false;
  std::size_t json = scan.rest().find("\t{");
  CaddyFacts facts{.logger = *logger, .level = *level, .text = scan.rest().substr(0, json)};
  bool has_members = json != std::string_view::npos &&
                     read_caddy_members(scan.rest().substr(json + 1), facts, out);
  if (!has_members) judge_caddy(facts, out);
  out.at = *at;
  return true;
}

}  // namespace gg
