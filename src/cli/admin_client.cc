// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_client.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.h"
#include "config/formats.h"
#include "config/values.h"
#include "engine/epoll/sockaddr.h"
#include "gate/descriptors.h"

namespace gg {
namespace {

constexpr timeval patience{.tv_sec = 5, .tv_usec = 0};
constexpr std::size_t response_most = 64 << 20;

/// Where to connect for an address that is listened on.
std::optional<Address> reachable(const ListenAddress& address) {
  if (address.is_unix()) return Address::unix_at(address.path);
  bool is_any = address.host.empty() || address.host == "0.0.0.0";
  return parse_ip(is_any ? "127.0.0.1" : address.host, address.port);
}

bool send_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    ssize_t sent = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// What stands behind "error" in a JSON answer; empty: nothing does.
std::string reason_in(std::string_view body) {
  constexpr std::string_view before = "{\"error\": \"";
  if (!body.starts_with(before)) return "";
  std::string reason;
  for (std::size_t i = before.size(); i < body.size() && body[i] != '"'; ++i) {
    if (body[i] == '\\' && i + 1 < body.size()) ++i;
    reason += body[i];
  }
  return reason;
}

/// The fields of each request but those of its body.
std::string common_fields() {
  const char* token = std::getenv(token_variable);
  std::string fields = "Host: localhost\r\nConnection: close\r\n";
  bool is_fit =
      token != nullptr && std::string_view(token).find_first_of("\r\n") == std::string_view::npos;
  if (is_fit) fields += fmt::format("Authorization: Bearer {}\r\n", token);
  return fields;
}

}  // namespace

bool is_not_found(std::string_view reason) { return reason.starts_with("it answered 404"); }

Result<std::string, std::string> body_of(std::string_view response) {
  std::size_t head_end = response.find("\r\n\r\n");
  if (!response.starts_with("HTTP/1.") || head_end == std::string_view::npos) {
    return Failure(std::string("what answers there is no admin interface"));
  }
  std::string_view head = response.substr(0, head_end);
  std::string_view body = response.substr(head_end + 4);
  std::string_view status = head.substr(std::min(head.find(' '), head.size()));
  if (!status.starts_with(" 200")) {
    std::string answered(trim(status.substr(0, status.find('\r'))));
    if (answered == "401") {
      return Failure(
          fmt::format("it takes a token: put that of admin.token_file into the "
                      "environment's {}",
                      token_variable));
    }
    std::string reason = reason_in(body);
    return Failure(fmt::format("it answered {}{}{}", answered, reason.empty() ? "" : ": ", reason));
  }
  while (!head.empty()) {
    std::size_t end = std::min(head.find("\r\n"), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    std::size_t colon = line.find(':');
    if (!equal_ignoring_case(line.substr(0, colon), "content-length")) continue;
    std::optional<std::uint64_t> length = parse_number(trim(line.substr(colon + 1)));
    if (length != body.size()) return Failure(std::string("its answer was cut short"));
  }
  return std::string(body);
}

namespace {

/// The answer to a whole request.
Result<std::string, std::string> ask(const std::string& address, std::string_view request) {
  ListenAddress listened;
  if (auto wrong = listen_address_format.parse(address, &listened)) {
    return Failure(fmt::format("{}\n  {}", wrong->problem, wrong->remedy));
  }
  std::optional<Address> target = reachable(listened);
  if (!target) return Failure(std::string("it is no address to connect to"));
  SystemAddress system = to_system(*target);
  Descriptor client(::socket(system.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  setsockopt(client.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(client.number(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(client.number(), system.get(), system.size) != 0) {
    return Failure(std::string(std::strerror(errno)));
  }
  if (!send_all(client.number(), request)) return Failure(std::string(std::strerror(errno)));

  std::string response;
  std::array<char, 16384> piece;
  while (response.size() < response_most) {
    ssize_t got = ::recv(client.number(), piece.data(), piece.size(), 0);
    if (got < 0) return Failure(std::string("it did not answer in time"));
    if (got == 0) break;
    response.append(piece.data(), static_cast<std::size_t>(got));
  }
  return body_of(response);
}

}  // namespace

Result<std::string, std::string> fetch_page(const std::string& address, std::string_view path) {
  return ask(address, fmt::format("GET {} HTTP/1.1\r\n{}\r\n", path, common_fields()));
}

Result<std::string, std::string> post_json(const std::string& address, std::string_view path,
                                           const std::string& json) {
  return ask(address, fmt::format("POST {} HTTP/1.1\r\n{}Content-Type: application/json\r\n"
                                  "Content-Length: {}\r\n\r\n{}",
                                  path, common_fields(), json.size(), json));
}

}  // namespace gg
