// SPDX-License-Identifier: Apache-2.0
#include "engine/epoll/epoll_engine.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/epoll/sockaddr.h"

namespace gg {

/// One descriptor and what is known of it since the last edge.
class EpollSocket final : public Socket {
 public:
  explicit EpollSocket(Engine& engine) : Socket(engine) {}

  int descriptor = -1;
  bool readable = false;
  bool writable = false;
  bool ended = false;   // the peer has finished or failed: reading will say how
  bool failed = false;  // both directions are closed, or an error is pending
  bool listening = false;
  int failure = 0;  // the errno that broke it; the kernel tells it once and then shows a clean end
  Operation* reader = nullptr;  // a Receive, Watch or Accept
  Operation* writer = nullptr;  // a Send or Connect
};

namespace {

constexpr int events_per_turn = 256;
constexpr int events_per_clock_reading = 8;
/// A shorter one is the time of the call.
constexpr Duration least_wait = 20us;

// The C library's send and recv are cancellation points, which in a process of several threads cost
// two atomic operations each. Nobody cancels a thread here.
ssize_t send_now(int descriptor, const iovec& bytes) {
  return syscall(SYS_sendto, descriptor, bytes.iov_base, bytes.iov_len, MSG_NOSIGNAL, nullptr, 0);
}
ssize_t receive_now(int descriptor, std::span<char> room) {
  return syscall(SYS_recvfrom, descriptor, room.data(), room.size(), 0, nullptr, nullptr);
}

EpollSocket& mine(Socket& socket) { return static_cast<EpollSocket&>(socket); }

Instant read_clock() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return {std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)};
}

/// The wall-clock time at which the monotonic clock stood at zero.
WallTime wall_at_zero() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  std::int64_t wall = std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
  return {wall - read_clock().since_start.count() / 1000};
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  ssize_t got = getrandom(&seed, sizeof seed, 0);
  GG_ASSERT(got == static_cast<ssize_t>(sizeof seed));
  return seed;
}

int open_spare() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

Result<std::unique_ptr<EpollEngine>, IoError> EpollEngine::make() {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return Failure(io_error_of(errno));
  int wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wakeup < 0) {
    int why = errno;
    ::close(epoll);
    return Failure(io_error_of(why));
  }
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event);
  return std::unique_ptr<EpollEngine>(new EpollEngine(epoll, wakeup));
}

EpollEngine::EpollEngine(int epoll, int wakeup)
    : Engine(random_seed(), read_clock(), wall_at_zero()),
      epoll_(epoll),
      wakeup_(wakeup),
      spare_descriptor_(open_spare()) {}

EpollEngine::~EpollEngine() {
  bury();
  for (const std::unique_ptr<EpollSocket>& socket : all_) GG_ASSERT(socket->descriptor < 0);
  ::close(wakeup_);
  ::close(epoll_);
  if (spare_descriptor_ >= 0) ::close(spare_descriptor_);
}

int EpollEngine::descriptor_of(const Socket& socket) {
  return static_cast<const EpollSocket&>(socket).descriptor;
}

Address EpollEngine::local_address(const Socket& socket) const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  int failed = getsockname(descriptor_of(socket), reinterpret_cast<sockaddr*>(&storage), &size);
  return failed == 0 ? from_system(storage) : Address{};
}

void EpollEngine::refresh_clock() { now_ = read_clock(); }

EpollSocket* EpollEngine::new_socket(int descriptor) {
  if (free_.empty()) {
    all_.push_back(std::make_unique<EpollSocket>(*this));
    free_.push_back(all_.back().get());
  }
  EpollSocket* socket = free_.back();
  free_.pop_back();
  socket->descriptor = descriptor;
  socket->readable = socket->writable = socket->ended = socket->failed = false;
  socket->listening = false;
  socket->failure = 0;
  return socket;
}

Result<EpollSocket*, IoError> EpollEngine::register_socket(int descriptor, unsigned events) {
  EpollSocket* socket = new_socket(descriptor);
  epoll_event event{.events = events | EPOLLET, .data = {.ptr = socket}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) < 0) {
    int why = errno;
    ::close(descriptor);
    socket->descriptor = -1;
    free_.push_back(socket);
    return Failure(io_error_of(why));
  }
  return socket;
}

Result<SocketPtr, IoError> EpollEngine::adopt_listener(int descriptor, const Address&) {
  // Duplicated, so that closing it here leaves the process's own socket listening.
  int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return Failure(io_error_of(errno));
  fcntl(own, F_SETFL, fcntl(own, F_GETFL) | O_NONBLOCK);
  Result<EpollSocket*, IoError> socket = register_socket(own, EPOLLIN | EPOLLEXCLUSIVE);
  if (!socket) return Failure(socket.error());
  (*socket)->listening = true;
  (*socket)->readable = true;
  return SocketPtr(*socket);
}

void EpollEngine::close(Socket& closed, Closing how) {
  EpollSocket& socket = mine(closed);
  GG_ASSERT(socket.descriptor >= 0);
  if (socket.reader != nullptr) cancel(*socket.reader);
  if (socket.writer != nullptr) cancel(*socket.writer);
  if (how == Closing::reset) {
    linger abort{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  }
  // A duplicated listener stays open in the process, so epoll would go on watching it.
  if (socket.listening) epoll_ctl(epoll_, EPOLL_CTL_DEL, socket.descriptor, nullptr);
  ::close(socket.descriptor);
  ++counters_.other_calls;
  socket.descriptor = -1;
  closed_this_turn_.push_back(&socket);
}

void EpollEngine::end_sending(Socket& socket) {
  ++counters_.other_calls;
  shutdown(mine(socket).descriptor, SHUT_WR);
}

bool EpollEngine::begin(Operation& operation) {
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

void EpollEngine::forget(Operation& operation) {
  EpollSocket* socket = nullptr;
  switch (operation.kind()) {
    case Operation::Kind::accept:
      socket = &mine(static_cast<Accept&>(operation).listener());
      break;
    case Operation::Kind::connect:
      socket = &mine(*static_cast<Connect&>(operation).socket());
      break;
    case Operation::Kind::receive:
      socket = &mine(static_cast<Receive&>(operation).socket());
      break;
    case Operation::Kind::send:
      socket = &mine(static_cast<Send&>(operation).socket());
      break;
    case Operation::Kind::watch:
      socket = &mine(static_cast<Watch&>(operation).socket());
      break;
    case Operation::Kind::sleep:
    case Operation::Kind::handshake:
      return;
  }
  if (socket->reader == &operation) socket->reader = nullptr;
  if (socket->writer == &operation) socket->writer = nullptr;
}

bool EpollEngine::begin_accept(Accept& accept) {
  EpollSocket& listener = mine(accept.listener());
  GG_ASSERT(listener.reader == nullptr);
  while (listener.readable) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    int descriptor = accept4(listener.descriptor, reinterpret_cast<sockaddr*>(&peer), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    ++counters_.accepts;
    if (descriptor >= 0) {
      Result<EpollSocket*, IoError> socket =
          register_socket(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
      ++counters_.other_calls;
      if (!socket) {
        accept.fail(socket.error());
        return true;
      }
      (*socket)->writable = true;
      accept.complete(SocketPtr(*socket), from_system(peer));
      return true;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      listener.readable = false;
      break;
    }
    // The connection died while it was queued: there may be others behind it.
    if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO) continue;
    int why = errno;
    // The kernel wants a descriptor before it looks at the queue, which may well be empty.
    if ((why == EMFILE || why == ENFILE) && shed_one(listener) == Shed::nobody_waits) {
      listener.readable = false;
      break;
    }
    accept.fail(io_error_of(why));
    return true;
  }
  listener.reader = &accept;
  return false;
}

EpollEngine::Shed EpollEngine::shed_one(EpollSocket& listener) {
  if (spare_descriptor_ < 0) spare_descriptor_ = open_spare();
  if (spare_descriptor_ < 0) return Shed::nothing;
  ::close(spare_descriptor_);
  int descriptor = accept4(listener.descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  bool nobody_waits = descriptor < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (descriptor >= 0) ::close(descriptor);
  spare_descriptor_ = open_spare();
  if (descriptor >= 0) return Shed::one;
  return nobody_waits ? Shed::nobody_waits : Shed::nothing;
}

bool EpollEngine::begin_connect(Connect& connect) {
  SystemAddress to = to_system(connect.to());
  int descriptor = socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  counters_.other_calls += 3;
  if (descriptor < 0) {
    connect.fail(io_error_of(errno));
    return true;
  }
  bool is_unix = connect.to().family == AddressFamily::unix_path;
  int on = 1;
  if (!is_unix) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ++counters_.connects;
  if (::connect(descriptor, to.get(), to.size) < 0 && errno != EINPROGRESS) {
    IoError error = io_error_of(errno);
    if (errno == EAGAIN && is_unix) error.kind = IoError::Kind::backlog_full;
    ::close(descriptor);
    connect.fail(error);
    return true;
  }
  Result<EpollSocket*, IoError> socket =
      register_socket(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
  if (!socket) {
    connect.fail(socket.error());
    return true;
  }
  connect.socket().reset(*socket);
  if (is_unix) {
    (*socket)->writable = true;
    connect.set_done();
    return true;
  }
  (*socket)->writer = &connect;
  return false;
}

void EpollEngine::finish_connect(EpollSocket& socket, Connect& connect) {
  int why = 0;
  socklen_t size = sizeof why;
  getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &why, &size);
  ++counters_.other_calls;
  socket.writer = nullptr;
  if (why != 0) {
    connect.fail(io_error_of(why));
  } else {
    connect.set_done();
  }
  connect.finish();
}

bool EpollEngine::begin_receive(Receive& receive) {
  EpollSocket& socket = mine(receive.socket());
  GG_ASSERT(socket.reader == nullptr);
  if (socket.readable) {
    Chunk chunk = buffers_.take(receive.most());
    std::span<char> room = chunk.spare().first(receive.most());
    ssize_t got = receive_now(socket.descriptor, room);
    ++counters_.receives;
    if (got == 0 && socket.failure != 0) {
      receive.fail(io_error_of(socket.failure));
      return true;
    }
    if (got >= 0) {
      auto count = static_cast<std::size_t>(got);
      // A short read has drained the socket, unless an end is still to be read behind it.
      if (count < room.size() && !socket.ended) socket.readable = false;
      chunk.extend(count);
      counters_.bytes_received += count;
      receive.complete(std::move(chunk));
      return true;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      socket.failure = errno;
      receive.fail(io_error_of(socket.failure));
      return true;
    }
    socket.readable = false;
  }
  socket.reader = &receive;
  return false;
}

bool EpollEngine::begin_send(Send& send) {
  EpollSocket& socket = mine(send.socket());
  GG_ASSERT(socket.writer == nullptr);
  while (send.left() > 0 && socket.writable) {
    std::span<iovec> parts = send.parts();
    ssize_t sent = 0;
    if (parts.size() == 1) {
      sent = send_now(socket.descriptor, parts[0]);
    } else {
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = parts.size();
      sent = sendmsg(socket.descriptor, &message, MSG_NOSIGNAL);
    }
    ++counters_.sends;
    if (sent >= 0) {
      auto count = static_cast<std::size_t>(sent);
      counters_.bytes_sent += count;
      if (count < send.left()) socket.writable = false;
      send.advance(count, now());
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      socket.writable = false;
    } else if (errno != EINTR) {
      int why = errno;
      if (why != EPIPE) socket.failure = why;  // EPIPE: told before, or our own end of sending
      send.fail(io_error_of(why));
      return true;
    }
  }
  if (send.left() == 0) {
    send.set_done();
    return true;
  }
  socket.writer = &send;
  return false;
}

bool EpollEngine::begin_watch(Watch& watch) {
  EpollSocket& socket = mine(watch.socket());
  GG_ASSERT(socket.reader == nullptr);
  if (socket.failed || socket.failure != 0) {
    watch.complete(Watch::Seen::failure);
    return true;
  }
  if (watch.what() == Watch::For::anything && socket.readable) {
    // The last read may just have filled its buffer: only the kernel knows what is left.
    char byte = 0;
    ssize_t peeked = recv(socket.descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    ++counters_.other_calls;
    if (peeked >= 0) {
      watch.complete(peeked > 0 ? Watch::Seen::bytes : Watch::Seen::end);
      return true;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      socket.failure = errno;
      watch.complete(Watch::Seen::failure);
      return true;
    }
    socket.readable = false;
  }
  socket.reader = &watch;
  return false;
}

void EpollEngine::look_at_receiver(EpollSocket& socket) {
  Operation& operation = *socket.reader;
  socket.reader = nullptr;
  if (begin(operation)) operation.finish();
}

void EpollEngine::look_at_sender(EpollSocket& socket) {
  Operation& operation = *socket.writer;
  if (operation.kind() == Operation::Kind::connect) {
    finish_connect(socket, static_cast<Connect&>(operation));
    return;
  }
  socket.writer = nullptr;
  if (begin(operation)) operation.finish();
}

void EpollEngine::handle(const epoll_event& event) {
  auto* socket = static_cast<EpollSocket*>(event.data.ptr);
  if (socket == nullptr) {
    std::uint64_t count = 0;
    [[maybe_unused]] ssize_t got = read(wakeup_, &count, sizeof count);
    return;
  }
  if (socket->descriptor < 0) return;  // closed earlier in this turn

  if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) socket->ended = true;
  if ((event.events & (EPOLLHUP | EPOLLERR)) != 0) socket->failed = true;
  if ((event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) socket->readable = true;
  if ((event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) socket->writable = true;

  // A response that waits to be read comes before the error of a request that cannot be written.
  if (socket->readable && socket->reader != nullptr) look_at_receiver(*socket);
  if (socket->descriptor < 0) return;
  if (socket->writable && socket->writer != nullptr) look_at_sender(*socket);
}

void EpollEngine::turn(Duration most) {
  ++counters_.turns;
  run_cancelled();
  ready_.run();

  refresh_clock();
  bool must_hurry = !ready_.empty() || has_cancelled();
  Duration wait = must_hurry ? Duration::zero() : most;
  std::optional<Instant> due = timers_.next_due();
  if (due && *due - now_ < wait) wait = std::max(*due - now_, Duration::zero());
  // Rounded up, so that a timer's turn is not spun towards.
  auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(wait).count();

  epoll_event events[events_per_turn];
  Instant before = now_;
  int timeout = static_cast<int>(std::min<std::int64_t>(milliseconds, 60'000));
  int count = epoll_wait(epoll_, events, events_per_turn, timeout);
  refresh_clock();
  note_look(count == events_per_turn, now_ - before);
  for (int i = 0; i < count; ++i) {
    if (i % events_per_clock_reading == events_per_clock_reading - 1) refresh_clock();
    handle(events[i]);
  }
  run_messages();
  run_timers();
  run_cancelled();
  bury();
}

/// What ended a wait has happened just now; what was there at once, since the look before this one.
/// Where that found more than it could take, what it left is older.
void EpollEngine::note_look(bool is_full, Duration waited) {
  if (waited >= least_wait) {
    looked_ = now_;
  } else if (!was_full_) {
    looked_ = last_look_;
  }
  was_full_ = is_full;
  last_look_ = now_;
}

void EpollEngine::bury() {
  free_.insert(free_.end(), closed_this_turn_.begin(), closed_this_turn_.end());
  closed_this_turn_.clear();
}

void EpollEngine::wake_on(int descriptor) {
  // Once per arrival, so that a caller who leaves it unread is not kept awake.
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data = {.ptr = nullptr}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

void EpollEngine::wake() {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(wakeup_, &one, sizeof one);
}

}  // namespace gg
