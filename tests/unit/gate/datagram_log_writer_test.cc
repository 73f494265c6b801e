// SPDX-License-Identifier: Apache-2.0
#include "gate/datagram_log_writer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "report/access_log.h"
#include "report/log_mark.h"
#include "unit/report/example_record.h"

namespace gg {
namespace {

constexpr std::string_view example_time = "2026-08-01T12:34:56.000789Z";
const DatagramLogWriter::Sender sender = {.host = "edge-1", .process = "42"};

std::unique_ptr<LogBuffer> buffer_of(std::string_view text, LogSeverity severity) {
  auto buffer = std::make_unique<LogBuffer>();
  LogMark::write(buffer->room(), severity, example_time);
  std::ranges::copy(text, buffer->room().begin() + LogMark::size);
  buffer->add_line(LogMark::size + text.size());
  return buffer;
}

/// A daemon's socket in a folder of its own.
class Daemon {
 public:
  Daemon() {
    char name[] = "/tmp/gg-log-XXXXXX";
    folder_ = ::mkdtemp(name);
    start();
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon() {
    stop();
    std::filesystem::remove_all(folder_);
  }
  void start() {
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path(), address.sun_path);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  void stop() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    std::filesystem::remove(path());
  }
  std::string path() const { return folder_ + "/log"; }
  /// The next datagram; empty: there is none.
  std::string take() const {
    std::string text(70'000, '\0');
    ssize_t count = ::recv(socket_, text.data(), text.size(), 0);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  LogTarget target(LogTarget::Kind kind = LogTarget::Kind::syslog) const {
    LogTarget target;
    target.kind = kind;
    target.path = path();
    return target;
  }

 private:
  std::string folder_;
  int socket_ = -1;
};

TEST(DatagramLogWriter, SpeaksSyslogsProtocol) {
  Daemon daemon;
  DatagramLogWriter writer(daemon.target(), sender);

  writer.swap(buffer_of("one\n", LogSeverity::informational));
  writer.swap(buffer_of("two\n", LogSeverity::error));
  EXPECT_EQ(writer.pump(), QueuedLogWriter::Pumped::all);

  EXPECT_EQ(daemon.take(), "<134>1 2026-08-01T12:34:56.000789Z edge-1 goodgate 42 access - one");
  EXPECT_EQ(daemon.take(), "<131>1 2026-08-01T12:34:56.000789Z edge-1 goodgate 42 access - two");
  EXPECT_EQ(daemon.take(), "");
}

TEST(DatagramLogWriter, SpeaksTheJournalsProtocol) {
  Daemon daemon;
  DatagramLogWriter writer(daemon.target(LogTarget::Kind::journald), sender);

  writer.swap(buffer_of("one\n", LogSeverity::warning));
  writer.pump();

  EXPECT_EQ(daemon.take(),
            "SYSLOG_IDENTIFIER=goodgate\nSYSLOG_FACILITY=16\nPRIORITY=4\nMESSAGE=one\n");
}

TEST(DatagramLogWriter, SendsWhatAnAccessLogWrites) {
  Daemon daemon;
  DatagramLogWriter writer(daemon.target(), sender);
  BufferPool pool;
  Tally dropped;
  {
    AccessLog log(*LogLayout::compile("{status}"), writer, dropped,
                  {.keep = {}, .is_marked = true});
    log.finished(plain_record(pool));
    log.finished(failed_record(pool));
  }
  writer.pump();

  EXPECT_EQ(daemon.take(), "<134>1 2026-08-01T12:34:56.000789Z edge-1 goodgate 42 access - 200");
  EXPECT_EQ(daemon.take(), "<131>1 2026-08-01T12:34:56.000789Z edge-1 goodgate 42 access - 502");
}

TEST(DatagramLogWriter, KeepsLinesForADaemonThatIsAway) {
  Daemon daemon;
  daemon.stop();
  DatagramLogWriter writer(daemon.target(), sender);
  writer.swap(buffer_of("one\n", LogSeverity::informational));

  EXPECT_EQ(writer.pump(), QueuedLogWriter::Pumped::blocked);
  EXPECT_EQ(writer.error_number(), ENOENT);

  daemon.start();
  EXPECT_EQ(writer.pump(), QueuedLogWriter::Pumped::all);
  EXPECT_TRUE(daemon.take().ends_with(" one"));
  EXPECT_EQ(writer.error_number(), 0);
  EXPECT_EQ(writer.lines_lost().read(), 0u);
}

TEST(DatagramLogWriter, FindsADaemonThatWasStartedAnew) {
  Daemon daemon;
  DatagramLogWriter writer(daemon.target(), sender);
  writer.swap(buffer_of("one\n", LogSeverity::informational));
  writer.pump();
  daemon.stop();
  writer.swap(buffer_of("two\n", LogSeverity::informational));
  EXPECT_EQ(writer.pump(), QueuedLogWriter::Pumped::blocked);

  daemon.start();
  EXPECT_EQ(writer.pump(), QueuedLogWriter::Pumped::all);

  EXPECT_TRUE(daemon.take().ends_with(" two"));
}

TEST(DatagramLogWriter, DoesNotWaitForADaemonThatDoesNotRead) {
  Daemon daemon;
  DatagramLogWriter writer(daemon.target(), sender);
  int sent = 0;
  QueuedLogWriter::Pumped pumped = QueuedLogWriter::Pumped::all;
  while (pumped == QueuedLogWriter::Pumped::all && sent < 100'000) {
    ASSERT_TRUE(writer.swap(buffer_of("line\n", LogSeverity::informational)).was_taken);
    pumped = writer.pump();
    ++sent;
  }
  EXPECT_EQ(pumped, QueuedLogWriter::Pumped::blocked);

  int taken = 0;
  while (!daemon.take().empty()) ++taken;
  EXPECT_EQ(writer.pump(), QueuedLogWriter::Pumped::all);
  while (!daemon.take().empty()) ++taken;
  EXPECT_EQ(taken, sent);
  EXPECT_EQ(writer.lines_lost().read(), 0u);
}

/// A syslog server on this machine.
class Server {
 public:
  Server() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    target.kind = LogTarget::Kind::syslog;
    target.host = "127.0.0.1";
    target.port = ntohs(address.sin_port);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { ::close(socket_); }

  /// Waits for the next line, for ten seconds.
  std::string take() const {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, 10'000) != 1) return "";
    std::string text(70'000, '\0');
    ssize_t count = ::recv(socket_, text.data(), text.size(), 0);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }

  LogTarget target;

 private:
  int socket_;
};

TEST(DatagramLogWriter, SendsToAServer) {
  Server server;
  DatagramLogWriter writer(server.target, sender);

  writer.swap(buffer_of("one\n", LogSeverity::informational));
  EXPECT_EQ(writer.pump(), QueuedLogWriter::Pumped::all);

  EXPECT_TRUE(server.take().ends_with(" access - one"));
}

TEST(DatagramLogWriter, CutsLongLinesForAServer) {
  Server server;
  DatagramLogWriter writer(server.target, sender);

  writer.swap(buffer_of(std::string(20'000, 'x') + "\n", LogSeverity::informational));
  writer.pump();

  std::string line = server.take();
  EXPECT_EQ(std::ranges::count(line, 'x'), DatagramLogWriter::longest_elsewhere);
}

TEST(DatagramLogWriter, CountsTheLinesForWhichNoServerWasThere) {
  LogTarget nobody = Server().target;
  DatagramLogWriter writer(nobody, sender);
  // The first is sent into the void; the kernel says so when the second is sent.
  writer.swap(buffer_of("one\n", LogSeverity::informational));
  writer.swap(buffer_of("two\n", LogSeverity::informational));

  EXPECT_EQ(writer.pump(), QueuedLogWriter::Pumped::all);

  EXPECT_EQ(writer.lines_lost().read(), 1u);
}

}  // namespace
}  // namespace gg
