// SPDX-License-Identifier: Apache-2.0
#include "gate/listeners.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "base/assert.h"
#include "engine/epoll/sockaddr.h"
#include "gate/bind_failure.h"

namespace gg {
namespace {

constexpr mode_t everybody = 0666;
constexpr mode_t owner_and_group = 0660;

/// As many as the kernel allows to wait for an accept, so that a busy moment refuses nobody.
int longest_backlog() {
  int most = SOMAXCONN;
  std::ifstream("/proc/sys/net/core/somaxconn") >> most;
  return std::max(most, SOMAXCONN);
}

void set_flag(int descriptor, int level, int name, int value) {
  setsockopt(descriptor, level, name, &value, sizeof value);
}

/// No host means every address of both families: one IPv6 socket that takes IPv4 too.
Address address_of(const ListenAddress& wanted) {
  if (wanted.is_unix()) return Address::unix_at(wanted.path);
  if (wanted.host.empty()) return {.family = AddressFamily::v6, .port = wanted.port};
  std::optional<Address> ip = parse_ip(wanted.host, wanted.port);
  GG_ASSERT(ip.has_value());  // the configuration was checked
  return *ip;
}

/// Listens, or says with which errno it failed.
Result<Descriptor, int> bind_tcp(const Address& address, bool both_families) {
  int family = address.family == AddressFamily::v6 ? AF_INET6 : AF_INET;
  Descriptor bound(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!bound.is_open()) return Failure(errno);
  set_flag(bound.number(), SOL_SOCKET, SO_REUSEADDR, 1);
  set_flag(bound.number(), IPPROTO_TCP, TCP_NODELAY, 1);  // accepted sockets inherit it
  if (family == AF_INET6) {
    set_flag(bound.number(), IPPROTO_IPV6, IPV6_V6ONLY, both_families ? 0 : 1);
  }
  SystemAddress system = to_system(address);
  if (bind(bound.number(), system.get(), system.size) != 0) return Failure(errno);
  if (listen(bound.number(), longest_backlog()) != 0) return Failure(errno);
  return bound;
}

/// Does nobody answer behind the socket file that is in the way?
bool is_stale(const SystemAddress& system) {
  Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return connect(probe.number(), system.get(), system.size) != 0 && errno == ECONNREFUSED;
}

Result<Descriptor, int> bind_unix(const std::string& path, mode_t mode,
                                  const std::optional<Account>& owner) {
  Descriptor bound(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!bound.is_open()) return Failure(errno);
  SystemAddress system = to_system(Address::unix_at(path));

  struct stat there{};
  if (lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) return Failure(EEXIST);
    if (!is_stale(system)) return Failure(EADDRINUSE);
    if (unlink(path.c_str()) != 0) return Failure(errno);
  }
  if (bind(bound.number(), system.get(), system.size) != 0) return Failure(errno);
  // Nobody can connect before listen, so the mode is never wider than meant.
  bool given = !owner || geteuid() != 0 || chown(path.c_str(), owner->uid, owner->gid) == 0;
  if (!given || chmod(path.c_str(), mode) != 0 || listen(bound.number(), longest_backlog()) != 0) {
    int error = errno;
    unlink(path.c_str());
    return Failure(error);
  }
  return bound;
}

std::uint64_t inode_of(const std::string& path) {
  struct stat there{};
  return lstat(path.c_str(), &there) == 0 ? there.st_ino : 0;
}

}  // namespace

Listeners::Listeners(Listeners&& other) noexcept : held_(std::exchange(other.held_, {})) {}

Result<void, std::string> Listeners::add(const Config& config,
                                         const std::optional<Account>& owner) {
  std::size_t before = held_.size();
  std::string problems;
  for (const Key& key : keys_of(config)) {
    if (find(key) != nullptr) continue;
    Result<Held, std::string> bound = bind_one(key, owner);
    if (bound) {
      held_.push_back(std::move(*bound));
    } else {
      problems += (problems.empty() ? "" : "\n") + bound.error();
    }
  }
  if (problems.empty()) return {};
  while (held_.size() > before) {
    close_one(held_.back());
    held_.pop_back();
  }
  return Failure(problems);
}

void Listeners::keep_only(const Config& config) {
  std::vector<Key> wanted = keys_of(config);
  std::erase_if(held_, [&](Held& held) {
    bool stays = std::ranges::find(wanted, held.key) != wanted.end();
    if (!stays) close_one(held);
    return !stays;
  });
}

void Listeners::close_all() {
  for (Held& held : held_) close_one(held);
  held_.clear();
}

std::vector<ListeningSocket> Listeners::for_worker(const Config& config) const {
  std::vector<ListeningSocket> sockets;
  std::vector<Key> keys = keys_of(config);
  for (std::size_t index = 0; index < config.listeners.size(); ++index) {
    const Held* held = find(keys[index]);
    GG_ASSERT(held != nullptr);
    Address address = held->actual;
    address.path = config.listeners[index].address.path;
    sockets.push_back({held->descriptor.number(), address, index});
  }
  return sockets;
}

int Listeners::admin_descriptor(const Config& config) const {
  if (!config.admin.address) return -1;
  const Held* held = find(keys_of(config).back());
  GG_ASSERT(held != nullptr);
  return held->descriptor.number();
}

std::vector<std::string> Listeners::client_addresses(const Config& config) const {
  std::vector<std::string> addresses;
  for (const Key& key : keys_of(config)) {
    const Held* held = find(key);
    if (held != nullptr && key.purpose == Purpose::clients) addresses.push_back(shown(*held));
  }
  return addresses;
}

std::string Listeners::admin_address(const Config& config) const {
  const Held* held = config.admin.address ? find(keys_of(config).back()) : nullptr;
  return held == nullptr ? "off" : shown(*held);
}

/// One for each listener, in order, then the one of the admin interface if there is any.
std::vector<Listeners::Key> Listeners::keys_of(const Config& config) {
  std::vector<Key> keys;
  for (const ListenerConfig& listener : config.listeners) {
    auto same = [&](const Key& key) { return key.address == listener.address; };
    auto repetition = static_cast<std::size_t>(std::ranges::count_if(keys, same));
    keys.push_back({Purpose::clients, listener.address, repetition});
  }
  if (config.admin.address) keys.push_back({Purpose::admin, *config.admin.address, 0});
  return keys;
}

Result<Listeners::Held, std::string> Listeners::bind_one(const Key& key,
                                                         const std::optional<Account>& owner) {
  const ListenAddress& wanted = key.address;
  Address address = address_of(wanted);
  bool both_families = !wanted.is_unix() && wanted.host.empty();
  mode_t mode = key.purpose == Purpose::admin ? owner_and_group : everybody;

  Result<Descriptor, int> bound =
      wanted.is_unix() ? bind_unix(wanted.path, mode, owner) : bind_tcp(address, both_families);
  if (!bound && both_families && bound.error() == EAFNOSUPPORT) {
    address = Address::v4({}, wanted.port);
    bound = bind_tcp(address, false);
  }
  if (!bound) return Failure(explain_bind_failure(address, bound.error()));

  Address actual = bound_address(*bound);
  return Held{key, std::move(*bound), actual, wanted.is_unix() ? inode_of(wanted.path) : 0};
}

Address Listeners::bound_address(const Descriptor& bound) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(bound.number(), reinterpret_cast<sockaddr*>(&storage), &size);
  Address actual = from_system(storage);
  actual.path = {};
  return actual;
}

std::vector<Handover::Socket> Listeners::to_hand_over() const {
  std::vector<Handover::Socket> sockets;
  for (const Held& held : held_) {
    sockets.push_back({.is_admin = held.key.purpose == Purpose::admin,
                       .address = held.key.address,
                       .repetition = held.key.repetition,
                       .descriptor = held.descriptor.number(),
                       .inode = held.inode});
  }
  return sockets;
}

void Listeners::adopt(const std::vector<Handover::Socket>& sockets) {
  for (const Handover::Socket& socket : sockets) {
    Key key{socket.is_admin ? Purpose::admin : Purpose::clients, socket.address, socket.repetition};
    Descriptor descriptor(socket.descriptor);
    set_close_on_exec(descriptor.number());
    Address actual = bound_address(descriptor);
    held_.push_back({key, std::move(descriptor), actual, socket.inode});
  }
}

void Listeners::leave_to_other() {
  for (Held& held : held_) held.inode = 0;
  close_all();
}

std::string Listeners::shown(const Held& held) {
  if (held.key.address.is_unix()) return "unix:" + held.key.address.path;
  if (held.key.address.host.empty()) return ":" + std::to_string(held.actual.port);
  return to_text(held.actual);
}

void Listeners::close_one(Held& held) {
  held.descriptor.reset();
  // Only our own file: somebody else may have taken the path since.
  const std::string& path = held.key.address.path;
  if (held.inode != 0 && inode_of(path) == held.inode) unlink(path.c_str());
}

const Listeners::Held* Listeners::find(const Key& key) const {
  auto found = std::ranges::find(held_, key, &Held::key);
  return found == held_.end() ? nullptr : &*found;
}

}  // namespace gg
