// SPDX-License-Identifier: Apache-2.0
#include "dns/name_survey.h"

#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>

#include "dns/ares_error.h"
#include "engine/epoll/process_clock.h"

namespace gg {

namespace {

constexpr int class_internet = 1;
constexpr int type_a = 1;
constexpr int type_aaaa = 28;
constexpr int addresses_most = 64;

Address address_of(int family, const void* bytes) {
  Address address;
  address.family = family == AF_INET ? AddressFamily::v4 : AddressFamily::v6;
  std::memcpy(address.ip.data(), bytes, family == AF_INET ? 4 : 16);
  return address;
}

/// One question to one server.
struct Question {
  int type = type_a;
  int status = ARES_ETIMEOUT;
  bool is_answered = false;
  std::vector<Address> addresses;
  int ttl = 0;
};

void keep(Question& question, int family, const void* bytes, int ttl) {
  bool is_first = question.addresses.empty();
  question.addresses.push_back(address_of(family, bytes));
  question.ttl = is_first ? ttl : std::min(question.ttl, ttl);
}

void answered(void* argument, int status, int /*timeouts*/, unsigned char* bytes, int size) {
  auto& question = *static_cast<Question*>(argument);
  question.is_answered = true;
  question.status = status;
  if (status != ARES_SUCCESS) return;
  int count = addresses_most;
  if (question.type == type_a) {
    ares_addrttl found[addresses_most];
    question.status = ares_parse_a_reply(bytes, size, nullptr, found, &count);
    for (int i = 0; question.status == ARES_SUCCESS && i < count; ++i)
      keep(question, AF_INET, &found[i].ipaddr, found[i].ttl);
  } else {
    ares_addr6ttl found[addresses_most];
    question.status = ares_parse_aaaa_reply(bytes, size, nullptr, found, &count);
    for (int i = 0; question.status == ARES_SUCCESS && i < count; ++i)
      keep(question, AF_INET6, &found[i].ip6addr, found[i].ttl);
  }
}

/// A channel of the library that goes with its owner.
class Channel {
 public:
  explicit Channel(Duration patience) {
    ares_options options{};
    options.flags = ARES_FLAG_NOCHECKRESP;  // a refusal is an answer
    options.timeout =
        static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(patience).count());
    options.tries = 1;
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;
    if (ares_init_options(&channel_, &options, mask) != ARES_SUCCESS) channel_ = nullptr;
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    if (channel_ != nullptr) ares_destroy(channel_);
  }
  ares_channel get() const { return channel_; }

 private:
  ares_channel channel_ = nullptr;
};

std::vector<std::string> servers_of(ares_channel channel) {
  std::vector<std::string> servers;
  ares_addr_port_node* list = nullptr;
  if (ares_get_servers_ports(channel, &list) != ARES_SUCCESS) return servers;
  for (const ares_addr_port_node* node = list; node != nullptr; node = node->next) {
    Address server = address_of(node->family, &node->addr);
    server.port = node->udp_port != 0 ? static_cast<std::uint16_t>(node->udp_port) : 53;
    servers.push_back(to_text(server));
  }
  ares_free_data(list);
  return servers;
}

std::vector<std::string> search_of(ares_channel channel) {
  std::vector<std::string> domains;
  ares_options options{};
  int mask = 0;
  if (ares_save_options(channel, &options, &mask) != ARES_SUCCESS) return domains;
  for (int i = 0; (mask & ARES_OPT_DOMAINS) != 0 && i < options.ndomains; ++i)
    domains.emplace_back(options.domains[i]);
  ares_destroy_options(&options);
  return domains;
}

std::vector<Address> hosts_file_of(ares_channel channel, const std::string& name) {
  std::vector<Address> found;
  for (int family : {AF_INET, AF_INET6}) {
    hostent* host = nullptr;
    if (ares_gethostbyname_file(channel, name.c_str(), family, &host) != ARES_SUCCESS) continue;
    for (char** entry = host->h_addr_list; *entry != nullptr; ++entry)
      found.push_back(address_of(family, *entry));
    ares_free_hostent(host);
  }
  return found;
}

/// One name at one server.
struct Asked {
  std::string server;
  Channel channel;
  Question v4{.type = type_a};
  Question v6{.type = type_aaaa};

  Asked(std::string server_text, const std::string& name, Duration patience)
      : server(std::move(server_text)), channel(patience) {
    if (channel.get() == nullptr) return;
    if (ares_set_servers_ports_csv(channel.get(), server.c_str()) != ARES_SUCCESS) return;
    ares_search(channel.get(), name.c_str(), class_internet, type_a, answered, &v4);
    ares_search(channel.get(), name.c_str(), class_internet, type_aaaa, answered, &v6);
  }
  bool is_done() const { return channel.get() == nullptr || (v4.is_answered && v6.is_answered); }
};

ServerAnswer answer_of(const Asked& asked) {
  ServerAnswer answer{.server = asked.server};
  for (const Question* question : {&asked.v4, &asked.v6}) {
    if (question->addresses.empty()) continue;
    Duration ttl = std::chrono::seconds(question->ttl);
    answer.ttl = answer.addresses.empty() ? ttl : std::min(answer.ttl, ttl);
    answer.addresses.insert(answer.addresses.end(), question->addresses.begin(),
                            question->addresses.end());
  }
  std::ranges::sort(answer.addresses);
  if (answer.addresses.empty()) answer.error = dns_error_of(asked.v4.status);
  return answer;
}

/// Lets the library read and write until all is answered or the time is up.
void wait_for(std::deque<std::pair<std::size_t, Asked>>& all, Duration patience) {
  constexpr long look_microseconds = 20'000;
  Deadline deadline = Deadline::after(process_now(), patience);
  auto is_done = [](const auto& one) { return one.second.is_done(); };
  while (!std::ranges::all_of(all, is_done) && !deadline.has_passed(process_now())) {
    fd_set readable;
    fd_set writable;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    int highest = 0;
    for (auto& [index, asked] : all)
      highest = std::max(highest, ares_fds(asked.channel.get(), &readable, &writable));
    timeval wait{.tv_sec = 0, .tv_usec = look_microseconds};
    select(highest, &readable, &writable, nullptr, &wait);
    for (auto& [index, asked] : all) ares_process(asked.channel.get(), &readable, &writable);
  }
}

}  // namespace

std::vector<NameSurvey> survey_names(std::span<const std::string> names, Duration patience) {
  std::vector<NameSurvey> surveys;
  if (names.empty() || ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) return surveys;
  {
    Channel plain(patience);
    std::vector<std::string> servers;
    if (plain.get() != nullptr) servers = servers_of(plain.get());
    std::deque<std::pair<std::size_t, Asked>> all;
    for (const std::string& name : names) {
      NameSurvey& survey = surveys.emplace_back(NameSurvey{.name = name});
      if (plain.get() == nullptr) continue;
      survey.search = search_of(plain.get());
      survey.in_hosts_file = hosts_file_of(plain.get(), name);
      for (const std::string& server : servers) {
        // In place: the library keeps pointers into it.
        all.emplace_back(std::piecewise_construct, std::forward_as_tuple(surveys.size() - 1),
                         std::forward_as_tuple(server, name, patience));
      }
    }
    wait_for(all, patience);
    for (const auto& [index, asked] : all) surveys[index].servers.push_back(answer_of(asked));
  }
  ares_library_cleanup();
  return surveys;
}

Result<std::vector<Address>, DnsError> chosen_of(const NameSurvey& survey) {
  if (!survey.in_hosts_file.empty()) return survey.in_hosts_file;
  for (const ServerAnswer& answer : survey.servers) {
    if (!answer.addresses.empty()) return answer.addresses;
  }
  if (survey.servers.empty()) return Failure(DnsError::no_resolver);
  return Failure(survey.servers.front().error.value_or(DnsError::server_failure));
}

}  // namespace gg
