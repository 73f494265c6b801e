// SPDX-License-Identifier: Apache-2.0
// The gateway's own answers: what a client is told when there is no response to pass on. Pure
// text; proxy/ sends it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "fault/fault.h"
#include "fault/proxy_status.h"

namespace gg {

/// What decides a local reply. All views are borrowed for the call only.
struct LocalReplyQuestion {
  Fault fault = Fault::internal_error;
  std::string_view request_id;
  std::string_view accept;         // all Accept values, comma-joined; empty: none was sent
  std::string_view deployment;     // names this gateway in Proxy-Status; see proxy_status.h
  ProxyStatusFacts facts;          // further parameters, where known
  bool client_is_trusted = false;  // else next-hop is left out (RFC 9209 4)
  Duration retry_after{};          // for 429 and 503; one second at least is told
};

/// A whole response but for Date, Connection and the request id's field. Owns its text.
struct LocalReply {
  std::uint16_t status = 500;
  std::string_view reason;        // static
  std::string_view content_type;  // static
  std::string proxy_status;       // value of Proxy-Status
  std::string retry_after;        // value of Retry-After, in seconds; empty: no such field
  std::string body;
};

/// Cache-Control of every local reply: none may be stored.
inline constexpr std::string_view local_reply_cache_control = "no-store";

/// Does an Accept name JSON, and prefer it to a page?
bool asks_for_json(std::string_view accept);

/// The reply for `question.fault`, for which gateway_answers() is true. Whoever asks for text/html
/// by name, and prefers no JSON to it, gets a page for people; everybody else (and so who accepts
/// anything, as curl does) gets problem details (RFC 9457). In answer to HEAD send only the body's
/// length. No text depends on anything but the status and the request id.
LocalReply make_local_reply(const LocalReplyQuestion& question);

}  // namespace gg
