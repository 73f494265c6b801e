// SPDX-License-Identifier: Apache-2.0
// Facts in words, for findings and for the evidence that is printed.
#pragma once

#include <string>
#include <string_view>

#include "diagnose/doctor/facts.h"

namespace gg {

/// "340 us", "12.3 ms", "5.0 s", "2 min".
std::string shown(Duration duration);
/// Bytes that are no printable ASCII as \x1f; at most 64 bytes of them, in quotes.
std::string escaped(std::string_view bytes);

/// What the hosts file and each name server say.
std::string words_of(const NameSurvey& survey);
std::string words_of(const RouteFacts& route);
std::string words_of(const Address& address, const TcpFacts& tcp);
std::string words_of(const TlsFacts& tls);
std::string words_of(const Http2Facts& http2);
/// "INTERNAL_ERROR": the code that a message of HTTP/2 has (RFC 9113 7); empty: it has none.
std::string_view name_of_http2_error(MessageError message, int code);
/// Of all requests to one address.
std::string words_of(const std::vector<TalkFacts>& talks);
std::string words_of(const IdleFacts& idle);
std::string words_of(const LocalFacts& local);
std::string words_of(const LoadFacts& load);

}  // namespace gg
