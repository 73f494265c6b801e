// SPDX-License-Identifier: Apache-2.0
#include "proxy/rewrite.h"

#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/text.h"
#include "fault/proxy_status.h"
#include "http/connection_options.h"
#include "http/cookie.h"
#include "http/hop_by_hop.h"
#include "http/status.h"
#include "http/trace_parent.h"
#include "proxy/continuation.h"
#include "proxy/exchange.h"
#include "proxy/stickiness.h"

namespace gg {

namespace {

/// Fields of our own in a request, and the most text they need beside what they continue.
constexpr std::size_t own_fields_max = 11;
constexpr std::size_t own_text_bytes = 792;
constexpr std::size_t date_size = 29;

std::string_view value_of(const Fields& fields, FieldName id) {
  const Field* field = fields.find(id);
  return field != nullptr ? field->value : std::string_view{};
}

/// All values of a list field that a proxy continues, so that a repeated line is not lost.
std::size_t size_of_all(const Fields& fields, FieldName id) {
  if (!fields.has(id)) return 0;
  std::size_t size = 0;
  for (const Field& field : fields.all()) {
    if (field.id == id) size += field.value.size() + 2;
  }
  return size;
}

std::size_t text_bytes_of(const Exchange& exchange) {
  const Fields& fields = exchange.head.fields;
  std::size_t continued = size_of_all(fields, FieldName::via);
  if (exchange.facts.is_trusted_proxy) {
    continued += size_of_all(fields, FieldName::x_forwarded_for);
    continued += size_of_all(fields, FieldName::forwarded);
  }
  if (exchange.sticky != nullptr) continued += size_of_all(fields, FieldName::cookie);
  return own_text_bytes + continued + exchange.snapshot.via().size() +
         2 * exchange.head.authority.size() + exchange.head.target.size();
}

/// The values of every line of a list field and then `added`, comma-separated.
std::string_view continued(FieldList& list, const Fields& fields, FieldName id,
                           std::string_view added) {
  if (!fields.has(id)) return added;
  std::span<char> room = list.room(size_of_all(fields, id) + added.size());
  char* end = room.data();
  auto write = [&end](std::string_view text) {
    std::memcpy(end, text.data(), text.size());
    end += text.size();
  };
  for (const Field& field : fields.all()) {
    if (field.id != id || field.value.empty()) continue;
    write(field.value);
    write(", ");
  }
  write(added);
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

/// The trace that a client's request belongs to, if it says so in order.
std::optional<TraceParent> trace_of(const RequestHead& head) {
  return parse_trace_parent(value_of(head.fields, FieldName::traceparent));
}

}  // namespace

RewrittenRequest::RewrittenRequest(const Exchange& exchange, std::string_view fallback_authority,
                                   Engine& engine, std::uint8_t attempt)
    : exchange_(exchange),
      authority_(exchange.head.authority.empty() ? fallback_authority : exchange.head.authority),
      upgrade_(wanted_upgrade(exchange.head)),
      list_(make_list(exchange, engine)) {
  const RequestHead& head = exchange.head;
  target_ = head.target;
  // An absolute target becomes the origin form (RFC 9112 3.2.1); without a path it is "/", or "*"
  // for OPTIONS (RFC 9112 3.2.4).
  if (head.form == TargetForm::absolute) {
    target_ = head.has_query ? list_.text({head.path, "?", head.query}) : head.path;
  }
  pass_on_fields();
  add_via();
  add_forwarding_fields();
  add_trace(engine.rng(), attempt);
  add_websocket_key(engine.rng());
  if (exchange.rules != nullptr) obey_rules(fallback_authority);
}

FieldList RewrittenRequest::make_list(const Exchange& exchange, Engine& engine) {
  FieldRoom room;
  if (exchange.rules != nullptr) room = room_for_request_rules(exchange);
  return {engine.buffers(), exchange.head.fields.size() + own_fields_max + room.fields,
          text_bytes_of(exchange) + room.bytes};
}

void RewrittenRequest::obey_rules(std::string_view fallback_authority) {
  apply_request_rules(exchange_, list_);
  const RuleWork* work = exchange_.rule_work.get();
  if (work == nullptr) return;
  if (!work->target.empty()) target_ = work->target;
  authority_ = work->authority.empty() ? fallback_authority : work->authority;
}

/// Fields that this hop writes anew instead of passing them on.
bool RewrittenRequest::is_replaced(const Field& field) const {
  switch (field.id) {
    case FieldName::host:
    case FieldName::content_length:
    case FieldName::expect:
    case FieldName::client_cert:
    case FieldName::client_cert_chain:
    case FieldName::via:
    case FieldName::forwarded:
    case FieldName::x_forwarded_for:
    case FieldName::x_forwarded_proto:
    case FieldName::x_forwarded_host:
    case FieldName::x_request_id:
    case FieldName::upgrade:
      return true;
    case FieldName::authorization: {
      // Meant for us (RFC 9110 11.6.2 lets a proxy that is the origin to its clients keep it).
      const BasicAuth* auth = exchange_.rules != nullptr ? exchange_.rules->basic_auth() : nullptr;
      return auth != nullptr && !auth->passes_on();
    }
    case FieldName::max_forwards:
      return max_forwards_of(exchange_.head).has_value();
    case FieldName::traceparent:
      return exchange_.record.trace != nullptr || !parse_trace_parent(field.value);
    case FieldName::tracestate:
      return !trace_of(exchange_.head);
    default:
      return false;
  }
}

/// The cookie that says where to go is between the client and the gateway.
std::string_view RewrittenRequest::cookies_of_the_application(const Field& line) {
  return cookies_but(exchange_.sticky->cookie, line.value, list_.room(line.value.size()));
}

void RewrittenRequest::pass_on_fields() {
  const RequestHead& head = exchange_.head;
  HopFilter filter = HopFilter::for_request(
      head, upgrade_.empty() ? HopFilter::Upgrade::no : HopFilter::Upgrade::yes);
  for (const Field& field : head.fields.all()) {
    if (!filter.passes(field) || is_replaced(field)) continue;
    bool has_our_cookie = exchange_.sticky != nullptr && field.id == FieldName::cookie;
    if (!has_our_cookie) {
      list_.add(field);
    } else if (std::string_view theirs = cookies_of_the_application(field); !theirs.empty()) {
      list_.add(FieldName::cookie, theirs);
    }
  }
  if (std::optional<std::uint64_t> left = max_forwards_of(head)) {
    char digits[20];
    std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, *left - 1);
    list_.add(FieldName::max_forwards,
              list_.text({std::string_view(digits, static_cast<std::size_t>(end.ptr - digits))}));
  }
}

void RewrittenRequest::add_via() {
  std::string_view name = exchange_.snapshot.via();
  // The version is that of the message received (RFC 9110 7.6.3).
  std::string_view entry = name;
  if (exchange_.head.version == HttpVersion::http10) entry = list_.text({"1.0", name.substr(3)});
  if (exchange_.head.version == HttpVersion::http2) entry = list_.text({"2.0", name.substr(3)});
  list_.add(FieldName::via, continued(list_, exchange_.head.fields, FieldName::via, entry));
}

void RewrittenRequest::add_forwarding_fields() {
  const ClientFacts& facts = exchange_.facts;
  const Fields& fields = exchange_.head.fields;
  std::string_view authority = exchange_.head.authority;
  bool is_v6 = facts.peer.family == AddressFamily::v6;
  bool is_ip = is_v6 || facts.peer.family == AddressFamily::v4;

  // Fields that anybody could have written are believed from trusted proxies only (RFC 7239 8.1).
  bool trusted = facts.is_trusted_proxy;
  std::string_view peer = is_ip ? facts.peer_text : "unknown";
  list_.add(FieldName::x_forwarded_for,
            trusted ? continued(list_, fields, FieldName::x_forwarded_for, peer) : peer);
  std::string_view proto = trusted ? value_of(fields, FieldName::x_forwarded_proto) : "";
  list_.add(FieldName::x_forwarded_proto, proto.empty() ? facts.scheme() : proto);
  std::string_view host = trusted ? value_of(fields, FieldName::x_forwarded_host) : "";
  if (host.empty()) host = authority;
  if (!host.empty()) list_.add(FieldName::x_forwarded_host, host);

  std::string_view node = is_v6 ? list_.text({"\"[", peer, "]\""}) : peer;
  std::string_view element =
      authority.empty()
          ? list_.text({"for=", node, ";proto=", facts.scheme()})
          : list_.text({"for=", node, ";host=\"", authority, "\";proto=", facts.scheme()});
  list_.add(FieldName::forwarded,
            trusted ? continued(list_, fields, FieldName::forwarded, element) : element);
  list_.add(FieldName::x_request_id, exchange_.record.id.view());
  add_client_identity();
}

/// RFC 9440. Nobody else's word for it is passed on.
void RewrittenRequest::add_client_identity() {
  const ClientIdentity* identity = exchange_.facts.identity;
  if (identity == nullptr) return;
  list_.add(FieldName::client_cert, identity->certificate);
  if (!identity->chain.empty()) list_.add(FieldName::client_cert_chain, identity->chain);
}

/// Where nobody traces, a trace passes through, and a request without one begins one, so that what
/// is behind can be tied together.
void RewrittenRequest::add_trace(Rng& rng, std::uint8_t attempt) {
  const TraceContext* trace = exchange_.record.trace.get();
  bool passes_through = trace == nullptr && trace_of(exchange_.head);
  if (passes_through) return;
  std::span<char, TraceParent::size> value =
      list_.room(TraceParent::size).first<TraceParent::size>();
  if (trace != nullptr) {
    write_trace_parent(trace->parent_for(attempt), value);
  } else {
    std::uint64_t high = rng.next() | 1U;  // never all zero
    std::uint64_t low = rng.next();
    write_trace_parent({.trace_high = high, .trace_low = low, .span = rng.next() | 1U}, value);
  }
  list_.add(FieldName::traceparent, std::string_view(value.data(), value.size()));
}

/// HTTP/1.1 wants one (RFC 6455 4.1) and HTTP/2 has none (RFC 8441 5): 16 bytes in base64.
void RewrittenRequest::add_websocket_key(Rng& rng) {
  constexpr std::string_view name = "Sec-WebSocket-Key";
  const RequestHead& head = exchange_.head;
  bool is_needed = !upgrade_.empty() && head.version == HttpVersion::http2;
  if (!is_needed || head.fields.find(name) != nullptr) return;
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::span<char> key = list_.room(24);
  for (char& digit : key) digit = digits[rng.next() & 63U];
  key[21] = digits[rng.next() & 0x30U];  // of which only two bits count
  key[22] = key[23] = '=';
  list_.add({.name = name, .value = std::string_view(key.data(), key.size())});
}

OutgoingRequest RewrittenRequest::outgoing() const {
  const RequestHead& head = exchange_.head;
  std::span<const Field> more;
  if (exchange_.continuation != nullptr) more = exchange_.continuation->fields();
  return {.method = head.method,
          .method_text = head.method_text,
          .target = target_,
          .authority = authority_,
          .fields = list_.all(),
          .more_fields = more,
          .body = exchange_.body,
          .upgrade = upgrade_,
          .expects_continue = expectation_of(head) == Expectation::continue_100};
}

RewrittenResponse::RewrittenResponse(const Exchange& exchange, const ResponseHead& head,
                                     Engine& engine)
    : head_(head), list_(make_list(exchange, head, engine)) {
  bool upgrades = head.status == 101;
  if (upgrades) upgrade_ = value_of(head.fields, FieldName::upgrade);
  HopFilter filter = HopFilter::for_response(head);
  for (const Field& field : head.fields.all()) {
    bool is_framing = field.id == FieldName::content_length;
    if (filter.passes(field) && !is_framing) list_.add(field);
  }
  if (head.fields.find(FieldName::date) == nullptr && !is_interim(head.status)) {
    std::span<char> date = list_.room(date_size);
    write_http_date(engine.wall_now(), date);
    list_.add(FieldName::date, std::string_view(date.data(), date.size()));
  }
  if (head.status >= 500) {
    // An error that is not ours says so (RFC 9209 2.1.4).
    std::string status;
    append_proxy_status(status, exchange.snapshot.name(), Fault::none,
                        {.received_status = head.status});
    list_.add(FieldName::proxy_status, list_.text({status}));
  }
  if (is_interim(head.status)) return;
  add_sticky_cookie(exchange, list_);
  if (exchange.rules != nullptr) apply_response_rules(exchange, list_);
}

FieldList RewrittenResponse::make_list(const Exchange& exchange, const ResponseHead& head,
                                       Engine& engine) {
  FieldRoom room;
  if (exchange.rules != nullptr) room = room_for_response_rules(exchange);
  std::size_t bytes = 128 + exchange.snapshot.name().size() + sticky_cookie_size(exchange);
  bool may_be_compressed = exchange.rules != nullptr && exchange.rules->compression() != nullptr;
  const Field* tag = may_be_compressed ? head.fields.find("etag") : nullptr;
  if (tag != nullptr) bytes += tag->value.size() + 2;
  return {engine.buffers(), head.fields.size() + 3 + room.fields, bytes + room.bytes};
}

void RewrittenResponse::vary_by_coding() { list_.add("Vary", "Accept-Encoding"); }

void RewrittenResponse::become(Coding coding) {
  std::string_view tag;
  list_.remove_if([&tag](const Field& field) {
    bool is_tag = equal_ignoring_case(field.name, "etag");
    if (is_tag) tag = field.value;
    // Of the bytes as they were: their ranges, their digest.
    return is_tag || equal_ignoring_case(field.name, "accept-ranges") ||
           equal_ignoring_case(field.name, "content-digest") ||
           equal_ignoring_case(field.name, "digest") ||
           equal_ignoring_case(field.name, "content-md5");
  });
  list_.add("Content-Encoding", name_of(coding));
  // The same thing, though not the same bytes (RFC 9110 8.8.1).
  bool is_strong = !tag.empty() && !tag.starts_with("W/");
  if (!tag.empty()) list_.add("ETag", is_strong ? list_.text({"W/", tag}) : tag);
}

OutgoingResponse RewrittenResponse::outgoing(BodyPlan body) const {
  return {.status = head_.status,
          .reason = head_.reason,
          .fields = list_.all(),
          .more_fields = {},
          .body = body,
          .upgrade = upgrade_};
}

bool has_passed_here(const RequestHead& head, std::string_view name) {
  for (const Field& field : head.fields.all()) {
    if (field.id != FieldName::via) continue;
    std::string_view list = field.value;
    for (;;) {
      std::string_view element = next_list_element(list);
      if (element.empty()) break;
      std::size_t space = element.find_first_of(" \t");
      if (space == std::string_view::npos) continue;
      std::string_view received_by = trim(element.substr(space));
      received_by = received_by.substr(0, received_by.find_first_of(" \t("));
      if (equal_ignoring_case(received_by, name)) return true;
    }
  }
  return false;
}

std::optional<std::uint64_t> max_forwards_of(const RequestHead& head) {
  if (head.method != Method::options && head.method != Method::trace) return std::nullopt;
  const Field* field = head.fields.find(FieldName::max_forwards);
  return field != nullptr ? parse_number(field->value) : std::nullopt;
}

void write_http_date(WallTime now, std::span<char> out) {
  GG_ASSERT(out.size() >= date_size);
  std::time_t seconds = now.microseconds / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  constexpr std::string_view days = "SunMonTueWedThuFriSat";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  char* end = out.data();
  auto text = [&end](std::string_view piece) {
    for (char c : piece) *end++ = c;
  };
  auto two = [&end](int number) {
    *end++ = static_cast<char>('0' + number / 10 % 10);
    *end++ = static_cast<char>('0' + number % 10);
  };
  text(days.substr(static_cast<std::size_t>(parts.tm_wday) * 3, 3));
  text(", ");
  two(parts.tm_mday);
  text(" ");
  text(months.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3));
  text(" ");
  two((parts.tm_year + 1900) / 100);
  two(parts.tm_year + 1900);
  text(" ");
  two(parts.tm_hour);
  text(":");
  two(parts.tm_min);
  text(":");
  two(parts.tm_sec);
  text(" GMT");
}

}  // namespace gg
