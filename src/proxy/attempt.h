// SPDX-License-Identifier: Apache-2.0
// One try of an exchange at one endpoint: a connection, the request sent, the response awaited and
// passed on. A retry is another object, never an undoing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "proxy/continuation.h"
#include "proxy/exchange.h"
#include "proxy/relay.h"
#include "proxy/rewrite.h"
#include "task/scope.h"
#include "upstream/upstream.h"

namespace gg {

/// How long an attempt may take before the exchange wants to look at other ways. Zero: for ever.
struct Patience {
  Duration open{};    // for the connection
  Duration answer{};  // for the response head, from when the request was sent
};

/// Why this attempt is made; decides which connection it takes.
enum class AttemptKind : std::uint8_t {
  first,
  retry,  // an earlier one failed: a connection of its own, which nobody can have closed
  rival,  // an earlier one still waits for its connection: whoever is connected first, sends
  hedge,  // an earlier one still waits for its answer
};

/// Lives as long as its try; on destruction the connection is back in its pool or closed.
class Attempt final : public ListNode {
 public:
  /// Everything outlives the attempt.
  Attempt(Engine& engine, Exchange& exchange, Upstream& upstream, Endpoint& endpoint,
          AttemptKind kind);
  ~Attempt();

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* attempt, std::size_t size) noexcept {
    release_frame(attempt, size);
  }

  /// Gets a connection, sends the request and waits for the final head. Interim responses are
  /// passed on. Fault::none: status() is known and deliver() may follow, unless the attempt
  /// is_slow() (run() may be called again, and goes on) or has_lost().
  Task<Fault> run(Patience patience);
  bool is_slow() const { return is_slow_; }
  int status() const { return head_.status; }
  /// Of an answer that is nothing but a gRPC status; else -1.
  int grpc_status() const;
  /// Reads as much of the response as may be held back. Fault::none: it is good so far.
  Task<Fault> hold();
  /// Keeps a response that hold() found good and that another attempt may yet improve on: ends the
  /// sending of the request and, if all of the response is here, gives the connection back.
  GG_RARE Task<void> keep_apart();
  /// Ends the sending of the request's body, if that still goes on.
  GG_RARE Task<void> end_upload();
  /// Passes the response on to its end, whatever its status. Fault::none: all of it.
  Task<Fault> deliver();
  /// After deliver() has failed: the response, if it is one whose rest others may be asked for.
  std::optional<Continuable> continuable() const;
  /// Is the answer what the exchange's continuation wants?
  bool continues();
  /// Passes it on; the head and the bytes before it went to the client already.
  GG_RARE Task<Fault> deliver_rest();
  /// Makes run() or deliver() end at once, as a shutdown does.
  void cut();
  /// The same, because another attempt was faster: says nothing about the endpoint but its time.
  void lose();
  /// The same, because the client has left: says nothing about the endpoint.
  void give_up();
  bool has_lost() const { return record_.lost; }

  /// What run() or deliver() proved about the request.
  Delivery delivery() const { return delivery_; }
  AttemptKind kind() const { return kind_; }
  Endpoint& endpoint() { return endpoint_; }
  AttemptRecord& record() { return record_; }
  /// Has some of the request been written?
  bool has_sent() const { return has_sent_; }
  /// When the request was sent, or since when it is being sent.
  Instant sent_at() const { return sent_; }

 private:
  ConnectionNeed need() const;
  Speech speech() const;
  std::string introduction() const;
  std::unique_ptr<UpstreamConnection> take_idle();
  GG_RARE Task<Fault> connect(Duration patience);
  Task<Fault> send();
  Task<Fault> await_head(Duration patience);
  Deadline head_deadline() const;
  /// From when the request was sent to its response head, which has come.
  Duration answer_time() const { return record_.first_byte - (sent_ - began_); }
  GG_RARE Task<Fault> fail_waiting(StreamError error);
  GG_RARE Task<Fault> pass_on_interim(const ResponseHead& head);
  Fault take_head(ResponseHead head);
  void heed_apology();
  bool asks_in_vain() const;
  bool opens_no_socket() const;
  BodyPlan compress(RewrittenResponse& rewritten);
  bool is_too_long(const RequestBody& body) const;
  GG_RARE Task<Fault> relay_tunnel();
  GG_RARE Task<void> upload();
  GG_RARE Task<void> break_off_upload();
  void start_upload();
  void return_connection();

  Fault fail(const StreamError& error, Stage stage);
  Fault fail_to_open(const OpenError& error);
  Fault fail(Fault fault, const StreamError& error);
  Fault fail_by_client(Stage stage, const StreamError& error);
  bool is_exchange_deadline(const StreamError& error) const;
  void keep_hop();
  void note_circumstances();
  void keep_evidence(const StreamError& error);
  void note_bytes();
  void learn(Fault fault);
  ClientStream& stream() { return connection_->http; }
  Deadline within(Duration limit) const {
    return Deadline::after(engine_.now(), limit).or_earlier(exchange_.deadline);
  }

  /// For what is sent: between bytes, however long all of them take.
  SendLimit between_bytes(Duration gap) const {
    return SendLimit::between_bytes(engine_.now(), gap, exchange_.deadline);
  }

  Engine& engine_;
  Exchange& exchange_;
  Upstream& upstream_;
  Endpoint& endpoint_;
  AttemptRecord& record_;
  AttemptKind kind_;
  AwaitedAnswer awaited_;
  Instant began_;
  HealthTicket health_;
  Instant sent_{};
  Opening* opening_ = nullptr;  // the endpoint's
  std::unique_ptr<UpstreamConnection> connection_;
  RequestBody::Cursor body_;
  ResponseHead head_;
  Relay relay_;
  BodyPlan plan_;  // of the response
  Scope uploads_;
  std::optional<StreamError> upload_error_;  // of the endpoint's side
  Fault client_fault_ = Fault::none;         // of the client's side of the upload
  Delivery delivery_ = Delivery::not_sent;
  bool has_sent_ = false;
  bool learned_ = false;
  bool uploading_ = false;
  bool awaits_client_ = false;  // for more of the request's body
  bool is_slow_ = false;
  bool is_held_ = false;
  bool was_cut_ = false;
};

}  // namespace gg
