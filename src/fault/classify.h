// SPDX-License-Identifier: Apache-2.0
// The only translator from what a layer saw to what it means: (stage, low-level error,
// circumstances) in, a Fault out. Used by proxy/ for attempts and by gate/ for clients. Pure.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "engine/io_error.h"
#include "fault/fault.h"
#include "http/message_error.h"

namespace gg {

/// How a name lookup failed, in the words that classification needs; dns/ maps its library's codes.
enum class DnsFailure : std::uint8_t {
  timeout,
  no_such_name,    // NXDOMAIN
  server_failure,  // SERVFAIL, REFUSED, a malformed answer
  no_address,      // the name exists but has no address of a usable family
  no_resolver,     // none configured or none usable
};

/// How a TLS handshake or session failed; tls/ maps its library's codes.
enum class TlsFailure : std::uint8_t {
  not_tls,    // the first bytes were no TLS record
  alert,      // the endpoint sent an alert
  untrusted,  // the chain does not lead to a trusted root
  expired,    // or not yet valid
  name_mismatch,
  nothing_in_common,
  alpn_mismatch,
  closed,  // an end or a reset inside the handshake
  timeout,
  other,
};

/// Why nobody could be picked.
enum class NoEndpoint : std::uint8_t {
  none_known,
  all_down,
  all_ejected,
  all_draining,
  sticky_down
};

/// What is known of an attempt when it fails. Nothing else is consulted.
struct AttemptFacts {
  Stage stage = Stage::connect;
  bool connection_was_reused = false;
  std::uint64_t request_bytes_written = 0;  // on this connection for this request, any part of it
  std::uint64_t response_bytes_read = 0;    // of this response
  bool head_is_complete = false;            // a final (non-1xx) response head was parsed
  Duration waited{};                        // since the request was sent (or sending began)
};

/// An operation on the connection to the endpoint failed. An end of stream is not an IoError: the
/// parser turns it into MessageError::ended_*.
Fault classify(const AttemptFacts& facts, const IoError& error);

/// The endpoint's message was not what HTTP allows, or ended early (ended_*).
Fault classify(const AttemptFacts& facts, MessageError error);

Fault classify(DnsFailure failure);
/// `alert` is the alert's number when one was received, else 0.
Fault classify(TlsFailure failure, int alert);
Fault classify(NoEndpoint reason);

/// The client's message was refused. Its ended_* errors mean that the client left.
Fault classify_request(MessageError error);

/// The client's connection failed (or ended: give IoError::Kind::reset) at `stage`: request_head,
/// request_body, send (still uploading to the endpoint), response_head (waiting) or response_body.
Fault classify_client(Stage stage, const IoError& error);

/// What this failure proves about delivery. not_sent only if no byte of the request was written;
/// `request_bytes_written` counts bytes handed to the kernel, whether or not they left.
Delivery delivery_of(Fault fault, std::uint64_t request_bytes_written);

}  // namespace gg
