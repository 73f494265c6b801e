// SPDX-License-Identifier: Apache-2.0
#include "gate/socket_holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "gate/descriptors.h"
#include "gate/lines.h"

namespace gg {
namespace {

struct DirectoryCloser {
  void operator()(DIR* directory) const { closedir(directory); }
};
using Directory = std::unique_ptr<DIR, DirectoryCloser>;

std::string whole_file(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 16384> piece;
  for (;;) {
    ssize_t got = file.is_open() ? read(file.number(), piece.data(), piece.size()) : 0;
    if (got <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  while (!line.empty()) {
    std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) found.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return found;
}

/// The kernel prints an address as 32-bit words in the machine's own byte order.
std::optional<Address> kernel_address(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  std::optional<std::uint64_t> port = parse_number(text.substr(colon + 1), 16);
  if (!port) return std::nullopt;

  Address address{.family = colon == 8 ? AddressFamily::v4 : AddressFamily::v6,
                  .port = static_cast<std::uint16_t>(*port)};
  for (std::size_t at = 0; at < colon; at += 8) {
    std::uint32_t word =
        static_cast<std::uint32_t>(parse_number(text.substr(at, 8), 16).value_or(0));
    std::memcpy(address.ip.data() + at / 2, &word, sizeof word);
  }
  return address;
}

bool is_any(const Address& address) {
  return std::ranges::all_of(address.ip, [](std::uint8_t byte) { return byte == 0; });
}

bool conflict(const Address& held, const Address& wanted) {
  if (held.port != wanted.port) return false;
  return is_any(held) || is_any(wanted) || held.ip == wanted.ip;
}

/// Adds the inodes of the sockets in /proc/net/tcp or tcp6 that listen and conflict.
void find_tcp(const char* table, const Address& wanted, std::vector<std::string>& inodes) {
  constexpr std::string_view listening = "0A";
  std::string text = whole_file(table);
  std::string_view rest = text;
  next_line(rest);
  while (!rest.empty()) {
    std::vector<std::string_view> fields = words(next_line(rest));
    if (fields.size() < 10 || fields[3] != listening) continue;
    std::optional<Address> held = kernel_address(fields[1]);
    if (held && conflict(*held, wanted)) inodes.emplace_back(fields[9]);
  }
}

void find_unix(std::string_view path, std::vector<std::string>& inodes) {
  constexpr std::string_view accepts_connections = "00010000";
  std::string text = whole_file("/proc/net/unix");
  std::string_view rest = text;
  next_line(rest);
  while (!rest.empty()) {
    std::vector<std::string_view> fields = words(next_line(rest));
    bool listens = fields.size() >= 8 && fields[3] == accepts_connections;
    if (listens && fields[7] == path) inodes.emplace_back(fields[6]);
  }
}

bool has_open(const std::string& process, const std::vector<std::string>& links) {
  std::string folder = process + "/fd";
  Directory descriptors(opendir(folder.c_str()));
  if (!descriptors) return false;
  while (const dirent* entry = readdir(descriptors.get())) {
    std::array<char, 64> target;
    std::string path = folder + "/" + entry->d_name;
    ssize_t size = readlink(path.c_str(), target.data(), target.size());
    if (size <= 0) continue;
    std::string_view link(target.data(), static_cast<std::size_t>(size));
    if (std::ranges::find(links, link) != links.end()) return true;
  }
  return false;
}

}  // namespace

std::optional<SocketHolder> find_holder(const Address& address) {
  std::vector<std::string> inodes;
  if (address.family == AddressFamily::unix_path) {
    find_unix(address.path, inodes);
  } else {
    find_tcp("/proc/net/tcp", address, inodes);
    find_tcp("/proc/net/tcp6", address, inodes);
  }
  if (inodes.empty()) return std::nullopt;
  std::vector<std::string> links;
  for (const std::string& inode : inodes) links.push_back("socket:[" + inode + "]");

  Directory processes(opendir("/proc"));
  if (!processes) return std::nullopt;
  while (const dirent* entry = readdir(processes.get())) {
    std::optional<std::uint64_t> pid = parse_number(entry->d_name);
    std::string process = std::string("/proc/") + entry->d_name;
    if (!pid || !has_open(process, links)) continue;
    std::string name = whole_file(process + "/comm");
    if (name.ends_with('\n')) name.pop_back();
    return SocketHolder{static_cast<pid_t>(*pid), name};
  }
  return std::nullopt;
}

}  // namespace gg
