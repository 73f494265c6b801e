// SPDX-License-Identifier: Apache-2.0
// Envoy's default text format and Istio's, which has details in it; and the logs of AWS's load
// balancers.
#include "diagnose/logs/line.h"
#include "diagnose/logs/read_flags.h"
#include "diagnose/logs/scan.h"

namespace gg {
namespace {

/// A word, or a text in quotes.
std::string_view value(Scan& scan) {
  scan.skip_spaces();
  if (scan.rest().starts_with('"')) return scan.quoted().value_or("");
  return scan.word();
}

bool is_number(std::string_view text) { return parse_number(text).has_value(); }

const Sign* alb_sign(std::uint16_t status, std::string_view target_status, double request_time,
                     bool has_target) {
  std::string_view code;
  bool is_relayed = status_in(target_status) == status;
  switch (status) {
    case 502:
      code = is_relayed ? "502-relayed" : "502-closed";
      break;
    case 503:
      code = is_relayed ? "502-relayed" : "503-empty";
      break;
    case 504:
      if (is_relayed) {
        code = "502-relayed";
      } else {
        code = request_time < 0 && !has_target ? "504-connect" : "504-head";
      }
      break;
    case 460:
      code = "460";
      break;
    case 463:
      code = "463";
      break;
    case 464:
      code = "464";
      break;
    case 561:
      code = "561";
      break;
    case 408:
      code = is_relayed ? "" : "408";
      break;
    case 413:
      code = is_relayed ? "" : "413";
      break;
    default:
      break;
  }
  return code.empty() ? nullptr : find_code(alb_reasons(), code);
}

bool is_alb_kind(std::string_view kind) {
  return kind == "http" || kind == "https" || kind == "h2" || kind == "grpcs" || kind == "ws" ||
         kind == "wss";
}

double to_seconds(std::string_view text) {
  if (text.starts_with('-')) return -1;
  return static_cast<double>(seconds_to_ms(text)) / 1000;
}

}  // namespace

bool read_envoy(std::string_view line, ReadLine& out) {
  if (!line.starts_with('[')) return false;
  std::optional<LogTime> at = parse_rfc3339(line.substr(1));
  std::size_t close = line.find("] \"");
  if (!at || close == std::string_view::npos || close > 32) return false;
  Scan scan(line.substr(close + 2));
  std::optional<std::string_view> request = scan.quoted();
  if (!request) return false;
  std::string_view status = scan.word();
  if (status != "0" && status_in(status) == 0) return false;
  std::string_view flags = scan.word();
  std::string_view next = value(scan);
  std::string_view details;
  std::string_view transport;
  if (!is_number(next)) {
    details = next;
    value(scan);  // how the connection ended
    transport = value(scan);
    next = value(scan);  // bytes received
  }
  if (!is_number(next) || !is_number(value(scan))) return false;
  std::optional<std::uint64_t> took = parse_number(value(scan));
  value(scan);  // the service's own time

  out.product = Product::envoy;
  out.at = *at;
  out.request = *request;
  out.status = status_in(status);
  if (took && *took < 1'000'000'000'000) out.duration_ms = static_cast<std::int64_t>(*took);
  judge_flags({.flags = flags, .details = details, .transport = transport}, out);
  if (out.kind == LineKind::fine) return true;
  out.client = value(scan);  // X-Forwarded-For
  value(scan);               // the client's program
  value(scan);               // request id
  value(scan);               // host
  std::string_view host = value(scan);
  if (host != "-") out.endpoint = address_in(host);
  return true;
}

bool read_alb(std::string_view line, ReadLine& out) {
  Scan scan(line);
  if (!is_alb_kind(scan.word())) return false;
  std::optional<LogTime> at = parse_rfc3339(scan.word());
  if (!at) return false;
  scan.word();  // the balancer
  out.client = scan.word();
  out.client = out.client.substr(0, out.client.rfind(':'));
  std::string_view target = scan.word();
  std::string_view request_time = scan.word();
  scan.word();  // the target's time, and the response's
  scan.word();
  std::string_view status = scan.word();
  std::string_view target_status = scan.word();
  if (status_in(status) == 0 || !is_number(scan.word()) || !is_number(scan.word())) return false;
  out.product = Product::alb;
  out.at = *at;
  out.status = status_in(status);
  out.request = scan.quoted().value_or("");
  bool has_target = target != "-";
  if (has_target) out.endpoint = target;
  out.sign = alb_sign(out.status, target_status, to_seconds(request_time), has_target);
  out.kind = out.sign == nullptr ? LineKind::fine : LineKind::failure;
  return true;
}

}  // namespace gg
