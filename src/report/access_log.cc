// SPDX-License-Identifier: Apache-2.0
#include "report/access_log.h"

#include <utility>

#include "report/log_mark.h"

namespace gg {

AccessLog::AccessLog(LogLayout format, LogWriter& writer, Tally& dropped,
                     AccessLogSettings settings)
    : format_(std::move(format)),
      settings_(settings),
      writer_(writer),
      dropped_(dropped),
      buffer_(std::make_unique_for_overwrite<LogBuffer>()) {}

AccessLog::~AccessLog() { flush(); }

void AccessLog::finished(const ExchangeRecord& record) {
  if (!settings_.keep.keeps(record)) return;
  std::size_t mark = settings_.is_marked ? LogMark::size : 0;
  if (buffer_->room().size() < LogLayout::longest_line + mark) flush();
  std::span<char> room = buffer_->room();
  if (settings_.is_marked) LogMark::write(room, severity_of(record), time_.rfc3339(record.started));
  std::size_t length = format_.write(room.subspan(mark), {record, time_});
  if (length == 0) {
    dropped_.add();  // a template that repeats long fields
    return;
  }
  buffer_->add_line(mark + length);
}

void AccessLog::flush() {
  if (buffer_->empty()) return;
  std::uint64_t lines = buffer_->lines();
  LogWriter::Swapped swapped = writer_.swap(std::move(buffer_));
  if (!swapped.was_taken) dropped_.add(lines);
  buffer_ = std::move(swapped.empty);
}

}  // namespace gg
