// SPDX-License-Identifier: Apache-2.0
// What changes in a head on its way through: hop-by-hop fields go, Via and the forwarding fields
// come. Pure but for chance (ids).
#pragma once

#include <string_view>

#include "base/rng.h"
#include "proxy/field_list.h"
#include "proxy/snapshot.h"
#include "record/exchange_record.h"

namespace gg {

struct ClientFacts;
struct Exchange;

/// A request as the endpoint is to get it. Borrows from the exchange and the endpoint.
class RewrittenRequest {
 public:
  /// `fallback_authority` is the endpoint's name, for requests that name no host. `attempt` is its
  /// number, from 1.
  RewrittenRequest(const Exchange& exchange, std::string_view fallback_authority, Engine& engine,
                   std::uint8_t attempt = 1);

  OutgoingRequest outgoing() const;

 private:
  static FieldList make_list(const Exchange& exchange, Engine& engine);
  void obey_rules(std::string_view fallback_authority);
  std::string_view cookies_of_the_application(const Field& line);
  void pass_on_fields();
  void add_forwarding_fields();
  void add_client_identity();
  void add_via();
  void add_trace(Rng& rng, std::uint8_t attempt);
  void add_websocket_key(Rng& rng);
  bool is_replaced(const Field& field) const;

  const Exchange& exchange_;
  std::string_view authority_;
  std::string_view target_;
  std::string_view upgrade_;
  FieldList list_;
};

/// A response as the client is to get it. Borrows from the head and the exchange.
class RewrittenResponse {
 public:
  RewrittenResponse(const Exchange& exchange, const ResponseHead& head, Engine& engine);

  /// It would be another one for another Accept-Encoding.
  void vary_by_coding();
  /// Its body is sent in that coding. The exchange has rules.
  void become(Coding coding);

  /// `body` as the framing of the upstream's response allows it to be told.
  OutgoingResponse outgoing(BodyPlan body) const;

 private:
  static FieldList make_list(const Exchange& exchange, const ResponseHead& head, Engine& engine);

  const ResponseHead& head_;
  std::string_view upgrade_;
  FieldList list_;
};

/// Is the request one that this gateway has sent before (RFC 9110 7.6.3, its own name in Via)?
bool has_passed_here(const RequestHead& head, std::string_view name);

/// Max-Forwards of an OPTIONS or TRACE request; nothing if absent or not a number.
std::optional<std::uint64_t> max_forwards_of(const RequestHead& head);

/// "Sun, 22 Nov 2026 08:00:00 GMT" (RFC 9110 5.6.7). `out` has 29 bytes.
void write_http_date(WallTime now, std::span<char> out);

}  // namespace gg
