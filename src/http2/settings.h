// SPDX-License-Identifier: Apache-2.0
// What HTTP/2 connections may take. proxy/snapshot fills it in for clients, upstream/ for
// endpoints; server.h and client.h obey.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/time.h"

namespace gg {

/// Of one header list. A list at a limit is good, one byte or field more is not.
struct Http2HeadLimits {
  Bytes target_max{16 * 1024};
  Bytes section_max{64 * 1024};    // names, values and 32 bytes for each field (RFC 9113 6.5.2)
  std::uint32_t fields_max = 128;  // the pieces of one Cookie field count once
};

struct Http2ServerSettings {
  Http2HeadLimits limits;
  std::uint32_t streams_max = 128;                         // at a time
  std::int32_t stream_window = std::int32_t{256} << 10;    // bytes of one body that may wait here
  std::int32_t connection_window = std::int32_t{1} << 20;  // likewise, of all bodies
  Duration idle{};                                         // without a stream; zero: no limit
  Duration head{};  // for the preface, and for one header block
  Duration send{};  // for a write that the client does not take
};

/// Towards an endpoint.
struct Http2ClientSettings {
  Http2HeadLimits limits;
  std::uint32_t streams_max = 128;                       // at a time, if the endpoint allows them
  std::int32_t stream_window = std::int32_t{256} << 10;  // bytes of one body that may wait here
  /// Likewise, of all bodies: so many that no client who reads slowly holds up another's answer.
  std::int32_t connection_window = std::int32_t{32} << 20;
  Duration idle{};    // without a stream; zero: no limit
  Duration send{};    // for a write that the endpoint does not take
  Duration answer{};  // to a PING
  bool is_secure = false;
};

}  // namespace gg
