// SPDX-License-Identifier: Apache-2.0
// The small HTTP server for operators, on the control thread: dashboard, API, metrics, readiness.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "admin/access.h"
#include "admin/admin_source.h"
#include "admin/pages.h"
#include "base/intrusive_list.h"
#include "http1/server.h"
#include "task/scope.h"

namespace gg {

/// Everything given outlives the server. One thread.
class AdminServer {
 public:
  AdminServer(Engine& engine, AdminSource& source, AdminAccess access);
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Takes over a listening socket.
  Result<void, IoError> listen(int descriptor);
  /// Accepts no more; who is connected and waits for an answer still gets one, and no second.
  /// Streams of events end.
  void drain();
  /// Accepts no more and ends what is under way: turn the engine until is_stopped().
  void stop();
  bool is_stopped() const { return tasks_.running() == 0; }

 private:
  /// A connection of an operator; listed so that stop() can end it.
  struct Session final : ListNode {
    Session(SocketPtr socket, const Http1ServerSettings& settings)
        : connection(std::make_unique<PlainStream>(std::move(socket)), settings) {}
    Http1ServerConnection connection;
    std::string client;  // its address
    bool was_answered = false;
  };

  Task<void> accept_loop();
  Task<void> serve(Accepted accepted);
  Task<void> answer(Session& session, const RequestHead& head);
  Task<Result<std::string, int>> read_body(Http1ServerConnection& connection);
  Task<Page> page_for(const PageChoice& choice, const RequestHead& head, Session& session);
  Task<void> send(Http1ServerConnection& connection, const Page& page);
  Task<void> stream(Http1ServerConnection& connection, std::uint64_t last_seen);

  static constexpr std::size_t connections_max = 64;
  /// They must leave room for other questions.
  static constexpr std::size_t streams_max = 16;

  Engine& engine_;
  AdminSource& source_;
  AdminAccess access_;
  Http1ServerSettings settings_;
  SocketPtr listener_;
  IntrusiveList<Session> sessions_;
  std::size_t streams_ = 0;
  bool stopping_ = false;
  Scope tasks_;
};

}  // namespace gg
