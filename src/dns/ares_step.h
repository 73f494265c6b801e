// SPDX-License-Identifier: Apache-2.0
// Lets c-ares go on with what has come, whatever the numbers of its sockets: a process with many
// connections has them beyond what select() can name. Used by CaresResolver and CaresServices.
#pragma once

#include <ares.h>
#include <poll.h>

#include <array>

namespace gg {

/// Reads what is there and notices what is late. Never waits.
inline void step(ares_channel channel) {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  std::array<pollfd, ARES_GETSOCK_MAXNUM> polled{};
  auto wanted = static_cast<unsigned>(ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM));
  nfds_t count = 0;
  for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
    bool reads = (wanted >> i & 1U) != 0;
    bool writes = (wanted >> (i + ARES_GETSOCK_MAXNUM) & 1U) != 0;
    int events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
    if (events != 0) polled[count++] = {sockets[i], static_cast<short>(events), 0};
  }
  ::poll(polled.data(), count, 0);
  for (nfds_t i = 0; i < count; ++i) {
    bool readable = (polled[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
    bool writable = (polled[i].revents & POLLOUT) != 0;
    ares_process_fd(channel, readable ? polled[i].fd : ARES_SOCKET_BAD,
                    writable ? polled[i].fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // timeouts
}

}  // namespace gg
