// SPDX-License-Identifier: Apache-2.0
#include "report/access_log.h"

#include <utility>

namespace gg {

AccessLog::AccessLog(LogLayout format, LogWriter& writer, Tally& dropped)
    : format_(std::move(format)),
      writer_(writer),
      dropped_(dropped),
      buffer_(std::make_unique_for_overwrite<LogBuffer>()) {}

AccessLog::~AccessLog() { flush(); }

void AccessLog::finished(const ExchangeRecord& record) {
  if (buffer_->room().size() < LogLayout::longest_line) flush();
  std::size_t length = format_.write(buffer_->room(), {record, time_});
  if (length == 0) {
    dropped_.add();  // a template that repeats long fields
    return;
  }
  buffer_->add_line(length);
}

void AccessLog::flush() {
  if (buffer_->empty()) return;
  std::uint64_t lines = buffer_->lines();
  LogWriter::Swapped swapped = writer_.swap(std::move(buffer_));
  if (!swapped.was_taken) dropped_.add(lines);
  buffer_ = std::move(swapped.empty);
}

}  // namespace gg
