// SPDX-License-Identifier: Apache-2.0
#include "engine/transport_facts.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "engine/epoll/epoll_engine.h"

namespace gg {

std::optional<TransportFacts> transport_facts_of(const Socket& socket) {
  if (dynamic_cast<EpollEngine*>(&socket.engine()) == nullptr) return std::nullopt;
  tcp_info info{};
  socklen_t size = sizeof info;
  int descriptor = EpollEngine::descriptor_of(socket);
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return TransportFacts{.round_trip = std::chrono::microseconds(info.tcpi_rtt),
                        .retransmits = info.tcpi_total_retrans,
                        .unacknowledged = info.tcpi_unacked,
                        .unsent = info.tcpi_notsent_bytes,
                        .path_mtu = info.tcpi_pmtu};
}

}  // namespace gg
