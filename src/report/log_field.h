// SPDX-License-Identifier: Apache-2.0
// The fields of the access log, one row each. The JSON line is all of them in this order; a
// template names those it wants; docs/access-log.md is generated from the rows.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "record/exchange_record.h"
#include "report/line_writer.h"
#include "report/log_time.h"

namespace gg {

/// What a field is drawn from.
struct LogLine {
  const ExchangeRecord& record;
  LogTime& time;
};

/// In which formats a field can stand.
enum class LogFieldUse : std::uint8_t {
  anywhere,
  json_only,      // has no form outside JSON
  template_only,  // the JSON line says the same in another field
};

struct LogField {
  std::string_view name;
  /// Writes the value, or returns false if this exchange has none: JSON then leaves the key out, a
  /// template prints "-".
  bool (*write)(LineWriter& out, const LogLine& line);
  std::string_view doc;  // one sentence
  LogFieldUse use = LogFieldUse::anywhere;
};

/// All rows; static.
std::span<const LogField> log_fields();

/// The row of that name, or null.
const LogField* find_log_field(std::string_view name);

}  // namespace gg
