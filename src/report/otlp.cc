// SPDX-License-Identifier: Apache-2.0
#include "report/otlp.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"
#include "base/version.h"
#include "fault/catalogue.h"
#include "report/protobuf_writer.h"

namespace gg::otlp {
namespace {

// opentelemetry/proto/{collector/trace,trace,resource,common}/v1: message by message.
enum ExportRequest : std::uint32_t { resource_spans = 1 };
enum ResourceSpans : std::uint32_t { resource = 1, scope_spans = 2 };
enum ScopeSpans : std::uint32_t { scope = 1, spans_of_scope = 2 };
enum InstrumentationScope : std::uint32_t { scope_name = 1, scope_version = 2 };
enum ResourceFields : std::uint32_t { resource_attributes = 1 };
enum Span : std::uint32_t {
  trace_id = 1,
  span_id = 2,
  trace_state = 3,
  parent_span_id = 4,
  name = 5,
  kind = 6,
  start_time_unix_nano = 7,
  end_time_unix_nano = 8,
  attributes = 9,
  status = 15,
  flags = 16,
};
enum Status : std::uint32_t { message = 2, code = 3 };
enum KeyValue : std::uint32_t { key = 1, value = 2 };
enum AnyValue : std::uint32_t { string_value = 1, bool_value = 2, int_value = 3 };

constexpr std::uint64_t kind_server = 2;
constexpr std::uint64_t kind_client = 3;
constexpr std::uint64_t status_error = 2;
constexpr std::uint32_t sampled_flag = 1;
constexpr std::uint32_t knows_whether_remote = 0x100;
constexpr std::uint32_t is_remote = 0x200;

std::string_view big_endian(std::uint64_t number, std::array<char, 8>& room) {
  for (std::size_t i = 0; i < room.size(); ++i) room[i] = static_cast<char>(number >> (56 - 8 * i));
  return {room.data(), room.size()};
}

/// The attributes of a span or a resource, which are field `field` of it.
class Attributes {
 public:
  Attributes(std::string& out, std::uint32_t field) : out_(out), writer_(out), field_(field) {}

  /// Nothing for an empty text.
  void text(std::string_view name, std::string_view bytes) {
    if (bytes.empty()) return;
    pair(name, [&] { writer_.nested(string_value, [&] { append_utf8(out_, bytes); }); });
  }
  void number(std::string_view name, std::uint64_t value) {
    pair(name, [&] { writer_.varint(int_value, value); });
  }
  void positive(std::string_view name, std::uint64_t value) {
    if (value > 0) number(name, value);
  }
  /// Present if it is true.
  void flag(std::string_view name, bool value) {
    if (value) pair(name, [&] { writer_.varint(bool_value, 1); });
  }

 private:
  template <class Write>
  void pair(std::string_view name, Write write) {
    writer_.nested(field_, [&] {
      writer_.bytes(key, name);
      writer_.nested(value, write);
    });
  }

  std::string& out_;
  ProtobufWriter writer_;
  std::uint32_t field_;
};

/// "shop.example:8443", "[::1]:80": host and port apart.
struct HostPort {
  std::string_view host;
  std::optional<std::uint64_t> port;
};

HostPort split(std::string_view text) {
  std::size_t literal_end = text.starts_with('[') ? text.find(']') : 0;
  std::size_t colon =
      literal_end == std::string_view::npos ? text.size() : text.find(':', literal_end);
  HostPort parts{.host = text.substr(0, colon), .port = std::nullopt};
  if (parts.host.starts_with('[')) parts.host = parts.host.substr(1, parts.host.size() - 2);
  if (colon < text.size()) parts.port = parse_number(text.substr(colon + 1));
  return parts;
}

void put_server(Attributes& attributes, std::string_view authority) {
  HostPort server = split(authority);
  attributes.text("server.address", server.host);
  if (server.port) attributes.number("server.port", *server.port);
}

/// Any other could be made up by a client, without end.
bool is_known_method(std::string_view method) {
  constexpr std::string_view known[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                        "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  return std::ranges::find(known, method) != std::end(known);
}

void put_method(Attributes& attributes, std::string_view method) {
  bool is_known = is_known_method(method);
  attributes.text("http.request.method", is_known ? method : "_OTHER");
  if (!is_known) attributes.text("http.request.method_original", method);
}

/// The cause where we know one, else the status: as few values as can be.
void put_error_type(Attributes& attributes, Fault fault, std::uint16_t code_of_response) {
  if (fault == Fault::none || fault == Fault::upstream_error_status) {
    attributes.text("error.type", std::to_string(code_of_response));
  } else {
    attributes.text("error.type", name_of(fault));
  }
  if (fault != Fault::none) attributes.text("goodgate.fault.id", row_of(fault).id);
}

void put_error(ProtobufWriter& writer, std::string_view why) {
  writer.nested(status, [&] {
    if (!why.empty()) writer.bytes(message, why);
    writer.varint(code, status_error);
  });
}

struct Moments {
  std::uint64_t begin;
  std::uint64_t end;
};

Moments moments_of(WallTime start, Duration since, Duration total) {
  std::int64_t begin = start.microseconds * 1000 + since.count();
  std::int64_t end = begin + std::max(total, Duration::zero()).count();
  return {.begin = static_cast<std::uint64_t>(begin), .end = static_cast<std::uint64_t>(end)};
}

void put_ids(ProtobufWriter& writer, const TraceContext& context, std::uint64_t own,
             std::uint64_t parent) {
  std::array<char, 8> low{};
  std::array<char, 8> high{};
  std::string id(big_endian(context.trace_high, high));
  id += big_endian(context.trace_low, low);
  writer.bytes(trace_id, id);
  writer.bytes(span_id, big_endian(own, low));
  if (parent != 0) writer.bytes(parent_span_id, big_endian(parent, high));
}

void put_moments(ProtobufWriter& writer, const Moments& moments) {
  writer.fixed64(start_time_unix_nano, moments.begin);
  writer.fixed64(end_time_unix_nano, moments.end);
}

std::string_view version_of(HttpVersion version) {
  switch (version) {
    case HttpVersion::http10:
      return "1.0";
    case HttpVersion::http11:
      return "1.1";
    case HttpVersion::http2:
      return "2";
  }
  return "";
}

void put_request(Attributes& attributes, const FlightRecord& flight) {
  put_method(attributes, flight.method.view());
  attributes.text("url.scheme", flight.is_tls ? "https" : "http");
  std::string_view target = flight.target.view();
  std::size_t question = target.find('?');
  attributes.text("url.path", target.substr(0, question));
  if (question != std::string_view::npos) attributes.text("url.query", target.substr(question + 1));
  put_server(attributes, flight.host.view());
  attributes.text("http.route", flight.route.view());
  attributes.text("client.address", flight.client.view());
  attributes.text("network.peer.address", flight.peer.view());
  attributes.text("network.protocol.version", version_of(flight.version));
  attributes.text("user_agent.original", flight.user_agent.view());
  attributes.positive("http.request.body.size", flight.request_body_bytes);
}

/// Was it a failure of this side of the talk (semantic conventions: not what a client did wrong)?
bool has_failed(const FlightRecord& flight) {
  bool is_clients = flight.status >= 400 && flight.status < 500;
  return flight.status >= 500 || (flight.fault != Fault::none && !is_clients);
}

void append_request_span(std::string& out, const TraceRecord& trace) {
  const FlightRecord& flight = trace.flight;
  const TraceContext& context = trace.context;
  ProtobufWriter writer(out);
  put_ids(writer, context, context.span, context.parent);
  if (!trace.state.empty()) writer.bytes(trace_state, trace.state.view());
  writer.nested(name, [&] {
    out += is_known_method(flight.method.view()) ? flight.method.view() : "HTTP";
    if (flight.route.empty()) return;
    out += ' ';
    append_utf8(out, flight.route.view());
  });
  writer.varint(kind, kind_server);
  put_moments(writer, moments_of(flight.started, {}, flight.total));
  Attributes all(out, attributes);
  put_request(all, flight);
  all.positive("http.response.status_code", flight.status);
  all.positive("http.response.body.size", flight.response_body_bytes);
  all.text("goodgate.request.id", flight.id.view());
  all.text("goodgate.upstream", flight.upstream.view());
  all.number("goodgate.attempts", flight.attempts_made);
  if (flight.outcome() == FlightRecord::Outcome::rescued) {
    all.text("goodgate.rescued_from", name_of(flight.first_fault()));
  }
  bool failed = has_failed(flight);
  if (failed) put_error_type(all, flight.fault, flight.status);
  if (failed) put_error(writer, flight.fault != Fault::none ? row_of(flight.fault).meaning : "");
  std::uint32_t remote = context.parent != 0 ? knows_whether_remote | is_remote : 0;
  writer.fixed32(flags, remote | (context.is_sampled ? sampled_flag : 0));
}

void append_attempt_span(std::string& out, const TraceRecord& trace, const FlightAttempt& attempt) {
  const FlightRecord& flight = trace.flight;
  const AttemptRecord& facts = attempt.facts;
  ProtobufWriter writer(out);
  put_ids(writer, trace.context, trace.context.span_of(facts.number), trace.context.span);
  if (!trace.state.empty()) writer.bytes(trace_state, trace.state.view());
  writer.bytes(name, is_known_method(flight.method.view()) ? flight.method.view() : "HTTP");
  writer.varint(kind, kind_client);
  put_moments(writer, moments_of(flight.started, facts.started, facts.total));
  Attributes all(out, attributes);
  put_method(all, flight.method.view());
  put_server(all, attempt.endpoint.view());
  all.positive("http.response.status_code", facts.status);
  all.positive("http.request.resend_count", facts.number > 1 ? facts.number - 1U : 0);
  all.number("goodgate.connection.id", facts.connection_id);
  all.flag("goodgate.connection.reused", facts.reused);
  all.flag("goodgate.attempt.hedge", facts.hedge);
  all.flag("goodgate.attempt.lost", facts.lost);
  bool failed = !facts.lost && (facts.fault != Fault::none || facts.status >= 400);
  if (failed) put_error_type(all, facts.fault, facts.status);
  if (failed) put_error(writer, facts.fault != Fault::none ? row_of(facts.fault).meaning : "");
  writer.fixed32(flags, knows_whether_remote | (trace.context.is_sampled ? sampled_flag : 0));
}

// Reading the answer
// ---------------------------------------------------------------------------------

/// The number at the front of `text`, which it takes off; nothing if it breaks off.
std::optional<std::uint64_t> take_varint(std::string_view& text) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !text.empty(); shift += 7) {
    auto byte = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

/// How many bytes the character at the front of `text` has, which is not ASCII; 0: it is none
/// (RFC 3629 4).
std::size_t character_size(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  unsigned first = byte(0);
  std::size_t size = first >= 0xc2 && first < 0xe0   ? 2
                     : first >= 0xe0 && first < 0xf0 ? 3
                     : first >= 0xf0 && first < 0xf5 ? 4
                                                     : 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  }
  bool is_too_long = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  bool is_no_character = (first == 0xed && byte(1) >= 0xa0) || (first == 0xf4 && byte(1) >= 0x90);
  return is_too_long || is_no_character ? 0 : size;
}

}  // namespace

void append_utf8(std::string& out, std::string_view text) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  while (!text.empty()) {
    bool is_ascii = static_cast<unsigned char>(text.front()) < 0x80;
    std::size_t size = is_ascii ? 1 : character_size(text);
    out += size == 0 ? replacement : text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

Resource this_process(const std::string& service) {
  std::array<char, 256> host{};
  static_cast<void>(gethostname(host.data(), host.size() - 1));
  return {.service = service,
          .version = std::string(version()),
          .host = host.data(),
          .process = static_cast<std::uint64_t>(getpid())};
}

void append_spans(std::string& out, const TraceRecord& trace) {
  ProtobufWriter writer(out);
  writer.nested(spans_of_scope, [&] { append_request_span(out, trace); });
  for (const FlightAttempt& attempt : trace.flight.attempts()) {
    writer.nested(spans_of_scope, [&] { append_attempt_span(out, trace, attempt); });
  }
}

std::string request_of(const Resource& speaker, std::string_view spans) {
  std::string scoped;
  ProtobufWriter in_scope(scoped);
  in_scope.nested(scope, [&] {
    in_scope.bytes(scope_name, "goodgate");
    in_scope.bytes(scope_version, speaker.version);
  });
  scoped += spans;

  std::string of_resource;
  ProtobufWriter in_resource(of_resource);
  in_resource.nested(resource, [&] {
    Attributes all(of_resource, resource_attributes);
    all.text("service.name", speaker.service);
    all.text("service.version", speaker.version);
    all.text("service.instance.id", speaker.host + ":" + std::to_string(speaker.process));
    all.text("host.name", speaker.host);
    all.number("process.pid", speaker.process);
  });
  in_resource.bytes(scope_spans, scoped);

  std::string request;
  ProtobufWriter(request).bytes(resource_spans, of_resource);
  return request;
}

/// partial_success = 1 with rejected_spans = 1 in front, as every writer writes it.
std::uint64_t rejected_spans(std::string_view response) {
  constexpr std::uint64_t partial_success_tag = 1U << 3 | 2U;
  constexpr std::uint64_t rejected_spans_tag = 1U << 3;
  if (take_varint(response) != partial_success_tag) return 0;
  if (!take_varint(response) || take_varint(response) != rejected_spans_tag) return 0;
  return take_varint(response).value_or(0);
}

}  // namespace gg::otlp
