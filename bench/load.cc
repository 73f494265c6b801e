// SPDX-License-Identifier: Apache-2.0
// A closed-loop load generator that makes exactly as many requests as it is told and judges every
// answer, so that the gateway's CPU time can be divided by a known count. Started by run.py.
// Prints one JSON object. `--hold` opens connections and keeps them until its input ends.
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "wire.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  std::uint16_t port = 0;
  std::string path = "/100";
  std::uint64_t expect = 100;  // bytes of body that each answer must have
  std::uint64_t requests = 1;
  std::uint64_t connections = 1;
  std::uint64_t post = 0;  // bytes of body that each request has
  bool closes = false;     // a new connection for each request
  bool may_close = false;  // the gateway may announce that it closes one: then another is opened
  bool verifies = false;   // compares every byte of the bodies; costs time
  bool holds = false;      // keeps the connections open until standard input ends
  bool silent = false;     // with holds: without a request
  std::uint64_t seconds = 120;  // after which the run has failed
};

std::string make_request(const Settings& settings) {
  std::string text = settings.post > 0 ? "POST " : "GET ";
  text += settings.path + " HTTP/1.1\r\nHost: bench.example:" + std::to_string(settings.port) +
          "\r\nUser-Agent: bench/1\r\nAccept: */*\r\n";
  if (settings.closes) text += "Connection: close\r\n";
  if (settings.post > 0) {
    text += "Content-Type: application/octet-stream\r\nContent-Length: " +
            std::to_string(settings.post) + "\r\n";
  }
  return text + "\r\n" + known_body(settings.post);
}

/// One client connection and the exchange on it.
struct Client {
  enum class State : std::uint8_t { absent, connecting, sending, head, body, ending, idle };
  int fd = -1;
  State state = State::absent;
  bool waits_to_write = false;
  bool is_left = false;  // once it is answered, for the answer says that it is closed
  std::size_t sent = 0;
  std::uint64_t received = 0;  // of the body
  std::string head;            // of the answer, while it is incomplete
  Clock::time_point began;
};

class Load {
 public:
  explicit Load(Settings settings)
      : settings_(std::move(settings)),
        request_(make_request(settings_)),
        body_(known_body(settings_.expect)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        buffer_(new char[read_buffer_bytes]),
        clients_(settings_.connections) {
    latencies_.reserve(settings_.requests);
  }

  /// Makes all requests. Returns the exit status.
  int run() {
    const Clock::time_point start = Clock::now();
    const Clock::time_point limit = start + std::chrono::seconds(settings_.seconds);
    if (settings_.holds) {
      for (Client& client : clients_) waiting_.push_back(&client);
      open_more();
    } else {
      for (Client& client : clients_) next(client);
    }
    const std::uint64_t goal = settings_.holds ? settings_.connections : settings_.requests;
    // A connection that fails while many are to be held is not replaced: one is enough to stop.
    const std::uint64_t tolerated = settings_.holds ? 1 : errors_max;
    while (finished_ < goal && errors_ < tolerated) {
      if (Clock::now() > limit) {
        fail("the time was up");
        break;
      }
      turn(1000);
    }
    const std::chrono::duration<double> took = Clock::now() - start;
    if (settings_.holds && errors_ == 0) hold();
    report(took.count());
    return errors_ == 0 ? 0 : 1;
  }

 private:
  static constexpr std::uint64_t errors_max = 100;
  static constexpr std::size_t opening_max = 64;  // connections being opened at once, when holding

  void turn(int milliseconds) {
    std::array<epoll_event, 256> events{};
    const int count = epoll_wait(epoll_, events.data(), events.size(), milliseconds);
    for (int i = 0; i < count; ++i) {
      run_event(*static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
  }

  void run_event(Client& client) {
    switch (client.state) {
      case Client::State::connecting:
        return connected(client);
      case Client::State::sending:
        return send_request(client);
      case Client::State::head:
      case Client::State::body:
      case Client::State::ending:
        return receive(client);
      case Client::State::idle:
        return lost(client, "an idle connection was closed");
      case Client::State::absent:
        return;
    }
  }

  void next(Client& client) {
    if (started_ >= settings_.requests) {
      drop(client);
      return;
    }
    ++started_;
    client.began = Clock::now();
    client.sent = 0;
    client.received = 0;
    client.head.clear();
    if (client.state == Client::State::absent) {
      open(client);
    } else {
      client.state = Client::State::sending;
      send_request(client);
    }
  }

  void open(Client& client) {
    client.fd = connect_to(settings_.port);
    if (client.fd < 0) {
      lost(client, "cannot connect");
      return;
    }
    client.state = Client::State::connecting;
    client.waits_to_write = true;
    watch(epoll_, EPOLL_CTL_ADD, client.fd, EPOLLOUT, &client);
  }

  void connected(Client& client) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(client.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      lost(client, std::strerror(error));
    } else if (settings_.silent) {
      settle(client);
    } else {
      client.state = Client::State::sending;
      send_request(client);
    }
  }

  void send_request(Client& client) {
    while (client.sent < request_.size()) {
      const ssize_t sent = send(client.fd, request_.data() + client.sent,
                                request_.size() - client.sent, MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) {
        wait_to_write(client, true);
        return;
      }
      if (sent < 0) {
        lost(client, "the connection broke while a request was sent");
        return;
      }
      client.sent += static_cast<std::size_t>(sent);
    }
    client.state = Client::State::head;
    wait_to_write(client, false);
  }

  void receive(Client& client) {
    const ssize_t got = recv(client.fd, buffer_.get(), read_buffer_bytes, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (client.state == Client::State::ending && got == 0) {
      drop(client);
      done(client);
      return;
    }
    if (got <= 0 || client.state == Client::State::ending) {
      lost(client, got > 0 ? "bytes after the answer" : "the answer was cut short");
      return;
    }
    std::string_view bytes(buffer_.get(), static_cast<std::size_t>(got));
    if (client.state == Client::State::head && !take_head(client, bytes)) return;
    take_body(client, bytes);
  }

  /// Leaves the body's bytes in `bytes`. False: the head is not complete, or is wrong.
  bool take_head(Client& client, std::string_view& bytes) {
    std::string_view head = bytes;
    if (!client.head.empty()) {
      client.head.append(bytes);
      head = client.head;
    }
    const std::size_t end = head.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      if (client.head.empty()) client.head = bytes;
      return false;
    }
    // What came before this piece has no body in it, or it would have been complete.
    bytes.remove_prefix(end + 4 - (head.size() - bytes.size()));
    head = head.substr(0, end + 2);
    if (!head.starts_with("HTTP/1.1 200 ")) {
      lost(client, "status other than 200: " + std::string(head.substr(0, 40)));
      return false;
    }
    const auto length = find_field(head, "Content-Length");
    if (!length || number(*length) != settings_.expect) {
      lost(client, "wrong or no Content-Length");
      return false;
    }
    client.is_left = settings_.closes || is_close(find_field(head, "Connection"));
    if (client.is_left && !settings_.closes && !settings_.may_close) {
      lost(client, "the gateway closes a connection that was to stay");
      return false;
    }
    client.state = Client::State::body;
    return true;
  }

  void take_body(Client& client, std::string_view bytes) {
    if (client.received + bytes.size() > settings_.expect) {
      lost(client, "more body than announced");
      return;
    }
    if (settings_.verifies && settings_.post == 0 &&
        bytes != std::string_view(body_).substr(client.received, bytes.size())) {
      lost(client, "a body with wrong bytes");
      return;
    }
    client.received += bytes.size();
    if (client.received < settings_.expect) return;
    if (client.is_left) {
      client.state = Client::State::ending;
      receive(client);
    } else {
      done(client);
    }
  }

  void done(Client& client) {
    if (settings_.holds) {
      settle(client);
      return;
    }
    const auto took = std::chrono::nanoseconds(Clock::now() - client.began);
    latencies_.push_back(
        static_cast<std::uint32_t>(std::min<std::int64_t>(took.count(), std::int64_t{UINT32_MAX})));
    ++finished_;
    next(client);
  }

  void settle(Client& client) {
    client.state = Client::State::idle;
    wait_to_write(client, false);
    ++finished_;
    --opening_;
    open_more();
  }

  void open_more() {
    while (opening_ < opening_max && !waiting_.empty()) {
      Client& client = *waiting_.front();
      waiting_.pop_front();
      ++opening_;
      open(client);
    }
  }

  /// Keeps everything open until standard input ends; a connection lost meanwhile is an error.
  void hold() {
    std::printf("open %llu\n", static_cast<unsigned long long>(finished_));
    std::fflush(stdout);
    std::array<char, 16> ignored{};
    while (read(STDIN_FILENO, ignored.data(), ignored.size()) > 0) {
    }
    turn(0);
  }

  void drop(Client& client) {
    if (client.fd >= 0) close(client.fd);
    client.fd = -1;
    client.state = Client::State::absent;
  }

  void lost(Client& client, const std::string& why) {
    fail(why);
    drop(client);
    ++finished_;
    if (!settings_.holds && errors_ < errors_max) next(client);
  }

  void fail(const std::string& why) {
    if (errors_ == 0) first_error_ = why;
    ++errors_;
  }

  void wait_to_write(Client& client, bool writes) const {
    if (client.waits_to_write == writes) return;
    client.waits_to_write = writes;
    watch(epoll_, EPOLL_CTL_MOD, client.fd, writes ? EPOLLOUT : EPOLLIN, &client);
  }

  double percentile(double share) const {
    if (latencies_.empty()) return 0;
    const auto last = static_cast<double>(latencies_.size() - 1);
    return latencies_[static_cast<std::size_t>(share * last)] / 1000.0;
  }

  void report(double seconds) {
    std::sort(latencies_.begin(), latencies_.end());
    for (char& c : first_error_) {
      if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ') c = ' ';
    }
    std::printf(
        "{\"requests\": %llu, \"errors\": %llu, \"first_error\": \"%s\", \"seconds\": %.6f, "
        "\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f}\n",
        static_cast<unsigned long long>(finished_), static_cast<unsigned long long>(errors_),
        first_error_.c_str(), seconds, percentile(0.5), percentile(0.99), percentile(0.999));
  }

  Settings settings_;
  std::string request_;
  std::string body_;
  int epoll_;
  std::unique_ptr<char[]> buffer_;
  std::vector<Client> clients_;
  std::deque<Client*> waiting_;  // to be opened, when holding
  std::size_t opening_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t finished_ = 0;
  std::uint64_t errors_ = 0;
  std::string first_error_;
  std::vector<std::uint32_t> latencies_;  // nanoseconds
};

/// False: an option that does not exist or has no number.
bool read_options(int argc, char** argv, Settings& settings) {
  std::uint64_t port = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--close") {
      settings.closes = true;
    } else if (name == "--may-close") {
      settings.may_close = true;
    } else if (name == "--verify") {
      settings.verifies = true;
    } else if (name == "--hold") {
      settings.holds = true;
    } else if (name == "--silent") {
      settings.silent = true;
    } else if (name == "--path" && i + 1 < argc) {
      settings.path = argv[++i];
    } else {
      std::uint64_t* value = name == "--port"          ? &port
                             : name == "--expect"      ? &settings.expect
                             : name == "--requests"    ? &settings.requests
                             : name == "--connections" ? &settings.connections
                             : name == "--post"        ? &settings.post
                             : name == "--seconds"     ? &settings.seconds
                                                       : nullptr;
      if (value == nullptr || i + 1 == argc) return false;
      const auto given = number(argv[++i]);
      if (!given) return false;
      *value = *given;
    }
  }
  settings.port = static_cast<std::uint16_t>(port);
  return port > 0 && port < 65536 && settings.connections > 0 && settings.requests > 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::Settings settings;
  if (!bench::read_options(argc, argv, settings)) {
    std::fputs(
        "usage: bench_load --port N [--path P] [--expect BYTES] [--requests N] [--connections N]\n"
        "                  [--post BYTES] [--close] [--verify] [--hold [--silent]] [--seconds N]\n",
        stderr);
    return 2;
  }
  return bench::Load(std::move(settings)).run();
}
