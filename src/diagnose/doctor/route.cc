// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/route.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace gg {

namespace {

struct Request {
  nlmsghdr header{};
  rtmsg message{};
  char attributes[64]{};
};

Request request_for(const Address& address) {
  Request request;
  auto bytes = address.ip_bytes();
  request.header.nlmsg_type = RTM_GETROUTE;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.message.rtm_family = bytes.size() == 4 ? AF_INET : AF_INET6;
  request.message.rtm_dst_len = static_cast<unsigned char>(bytes.size() * 8);
  rtattr attribute{};
  attribute.rta_type = RTA_DST;
  attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(bytes.size()));
  std::memcpy(request.attributes, &attribute, sizeof attribute);
  std::memcpy(request.attributes + RTA_LENGTH(0), bytes.data(), bytes.size());
  request.header.nlmsg_len =
      static_cast<std::uint32_t>(NLMSG_LENGTH(sizeof(rtmsg)) + RTA_ALIGN(attribute.rta_len));
  return request;
}

std::string text_of_ip(const char* bytes, std::size_t size) {
  Address address;
  address.family = size == 4 ? AddressFamily::v4 : AddressFamily::v6;
  std::memcpy(address.ip.data(), bytes, size);
  return ip_text(address);
}

void read_attribute(const rtattr& attribute, const char* bytes, RouteFacts& route) {
  std::size_t size = attribute.rta_len - RTA_LENGTH(0);
  bool is_ip = size == 4 || size == 16;
  if (attribute.rta_type == RTA_PREFSRC && is_ip) route.source = text_of_ip(bytes, size);
  if (attribute.rta_type == RTA_GATEWAY && is_ip) route.gateway = text_of_ip(bytes, size);
  if (attribute.rta_type == RTA_OIF && size == sizeof(unsigned)) {
    unsigned index = 0;
    std::memcpy(&index, bytes, sizeof index);
    char name[IF_NAMESIZE];
    if (if_indextoname(index, name) != nullptr) route.interface = name;
  }
}

void read_answer(const char* bytes, std::size_t size, RouteFacts& route) {
  nlmsghdr header{};
  if (size < NLMSG_LENGTH(sizeof(rtmsg))) return;
  std::memcpy(&header, bytes, sizeof header);
  if (header.nlmsg_type != RTM_NEWROUTE) return;
  std::size_t end = std::min<std::size_t>(size, header.nlmsg_len);
  std::size_t at = NLMSG_LENGTH(sizeof(rtmsg));
  while (at + sizeof(rtattr) <= end) {
    rtattr attribute{};
    std::memcpy(&attribute, bytes + at, sizeof attribute);
    bool is_whole = attribute.rta_len >= RTA_LENGTH(0) && at + attribute.rta_len <= end;
    if (!is_whole) return;
    read_attribute(attribute, bytes + at + RTA_LENGTH(0), route);
    at += RTA_ALIGN(attribute.rta_len);
  }
}

std::optional<std::uint64_t> number_in(const char* path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;
}

/// "TCP: inuse 5 orphan 0 tw 12 alloc 9 mem 1"
std::optional<std::uint64_t> waiting_sockets() {
  std::ifstream file("/proc/net/sockstat");
  std::string word;
  bool is_tcp = false;
  while (file >> word) {
    if (word.ends_with(':')) is_tcp = word == "TCP:";
    std::uint64_t count = 0;
    if (is_tcp && word == "tw" && file >> count) return count;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> hexadecimal(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A line of /proc/net/tcp: "0: 0100007F:0BB8 00000000:0000 0A 00000000:00000006 ...". What waits
/// at a listening socket is where others have what they have not read.
std::optional<std::uint64_t> waiting_in(const std::string& line, std::uint16_t port) {
  constexpr std::string_view listening = "0A";
  std::istringstream words(line);
  std::string number;
  std::string local;
  std::string remote;
  std::string state;
  std::string queues;
  words >> number >> local >> remote >> state >> queues;
  std::size_t colon = local.rfind(':');
  std::size_t middle = queues.find(':');
  if (state != listening || colon == std::string::npos || middle == std::string::npos) return {};
  if (hexadecimal(std::string_view(local).substr(colon + 1)) != port) return {};
  return hexadecimal(std::string_view(queues).substr(middle + 1));
}

}  // namespace

bool is_own(const Address& address, const RouteFacts& route) {
  return route.interface == "lo" || (!route.source.empty() && route.source == ip_text(address));
}

std::optional<std::uint64_t> not_accepted_at(std::uint16_t port) {
  std::optional<std::uint64_t> most;
  for (const char* name : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(name);
    for (std::string line; std::getline(file, line);) {
      std::optional<std::uint64_t> waiting = waiting_in(line, port);
      if (waiting) most = std::max(most.value_or(0), *waiting);
    }
  }
  return most;
}

RouteFacts route_to(const Address& address) {
  RouteFacts route;
  if (address.ip_bytes().empty()) return route;
  int asking = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (asking < 0) return route;
  Request request = request_for(address);
  ssize_t sent = send(asking, &request, request.header.nlmsg_len, 0);
  char answer[4096];
  ssize_t size = sent > 0 ? recv(asking, answer, sizeof answer, 0) : -1;
  close(asking);
  if (size > 0) read_answer(answer, static_cast<std::size_t>(size), route);
  return route;
}

LocalFacts local_limits() {
  LocalFacts local;
  std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
  range >> local.ports_first >> local.ports_last;
  local.waiting_sockets = waiting_sockets();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) local.descriptors = limit.rlim_cur;
  local.tracked = number_in("/proc/sys/net/netfilter/nf_conntrack_count");
  local.tracked_most = number_in("/proc/sys/net/netfilter/nf_conntrack_max");
  bool is_there = access("/proc/sys/net/netfilter/nf_conntrack_max", F_OK) == 0;
  local.tracking_is_hidden = is_there && !local.tracked;
  return local;
}

}  // namespace gg
