// SPDX-License-Identifier: Apache-2.0
// What only real sockets show: running out of descriptors, Unix sockets, shared listeners.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "backend.h"
#include "conformance.h"
#include "engine/epoll/epoll_engine.h"
#include "engine/epoll/sockaddr.h"

namespace gg {

namespace {

/// Leaves the process no descriptor above those in use, for as long as it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    int lowest_free = dup(0);
    ::close(lowest_free);
    rlimit none{.rlim_cur = static_cast<rlim_t>(lowest_free), .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

Task<void> wait_for_nobody(Backend& backend, Socket& listener, std::optional<IoError>& error) {
  Accept accept(backend.engine(), listener);
  Result<Accepted, IoError> accepted = co_await accept;
  if (!accepted) error = accepted.error();
}

Task<void> accepting_nobody_without_descriptors(Backend& backend) {
  Listening listening = backend.listen();
  std::optional<IoError> error;
  Scope scope(backend.engine().ready());
  {
    NoDescriptors none;
    scope.start(wait_for_nobody(backend, *listening.socket, error));
    co_await pause(backend, 20ms);
    EXPECT_EQ(scope.running(), 1U);  // it waits; it does not fail again and again
  }
  listening.socket.reset();
  co_await scope.join();

  EXPECT_EQ(error->kind, IoError::Kind::cancelled);
}

TEST(EpollEngineTest, AnAcceptWithoutDescriptorsWaitsWhileNobodyComes) {
  std::unique_ptr<Backend> backend = make_backend("epoll", 0);

  run_to_end(backend->engine(), accepting_nobody_without_descriptors(*backend));
}

Task<void> say_after(Backend& backend, Socket& socket, Duration wait) {
  co_await pause(backend, wait);
  co_await say(backend, socket, "late");
}

Task<void> listening_late(Backend& backend) {
  Pair pair = co_await connected(backend);
  co_await pause(backend, 1ms);
  co_await say(backend, *pair.near, "soon");
  usleep(30'000);
  co_await pause(backend, 1ms);
  EXPECT_GE(backend.engine().lag(), 30ms);
  Heard heard = co_await hear(backend, *pair.far, 4);

  Scope scope(backend.engine().ready());
  scope.start(say_after(backend, *pair.near, 400ms));
  heard = co_await hear(backend, *pair.far, 4);
  EXPECT_LT(backend.engine().lag(), 400ms);
  co_await scope.join();
}

TEST(EpollEngineTest, TellsHowLongNewsMayHaveWaited) {
  std::unique_ptr<Backend> backend = make_backend("epoll", 0);

  run_to_end(backend->engine(), listening_late(*backend));
}

Task<void> shedding(Backend& backend) {
  Listening listening = backend.listen();
  Connect first(backend.engine(), listening.address, backend.late());
  Result<SocketPtr, IoError> shed = co_await first;
  Connect second(backend.engine(), listening.address, backend.late());
  Result<SocketPtr, IoError> also_shed = co_await second;
  {
    NoDescriptors none;
    Accept accept(backend.engine(), *listening.socket);
    Result<Accepted, IoError> accepted = co_await accept;
    EXPECT_EQ(accepted.error().kind, IoError::Kind::no_descriptors);
    Accept again(backend.engine(), *listening.socket);
    Result<Accepted, IoError> none_either = co_await again;
    EXPECT_EQ(none_either.error().kind, IoError::Kind::no_descriptors);
    Connect connect(backend.engine(), listening.address, backend.late());
    Result<SocketPtr, IoError> refused_here = co_await connect;
    EXPECT_EQ(refused_here.error().kind, IoError::Kind::no_descriptors);
  }
  Heard heard = co_await hear(backend, **shed);
  Heard also_heard = co_await hear(backend, **also_shed);
  Connect third(backend.engine(), listening.address, backend.late());
  Result<SocketPtr, IoError> served = co_await third;
  Accept accept(backend.engine(), *listening.socket);
  Result<Accepted, IoError> accepted = co_await accept;

  EXPECT_TRUE(heard.ended);
  EXPECT_TRUE(also_heard.ended);
  EXPECT_TRUE(accepted.has_value());
}

TEST(EpollEngineTest, ShedsClientsWhileThereAreNoDescriptorsAndThenRecovers) {
  std::unique_ptr<Backend> backend = make_backend("epoll", 0);

  run_to_end(backend->engine(), shedding(*backend));
}

/// A Unix socket in a folder of its own, gone at the end.
class UnixListener {
 public:
  explicit UnixListener(int backlog) {
    char folder[] = "/tmp/gg_epoll_test_XXXXXX";
    GG_ASSERT(mkdtemp(folder) != nullptr);
    folder_ = folder;
    path_ = folder_ + "/socket";
    descriptor_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    SystemAddress to = to_system(address());
    GG_ASSERT(::bind(descriptor_, to.get(), to.size) == 0);
    GG_ASSERT(::listen(descriptor_, backlog) == 0);
  }
  ~UnixListener() {
    ::close(descriptor_);
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

  Address address() const { return Address::unix_at(path_); }
  int descriptor() const { return descriptor_; }

 private:
  std::string folder_;
  std::string path_;
  int descriptor_ = -1;
};

Task<void> unix_sockets(Backend& backend, const UnixListener& listener) {
  Result<SocketPtr, IoError> shared =
      backend.engine().adopt_listener(listener.descriptor(), listener.address());
  Connect connect(backend.engine(), listener.address(), backend.late());
  Result<SocketPtr, IoError> near = co_await connect;
  Accept accept(backend.engine(), **shared);
  Result<Accepted, IoError> far = co_await accept;
  co_await say(backend, **near, "hello");
  near->reset();
  Heard heard = co_await hear(backend, *far->socket);

  EXPECT_EQ(far->peer.family, AddressFamily::unix_path);
  EXPECT_EQ(heard.bytes, "hello");
  EXPECT_TRUE(heard.ended);
}

TEST(EpollEngineTest, UnixSocketsCarryBytes) {
  UnixListener listener(8);
  std::unique_ptr<Backend> backend = make_backend("epoll", 0);

  run_to_end(backend->engine(), unix_sockets(*backend, listener));
}

Task<void> connect_until_it_fails(Backend& backend, Address to, std::optional<IoError>& error) {
  std::vector<SocketPtr> sockets;
  for (int i = 0; i < 16 && !error; ++i) {
    Connect connect(backend.engine(), to, backend.late());
    Result<SocketPtr, IoError> socket = co_await connect;
    if (socket) {
      sockets.push_back(std::move(*socket));
    } else {
      error = socket.error();
    }
  }
}

TEST(EpollEngineTest, AFullUnixListenerIsToldApart) {
  UnixListener listener(1);
  std::unique_ptr<Backend> backend = make_backend("epoll", 0);
  std::optional<IoError> error;

  run_to_end(backend->engine(), connect_until_it_fails(*backend, listener.address(), error));

  EXPECT_EQ(error, (IoError{.kind = IoError::Kind::backlog_full, .number = EAGAIN}));
}

TEST(EpollEngineTest, AMissingUnixSocketIsToldApart) {
  std::unique_ptr<Backend> backend = make_backend("epoll", 0);
  std::optional<IoError> error;

  run_to_end(backend->engine(),
             connect_until_it_fails(*backend, Address::unix_at("/tmp/gg_no_such_socket"), error));

  EXPECT_EQ(error->kind, IoError::Kind::no_such_path);
}

Task<void> two_engines_share(Backend& backend, Engine& other, const UnixListener& listener) {
  Result<SocketPtr, IoError> mine =
      backend.engine().adopt_listener(listener.descriptor(), listener.address());
  Result<SocketPtr, IoError> theirs =
      other.adopt_listener(listener.descriptor(), listener.address());
  mine->reset();
  Connect connect(backend.engine(), listener.address(), backend.late());
  Result<SocketPtr, IoError> near = co_await connect;
  Accept accept(other, **theirs);
  bool accepted_at_once = other.submit(accept);

  EXPECT_TRUE(near.has_value());
  EXPECT_TRUE(accepted_at_once);
  EXPECT_TRUE(accept.take_result().has_value());
}

TEST(EpollEngineTest, ClosingOneShareLeavesTheListenerToOthers) {
  UnixListener listener(8);
  std::unique_ptr<Backend> backend = make_backend("epoll", 0);
  std::unique_ptr<EpollEngine> other = std::move(*EpollEngine::make());

  run_to_end(backend->engine(), two_engines_share(*backend, *other, listener));
}

}  // namespace
}  // namespace gg
