// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/sim_engine.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gg {

namespace {

/// 2026-01-01T00:00:00Z, when every simulation begins.
constexpr WallTime simulations_begin{1'767'225'600'000'000};

SimSocket& mine(Socket& socket) { return static_cast<SimSocket&>(socket); }

Socket* socket_of(Operation& operation) {
  switch (operation.kind()) {
    case Operation::Kind::accept:
      return &static_cast<Accept&>(operation).listener();
    case Operation::Kind::connect:
      return static_cast<Connect&>(operation).socket().get();
    case Operation::Kind::receive:
      return &static_cast<Receive&>(operation).socket();
    case Operation::Kind::send:
      return &static_cast<Send&>(operation).socket();
    case Operation::Kind::watch:
      return &static_cast<Watch&>(operation).socket();
    case Operation::Kind::sleep:
    case Operation::Kind::handshake:
      return nullptr;
  }
  return nullptr;
}

/// Part of `size`, at least 1, by chance.
std::size_t part_of(Rng& rng, std::size_t size) { return 1 + rng.below(size); }

}  // namespace

SimSocket::SimSocket(SimEngine& engine) : Socket(engine), owner_(engine) {}

void SimSocket::wake() { owner_.wake_socket(*this); }

SimEngine::SimEngine(SimWorld& world)
    : Engine(world.rng().next(), world.now(),
             {simulations_begin.microseconds - world.now().since_start.count() / 1000}),
      world_(world),
      ip_(world.next_ip()) {
  world_.add(*this);
}

SimEngine::~SimEngine() {
  bury();
  GG_ASSERT(open_sockets_ == 0);
  world_.remove(*this);
}

// Being driven.

bool SimEngine::has_work() {
  if (frozen_) return false;
  if (!ready_.empty() || has_cancelled() || !woken_.empty() || has_messages_) return true;
  if (std::exchange(timers_changed_, false)) next_due_ = timers_.next_due();
  return next_due_ && *next_due_ <= world_.now();
}

void SimEngine::wake_socket(SimSocket& socket) {
  if (!socket.is_linked() && socket.is_open) woken_.push_back(socket);
}

void SimEngine::freeze() {
  frozen_ = true;
  if (!frozen_since_) frozen_since_ = world_.now();
}

void SimEngine::turn(Duration most) {
  ++counters_.turns;
  timers_changed_ = true;
  now_ = world_.now();
  run_cancelled();
  ready_.run();
  if (most > Duration::zero()) world_.wait_for(*this, world_.now() + most);
  now_ = world_.now();
  looked_ = std::exchange(frozen_since_, std::nullopt).value_or(now_);
  look_at_woken();
  has_messages_ = false;
  run_messages();
  run_timers();
  run_cancelled();
  bury();
}

void SimEngine::look_at_woken() {
  in_hand_.clear();
  while (!woken_.empty()) {
    in_hand_.push_back(&woken_.front());
    woken_.front().unlink();
  }
  // Any order: connections are independent of each other.
  for (std::size_t i = in_hand_.size(); i > 1; --i) {
    std::swap(in_hand_[i - 1], in_hand_[world_.rng().below(i)]);
  }
  for (SimSocket* socket : in_hand_) look_at(*socket);
}

void SimEngine::look_at(SimSocket& socket) {
  socket.write_pause = false;
  // As epoll: a response that waits to be read comes before the error of a request.
  if (socket.is_open && socket.reader != nullptr) {
    Operation& operation = *socket.reader;
    socket.reader = nullptr;
    if (begin(operation)) operation.finish();
  }
  if (!socket.is_open || socket.writer == nullptr) return;
  Operation& operation = *socket.writer;
  if (operation.kind() == Operation::Kind::connect) {
    finish_connect(socket, static_cast<Connect&>(operation));
    return;
  }
  socket.writer = nullptr;
  if (begin(operation)) operation.finish();
}

void SimEngine::bury() { closed_this_turn_.clear(); }

// Sockets.

SimSocket& SimEngine::new_socket() {
  ++open_sockets_;
  return *new SimSocket(*this);  // owned by the SocketPtr that it goes into; close() takes it back
}

void SimEngine::close(Socket& closed, Closing how) {
  SimSocket& socket = mine(closed);
  GG_ASSERT(socket.is_open);
  if (socket.reader != nullptr) cancel(*socket.reader);
  if (socket.writer != nullptr) cancel(*socket.writer);
  if (socket.listener != nullptr) {
    world_.network().remove_share(socket);
  } else if (socket.is_connected) {
    socket.connection->close(socket.end, how);
  } else {
    socket.connection->give_up();
  }
  socket.is_open = false;
  socket.unlink();
  --open_sockets_;
  closed_this_turn_.emplace_back(&socket);
}

void SimEngine::end_sending(Socket& socket) {
  mine(socket).connection->end_sending(mine(socket).end);
}

Result<SocketPtr, IoError> SimEngine::adopt_listener(int, const Address& address) {
  if (open_sockets_ >= descriptors_max_) return Failure(io_error_of(EMFILE));
  SimSocket& socket = new_socket();
  socket.listener = &world_.network().add_share(socket, address);
  return SocketPtr(&socket);
}

// Operations.

bool SimEngine::begin(Operation& operation) {
  timers_changed_ = true;  // if it has to wait
  switch (operation.kind()) {
    case Operation::Kind::accept:
      return begin_accept(static_cast<Accept&>(operation));
    case Operation::Kind::connect:
      return begin_connect(static_cast<Connect&>(operation));
    case Operation::Kind::receive:
      return begin_receive(static_cast<Receive&>(operation));
    case Operation::Kind::send:
      return begin_send(static_cast<Send&>(operation));
    case Operation::Kind::watch:
      return begin_watch(static_cast<Watch&>(operation));
    case Operation::Kind::sleep:
    case Operation::Kind::handshake:
      return false;
  }
  GG_UNREACHABLE("no such operation");
}

void SimEngine::forget(Operation& operation) {
  Socket* socket = socket_of(operation);
  if (socket == nullptr) return;
  if (mine(*socket).reader == &operation) mine(*socket).reader = nullptr;
  if (mine(*socket).writer == &operation) mine(*socket).writer = nullptr;
}

SimEngine::Moment SimEngine::moment_for(SimSocket& socket, Deadline deadline) {
  const LinkSettings& link = socket.connection->link();
  if (deadline.has_passed(now_)) return Moment::now;  // it has one try
  if (!world_.rng().chance(link.would_block)) return Moment::now;
  SimNetwork& network = world_.network();
  auto jitter = static_cast<std::uint64_t>(link.jitter.count());
  Duration wait(static_cast<std::int64_t>(world_.rng().below(jitter + 1)));
  world_.after(wait, [&network, number = socket.connection->number(), end = socket.end] {
    if (SimConnection* connection = network.find(number)) connection->wake(end);
  });
  return Moment::later;
}

bool SimEngine::begin_accept(Accept& accept) {
  SimSocket& listener = mine(accept.listener());
  GG_ASSERT(listener.reader == nullptr);
  SimNetwork& network = world_.network();
  std::optional<SimNetwork::Waiting> next = network.next_waiting(*listener.listener);
  if (!next) {
    listener.reader = &accept;
    return false;
  }
  ++counters_.accepts;
  SimTrace::Entry entry{.at = world_.now(), .who = next->connection->number()};
  if (open_sockets_ >= descriptors_max_) {
    // As the epoll engine does: one is let go, so that its client is not left waiting.
    entry.what = SimTrace::What::shed;
    world_.trace().note(entry);
    next->connection->close(End::acceptor, Closing::orderly);
    accept.fail(io_error_of(EMFILE));
    return true;
  }
  entry.what = SimTrace::What::accepted;
  world_.trace().note(entry);
  SimSocket& socket = new_socket();
  socket.connection = next->connection;
  socket.end = End::acceptor;
  socket.local = listener.listener->address;
  socket.is_connected = true;
  next->connection->attach(End::acceptor, &socket);
  accept.complete(SocketPtr(&socket), next->from);
  return true;
}

bool SimEngine::begin_connect(Connect& connect) {
  SimNetwork& network = world_.network();
  ++counters_.connects;
  if (open_sockets_ >= descriptors_max_) {
    connect.fail(io_error_of(EMFILE));
    return true;
  }
  Address from = Address::v4(ip_, next_port_);
  bool may_be_out_of_ports = network.connections_open() >= ports_max_;
  if (may_be_out_of_ports && network.connections_between(from, connect.to()) >= ports_max_) {
    connect.fail(io_error_of(EADDRNOTAVAIL));
    return true;
  }
  next_port_ = next_port_ >= 60999 ? 32768 : static_cast<std::uint16_t>(next_port_ + 1);
  SimSocket& socket = new_socket();
  connect.socket().reset(&socket);
  network.connect(socket, from, connect.to());
  if (!socket.is_connected && !socket.connect_error) {
    socket.writer = &connect;
    return false;
  }
  if (socket.connect_error) {
    connect.fail(*socket.connect_error);
  } else {
    connect.set_done();
  }
  return true;
}

void SimEngine::finish_connect(SimSocket& socket, Connect& connect) {
  if (!socket.is_connected && !socket.connect_error) return;
  socket.writer = nullptr;
  if (socket.connect_error) {
    connect.fail(*socket.connect_error);
  } else {
    connect.set_done();
  }
  connect.finish();
}

bool SimEngine::begin_receive(Receive& receive) {
  SimSocket& socket = mine(receive.socket());
  GG_ASSERT(socket.reader == nullptr);
  SimConnection& connection = *socket.connection;
  ++counters_.receives;
  if (!connection.is_readable(socket.end) ||
      moment_for(socket, receive.deadline()) == Moment::later) {
    socket.reader = &receive;
    return false;
  }
  Chunk chunk = buffers_.take(receive.most());
  std::span<char> room = chunk.spare().first(receive.most());
  const LinkSettings& link = connection.link();
  std::size_t unread = connection.unread(socket.end);
  if (link.every_byte) {
    room = room.first(std::min<std::size_t>(room.size(), 1));
  } else if (unread > 1 && room.size() > 1 && world_.rng().chance(link.short_read)) {
    room = room.first(part_of(world_.rng(), std::min(room.size(), unread)));
  }
  Result<std::size_t, IoError> got = connection.read(socket.end, room);
  if (!got) {
    receive.fail(got.error());
    return true;
  }
  chunk.extend(*got);
  counters_.bytes_received += *got;
  receive.complete(std::move(chunk));
  return true;
}

bool SimEngine::is_writable(const SimSocket& socket) const {
  return !socket.write_pause && socket.connection->write_room(socket.end) > 0;
}

bool SimEngine::begin_send(Send& send) {
  SimSocket& socket = mine(send.socket());
  GG_ASSERT(socket.writer == nullptr);
  SimConnection& connection = *socket.connection;
  const LinkSettings& link = connection.link();
  for (;;) {
    if (send.left() == 0) {
      send.set_done();
      return true;
    }
    ++counters_.sends;
    if (std::optional<IoError> error = connection.write_error(socket.end)) {
      send.fail(*error);
      return true;
    }
    if (!is_writable(socket) || moment_for(socket, send.deadline()) == Moment::later) break;
    const iovec& part = send.parts().front();
    std::size_t size = std::min(part.iov_len, connection.write_room(socket.end));
    bool is_short = send.left() > 1 && world_.rng().chance(link.short_write);
    if (is_short) size = part_of(world_.rng(), size);
    connection.write(socket.end, {static_cast<const char*>(part.iov_base), size});
    counters_.bytes_sent += size;
    send.advance(size, now());
    if (is_short && send.left() > 0) {
      socket.write_pause = true;
      SimNetwork& network = world_.network();
      world_.after(link.jitter, [&network, number = connection.number(), end = socket.end] {
        if (SimConnection* found = network.find(number)) found->wake(end);
      });
    }
  }
  socket.writer = &send;
  return false;
}

bool SimEngine::begin_watch(Watch& watch) {
  SimSocket& socket = mine(watch.socket());
  GG_ASSERT(socket.reader == nullptr);
  SimConnection& connection = *socket.connection;
  ++counters_.other_calls;
  bool wants_all = watch.what() == Watch::For::anything;
  bool is_news =
      connection.is_dead(socket.end) || (wants_all && connection.is_readable(socket.end));
  if (!is_news || moment_for(socket, watch.deadline()) == Moment::later) {
    socket.reader = &watch;
    return false;
  }
  if (connection.is_dead(socket.end)) {
    watch.complete(Watch::Seen::failure);
  } else {
    watch.complete(connection.unread(socket.end) > 0 ? Watch::Seen::bytes : Watch::Seen::end);
  }
  return true;
}

}  // namespace gg
