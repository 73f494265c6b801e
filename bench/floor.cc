// SPDX-License-Identifier: Apache-2.0
// The floor: a relay that checks nothing, as the cheapest thing that could stand where a gateway
// stands. What it costs is what the kernel's TCP costs. Started by run.py as
// `bench_floor PORT ORIGIN_PORT...`. Not fit for traffic: a head must arrive in one piece.
#include <cerrno>
#include <memory>
#include <vector>

#include "wire.h"

namespace bench {
namespace {

/// One socket: the listener, a client, or a connection to an origin.
struct Leg {
  enum class Kind : std::uint8_t { listener, client, origin };
  int fd = -1;
  Kind kind = Kind::client;
  bool hung_up = false;    // the other side will send no more: read to the end
  bool head_seen = false;  // of the answer, on an origin's leg
  bool closes = false;     // after this answer, on a client's leg
  std::uint64_t left = 0;  // body bytes that this leg has yet to bring
  std::size_t origin = 0;  // which one, on an origin's leg
  Leg* peer = nullptr;     // the other leg of the exchange; null: idle
  std::string unsent;      // what the socket did not take
};

class Floor {
 public:
  Floor(std::uint16_t port, std::vector<std::uint16_t> origins)
      : epoll_(epoll_create1(EPOLL_CLOEXEC)),
        buffer_(new char[read_buffer_bytes]),
        origins_(std::move(origins)),
        pools_(origins_.size()),
        busy_(origins_.size()) {
    auto* listener = new Leg{.fd = listen_on(port), .kind = Leg::Kind::listener};
    watch(epoll_, EPOLL_CTL_ADD, listener->fd, EPOLLIN, listener);
  }

  void turn() {
    std::array<epoll_event, 256> events{};
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      run_event(*static_cast<Leg*>(event.data.ptr), event.events);
    }
    // Only now: an event later in the batch may have named a leg that an earlier one ended.
    dead_.clear();
  }

 private:
  static constexpr std::uint32_t once = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

  void run_event(Leg& leg, std::uint32_t events) {
    if (leg.kind == Leg::Kind::listener) {
      accept_all(leg);
      return;
    }
    if (leg.fd < 0) return;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) leg.hung_up = true;
    if ((events & EPOLLOUT) != 0 && !leg.unsent.empty()) {
      const std::string unsent = std::move(leg.unsent);
      leg.unsent.clear();
      if (!send_to(leg, unsent)) {
        end(leg);
        return;
      }
      if (leg.unsent.empty()) resume(leg);
    }
    if (leg.fd >= 0 && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) pump(leg);
  }

  void accept_all(const Leg& listener) {
    for (;;) {
      const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      send_at_once(fd);
      watch(epoll_, EPOLL_CTL_ADD, fd, once, new Leg{.fd = fd});
    }
  }

  /// After all of `unsent` went out: the side that waited for it goes on.
  void resume(Leg& leg) {
    if (leg.peer != nullptr) {
      pump(*leg.peer);
    } else if (leg.closes) {
      end(leg);
    }
  }

  /// Moves what this leg brings to its peer until the socket is empty or the peer is full.
  void pump(Leg& leg) {
    for (;;) {
      if (leg.peer != nullptr && !leg.peer->unsent.empty()) return;
      const ssize_t got = recv(leg.fd, buffer_.get(), read_buffer_bytes, 0);
      if (got < 0 && errno == EAGAIN) return;
      const auto size = static_cast<std::size_t>(got);
      if (got <= 0 || !(leg.kind == Leg::Kind::client ? request(leg, size) : answer(leg, size))) {
        end(leg);
        return;
      }
      if (leg.fd < 0 || (size < read_buffer_bytes && !leg.hung_up)) return;
    }
  }

  bool request(Leg& client, std::size_t size) {
    if (client.peer == nullptr) {
      const std::string_view bytes(buffer_.get(), size);
      const std::size_t end = bytes.find("\r\n\r\n");
      if (end == std::string_view::npos) return false;
      const std::string_view head = bytes.substr(0, end + 2);
      const auto connection = find_field(head, "Connection");
      client.closes = is_close(connection);
      // The origin's connection stays: the field's name is overwritten with one of its length.
      if (client.closes) {
        const std::size_t at = bytes.find("\r\nConnection:") + 2;
        std::string_view("X-Unused-X").copy(buffer_.get() + at, 10);
      }
      client.left = number(find_field(head, "Content-Length").value_or("0")).value_or(0) + end + 4;
      lease(client);
    }
    if (client.peer == nullptr || size > client.left) return false;
    client.left -= size;
    return send_to(*client.peer, {buffer_.get(), size});
  }

  bool answer(Leg& origin, std::size_t size) {
    if (origin.peer == nullptr) return false;
    const std::string_view bytes(buffer_.get(), size);
    if (!origin.head_seen) {
      const std::size_t end = bytes.find("\r\n\r\n");
      if (end == std::string_view::npos) return false;
      const auto length = find_field(bytes.substr(0, end + 2), "Content-Length");
      origin.left = number(length.value_or("0")).value_or(0) + end + 4;
      origin.head_seen = true;
    }
    if (size > origin.left) return false;
    origin.left -= size;
    Leg& client = *origin.peer;
    if (!send_to(client, bytes)) return false;
    if (origin.left > 0) return true;
    release(origin);
    if (client.closes && client.unsent.empty()) end(client);
    return true;
  }

  /// Gives the client the connection used last to the origin that has the least to do.
  void lease(Leg& client) {
    std::size_t least = 0;
    for (std::size_t i = 1; i < busy_.size(); ++i) {
      if (busy_[i] < busy_[least]) least = i;
    }
    Leg* origin = nullptr;
    if (!pools_[least].empty()) {
      origin = pools_[least].back();
      pools_[least].pop_back();
    } else {
      const int fd = connect_to(origins_[least]);
      if (fd < 0) return;
      origin = new Leg{.fd = fd, .kind = Leg::Kind::origin, .origin = least};
      watch(epoll_, EPOLL_CTL_ADD, fd, once, origin);
    }
    ++busy_[least];
    origin->head_seen = false;
    origin->peer = &client;
    client.peer = origin;
  }

  void release(Leg& origin) {
    --busy_[origin.origin];
    origin.peer->peer = nullptr;
    origin.peer = nullptr;
    pools_[origin.origin].push_back(&origin);
  }

  /// Sends at once what the socket takes and keeps the rest. False: the socket is broken.
  static bool send_to(Leg& leg, std::string_view bytes) {
    const ssize_t sent = send(leg.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    leg.unsent.append(bytes.substr(sent < 0 ? 0 : static_cast<std::size_t>(sent)));
    return true;
  }

  /// Ends a leg, and with it the exchange that it is part of.
  void end(Leg& leg) {
    if (leg.fd < 0) return;
    close(leg.fd);
    leg.fd = -1;
    dead_.emplace_back(&leg);
    Leg* peer = leg.peer;
    leg.peer = nullptr;
    if (leg.kind == Leg::Kind::origin && peer != nullptr) --busy_[leg.origin];
    if (leg.kind == Leg::Kind::origin && peer == nullptr) std::erase(pools_[leg.origin], &leg);
    if (peer == nullptr) return;
    if (peer->kind == Leg::Kind::origin) --busy_[peer->origin];
    peer->peer = nullptr;
    end(*peer);
  }

  int epoll_;
  std::unique_ptr<char[]> buffer_;
  std::vector<std::uint16_t> origins_;
  std::vector<std::vector<Leg*>> pools_;  // per origin, idle connections, used last at the back
  std::vector<std::uint32_t> busy_;       // per origin, exchanges under way
  std::vector<std::unique_ptr<Leg>> dead_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: bench_floor PORT ORIGIN_PORT...\n", stderr);
    return 2;
  }
  std::vector<std::uint16_t> ports;
  for (int i = 1; i < argc; ++i) {
    ports.push_back(static_cast<std::uint16_t>(bench::number(argv[i]).value_or(0)));
  }
  bench::Floor floor(ports.front(), {ports.begin() + 1, ports.end()});
  for (;;) floor.turn();
}
