// SPDX-License-Identifier: Apache-2.0
// What ties the spans of one exchange together and to those of others. Made by proxy/ where traces
// are wanted, part of the record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "config/values.h"
#include "http/trace_parent.h"
#include "task/frame_pool.h"

namespace gg {

/// Plain data; lives in the frame pool, so that to trace costs no allocation.
struct TraceContext {
  std::uint64_t trace_high = 0;
  std::uint64_t trace_low = 0;
  std::uint64_t span = 0;    // of the exchange
  std::uint64_t parent = 0;  // the client's span; 0: the trace begins here
  std::string_view state;    // tracestate as it came; borrowed from the request's head
  /// Chosen from the start, and endpoints are told so; what fails is kept without it.
  bool is_sampled = false;

  /// Belongs to the client's trace, or begins one. `chance`: two random numbers and one for the
  /// span. `is_believed`: the client may ask for the request to be sampled.
  static TraceContext of(const std::optional<TraceParent>& client, bool is_believed, Share share,
                         const std::uint64_t (&chance)[3]) {
    TraceContext made{.trace_high = client ? client->trace_high : chance[0] | 1U,
                      .trace_low = client ? client->trace_low : chance[1],
                      .span = chance[2] | 1U,
                      .parent = client ? client->span : 0,
                      .state = {}};
    made.is_sampled = (client && is_believed && client->is_sampled) || is_in(share, made.trace_low);
    return made;
  }

  /// Of the attempt with that number. Drawn from the exchange's own, never zero.
  std::uint64_t span_of(std::uint8_t attempt) const {
    std::uint64_t mixed = span ^ (attempt * 0x9e3779b97f4a7c15U);
    mixed = (mixed ^ (mixed >> 29)) * 0xbf58476d1ce4e5b9U;
    return (mixed ^ (mixed >> 32)) | 1U;
  }

  /// What the endpoint of that attempt is told.
  TraceParent parent_for(std::uint8_t attempt) const {
    return {.trace_high = trace_high,
            .trace_low = trace_low,
            .span = span_of(attempt),
            .is_sampled = is_sampled};
  }

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* context, std::size_t size) noexcept {
    release_frame(context, size);
  }

 private:
  /// By the 56 random bits of a trace's id, as OpenTelemetry's consistent sampling draws: whoever
  /// keeps at least this share keeps this trace too.
  static bool is_in(Share share, std::uint64_t trace_low) {
    constexpr std::uint64_t all = std::uint64_t{1} << 56;
    double left_out = (1 - share.fraction()) * static_cast<double>(all);
    return (trace_low & (all - 1)) >= static_cast<std::uint64_t>(left_out);
  }
};

}  // namespace gg
