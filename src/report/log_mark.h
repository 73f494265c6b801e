// SPDX-License-Identifier: Apache-2.0
// What stands before a line on its way to a writer that sends lines one by one: how grave it is and
// when its request came. Written by AccessLog, taken off by gate/datagram_log_writer.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/assert.h"
#include "fault/catalogue.h"
#include "record/exchange_record.h"

namespace gg {

/// RFC 5424 6.2.1, those that a request can have.
enum class LogSeverity : std::uint8_t { error = 3, warning = 4, informational = 6 };

/// Error: the client got a failure that is not its own. Warning: it was saved from one.
inline LogSeverity severity_of(const ExchangeRecord& record) {
  bool is_its_own = record.fault != Fault::none && row_of(record.fault).blame == Blame::client;
  bool has_failed = record.fault != Fault::none && !is_its_own;
  if (has_failed || record.status >= 500) return LogSeverity::error;
  return record.has_failed_attempt() ? LogSeverity::warning : LogSeverity::informational;
}

struct LogMark {
  static constexpr std::size_t time_size = 27;  // as LogTime::rfc3339 writes it
  static constexpr std::size_t size = 1 + time_size;

  char severity = '6';  // the digit
  std::string_view time;

  /// Into the first `size` bytes of `room`.
  static void write(std::span<char> room, LogSeverity severity, std::string_view time) {
    GG_ASSERT(room.size() >= size && time.size() == time_size);
    room[0] = static_cast<char>('0' + static_cast<int>(severity));
    std::ranges::copy(time, room.begin() + 1);
  }
  /// Of a line that has one.
  static LogMark of(std::string_view line) {
    return {.severity = line.front(), .time = line.substr(1, time_size)};
  }
};

}  // namespace gg
