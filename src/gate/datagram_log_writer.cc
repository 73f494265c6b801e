// SPDX-License-Identifier: Apache-2.0
#include "gate/datagram_log_writer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "report/log_mark.h"

namespace gg {
namespace {

// Facility local0 (16): what other gateways log as (RFC 5424 6.2.1).
constexpr std::array<std::string_view, 8> syslog_priorities = {
    "<128>1 ", "<129>1 ", "<130>1 ", "<131>1 ", "<132>1 ", "<133>1 ", "<134>1 ", "<135>1 "};

constexpr std::string_view journal_head =
    "SYSLOG_IDENTIFIER=goodgate\nSYSLOG_FACILITY=16\nPRIORITY=";
constexpr std::string_view journal_message = "\nMESSAGE=";

iovec piece_of(std::string_view text) {
  // sendmsg() only reads.
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

socklen_t set_unix(sockaddr_storage& peer, std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path.substr(0, sizeof address.sun_path - 1), address.sun_path);
  std::memcpy(&peer, &address, sizeof address);
  return sizeof address;
}

socklen_t set_ip(sockaddr_storage& peer, const std::string& host, std::uint16_t port) {
  sockaddr_in v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&peer, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&peer, &v6, sizeof v6);
  return sizeof v6;
}

}  // namespace

DatagramLogWriter::DatagramLogWriter(const LogTarget& target, const Sender& sender)
    : to_journal_(target.kind == LogTarget::Kind::journald), is_elsewhere_(!target.host.empty()) {
  if (is_elsewhere_) {
    peer_size_ = set_ip(peer_, target.host, target.port);
  } else {
    peer_size_ = set_unix(peer_, target.path.empty() ? journal_socket : target.path.c_str());
  }
  // HOSTNAME APP-NAME PROCID MSGID, no structured data.
  identity_ = " " + (sender.host.empty() ? "-" : sender.host) + " goodgate " + sender.process +
              " access - ";
}

DatagramLogWriter::~DatagramLogWriter() { disconnect(); }

void DatagramLogWriter::disconnect() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool DatagramLogWriter::is_connected() {
  if (descriptor_ >= 0) return true;
  descriptor_ = ::socket(peer_.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto* peer = reinterpret_cast<const sockaddr*>(&peer_);
  if (descriptor_ >= 0 && ::connect(descriptor_, peer, peer_size_) == 0) return true;
  note_error(errno);
  disconnect();
  return false;
}

bool DatagramLogWriter::send(std::string_view line) {
  LogMark mark = LogMark::of(line);
  std::string_view text = line.substr(LogMark::size);
  if (is_elsewhere_) text = text.substr(0, longest_elsewhere);
  std::array<iovec, 5> pieces{};
  if (to_journal_) {
    pieces = {piece_of(journal_head), piece_of(line.substr(0, 1)), piece_of(journal_message),
              piece_of(text), piece_of("\n")};
  } else {
    auto severity = static_cast<std::size_t>(mark.severity - '0') % syslog_priorities.size();
    pieces = {piece_of(syslog_priorities[severity]), piece_of(mark.time), piece_of(identity_),
              piece_of(text), piece_of("")};
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

QueuedLogWriter::Progress DatagramLogWriter::write_some(std::span<const char> content,
                                                        std::size_t& written) {
  std::string_view all(content.data(), content.size());
  while (written < all.size()) {
    if (!is_connected()) return Progress::blocked;
    std::size_t end = all.find('\n', written);
    if (send(all.substr(written, end - written))) {
      written = end + 1;
      note_error(0);
      continue;
    }
    int reason = errno;
    if (reason == EINTR) continue;
    if (reason == EAGAIN || reason == ENOBUFS) return Progress::blocked;
    // Of UDP this is news of an earlier line, for which nobody was there.
    bool is_about_another = is_elsewhere_ && reason == ECONNREFUSED;
    if (is_about_another) {
      note_error(reason);
      lose_line();
      continue;
    }
    if (reason == EMSGSIZE) {
      lose_line();
      written = end + 1;
      continue;
    }
    note_error(reason);
    disconnect();
    return Progress::blocked;
  }
  return Progress::done;
}

}  // namespace gg
