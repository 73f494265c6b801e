// SPDX-License-Identifier: Apache-2.0
// One try of an exchange at one endpoint: a connection, the request sent, the response awaited and
// passed on. A retry is another object, never an undoing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "proxy/exchange.h"
#include "proxy/rewrite.h"
#include "task/scope.h"
#include "upstream/upstream.h"

namespace gg {

/// Lives as long as its try; on destruction the connection is back in its pool or closed.
class Attempt {
 public:
  /// Everything outlives the attempt.
  Attempt(Engine& engine, Exchange& exchange, Upstream& upstream, Endpoint& endpoint);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt();

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* attempt, std::size_t size) noexcept {
    release_frame(attempt, size);
  }

  /// Gets a connection (an idle one unless `fresh`), sends the request and waits for the final
  /// head. Interim responses are passed on. Fault::none: status() is known, deliver() may follow.
  Task<Fault> run(bool fresh);
  int status() const { return head_.status; }
  /// Passes the response on to its end, whatever its status. Fault::none: all of it.
  Task<Fault> deliver();
  /// Makes run() or deliver() end at once, as a shutdown does.
  void cut();
  /// What run() or deliver() proved about the request.
  Delivery delivery() const { return delivery_; }

 private:
  Task<Fault> connect();
  Task<Fault> await_head();
  Task<Fault> relay_response(OutgoingResponse response);
  Task<Fault> relay_tunnel();
  Task<void> upload();
  Task<void> end_upload();
  void start_upload();

  Fault fail(const StreamError& error, Stage stage);
  Fault fail(Fault fault, const StreamError& error);
  Fault fail_by_client(Stage stage, const StreamError& error);
  bool is_exchange_deadline(const StreamError& error) const;
  void keep_evidence(const StreamError& error);
  void note_bytes();
  void learn(Fault fault);
  Http1ClientConnection& stream() { return connection_->http; }
  Deadline within(Duration limit) const {
    return Deadline::after(engine_.now(), limit).or_earlier(exchange_.deadline);
  }

  Engine& engine_;
  Exchange& exchange_;
  Upstream& upstream_;
  Endpoint& endpoint_;
  AttemptRecord& record_;
  Instant began_;
  Instant sent_{};  // when sending was over
  Connect* connecting_ = nullptr;
  std::unique_ptr<UpstreamConnection> connection_;
  std::optional<RewrittenRequest> request_;
  ResponseHead head_;
  Scope uploads_;
  std::optional<StreamError> upload_error_;  // of the endpoint's side
  Fault client_fault_ = Fault::none;         // of the client's side of the upload
  Delivery delivery_ = Delivery::not_sent;
  bool learned_ = false;
  bool uploading_ = false;
};

}  // namespace gg
