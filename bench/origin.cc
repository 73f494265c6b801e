// SPDX-License-Identifier: Apache-2.0
// The benchmark's origin: one thread, epoll, HTTP/1.1 with keep-alive, answers known beforehand.
// Started by run.py as `bench_origin PORT...`; it says "ready" once every port listens.
//   GET /100, /16k, /1m    200 with a known body of that size
//   anything with a body   the body is read and dropped, then 200 with three bytes
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

#include "wire.h"

namespace bench {
namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;

/// One answer, ready to be sent, for a connection that stays and for one that closes.
struct Answer {
  std::string path;
  std::string body;
  std::string head;
  std::string closing_head;
};

Answer make_answer(const char* status, std::string path, std::string body) {
  std::array<char, 64> date{};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  // Fixed at the start: an origin has to send a Date, and nobody here reads it.
  std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  const std::string head =
      std::string("HTTP/1.1 ") + status + "\r\nDate: " + date.data() +
      "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  return {.path = std::move(path),
          .body = std::move(body),
          .head = head + "\r\n",
          .closing_head = head + "Connection: close\r\n\r\n"};
}

struct Connection {
  int fd = -1;
  bool listens = false;
  bool closes = false;             // after the answer that is being sent
  bool waits_to_write = false;     // what epoll was told to wait for
  std::uint64_t body_left = 0;     // of the request that is being read
  const Answer* answer = nullptr;  // being sent, or due once body_left is zero
  std::size_t sent = 0;            // of the answer's head and body together
  std::string pending;             // read, not yet understood
};

class Origin {
 public:
  explicit Origin(int epoll) : epoll_(epoll), buffer_(new char[read_buffer_bytes]) {
    answers_[0] = make_answer("200 OK", "/100", known_body(100));
    answers_[1] = make_answer("200 OK", "/16k", known_body(16 * 1024));
    answers_[2] = make_answer("200 OK", "/1m", known_body(1024 * 1024));
    taken_ = make_answer("200 OK", "", "ok\n");
    missing_ = make_answer("404 Not Found", "", "no\n");
    refused_ = make_answer("501 Not Implemented", "", "no\n");
  }

  void add_listener(std::uint16_t port) {
    auto* listener = new Connection{.fd = listen_on(port), .listens = true};
    watch(epoll_, EPOLL_CTL_ADD, listener->fd, EPOLLIN, listener);
  }

  void accept_from(const Connection& listener) {
    for (;;) {
      const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      send_at_once(fd);
      watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN, new Connection{.fd = fd});
    }
  }

  void run_event(Connection* connection) {
    const bool stays = connection->waits_to_write ? go_on(*connection) : read_from(*connection);
    if (stays) return;
    close(connection->fd);
    delete connection;
  }

 private:
  /// Reads until the socket is empty. False: the connection is over.
  bool read_from(Connection& connection) {
    for (;;) {
      const ssize_t got = recv(connection.fd, buffer_.get(), read_buffer_bytes, 0);
      if (got < 0) return errno == EAGAIN;
      if (got == 0) return false;
      if (!take(connection, {buffer_.get(), static_cast<std::size_t>(got)})) return false;
      if (static_cast<std::size_t>(got) < read_buffer_bytes || connection.waits_to_write) {
        return true;
      }
    }
  }

  bool go_on(Connection& connection) {
    if (!send_answer(connection)) return false;
    if (connection.answer != nullptr) return true;
    const std::string pending = std::move(connection.pending);
    connection.pending.clear();
    return take(connection, pending);
  }

  /// Understands as many bytes as it can and answers. False: the connection is over.
  bool take(Connection& connection, std::string_view bytes) {
    std::string joined;
    if (!connection.pending.empty()) {
      joined = std::move(connection.pending);
      connection.pending.clear();
      joined.append(bytes);
      bytes = joined;
    }
    while (!bytes.empty()) {
      if (connection.answer == nullptr) {
        const std::size_t end = bytes.find("\r\n\r\n");
        if (end == std::string_view::npos) break;
        start(connection, bytes.substr(0, end + 2));
        bytes.remove_prefix(end + 4);
      }
      const std::size_t body = std::min<std::uint64_t>(connection.body_left, bytes.size());
      connection.body_left -= body;
      bytes.remove_prefix(body);
      if (connection.body_left > 0) return true;
      if (!send_answer(connection)) return false;
      if (connection.answer != nullptr) break;  // the rest waits until this answer is out
    }
    connection.pending = bytes;
    return connection.pending.size() <= head_bytes_max;
  }

  void start(Connection& connection, std::string_view head) const {
    connection.closes = is_close(find_field(head, "Connection"));
    connection.answer = &missing_;
    connection.sent = 0;
    if (const auto length = find_field(head, "Content-Length")) {
      connection.body_left = number(*length).value_or(0);
      connection.answer = &taken_;
      return;
    }
    if (find_field(head, "Transfer-Encoding")) {
      connection.answer = &refused_;
      connection.closes = true;
      return;
    }
    const std::size_t from = head.find(' ') + 1;
    const std::string_view path = head.substr(from, head.find(' ', from) - from);
    for (const Answer& answer : answers_) {
      if (answer.path == path) connection.answer = &answer;
    }
  }

  /// Sends what the socket takes; `answer` is null once all of it is out. False: it is over.
  bool send_answer(Connection& connection) {
    const Answer& answer = *connection.answer;
    const std::string& head = connection.closes ? answer.closing_head : answer.head;
    const std::size_t total = head.size() + answer.body.size();
    while (connection.sent < total) {
      const std::size_t of_head = std::min(connection.sent, head.size());
      const std::size_t of_body = connection.sent - of_head;
      std::array<iovec, 2> parts{
          iovec{const_cast<char*>(head.data()) + of_head, head.size() - of_head},
          iovec{const_cast<char*>(answer.body.data()) + of_body, answer.body.size() - of_body}};
      const bool body_only = of_head == head.size();
      msghdr message{};
      message.msg_iov = parts.data() + (body_only ? 1 : 0);
      message.msg_iovlen = body_only ? 1 : 2;
      const ssize_t sent = sendmsg(connection.fd, &message, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent < 0) {
        wait_for(connection, EPOLLOUT);
        return true;
      }
      connection.sent += static_cast<std::size_t>(sent);
    }
    connection.answer = nullptr;
    wait_for(connection, EPOLLIN);
    return !connection.closes;
  }

  void wait_for(Connection& connection, std::uint32_t events) const {
    const bool writes = events == EPOLLOUT;
    if (writes == connection.waits_to_write) return;
    connection.waits_to_write = writes;
    watch(epoll_, EPOLL_CTL_MOD, connection.fd, events, &connection);
  }

  int epoll_;
  std::unique_ptr<char[]> buffer_;
  std::array<Answer, 3> answers_;
  Answer taken_;
  Answer missing_;
  Answer refused_;
};

[[noreturn]] void serve(int argc, char** argv) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  Origin origin(epoll);
  for (int i = 1; i < argc; ++i) {
    origin.add_listener(static_cast<std::uint16_t>(number(argv[i]).value_or(0)));
  }
  std::puts("ready");
  std::fflush(stdout);
  std::array<epoll_event, 512> events{};
  for (;;) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (connection->listens) {
        origin.accept_from(*connection);
      } else {
        origin.run_event(connection);
      }
    }
  }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: bench_origin PORT...\n", stderr);
    return 2;
  }
  bench::serve(argc, argv);
}
