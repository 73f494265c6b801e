// SPDX-License-Identifier: Apache-2.0
// The only translator from what a layer saw to what it means: stage, low-level error and
// circumstances in, a Fault out. Used by proxy/ for attempts and by gate/ for clients. Pure.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "dns/resolver.h"
#include "engine/io_error.h"
#include "fault/fault.h"
#include "http/message_error.h"
#include "tls/tls_error.h"

namespace gg {

/// Why no endpoint could be picked.
enum class NoEndpoint : std::uint8_t {
  none_known,
  all_down,
  all_ejected,
  all_draining,
  sticky_down,
  last = sticky_down,
};

/// What is known of an attempt when it fails. Nothing else is consulted.
struct AttemptFacts {
  Stage stage = Stage::connect;
  bool connection_was_reused = false;
  bool exchange_time_is_up = false;       // the deadline that passed was the whole exchange's
  std::uint64_t response_bytes_read = 0;  // of the response to this request, 1xx included
  Duration round_trip{};                  // the connection's connect time; zero: unknown
  Duration waited{};                      // since the first byte of the request was written
};

/// An operation on the connection to the endpoint failed. A clean end of stream is no IoError: pass
/// MessageError::ended_before_head, ended_in_head or ended_in_body. `cancelled` is taken for the
/// gateway's own shutdown; whoever cancels for another reason names the fault itself.
Fault classify(const AttemptFacts& facts, const IoError& error);

/// The endpoint's message was not what HTTP allows, or ended early. `error` is not none.
Fault classify(const AttemptFacts& facts, MessageError error);

Fault classify(DnsError error);
/// `alert` is the number of the alert that was received (RFC 8446 6), else 0.
Fault classify(TlsFailure failure, int alert);
/// The handshake with an endpoint failed.
Fault classify(const AttemptFacts& facts, const TlsError& error);
Fault classify(NoEndpoint reason);

/// 502, 503 and 504 are the upstream's own gateway errors; everything else is none.
Fault classify_status(int status);

/// The client's message was refused, or ended early: then the client has left. `error` is not none.
Fault classify_request(MessageError error);

/// The client's connection failed while the exchange was at `stage`. For its end give
/// IoError::Kind::reset; a deadline means that the client was too slow.
Fault classify_client(Stage stage, const IoError& error);

/// What `fault` proves about delivery in an attempt: not_sent only if no byte of the request was
/// written. `request_bytes_written` counts what the kernel took, whether or not it left.
Delivery delivery_of(Fault fault, std::uint64_t request_bytes_written);

}  // namespace gg
