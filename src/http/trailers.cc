// SPDX-License-Identifier: Apache-2.0
#include "http/trailers.h"

#include "base/text.h"

namespace gg {
namespace {

/// Names without an id that control, authenticate or describe a message: known only from its head.
constexpr std::string_view head_only[] = {
    "Age",
    "Authentication-Info",
    "Cache-Control",
    "Content-Encoding",
    "Content-Range",
    "Expires",
    "HTTP2-Settings",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Location",
    "Pragma",
    "Proxy-Authentication-Info",
    "Set-Cookie",
    "Vary",
    "Warning",
    "WWW-Authenticate",
};

}  // namespace

TrailerVerdict judge_trailer(FieldName id, std::string_view name) {
  switch (id) {
    case FieldName::connection:
    case FieldName::content_length:
    case FieldName::host:
    case FieldName::transfer_encoding:
    case FieldName::upgrade:
      return TrailerVerdict::refuse;
    case FieldName::accept:
    case FieldName::authorization:
    case FieldName::cdn_loop:
    case FieldName::client_cert:
    case FieldName::client_cert_chain:
    case FieldName::content_type:
    case FieldName::cookie:
    case FieldName::expect:
    case FieldName::forwarded:
    case FieldName::idempotency_key:
    case FieldName::keep_alive:
    case FieldName::max_forwards:
    case FieldName::proxy_authenticate:
    case FieldName::proxy_authorization:
    case FieldName::proxy_connection:
    case FieldName::range:
    case FieldName::retry_after:
    case FieldName::te:
    case FieldName::traceparent:
    case FieldName::tracestate:
    case FieldName::trailer:
    case FieldName::referer:
    case FieldName::user_agent:
    case FieldName::via:
    case FieldName::x_forwarded_for:
    case FieldName::x_forwarded_host:
    case FieldName::x_forwarded_proto:
    case FieldName::x_request_id:
      return TrailerVerdict::drop;
    case FieldName::date:
    case FieldName::proxy_status:  // RFC 9209 2: may be sent as a trailer
    case FieldName::server:
      return TrailerVerdict::keep;
    case FieldName::other:
      break;
  }
  for (std::string_view known : head_only) {
    if (equal_ignoring_case(name, known)) return TrailerVerdict::drop;
  }
  return TrailerVerdict::keep;
}

}  // namespace gg
