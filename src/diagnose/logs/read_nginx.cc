// SPDX-License-Identifier: Apache-2.0
// nginx's error log, and access logs in the common and combined formats with what may follow.
#include "diagnose/logs/line.h"
#include "diagnose/logs/scan.h"

namespace gg {
namespace {

/// The value of `name` among ", name: value" pairs; without its quotes.
std::string_view field(std::string_view fields, std::string_view name) {
  std::size_t at = fields.find(name);
  if (at == std::string_view::npos) return {};
  std::string_view value = fields.substr(at + name.size());
  if (value.starts_with('"')) {
    value.remove_prefix(1);
    // A request may hold quotes: what ends it is a quote before the next field or the end.
    std::size_t end = value.find("\", ");
    if (end == std::string_view::npos) end = value.rfind('"');
    return value.substr(0, end);
  }
  return value.substr(0, value.find(','));
}

bool is_quiet(std::string_view level) {
  return level == "notice" || level == "info" || level == "debug";
}

/// What nginx adds to the combined format by custom: rt=0.1 uht="-" us="502" ua="10.0.0.1:80".
struct Extras {
  std::string_view upstream_status;
  std::string_view header_time;
  std::string_view address;
  std::string_view request_time;
};

void take_extra(Extras& extras, std::string_view name, std::string_view value) {
  if (name == "us" || name == "upstream_status" || name == "ups_status") {
    extras.upstream_status = value;
  } else if (name == "uht" || name == "upstream_header_time") {
    extras.header_time = value;
  } else if (name == "ua" || name == "upstream_addr" || name == "upstream" || name == "ups") {
    extras.address = value;
  } else if (name == "rt" || name == "request_time") {
    extras.request_time = value;
  }
}

Extras read_extras(std::string_view text) {
  Extras extras;
  while (!text.empty()) {
    std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) break;
    std::size_t space = text.rfind(' ', equals);
    std::size_t start = space == std::string_view::npos ? 0 : space + 1;
    std::string_view name = text.substr(start, equals - start);
    text.remove_prefix(equals + 1);
    std::string_view value;
    if (text.starts_with('"')) {
      std::size_t end = text.find('"', 1);
      if (end == std::string_view::npos) break;
      value = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
    } else {
      value = text.substr(0, text.find(' '));
      text.remove_prefix(value.size());
    }
    take_extra(extras, name, value);
  }
  return extras;
}

/// The last of "502, 200" or "10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80".
std::string_view last_of(std::string_view list) {
  std::size_t at = list.find_last_of(", ");
  return at == std::string_view::npos ? list : list.substr(at + 1);
}

/// ingress-nginx: "... LENGTH TIME [name] [other] ADDRESS LENGTH TIME STATUS ID".
Extras read_ingress_extras(std::string_view text) {
  Extras extras;
  Scan scan(text);
  scan.word();
  extras.request_time = scan.word();
  if (!scan.rest().starts_with('[') || !scan.until(']') || !scan.until(']')) return {};
  extras.address = scan.word();
  scan.word();
  scan.word();
  extras.upstream_status = scan.word();
  return extras;
}

/// Traefik: `17 "router@file" "http://10.0.0.1:80" 12ms`.
bool take_traefik_tail(std::string_view text, ReadLine& out) {
  Scan scan(text);
  if (!parse_number(scan.word())) return false;
  if (!scan.quoted()) return false;
  std::optional<std::string_view> server = scan.quoted();
  scan.skip_spaces();
  std::string_view took = scan.rest();
  if (!server || !took.ends_with("ms")) return false;
  out.product = Product::traefik;
  out.endpoint = *server == "-" ? std::string_view{} : address_in(*server);
  std::optional<std::uint64_t> ms = parse_number(took.substr(0, took.size() - 2));
  if (ms && *ms < 1'000'000'000) out.duration_ms = static_cast<std::int64_t>(*ms);
  return true;
}

void use_extras(const Extras& extras, ReadLine& out) {
  if (!extras.request_time.empty()) out.duration_ms = seconds_to_ms(extras.request_time);
  std::string_view address = last_of(extras.address);
  if (!address.empty() && address != "-") out.endpoint = address;
  bool head_came = !extras.header_time.empty() && last_of(extras.header_time) != "-";
  bool is_relayed = out.kind == LineKind::unexplained && head_came &&
                    status_in(last_of(extras.upstream_status)) == out.status;
  if (is_relayed) {
    out.kind = LineKind::failure;
    out.sign = &sign_of_relayed_error();
  }
}

}  // namespace

bool read_nginx_error(std::string_view line, ReadLine& out) {
  std::optional<LogTime> at = parse_nginx_time(line);
  if (!at) return false;
  std::size_t open = line.find('[', 19);
  std::size_t close = line.find("] ", 20);
  if (open == std::string_view::npos || close == std::string_view::npos || open > 30 ||
      close - open > 8) {
    return false;
  }
  std::string_view level = line.substr(open + 1, close - open - 1);
  Scan scan(line.substr(close + 2));
  std::optional<std::string_view> process = scan.until('#');
  if (!process || !parse_number(*process)) return false;
  if (!scan.until(':')) return false;
  scan.skip_spaces();
  if (scan.rest().starts_with('*')) scan.word();

  // What follows ", client: " holds what the client sent, and must not be searched.
  std::string_view message = scan.rest();
  std::size_t facts = message.find(", client: ");
  std::string_view fields;
  if (facts != std::string_view::npos) {
    fields = message.substr(facts);
    message = message.substr(0, facts);
  }
  out.product = Product::nginx;
  out.at = *at;
  out.is_message = true;
  out.client = field(fields, ", client: ");
  out.request = field(fields, ", request: ");
  out.endpoint = address_in(field(fields, ", upstream: "));
  out.sign = find_sign(nginx_signs(), message);
  if (out.sign != nullptr) {
    out.kind = out.sign->is_failure ? LineKind::failure : LineKind::notice;
  } else {
    out.kind = is_quiet(level) ? LineKind::notice : LineKind::unknown;
  }
  return true;
}

bool read_common_access(std::string_view line, ReadLine& out) {
  std::size_t open = line.find(" [");
  if (open == std::string_view::npos || open > 300) return false;
  std::string_view stamp = line.substr(open + 2);
  std::size_t close = stamp.find("] \"");
  if (close == std::string_view::npos || close > 40) return false;
  std::optional<LogTime> at = parse_common_time(stamp);
  if (!at) return false;
  Scan scan(stamp.substr(close + 2));
  std::optional<std::string_view> request = scan.quoted();
  if (!request) return false;
  std::string_view status = scan.word();
  if (status.size() != 3 || !is_digit(status[0])) return false;
  std::string_view length = scan.word();
  if (length != "-" && !parse_number(length)) return false;

  out.at = *at;
  out.client = line.substr(0, line.find(' '));
  out.request = *request;
  out.status = status_in(status);
  judge_status(out);
  if (out.kind == LineKind::fine) return true;
  if (!scan.rest().starts_with('"')) return true;
  if (!scan.quoted() || !scan.quoted()) return true;
  scan.skip_spaces();
  if (scan.is_at_end()) return true;
  if (take_traefik_tail(scan.rest(), out)) return true;
  bool is_ingress = scan.rest().find('=') == std::string_view::npos;
  Extras extras = is_ingress ? read_ingress_extras(scan.rest()) : read_extras(scan.rest());
  if (!extras.address.empty()) out.product = Product::nginx;
  use_extras(extras, out);
  return true;
}

}  // namespace gg
