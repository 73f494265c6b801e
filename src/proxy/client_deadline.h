// SPDX-License-Identifier: Apache-2.0
// How long a client says that it will wait for the answer, for the exchange's deadline. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "http/head.h"

namespace gg {

/// The value of `grpc-timeout`: up to eight digits and a unit, one of H M S m u n (gRPC over
/// HTTP/2, "Timeout"). Nothing if it is no such value.
std::optional<Duration> parse_grpc_timeout(std::string_view value);

/// Seconds ("2", "0.25") or a number with ms, s or m. Nothing if it is neither, or beyond a day.
std::optional<Duration> parse_request_timeout(std::string_view value);

/// The least of what `head` says, in grpc-timeout if it is a gRPC request and in the field called
/// `header` if that is not empty. Nothing, or more than nothing: a wait of zero is 1 ns.
std::optional<Duration> client_timeout_of(const RequestHead& head, std::string_view header);

}  // namespace gg
