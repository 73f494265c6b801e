// SPDX-License-Identifier: Apache-2.0
#include "cost/one_worker.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace gg {

namespace {

/// Turns within which anything here has to happen; each ends at once when there is nothing to do.
constexpr int turns_max = 100'000;
constexpr std::size_t origin_connections_max = 64;
constexpr std::string_view end_mark = "~end~";

std::string sized_body(std::size_t size) {
  return std::string(size - end_mark.size(), 'x').append(end_mark);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int null_device() {
  int descriptor = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  GG_ASSERT(descriptor >= 0);
  return descriptor;
}

}  // namespace

PlainSocket::~PlainSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

PlainSocket PlainSocket::listening() {
  PlainSocket made(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  int bound = ::bind(made.descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  GG_ASSERT(bound == 0 && ::listen(made.descriptor_, 4096) == 0);
  return made;
}

PlainSocket PlainSocket::connected_to(std::uint16_t port) {
  // Blocking: the kernel connects on loopback without anybody's help.
  PlainSocket made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(port);
  int done = ::connect(made.descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  GG_ASSERT(done == 0);
  return made;
}

std::uint16_t PlainSocket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

int PlainSocket::accept() const { return ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC); }

std::size_t PlainSocket::send(std::string_view bytes) const {
  ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

bool PlainSocket::receive_until(std::string_view end) {
  std::array<char, 65536> buffer;  // the tail of what came before, then what comes now
  std::memcpy(buffer.data(), tail_.data(), tail_.size());
  ssize_t count =
      ::recv(descriptor_, buffer.data() + tail_.size(), buffer.size() - tail_.size(), MSG_DONTWAIT);
  if (count <= 0) return false;
  std::size_t size = tail_.size() + static_cast<std::size_t>(count);
  std::memcpy(tail_.data(), buffer.data() + size - tail_.size(), tail_.size());
  return std::string_view(buffer.data(), size).ends_with(end);
}

CostExchange CostExchange::small_get() {
  return {.request =
              "GET /small?q=1 HTTP/1.1\r\nHost: cost.example\r\nUser-Agent: cost/1\r\n"
              "Accept: */*\r\n\r\n",
          .request_end = "\r\n\r\n",
          .answer =
              "HTTP/1.1 200 OK\r\nDate: Sat, 22 Nov 2025 09:00:00 GMT\r\n"
              "Content-Type: text/plain\r\nContent-Length: 100\r\n\r\n" +
              sized_body(100),
          .answer_end = end_mark};
}

CostExchange CostExchange::post_64k() {
  return {.request =
              "POST /upload HTTP/1.1\r\nHost: cost.example\r\nUser-Agent: cost/1\r\n"
              "Content-Length: 65536\r\n\r\n" +
              sized_body(65536),
          .request_end = end_mark,
          .answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + sized_body(100),
          .answer_end = end_mark};
}

OneWorker::OneWorker()
    : nowhere_(null_device()),
      log_writer_(nowhere_.descriptor()),
      log_(LogLayout::json(), log_writer_, log_dropped_) {
  const std::string listen[] = {"127.0.0.1:" + std::to_string(door_.port())};
  const std::string to[] = {"http://127.0.0.1:" + std::to_string(origin_.port())};
  LoadResult loaded = config_from_command_line(listen, to);
  GG_ASSERT(loaded.has_value());
  config_ = loaded->config;
  snapshot_ = std::make_unique<Snapshot>(config_, 1, route_slots_, upstream_slots_);
  shared_upstreams_ = std::make_unique<SharedUpstreams>(*config_);
  served_.reserve(origin_connections_max);

  Result<std::unique_ptr<EpollEngine>, IoError> engine = EpollEngine::make();
  GG_ASSERT(engine.has_value());
  engine_ = std::move(*engine);
  worker_ = std::make_unique<Worker>(*engine_,
                                     WorkerShared{.snapshot = *snapshot_,
                                                  .upstreams = *shared_upstreams_,
                                                  .client_connections = client_connections_},
                                     &log_);
  Result<void, IoError> listens = worker_->listen({.descriptor = door_.descriptor(),
                                                   .address = Address::v4({127, 0, 0, 1}, 0),
                                                   .name = "cost"});
  GG_ASSERT(listens.has_value());
}

OneWorker::~OneWorker() {
  worker_->cut();
  for (int turn = 0; turn < turns_max && !worker_->is_stopped(); ++turn) {
    engine_->turn(Duration::zero());
  }
}

PlainSocket OneWorker::connect() { return PlainSocket::connected_to(door_.port()); }

bool OneWorker::ask(PlainSocket& client, const CostExchange& exchange) {
  std::string_view unsent = exchange.request;
  bool answered = false;
  for (int turn = 0; turn < turns_max && !answered; ++turn) {
    if (!unsent.empty()) unsent.remove_prefix(client.send(unsent));
    engine_->turn(Duration::zero());
    serve(exchange);
    answered = client.receive_until(exchange.answer_end);
  }
  // What ends an exchange may come after its last byte: the record, the way back into the pool.
  engine_->turn(Duration::zero());
  log_writer_.pump();
  return answered;
}

void OneWorker::serve(const CostExchange& exchange) {
  for (int accepted = origin_.accept(); accepted >= 0; accepted = origin_.accept()) {
    GG_ASSERT(served_.size() < origin_connections_max);
    served_.emplace_back(accepted);
  }
  for (PlainSocket& connection : served_) {
    if (connection.receive_until(exchange.request_end)) connection.send(exchange.answer);
  }
}

bool OneWorker::run_until_sessions(std::size_t count) {
  for (int turn = 0; turn < turns_max && sessions() != count; ++turn) {
    engine_->turn(Duration::zero());
  }
  return sessions() == count;
}

}  // namespace gg
