// SPDX-License-Identifier: Apache-2.0
// Workers hand over buffers while the control thread writes: meant for the thread sanitizer.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>

#include "report/fd_log_writer.h"

namespace gg {
namespace {

constexpr int rounds = 2'000;

/// Swaps one-line buffers and returns how many were taken.
int hand_over(FdLogWriter& writer) {
  int taken = 0;
  auto buffer = std::make_unique<LogBuffer>();
  for (int i = 0; i < rounds; ++i) {
    buffer->room()[0] = '\n';
    buffer->add_line(1);
    LogWriter::Swapped swapped = writer.swap(std::move(buffer));
    if (swapped.was_taken) ++taken;
    buffer = std::move(swapped.empty);
  }
  return taken;
}

TEST(FdLogWriterAcrossThreads, EveryLineThatWasTakenIsWrittenOnce) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  ASSERT_NE(file, nullptr);
  FdLogWriter writer(::fileno(file.get()));
  std::atomic<int> running{2};
  std::atomic<int> taken{0};
  const auto work = [&] {
    taken += hand_over(writer);
    --running;
  };
  std::thread first(work);
  std::thread second(work);

  while (running > 0) writer.pump();
  first.join();
  second.join();
  writer.pump();

  EXPECT_EQ(::lseek(::fileno(file.get()), 0, SEEK_END), taken.load());
  EXPECT_GT(taken.load(), 0);
}

}  // namespace
}  // namespace gg
