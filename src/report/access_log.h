// SPDX-License-Identifier: Apache-2.0
// The access log of one worker: formats each finished record into a large buffer and hands full
// buffers to a LogWriter. Never waits for whoever reads the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "record/record_sink.h"
#include "record/tally.h"
#include "report/keep_rule.h"
#include "report/log_layout.h"
#include "report/log_time.h"
#include "report/log_writer.h"

namespace gg {

struct AccessLogSettings {
  KeepRule keep;           // which requests are logged
  bool is_marked = false;  // each line begins with a LogMark, for its writer
};

class AccessLog final : public RecordSink {
 public:
  /// `writer` and `dropped` outlive the log. `dropped` counts lines that nobody took.
  AccessLog(LogLayout format, LogWriter& writer, Tally& dropped, AccessLogSettings settings = {});
  /// Hands over what is left.
  ~AccessLog() override;

  /// Appends one line. Worker thread; no allocation in steady state.
  void finished(const ExchangeRecord& record) override;

  /// Hands over the lines so far, so that quiet hours are seen too. To be called a few times a
  /// second by the worker.
  void flush();

 private:
  LogLayout format_;
  AccessLogSettings settings_;
  LogWriter& writer_;
  Tally& dropped_;
  LogTime time_;
  std::unique_ptr<LogBuffer> buffer_;
};

}  // namespace gg
