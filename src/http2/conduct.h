// SPDX-License-Identifier: Apache-2.0
// How much of what costs us more than it costs the client a connection may do: pure counting, fed
// by server.cc. What is too much ends the connection with ENHANCE_YOUR_CALM.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/time.h"

namespace gg {

/// Why a connection was ended over its client's conduct.
enum class Http2Abuse : std::uint8_t {
  none,
  violation,     // against RFC 9113
  resets,        // requests made and taken back at once (CVE-2023-44487)
  frame_flood,   // SETTINGS, PING, WINDOW_UPDATE, PRIORITY, RST_STREAM, empty DATA
  header_flood,  // CONTINUATION without end, header lists far beyond the limit
  slow_head,     // a preface or a header block that does not come to its end
  last = slow_head,
};

/// So many at once, so many a second.
class Http2Allowance {
 public:
  constexpr Http2Allowance(double most, double per_second)
      : most_(most), per_second_(per_second), left_(most) {}

  /// False: more than allowed.
  constexpr bool take(Instant now) {
    std::chrono::duration<double> passed = now - at_;
    at_ = now;
    left_ = std::min(most_, left_ + passed.count() * per_second_);
    left_ -= 1;
    return left_ >= 0;
  }
  /// What was earned by useful work.
  constexpr void earn(double more) { left_ = std::min(most_, left_ + more); }

 private:
  double most_;
  double per_second_;
  double left_;
  Instant at_{};
};

/// One connection's.
class Http2Conduct {
 public:
  /// CONTINUATION frames of one header block: a list at the usual limit takes four.
  static constexpr std::uint32_t continuations_max = 64;
  /// A header list so many times the limit is not only refused.
  static constexpr std::uint64_t header_list_factor = 4;

  constexpr Http2Abuse request_reset(Instant now) {
    return resets_.take(now) ? Http2Abuse::none : Http2Abuse::resets;
  }
  constexpr Http2Abuse control_frame(Instant now) {
    return control_.take(now) ? Http2Abuse::none : Http2Abuse::frame_flood;
  }
  constexpr Http2Abuse empty_data(Instant now) {
    return empty_data_.take(now) ? Http2Abuse::none : Http2Abuse::frame_flood;
  }
  /// A HEADERS frame. Numbers that were left out may not be used later (RFC 9113 5.1.1); of
  /// streams that were ended here late frames may still come.
  constexpr Http2Abuse header_block_began(std::uint32_t stream) {
    continuations_ = 0;
    if (stream > last_stream_) {
      if (stream > last_stream_ + 2) gaps_[next_gap_++ % gaps_.size()] = {last_stream_, stream};
      last_stream_ = stream;
      return Http2Abuse::none;
    }
    for (const Gap& gap : gaps_) {
      if (gap.after < stream && stream < gap.before) return Http2Abuse::violation;
    }
    return Http2Abuse::none;
  }
  /// Any other header block.
  constexpr void block_began() { continuations_ = 0; }
  constexpr Http2Abuse continuation() {
    return ++continuations_ > continuations_max ? Http2Abuse::header_flood : Http2Abuse::none;
  }
  static constexpr Http2Abuse header_list(std::uint64_t size, std::uint64_t limit) {
    return size > header_list_factor * limit ? Http2Abuse::header_flood : Http2Abuse::none;
  }
  /// A response costs its client a few frames, and a window update now and then.
  constexpr void request_answered() { control_.earn(4); }
  /// A DATA frame. `is_whole`: all there was to send. Its receiver may update two windows and
  /// measure the line (gRPC does so for each small message); not so who lets a byte through at a
  /// time (CVE-2019-9511).
  constexpr void data_sent(std::uint64_t count, bool is_whole) {
    control_.earn(static_cast<double>(count) / 1024 + (is_whole ? 3 : 0));
  }

 private:
  Http2Allowance resets_{500, 50};
  Http2Allowance control_{1000, 100};
  Http2Allowance empty_data_{100, 10};
  struct Gap {
    std::uint32_t after = 0;
    std::uint32_t before = 0;
  };
  std::array<Gap, 4> gaps_{};  // the latest
  std::uint32_t next_gap_ = 0;
  std::uint32_t last_stream_ = 0;
  std::uint32_t continuations_ = 0;
};

}  // namespace gg
