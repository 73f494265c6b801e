// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/small_segments.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "engine/epoll/sockaddr.h"

namespace gg {

namespace {

/// What every host takes (RFC 9293 3.7.1).
constexpr int small_segment = 536;
constexpr std::uint64_t enough = std::uint64_t{64} << 10;
/// An answer that had begun: so much more is no chance.
constexpr std::uint64_t far_more = 500;

/// A socket and the moment at which it is given up. The doctor is no part of a simulation.
class Asking {
 public:
  Asking(int family, Duration patience)
      : descriptor_(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
        left_ms_(std::chrono::duration_cast<std::chrono::milliseconds>(patience).count()) {}
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  int descriptor() const { return descriptor_; }

  /// False: not within what is left of the patience, which is counted in steps.
  bool wait_for(short events) {
    constexpr int step_ms = 20;
    while (left_ms_ > 0) {
      pollfd waiting{.fd = descriptor_, .events = events, .revents = 0};
      int ready = poll(&waiting, 1, step_ms);
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
      left_ms_ -= step_ms;
    }
    return false;
  }

 private:
  int descriptor_;
  std::int64_t left_ms_;
};

}  // namespace

std::uint64_t bytes_answered(const Address& to, std::string_view request, int segment,
                             Duration patience) {
  SystemAddress address = to_system(to);
  Asking asking(address.storage.ss_family, patience);
  int descriptor = asking.descriptor();
  if (descriptor < 0) return 0;
  if (segment > 0) setsockopt(descriptor, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
  bool is_begun = connect(descriptor, address.get(), address.size) == 0 || errno == EINPROGRESS;
  if (!is_begun || !asking.wait_for(POLLOUT)) return 0;
  // Small enough for a new connection's buffer.
  ssize_t sent = send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(request.size())) return 0;
  std::uint64_t all = 0;
  char piece[4096];
  while (all < enough && asking.wait_for(POLLIN)) {
    ssize_t count = recv(descriptor, piece, sizeof piece, 0);
    if (count <= 0) break;
    all += static_cast<std::uint64_t>(count);
  }
  return all;
}

bool only_small_segments_arrive(const Address& to, std::string_view request, Duration patience) {
  std::uint64_t small = bytes_answered(to, request, small_segment, patience);
  if (small == 0) return false;
  std::uint64_t usual = bytes_answered(to, request, 0, patience);
  return usual == 0 || small > usual + far_more;
}

}  // namespace gg
