// SPDX-License-Identifier: Apache-2.0
// A tiny name server on a loopback UDP port, for tests of the resolver. Answers only when told to
// look (answer_all), on the test's own thread.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gg {

class NameServer {
 public:
  static constexpr int no_error = 0;
  static constexpr int server_failure = 2;
  static constexpr int no_such_name = 3;
  static constexpr int refused = 5;

  struct Answer {
    int code = no_error;
    std::vector<std::string> v4{};
    std::vector<std::string> v6{};
    std::uint32_t ttl = 60;
    bool is_silent = false;
    bool is_garbage = false;
  };

  NameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;
  ~NameServer() { close(); }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void set(const std::string& name, Answer answer) { answers_[name] = std::move(answer); }
  int queries() const { return queries_; }

  void answer_all() {
    char query[512];
    sockaddr_in from{};
    for (;;) {
      socklen_t size = sizeof from;
      ssize_t got =
          ::recvfrom(socket_, query, sizeof query, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 12) return;
      ++queries_;
      std::string reply = reply_to({query, static_cast<std::size_t>(got)});
      if (reply.empty()) continue;
      ::sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

 private:
  static void append(std::string& out, std::uint32_t number, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 0xff);
  }

  static std::string reply_with(std::string_view query, std::string_view question,
                                const Answer& answer, const std::vector<std::string>& data,
                                int type) {
    std::string reply(query.substr(0, 2));
    append(reply, 0x8180U | static_cast<unsigned>(answer.code), 2);
    append(reply, 1, 2);
    append(reply, static_cast<std::uint32_t>(data.size()), 2);
    append(reply, 0, 4);
    reply += question;
    for (const std::string& ip : data) {
      char bytes[16];
      int family = type == 1 ? AF_INET : AF_INET6;
      ::inet_pton(family, ip.c_str(), bytes);
      std::size_t size = type == 1 ? 4 : 16;
      append(reply, 0xc00c, 2);  // the name of the question
      append(reply, static_cast<std::uint32_t>(type), 2);
      append(reply, 1, 2);
      append(reply, answer.ttl, 4);
      append(reply, static_cast<std::uint32_t>(size), 2);
      reply.append(bytes, size);
    }
    return reply;
  }

  std::string reply_to(std::string_view query) const {
    std::string name;
    std::size_t at = 12;
    while (at < query.size() && query[at] != 0) {
      auto size = static_cast<std::size_t>(query[at]);
      if (!name.empty()) name += '.';
      name += query.substr(at + 1, size);
      at += size + 1;
    }
    std::string_view question = query.substr(12, at + 5 - 12);
    int type = question[question.size() - 3];
    auto found = answers_.find(name);
    Answer answer = found == answers_.end() ? Answer{.code = no_such_name} : found->second;
    if (answer.is_silent) return {};
    if (answer.is_garbage) return std::string(query.substr(0, 2)) + "\x81\x80 no DNS at all";
    return reply_with(query, question, answer, type == 1 ? answer.v4 : answer.v6, type);
  }

  int socket_;
  std::uint16_t port_ = 0;
  int queries_ = 0;
  std::map<std::string, Answer> answers_;
};

}  // namespace gg
