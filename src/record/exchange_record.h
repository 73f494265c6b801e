// SPDX-License-Identifier: Apache-2.0
// The plain facts of one exchange: filled by gate/ and proxy/ as it goes, read once by every
// RecordSink when it is over. Nothing here decides anything.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/buffer.h"
#include "base/time.h"
#include "fault/fault.h"
#include "http/head.h"
#include "http/message_error.h"
#include "record/retry_verdict.h"
#include "record/trace_context.h"

namespace gg {

/// The id to quote: 32 hex digits of our own, or a trusted proxy's, copied.
class RequestId {
 public:
  static constexpr std::size_t longest = 39;

  RequestId() = default;
  /// 32 lower-case hex digits of 128 random bits.
  static RequestId of(std::uint64_t high, std::uint64_t low);
  /// May `text` serve as an id? 1 to 39 characters of [A-Za-z0-9._:=+/@-].
  static bool is_usable(std::string_view text);
  /// A copy of `text`, which is usable.
  static RequestId copy_of(std::string_view text);

  /// Borrows from this id.
  std::string_view view() const { return {text_.data(), length_}; }
  bool empty() const { return length_ == 0; }

 private:
  std::array<char, longest> text_{};
  std::uint8_t length_ = 0;
};

/// One try at one endpoint. Durations are zero for stages that were not entered.
struct AttemptRecord {
  std::string_view endpoint;        // as configured or found; borrowed from the endpoint
  std::uint64_t connection_id = 0;  // unique within the worker; 0: no connection was made
  Duration started{};               // since the exchange's start
  Duration connect{};
  Duration tls{};
  Duration send{};        // from lease to the last byte of the request written
  Duration first_byte{};  // from the start of sending to the first byte of the response
  Duration total{};
  Duration idle_age{};               // how long a reused connection had been idle
  std::uint64_t bytes_written = 0;   // to the endpoint, head and body
  std::uint64_t bytes_read = 0;      // from the endpoint, head and body
  std::uint32_t request_number = 0;  // of this request on its connection; 1 is the first
  std::uint32_t protocol_code = 0;   // TLS alert or HTTP/2 error code; 0: none
  std::int32_t error_number = 0;     // errno; 0: none
  std::uint16_t status = 0;          // of the endpoint's response; 0: no head came
  std::uint16_t verify_code = 0;     // why its certificate was refused (tls/); 0: it was not
  Fault fault = Fault::none;
  Delivery delivery = Delivery::not_sent;
  Retry verdict = Retry::not_asked;  // what was decided after this attempt
  MessageError message_error = MessageError::none;
  bool reused = false;
  bool hedge = false;       // made while an earlier attempt still waited
  bool lost = false;        // given up because another attempt was faster
  std::uint8_t number = 0;  // of the attempt, from 1; 255: that or more
};

/// How things stood when an attempt failed.
struct Circumstances {
  Duration connection_age{};    // zero: there was none
  std::uint64_t in_flight = 0;  // requests at the endpoint, this one included
  std::uint64_t limit = 0;      // of them, as learned; 0: none
  std::string_view standing;    // in the eyes of health: "up", "ejected"; static
  // What the kernel knew of the connection; a round trip of zero: nothing.
  Duration round_trip{};
  std::uint32_t retransmits = 0;     // packets that were sent again
  std::uint32_t unacknowledged = 0;  // packets that the endpoint's machine did not say it has
  std::uint32_t unsent = 0;          // bytes that waited until the endpoint had room for them
};

/// One request, from its first byte to its end.
///
/// Views borrow: `method`, `host`, `target`, `user_agent` and `referer` from the request head; the
/// addresses from the client connection; `route`, `upstream` and endpoints from the snapshot or the
/// endpoint. Whoever owns the record keeps these alive until RecordSink::finished() has returned;
/// a sink that keeps anything copies it. Movable, worker-bound (it may own a pooled block).
class ExchangeRecord {
 public:
  /// Attempts that are kept. When more are made, the first ones and the last one stay.
  static constexpr std::size_t attempts_kept = 4;
  /// Bytes kept from the start of a malformed response.
  static constexpr std::size_t first_bytes_kept = 64;

  RequestId id;
  WallTime started;      // when the first byte of the request arrived
  Instant started_at;    // the same moment, for measuring
  Duration head_read{};  // until the request head was complete
  Duration queued{};     // waiting for admission
  Duration committed{};  // from the start until the first byte went to the client; 0: never
  Duration total{};

  std::string_view client_address;  // the client as trusted proxies report it
  std::string_view peer_address;    // who is connected to us
  std::string_view listener;
  std::string_view method;
  std::string_view scheme;  // of the client's request: "http" or "https"
  std::string_view host;
  std::string_view target;
  std::string_view user_agent;
  std::string_view referer;
  std::string_view route;     // empty: none matched
  std::string_view upstream;  // empty: none was chosen

  std::uint64_t client_connection_id = 0;
  std::uint64_t request_head_bytes = 0;
  std::uint64_t request_body_bytes = 0;  // received from the client, without framing
  std::uint64_t response_head_bytes = 0;
  std::uint64_t response_body_bytes = 0;  // passed to the client, without framing

  std::uint32_t client_request_number = 0;          // on the client's connection; 1 is the first
  std::uint16_t route_slot = 0;                     // of Counters; 0: none
  std::uint16_t upstream_slot = 0;                  // of Counters; 0: none
  std::uint16_t status = 0;                         // sent to the client; 0: nothing was sent
  HttpVersion version = HttpVersion::http11;        // of the client's side
  Fault fault = Fault::none;                        // how the exchange ended, for the client
  MessageError message_error = MessageError::none;  // what was wrong with the client's message
  Retry verdict = Retry::not_asked;                 // of the last retry decision
  bool upgraded = false;
  bool continued = false;  // its response broke off, and the rest came from another endpoint
  bool client_connection_kept = false;
  std::unique_ptr<TraceContext> trace;  // null: nobody traces

  /// Opens the record of the next attempt. The reference stays valid until the record dies or moves
  /// (from the place attempts_kept on: until the next call).
  AttemptRecord& add_attempt(BufferPool& pool);
  /// Keeps the start of what an attempt's endpoint sent instead of a good response. `attempt` is
  /// one that add_attempt gave.
  void keep_first_bytes(const AttemptRecord& attempt, std::string_view bytes, BufferPool& pool);

  /// Keeps how things stood when that attempt failed; one that add_attempt gave.
  void keep_circumstances(const AttemptRecord& attempt, const Circumstances& circumstances,
                          BufferPool& pool);

  /// Attempts made, kept or not.
  std::size_t attempts_made() const { return attempts_made_; }
  /// How many of them are kept: attempt(0) to attempt(kept - 1).
  std::size_t attempts_recorded() const {
    return attempts_made_ < attempts_kept ? attempts_made_ : attempts_kept;
  }
  const AttemptRecord& attempt(std::size_t index) const;
  /// The attempt opened last. There is one.
  AttemptRecord& last_attempt();
  const AttemptRecord& last_attempt() const;
  /// What keep_first_bytes() kept for that attempt; may be empty. Borrows from the record.
  std::string_view first_bytes(std::size_t index) const;
  /// What keep_circumstances() kept for that attempt; blank if it kept nothing.
  Circumstances circumstances(std::size_t index) const;

  /// Did a later attempt save the request from a fault that the client never saw?
  bool was_rescued() const;
  /// The fault that a retry covered up (or that ended the exchange), for counting; none if all
  /// went well at once.
  Fault first_fault() const;
  /// Has any attempt failed, whatever came of it?
  bool has_failed_attempt() const;

 private:
  struct Overflow;
  Overflow* overflow();
  const Overflow* overflow() const;
  Overflow& make_overflow(BufferPool& pool);
  std::size_t place_of(const AttemptRecord& attempt, const Overflow& room) const;

  AttemptRecord first_;
  Chunk overflow_;  // an Overflow, taken when a second attempt or first bytes need it
  std::uint32_t attempts_made_ = 0;
};

}  // namespace gg
