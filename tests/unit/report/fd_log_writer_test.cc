// SPDX-License-Identifier: Apache-2.0
#include "report/fd_log_writer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace gg {
namespace {

std::unique_ptr<LogBuffer> lines_of(std::string_view text) {
  auto buffer = std::make_unique<LogBuffer>();
  std::ranges::copy(text, buffer->room().begin());
  buffer->add_line(text.size());
  return buffer;
}

std::unique_ptr<LogBuffer> full_buffer() { return lines_of(std::string(120'000, 'x') + "\n"); }

/// Both ends of a pipe, closed at the end.
struct Pipe {
  Pipe() { opened = ::pipe(ends) == 0; }
  ~Pipe() {
    close_reader();
    ::close(ends[1]);
  }
  void close_reader() {
    if (ends[0] >= 0) ::close(ends[0]);
    ends[0] = -1;
  }
  /// What is in the pipe now.
  std::string take() {
    std::string text(1 << 20, '\0');
    const ssize_t count = ::read(ends[0], text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  int ends[2] = {-1, -1};
  bool opened = false;
};

TEST(FdLogWriter, WritesToAFileInOrder) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  ASSERT_NE(file, nullptr);
  FdLogWriter writer(::fileno(file.get()));

  EXPECT_TRUE(writer.swap(lines_of("one\n")).was_taken);
  EXPECT_TRUE(writer.swap(lines_of("two\n")).was_taken);
  EXPECT_EQ(writer.pump(), FdLogWriter::Pumped::all);

  char text[16] = {};
  EXPECT_EQ(::pread(::fileno(file.get()), text, sizeof text, 0), 8);
  EXPECT_STREQ(text, "one\ntwo\n");
}

TEST(FdLogWriter, GivesBackAnEmptyBuffer) {
  Pipe pipe;
  ASSERT_TRUE(pipe.opened);
  FdLogWriter writer(pipe.ends[1]);

  const LogWriter::Swapped swapped = writer.swap(lines_of("one\n"));

  ASSERT_NE(swapped.empty, nullptr);
  EXPECT_TRUE(swapped.empty->empty());
}

TEST(FdLogWriter, ASlowReaderStopsThePumpAndNotTheCaller) {
  Pipe pipe;
  ASSERT_TRUE(pipe.opened);
  FdLogWriter writer(pipe.ends[1]);
  writer.swap(full_buffer());

  EXPECT_EQ(writer.pump(), FdLogWriter::Pumped::blocked);

  std::string text = pipe.take();
  EXPECT_EQ(writer.pump(), FdLogWriter::Pumped::all);
  text += pipe.take();
  EXPECT_EQ(text, std::string(120'000, 'x') + "\n");
}

TEST(FdLogWriter, RefusesLinesOnceTooManyWait) {
  Pipe pipe;
  ASSERT_TRUE(pipe.opened);
  FdLogWriter writer(pipe.ends[1]);
  for (std::size_t i = 0; i < FdLogWriter::buffers_max; ++i) {
    EXPECT_TRUE(writer.swap(lines_of("kept\n")).was_taken);
  }

  const LogWriter::Swapped refused = writer.swap(lines_of("lost\n"));

  EXPECT_FALSE(refused.was_taken);
  ASSERT_NE(refused.empty, nullptr);
  EXPECT_TRUE(refused.empty->empty());
  EXPECT_EQ(writer.pump(), FdLogWriter::Pumped::all);
  EXPECT_TRUE(writer.swap(lines_of("more\n")).was_taken);
  EXPECT_EQ(pipe.take().find("lost"), std::string::npos);
}

TEST(FdLogWriter, CountsTheLinesThatTheSystemRefused) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  ASSERT_TRUE(pipe.opened);
  FdLogWriter writer(pipe.ends[1]);
  pipe.close_reader();
  writer.swap(lines_of("lost\n"));

  EXPECT_EQ(writer.pump(), FdLogWriter::Pumped::failed);
  EXPECT_EQ(writer.error_number(), EPIPE);
  EXPECT_EQ(writer.lines_lost().read(), 1u);
  EXPECT_EQ(writer.pump(), FdLogWriter::Pumped::all);
}

TEST(FdLogWriter, GoesOnWithAnotherDescriptor) {
  Pipe before;
  Pipe after;
  ASSERT_TRUE(before.opened && after.opened);
  FdLogWriter writer(before.ends[1]);
  writer.swap(lines_of("one\n"));
  writer.pump();

  writer.use(after.ends[1]);
  writer.swap(lines_of("two\n"));
  writer.pump();

  EXPECT_EQ(before.take(), "one\n");
  EXPECT_EQ(after.take(), "two\n");
}

}  // namespace
}  // namespace gg
