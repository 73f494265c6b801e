// SPDX-License-Identifier: Apache-2.0
#include "dns/cares_resolver.h"

#include <ares.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "dns/ares_error.h"
#include "dns/ares_step.h"

namespace gg {
namespace {

/// Nothing for what is neither IPv4 nor IPv6.
std::optional<Address> address_of(const ares_addrinfo_node& node) {
  Address address;
  if (node.ai_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, node.ai_addr, sizeof in);
    address.family = AddressFamily::v4;
    std::memcpy(address.ip.data(), &in.sin_addr, sizeof in.sin_addr);
    return address;
  }
  if (node.ai_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, node.ai_addr, sizeof in);
    address.family = AddressFamily::v6;
    address.scope_id = in.sin6_scope_id;
    std::memcpy(address.ip.data(), &in.sin6_addr, sizeof in.sin6_addr);
    return address;
  }
  return std::nullopt;
}

Result<Resolved, DnsError> resolved_of(const ares_addrinfo& answer) {
  Resolved resolved{.ttl = ttl_most};
  for (const ares_addrinfo_node* node = answer.nodes; node != nullptr; node = node->ai_next) {
    std::optional<Address> address = address_of(*node);
    if (!address) continue;
    bool is_new = std::ranges::find(resolved.addresses, *address) == resolved.addresses.end();
    if (is_new) resolved.addresses.push_back(*address);
    Duration ttl = std::chrono::seconds(std::max(node->ai_ttl, 0));
    resolved.ttl = std::min(resolved.ttl, ttl);
  }
  if (resolved.addresses.empty()) return Failure(DnsError::no_address);
  return resolved;
}

/// One name being looked up. Its destructor ends it wherever it is.
class Lookup {
 public:
  enum class Servers : std::uint8_t {
    try_all,       // one that fails to answer is passed over
    believe_first  // so that the answer says how it failed
  };

  Lookup() = default;
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  ~Lookup() { end(); }

  void start(const std::string& name, const CaresSettings& settings, Servers servers);
  /// Lets the library read what has come and notice what has not. Never waits.
  void step() { gg::step(channel_); }
  bool is_done() const { return is_done_; }
  int status() const { return status_; }
  Result<Resolved, DnsError>& answer() { return answer_; }

 private:
  static void answered(void* lookup, int status, int timeouts, ares_addrinfo* answer);
  int open(const CaresSettings& settings, Servers servers);
  void finish(int status) {
    status_ = status;
    is_done_ = true;
  }
  void end() {
    if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
  }

  ares_channel channel_ = nullptr;
  bool is_done_ = false;
  int status_ = ARES_SUCCESS;
  Result<Resolved, DnsError> answer_ = Failure(DnsError::timeout);
};

int Lookup::open(const CaresSettings& settings, Servers servers) {
  char lookups[] = "fb";  // files before the name servers
  ares_options options{};
  options.flags = servers == Servers::believe_first ? ARES_FLAG_NOCHECKRESP : 0;
  options.timeout = static_cast<int>(
      std::chrono::duration_cast<std::chrono::milliseconds>(settings.timeout).count());
  options.tries = settings.tries;
  options.lookups = lookups;
  int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS;
  int status = ares_init_options(&channel_, &options, mask);
  if (status != ARES_SUCCESS) channel_ = nullptr;
  if (status != ARES_SUCCESS || settings.servers.empty()) return status;
  return ares_set_servers_ports_csv(channel_, settings.servers.c_str());
}

void Lookup::start(const std::string& name, const CaresSettings& settings, Servers servers) {
  end();
  is_done_ = false;
  answer_ = Failure(DnsError::timeout);
  int status = open(settings, servers);
  if (status != ARES_SUCCESS) {
    answer_ = Failure(DnsError::no_resolver);
    finish(status);
    return;
  }
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, answered, this);
}

void Lookup::answered(void* lookup, int status, int /*timeouts*/, ares_addrinfo* answer) {
  auto& self = *static_cast<Lookup*>(lookup);
  bool has_answer = status == ARES_SUCCESS && answer != nullptr;
  if (has_answer) self.answer_ = resolved_of(*answer);
  if (!has_answer) self.answer_ = Failure(dns_error_of(status));
  if (answer != nullptr) ares_freeaddrinfo(answer);
  self.finish(status);
}

/// When to look again: soon at first, less often the longer it takes.
Duration pause_after(Duration waited) {
  return std::clamp(waited / 8, Duration(1ms), Duration(20ms));
}

}  // namespace

CaresResolver::CaresResolver(Engine& engine, CaresSettings settings)
    : engine_(engine),
      settings_(std::move(settings)),
      has_library_(ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS) {}

CaresResolver::~CaresResolver() {
  if (has_library_) ares_library_cleanup();
}

Task<Result<Resolved, DnsError>> CaresResolver::resolve(std::string_view name, Deadline deadline) {
  std::optional<Address> literal = parse_ip(name);
  if (literal) co_return Resolved{.addresses = {*literal}, .ttl = ttl_most};
  constexpr std::size_t name_max = 254;  // RFC 1035 2.3.4, with a dot at the end
  bool may_be_name = !name.empty() && name.size() <= name_max && name.find('\0') == name.npos;
  if (!may_be_name) co_return Failure(DnsError::no_such_name);
  if (!has_library_) co_return Failure(DnsError::no_resolver);

  std::string wanted(name);
  Instant begun = engine_.now();
  Lookup lookup;
  lookup.start(wanted, settings_, Lookup::Servers::try_all);
  bool has_asked_why = false;
  for (;;) {
    // Before 1.20 the library says "connection refused" also when every server answered SERVFAIL.
    if (lookup.is_done() && lookup.status() == ARES_ECONNREFUSED && !has_asked_why) {
      has_asked_why = true;
      lookup.start(wanted, settings_, Lookup::Servers::believe_first);
    }
    if (lookup.is_done()) co_return std::move(lookup.answer());
    Instant now = engine_.now();
    if (is_stopped_ || deadline.has_passed(now)) co_return Failure(DnsError::timeout);
    Deadline pause = Deadline::at(now + pause_after(now - begun)).or_earlier(deadline);
    Sleep sleep(engine_, pause.when());
    co_await sleep;
    lookup.step();
  }
}

}  // namespace gg
