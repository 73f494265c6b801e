// SPDX-License-Identifier: Apache-2.0
// One of the demo's origins: a real HTTP server on a loopback port that misbehaves when told.
#pragma once

#include <cstdint>
#include <memory>

#include "base/intrusive_list.h"
#include "cli/demo/schedule.h"
#include "gate/descriptors.h"
#include "http1/server.h"
#include "task/scope.h"

namespace gg {

/// Lives on the thread of its engine, but for make() and address().
class DemoOrigin {
 public:
  /// Takes a free port of 127.0.0.1 and keeps it, crashed or not. Fails with errno. `number`:
  /// from 1.
  static Result<std::unique_ptr<DemoOrigin>, int> make(Engine& engine, std::size_t number);
  DemoOrigin(const DemoOrigin&) = delete;
  DemoOrigin& operator=(const DemoOrigin&) = delete;
  /// Stopped.
  ~DemoOrigin() = default;

  const Address& address() const { return address_; }

  /// From now on. Told again and again: a port that could not be opened is tried once more.
  void behave(Misbehaviour misbehaviour);
  /// Closes everything.
  void stop();
  bool is_stopped() const { return tasks_.running() == 0; }

 private:
  /// Lives in the frame that serves it.
  struct Connection final : ListNode {
    Connection(SocketPtr socket, const Http1ServerSettings& settings)
        : http(std::make_unique<PlainStream>(std::move(socket)), settings) {}
    Http1ServerConnection http;
    std::uint64_t requests = 0;
  };

  DemoOrigin(Engine& engine, std::size_t number, Descriptor port, const Address& address);

  void open();
  void crash();
  Task<void> accept_all();
  Task<void> serve(SocketPtr socket);
  Task<void> answer(Connection& connection, RequestHead head);
  Task<void> act(Connection& connection, const RequestHead& head, OriginAct act);
  Task<void> send(Connection& connection, const RequestHead& head, int status);

  Engine& engine_;
  std::size_t number_;
  Descriptor port_;  // bound and never listening: while it is held nobody else gets the port
  Address address_;
  Http1ServerSettings settings_;
  SocketPtr listener_;
  Misbehaviour misbehaviour_ = Misbehaviour::none;
  std::uint64_t requests_of_misbehaviour_ = 0;
  IntrusiveList<Connection> connections_;
  Scope tasks_;
};

}  // namespace gg
