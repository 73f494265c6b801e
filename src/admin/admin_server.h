// SPDX-License-Identifier: Apache-2.0
// The small HTTP server for operators, on the control thread: status, metrics, readiness.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "admin/status.h"
#include "base/intrusive_list.h"
#include "http1/server.h"
#include "task/scope.h"

namespace gg {

/// Where the pages get their facts; gate/ implements it over the workers.
class AdminSource {
 public:
  virtual Task<StatusReport> status() = 0;
  virtual std::string metrics() = 0;
  /// The story of one request as JSON, or nothing if none with that id is known.
  virtual std::optional<std::string> record(std::string_view id) = 0;
  /// All incidents as JSON.
  virtual std::string incidents() = 0;
  /// One of them, or nothing if there is none with that id.
  virtual std::optional<std::string> incident(std::string_view id) = 0;
  /// Should load balancers in front send traffic here?
  virtual bool is_ready() const = 0;

 protected:
  ~AdminSource() = default;
};

/// Everything given outlives the server. One thread.
class AdminServer {
 public:
  AdminServer(Engine& engine, AdminSource& source);
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Takes over a listening socket.
  Result<void, IoError> listen(int descriptor);
  /// Accepts no more; who is connected and waits for an answer still gets one, and no second.
  void drain();
  /// Accepts no more and ends what is under way: turn the engine until is_stopped().
  void stop();
  bool is_stopped() const { return tasks_.running() == 0; }

 private:
  struct Page {
    int status = 200;
    std::string_view content_type;
    std::string body;
  };
  /// A connection of an operator; listed so that stop() can end it.
  struct Session final : ListNode {
    Session(SocketPtr socket, const Http1ServerSettings& settings)
        : connection(std::make_unique<PlainStream>(std::move(socket)), settings) {}
    Http1ServerConnection connection;
    bool was_answered = false;
  };

  Task<void> accept_loop();
  Task<void> serve(SocketPtr socket);
  Task<void> answer(Http1ServerConnection& connection, const RequestHead& head);
  Task<Page> page_for(const RequestHead& head);
  static Page page_of(std::optional<std::string> json, std::string_view if_missing);

  static constexpr std::size_t connections_max = 64;

  Engine& engine_;
  AdminSource& source_;
  Http1ServerSettings settings_;
  SocketPtr listener_;
  IntrusiveList<Session> sessions_;
  bool stopping_ = false;
  Scope tasks_;
};

}  // namespace gg
