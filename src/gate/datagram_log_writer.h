// SPDX-License-Identifier: Apache-2.0
// Sends log lines, one datagram each, to a syslog daemon (RFC 5424, over a Unix socket or UDP) or
// to journald (its native protocol), on the control thread. Never waits for either.
#pragma once

#include <sys/socket.h>

#include <string>

#include "config/model.h"
#include "report/queued_log_writer.h"

namespace gg {

/// Lines come with a LogMark. While nobody takes them they wait, as many as the queue holds; who is
/// away is looked for again at each pump().
class DatagramLogWriter final : public QueuedLogWriter {
 public:
  /// Of a line for a server elsewhere; the rest is cut off (RFC 5424 6.1, RFC 5426 3.2).
  static constexpr std::size_t longest_elsewhere = 8192;
  static constexpr const char* journal_socket = "/run/systemd/journal/socket";

  /// Who we are, for syslog's header.
  struct Sender {
    std::string host;
    std::string process;  // its number
  };

  /// `target` is syslog or journald; a path in it stands in for the usual socket.
  DatagramLogWriter(const LogTarget& target, const Sender& sender);
  ~DatagramLogWriter() override;

 private:
  Progress write_some(std::span<const char> content, std::size_t& written) override;
  bool is_connected();
  bool send(std::string_view line);
  void disconnect();

  sockaddr_storage peer_{};
  socklen_t peer_size_ = 0;
  bool to_journal_;
  bool is_elsewhere_;
  std::string identity_;  // what follows the time in a header of syslog's
  int descriptor_ = -1;
};

}  // namespace gg
