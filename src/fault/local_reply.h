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

/// What decides the form of a local reply. All views are borrowed for the call only.
struct LocalReplyQuestion {
  Fault fault = Fault::internal_error;
  std::string_view request_id;
  std::string_view accept;      // all Accept values, comma-joined; empty: none was sent
  std::string_view deployment;  // names this gateway in Proxy-Status; see proxy_status.h
  ProxyStatusFacts facts;       // further parameters, where known
  bool tell_details = false;    // put next-hop into Proxy-Status: only for trusted clients
  Duration retry_after{};       // for 429 and 503; zero: one second
};

/// A whole response but for Date, Connection and the request id field. Owns its text.
struct LocalReply {
  std::uint16_t status = 500;
  std::string_view reason;        // static
  std::string_view content_type;  // static
  std::string proxy_status;       // the value of Proxy-Status; may be empty
  std::string retry_after;        // the value of Retry-After in seconds; may be empty
  std::string body;
};

/// Cache-Control of every local reply: none may be stored.
inline constexpr std::string_view local_reply_cache_control = "no-store";

/// The reply for `question.fault`. gateway_answers(question.fault) is true. A page for who prefers
/// text/html to JSON, problem details (RFC 9457) for everybody else. The body is for every method;
/// whoever answers HEAD sends its length only.
LocalReply make_local_reply(const LocalReplyQuestion& question);

/// "Bad Gateway" for 502: static text, empty for codes that the gateway never makes.
std::string_view reason_of(int status);

}  // namespace gg
