// SPDX-License-Identifier: Apache-2.0
// Two simulated machines: the one under test and a peer that says the bytes a test gives it. For
// unit tests of connections, pools and servers; header only, because each links its own folder.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/sim/sim_engine.h"
#include "net/byte_stream.h"
#include "task/scope.h"

namespace gg {

/// The far end of one connection: keeps all that arrives, from its first moment.
class SimPeer {
 public:
  SimPeer(SimEngine& engine, SocketPtr socket)
      : stream_(std::move(socket)), scope_(engine.ready()) {
    scope_.start(listen());
  }

  /// Begins to send; several are sent one after the other.
  void say(std::string_view bytes) {
    to_say_ += bytes;
    if (!speaking_) scope_.start(speak());
  }
  /// After what was said before has left.
  void end_sending() { stream_.end_sending(); }
  void close() { stream_.close(Closing::orderly); }
  void reset() { stream_.close(Closing::reset); }
  /// Answers the next bytes by closing, as a server does whose patience ended just then.
  void close_at_next_bytes() { closes_at_next_bytes_ = true; }
  /// No longer takes what comes, so that the sender meets a full window.
  void stop_listening() {
    if (listening_ != nullptr) stream_.cancel(*listening_);
  }

  const std::string& heard() const { return heard_; }
  /// What came since the last call.
  std::string hear() { return std::exchange(heard_, {}); }
  bool saw_end() const { return ended_; }
  bool saw_reset() const { return error_ && error_->kind == IoError::Kind::reset; }
  bool is_open() const { return !ended_ && !error_ && stream_.is_open(); }
  bool is_over() const { return scope_.running() == 0; }

 private:
  Task<void> listen() {
    for (;;) {
      Receive receive = stream_.receive(65536, Deadline::never());
      listening_ = &receive;
      Result<Chunk, IoError> bytes = co_await receive;
      listening_ = nullptr;
      if (!bytes) {
        if (bytes.error().kind != IoError::Kind::cancelled) error_ = bytes.error();
        co_return;
      }
      ended_ = bytes->empty();
      if (ended_) co_return;
      heard_ += bytes->view();
      if (closes_at_next_bytes_) {
        stream_.close(Closing::orderly);
        co_return;
      }
    }
  }
  Task<void> speak() {
    speaking_ = true;
    while (!to_say_.empty()) {
      std::string bytes = std::exchange(to_say_, {});
      Send send = stream_.send(bytes, Deadline::never());
      Result<void, IoError> sent = co_await send;
      if (!sent) break;
    }
    speaking_ = false;
  }

  PlainStream stream_;
  std::string heard_;
  std::string to_say_;
  bool speaking_ = false;
  bool closes_at_next_bytes_ = false;
  bool ended_ = false;
  std::optional<IoError> error_;
  Receive* listening_ = nullptr;
  Scope scope_;
};

/// `engine()` is the machine under test. Afterwards nothing may be left: no socket, no buffer, no
/// coroutine frame.
class SimPair : public testing::Test {
 protected:
  explicit SimPair(const LinkSettings& link = LinkSettings::calm()) {
    world_.network().defaults() = link;
    listener_ = std::move(*peer_engine_.adopt_listener(-1, peer_address()));
  }
  ~SimPair() override {
    for (const std::unique_ptr<SimPeer>& peer : peers_) peer->close();
    listener_.reset();
    world_.run(std::chrono::hours(3));
    peers_.clear();
    EXPECT_EQ(engine_.open_sockets() + peer_engine_.open_sockets(), 0U);
    EXPECT_EQ(engine_.buffers().bytes_lent() + peer_engine_.buffers().bytes_lent(), 0U);
    EXPECT_EQ(frame_counters().live, frames_before_);
  }

  SimWorld& world() { return world_; }
  SimEngine& engine() { return engine_; }
  /// Where peers are found.
  static Address peer_address() { return Address::v4({10, 0, 0, 9}, 3000); }

  /// Lets everything happen that is under way, and `time` pass.
  void pass(Duration time = 10ms) { world_.run(time); }

  /// A socket of engine() connected to a new peer.
  struct Connected {
    SocketPtr socket;
    SimPeer* peer;
  };
  Connected connect() {
    SocketPtr socket = await(connected());
    return {.socket = std::move(socket), .peer = peers_.back().get()};
  }
  /// The peer of a connection that the code under test made to peer_address().
  SimPeer& accept() {
    std::optional<Accepted> accepted;
    Scope scope(peer_engine_.ready());
    scope.start(accept_one(accepted));
    drive(scope);
    return add_peer(std::move(accepted->socket));
  }
  /// A peer that connects to where the code under test listens.
  SimPeer& connect_to(const Address& address) {
    std::optional<SocketPtr> socket;
    Scope scope(peer_engine_.ready());
    scope.start(connect_one(address, socket));
    drive(scope);
    return add_peer(std::move(*socket));
  }

  /// Runs the world until the task has ended.
  template <class T>
  T await(Task<T> task) {
    std::optional<T> result;
    Scope scope(engine_.ready());
    scope.start(keep(std::move(task), result));
    drive(scope);
    return std::move(*result);
  }
  void await(Task<void> task) {
    Scope scope(engine_.ready());
    scope.start(std::move(task));
    drive(scope);
  }
  /// Runs a task beside the test; `result` is there when it has ended, which it must by the end.
  template <class T>
  void begin(Task<T> task, std::optional<T>& result) {
    tasks_.start(keep(std::move(task), result));
  }
  void begin(Task<void> task) { tasks_.start(std::move(task)); }
  bool is_running() const { return tasks_.running() > 0; }

  void drive(Scope& scope) {
    auto is_over = [&scope] { return scope.running() == 0; };
    bool ended = world_.run_until(is_over, std::chrono::hours(24)) == SimWorld::Ended::done;
    GG_ASSERT(ended);
  }

 private:
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>& result) {
    T value = co_await std::move(task);
    result.emplace(std::move(value));
  }
  Task<SocketPtr> connected() {
    Connect connect(engine_, peer_address(), Deadline::never());
    Result<SocketPtr, IoError> near = co_await connect;
    Accept accept(peer_engine_, *listener_);
    Result<Accepted, IoError> far = co_await accept;
    GG_ASSERT(near.has_value() && far.has_value());
    add_peer(std::move(far->socket));
    co_return std::move(*near);
  }
  Task<void> accept_one(std::optional<Accepted>& accepted) {
    Accept accept(peer_engine_, *listener_);
    Result<Accepted, IoError> result = co_await accept;
    accepted = std::move(*result);
  }
  Task<void> connect_one(Address address, std::optional<SocketPtr>& socket) {
    Connect connect(peer_engine_, address, Deadline::never());
    Result<SocketPtr, IoError> result = co_await connect;
    GG_ASSERT(result.has_value());
    socket = std::move(*result);
  }
  SimPeer& add_peer(SocketPtr socket) {
    return *peers_.emplace_back(std::make_unique<SimPeer>(peer_engine_, std::move(socket)));
  }

  std::size_t frames_before_ = frame_counters().live;
  SimWorld world_{1};
  SimEngine engine_{world_};
  SimEngine peer_engine_{world_};
  Scope tasks_{engine_.ready()};
  SocketPtr listener_;
  std::vector<std::unique_ptr<SimPeer>> peers_;
};

}  // namespace gg
