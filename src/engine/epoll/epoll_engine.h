// SPDX-License-Identifier: Apache-2.0
// The engine over epoll: edge-triggered, each socket registered once, every operation tried before
// it waits, a short read taken as a drained socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/intrusive_list.h"
#include "engine/engine.h"

struct epoll_event;

namespace gg {

class EpollSocket;

/// Make, use and destroy it on one thread; only post() is for others.
class EpollEngine final : public Engine {
 public:
  /// Fails when the process is out of descriptors.
  static Result<std::unique_ptr<EpollEngine>, IoError> make();
  ~EpollEngine() override;

  void close(Socket& socket, Closing how) override;
  void end_sending(Socket& socket) override;
  Address local_address(const Socket& socket) const override;
  Result<SocketPtr, IoError> adopt_listener(int descriptor, const Address& address) override;
  void turn(Duration most) override;

  /// Makes turn() return early when something arrives at `descriptor`, which stays the caller's and
  /// open as long as the engine; reading it is the caller's business.
  void wake_on(int descriptor);
  /// The descriptor behind a socket, for facts that only the system has (TCP_INFO, peer
  /// credentials). Stays the engine's.
  static int descriptor_of(const Socket& socket);

 private:
  EpollEngine(int epoll, int wakeup);

  void wake() override;
  bool begin(Operation& operation) override;
  void forget(Operation& operation) override;

  bool begin_accept(Accept& accept);
  bool begin_connect(Connect& connect);
  bool begin_receive(Receive& receive);
  bool begin_send(Send& send);
  bool begin_watch(Watch& watch);

  enum class Shed : std::uint8_t { one, nobody_waits, nothing };
  /// Sheds one connection when no descriptor is left, so that its client is not left waiting.
  Shed shed_one(EpollSocket& listener);
  EpollSocket* new_socket(int descriptor);
  Result<EpollSocket*, IoError> register_socket(int descriptor, unsigned events);
  void handle(const epoll_event& event);
  void look_at_receiver(EpollSocket& socket);
  void look_at_sender(EpollSocket& socket);
  void finish_connect(EpollSocket& socket, Connect& connect);
  void refresh_clock();
  void note_look(bool is_full, Duration waited);
  void bury();

  int epoll_;
  int wakeup_;
  int spare_descriptor_;
  std::vector<std::unique_ptr<EpollSocket>> all_;  // owns every socket ever made
  std::vector<EpollSocket*> free_;                 // of those, the ones to use again
  std::vector<EpollSocket*> closed_this_turn_;     // may still be named by events of this turn
  Instant last_look_{};
  bool was_full_ = false;
};

}  // namespace gg
