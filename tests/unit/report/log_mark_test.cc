// SPDX-License-Identifier: Apache-2.0
#include "report/log_mark.h"

#include <gtest/gtest.h>

#include <array>

#include "unit/report/example_record.h"

namespace gg {
namespace {

TEST(LogMark, IsReadAsItWasWritten) {
  std::array<char, LogMark::size + 4> line{};
  LogMark::write(line, LogSeverity::warning, "2026-08-01T12:34:56.000789Z");

  LogMark mark = LogMark::of({line.data(), line.size()});

  EXPECT_EQ(mark.severity, '4');
  EXPECT_EQ(mark.time, "2026-08-01T12:34:56.000789Z");
}

TEST(LogMark, WhatWentWellIsInformation) {
  BufferPool pool;
  EXPECT_EQ(severity_of(plain_record(pool)), LogSeverity::informational);
}

TEST(LogMark, WhatFailedIsAnError) {
  BufferPool pool;
  EXPECT_EQ(severity_of(failed_record(pool)), LogSeverity::error);
  ExchangeRecord record = plain_record(pool);
  record.status = 500;
  EXPECT_EQ(severity_of(record), LogSeverity::error);
}

TEST(LogMark, WhatWasRescuedIsAWarning) {
  BufferPool pool;
  ExchangeRecord record = failed_record(pool);
  record.fault = Fault::none;
  record.status = 200;
  EXPECT_EQ(severity_of(record), LogSeverity::warning);
}

TEST(LogMark, WhatAClientDidWrongIsInformation) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  record.fault = Fault::request_body_too_large;
  record.status = 413;
  EXPECT_EQ(severity_of(record), LogSeverity::informational);
}

}  // namespace
}  // namespace gg
