// SPDX-License-Identifier: Apache-2.0
// Field names that the gateway itself must understand, as numbers.
#pragma once

#include <cstdint>
#include <string_view>

namespace gg {

/// `other` is every name that is only passed on.
enum class FieldName : std::uint8_t {
  other,
  accept,
  authorization,
  cdn_loop,
  client_cert,
  client_cert_chain,
  connection,
  content_length,
  content_type,
  cookie,
  date,
  expect,
  forwarded,
  host,
  idempotency_key,
  keep_alive,
  max_forwards,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  proxy_status,
  range,
  referer,
  retry_after,
  server,
  te,
  traceparent,
  tracestate,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  via,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_proto,
  x_request_id,
  last = x_request_id,
};

/// The id of `name`, ASCII case ignored. No allocation; a length switch and one comparison.
FieldName field_name_of(std::string_view name);

/// The canonical spelling, such as "Content-Length"; empty for `other`.
std::string_view text_of(FieldName id);

}  // namespace gg
