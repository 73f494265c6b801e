// SPDX-License-Identifier: Apache-2.0
// The whole story of one request, copied so that it outlives the request: what `goodgate explain
// REQUEST-ID` tells and what incidents are made of. Never holds a secret: no header but the user
// agent, no body, no value of a query.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "record/exchange_record.h"
#include "report/kept_text.h"

namespace gg {

struct FlightAttempt {
  AttemptRecord facts;  // whose views are empty or static
  Circumstances circumstances;
  KeptText<80> endpoint;
  KeptText<ExchangeRecord::first_bytes_kept> first_bytes;  // of a bad response
};

/// Copied as bytes from a worker to the control thread. Some 2 KiB.
struct FlightRecord {
  RequestId id;
  WallTime started;
  Duration head_read{};
  Duration queued{};
  Duration committed{};
  Duration total{};

  KeptText<48> client;
  KeptText<48> peer;
  KeptText<40> listener;
  KeptText<16> method;
  KeptText<96> host;
  KeptText<200> target;  // with the names in its query, and no values
  KeptText<96> user_agent;
  KeptText<96> route;
  KeptText<64> upstream;

  std::uint64_t client_connection_id = 0;
  std::uint64_t request_head_bytes = 0;
  std::uint64_t request_body_bytes = 0;
  std::uint64_t response_head_bytes = 0;
  std::uint64_t response_body_bytes = 0;
  std::uint64_t generation = 0;  // of the configuration
  std::uint32_t client_request_number = 0;
  std::uint32_t attempts_made = 0;
  std::uint16_t status = 0;
  HttpVersion version = HttpVersion::http11;
  Fault fault = Fault::none;
  MessageError message_error = MessageError::none;
  Retry verdict = Retry::not_asked;
  bool is_tls = false;
  bool upgraded = false;
  std::uint8_t attempts_kept = 0;
  std::array<FlightAttempt, ExchangeRecord::attempts_kept> all_attempts;

  std::span<const FlightAttempt> attempts() const {
    return std::span(all_attempts).first(attempts_kept);
  }
  enum class Outcome : std::uint8_t {
    well,     // kept as a sample
    rescued,  // something failed, and the client did not see it
    failed,
  };
  Outcome outcome() const;
  /// Of the first attempt that failed, else how the exchange ended.
  Fault first_fault() const;
};

/// Copies `record` into `kept`, whatever that held. Allocates nothing.
void keep(const ExchangeRecord& record, std::uint64_t generation, FlightRecord& kept);

/// "failed", "rescued", "well".
std::string_view name_of(FlightRecord::Outcome outcome);

}  // namespace gg
