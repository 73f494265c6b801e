// SPDX-License-Identifier: Apache-2.0
#include "report/access_log.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "unit/report/example_record.h"

namespace gg {
namespace {

/// Keeps everything, or refuses everything.
class MemoryLogWriter final : public LogWriter {
 public:
  Swapped swap(std::unique_ptr<LogBuffer> full) override {
    ++swaps;
    if (takes_lines) text.append(full->content().data(), full->content().size());
    full->clear();
    return {std::move(full), takes_lines};
  }

  std::string text;
  int swaps = 0;
  bool takes_lines = true;
};

LogLayout status_only() { return *LogLayout::compile("{status}"); }

TEST(AccessLog, HandsOverItsLinesWhenFlushed) {
  BufferPool pool;
  MemoryLogWriter writer;
  Tally dropped;
  AccessLog log(status_only(), writer, dropped);

  log.finished(plain_record(pool));
  log.finished(failed_record(pool));
  EXPECT_EQ(writer.text, "");
  log.flush();

  EXPECT_EQ(writer.text, "200\n502\n");
  EXPECT_EQ(dropped.read(), 0u);
}

TEST(AccessLog, AnIdleLogHandsOverNothing) {
  MemoryLogWriter writer;
  Tally dropped;
  AccessLog log(status_only(), writer, dropped);

  log.flush();

  EXPECT_EQ(writer.swaps, 0);
}

TEST(AccessLog, HandsOverWhatIsLeftWhenItEnds) {
  BufferPool pool;
  MemoryLogWriter writer;
  Tally dropped;
  {
    AccessLog log(status_only(), writer, dropped);
    log.finished(plain_record(pool));
  }
  EXPECT_EQ(writer.text, "200\n");
}

TEST(AccessLog, HandsOverAFullBufferByItselfAndCutsNoLine) {
  BufferPool pool;
  MemoryLogWriter writer;
  Tally dropped;
  AccessLog log(LogLayout::json(), writer, dropped);
  const ExchangeRecord record = plain_record(pool);

  for (int i = 0; i < 1000; ++i) log.finished(record);

  EXPECT_GT(writer.swaps, 2);
  EXPECT_EQ(writer.text.back(), '\n');
  EXPECT_EQ(dropped.read(), 0u);
}

TEST(AccessLog, CountsTheLinesThatNobodyTook) {
  BufferPool pool;
  MemoryLogWriter writer;
  writer.takes_lines = false;
  Tally dropped;
  AccessLog log(status_only(), writer, dropped);
  log.finished(plain_record(pool));
  log.finished(plain_record(pool));

  log.flush();
  EXPECT_EQ(dropped.read(), 2u);

  writer.takes_lines = true;
  log.finished(failed_record(pool));
  log.flush();
  EXPECT_EQ(writer.text, "502\n");
}

TEST(AccessLog, CountsALineThatATemplateMadeTooLong) {
  BufferPool pool;
  MemoryLogWriter writer;
  Tally dropped;
  std::string format;
  for (int i = 0; i < 100; ++i) format += "{target}";
  AccessLog log(*LogLayout::compile(format), writer, dropped);
  ExchangeRecord record = plain_record(pool);
  const std::string target(4000, 'x');
  record.target = target;

  log.finished(record);
  log.flush();

  EXPECT_EQ(dropped.read(), 1u);
  EXPECT_EQ(writer.text, "");
}

}  // namespace
}  // namespace gg
