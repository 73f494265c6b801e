// SPDX-License-Identifier: Apache-2.0
// One request from its head to its record, and what all exchanges of a worker share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/stream.h"
#include "net/client_counts.h"
#include "proxy/request_body.h"
#include "proxy/rule_fields.h"
#include "proxy/snapshot.h"
#include "record/counters.h"
#include "record/exchange_record.h"
#include "record/record_sink.h"
#include "rules/credential_cache.h"
#include "task/scope.h"
#include "tls/tls_stream.h"
#include "upstream/balance/choice_key.h"
#include "upstream/upstreams.h"

namespace gg {

/// What is known of a client's connection; shared by its exchanges.
struct ClientFacts {
  Address peer;
  std::string_view peer_text;  // its IP address, or "unix"
  std::string_view listener;
  std::uint64_t connection_id = 0;
  const ClientIdentity* identity = nullptr;  // as shown by a certificate; null: none was
  bool is_trusted_proxy = false;
  bool may_speak_http2 = false;  // without having agreed on it before
  bool is_tls = false;
  ClientCounts::Share share = ClientCounts::Share::none();  // in the count of its client

  std::string_view scheme() const { return is_tls ? "https" : "http"; }
};

class Attempt;
class Contest;
class Continuation;
class Course;
class Tunnel;
class MirroredRequest;
class PasswordChecker;
class SideClient;

/// One request. Lives in the frame that serves the client; its record borrows from its head.
struct Exchange {
  Exchange(const Snapshot& snapshot, ServerStream& client, const ClientFacts& facts);
  ~Exchange();

  /// No more is attempted, and what is under way ends: who was told nothing yet is told so.
  void cut();
  /// Likewise, without a word. The client's stream is the caller's to abort.
  void abandon();
  /// Tells the two ends of a WebSocket that the gateway goes; it ends soon then. False: the
  /// exchange is no WebSocket.
  bool go_away();
  /// Once some of it was given to an endpoint: by its nature, and by what is kept of its body.
  bool can_be_sent_again() const {
    return may_run_twice && (body.kind == BodyPlan::Kind::none || request_body.is_kept());
  }

  /// Bytes of the request's body that are taken; 0: any number.
  std::uint64_t body_limit() const {
    std::uint64_t own = rules != nullptr ? rules->body_limit() : 0;
    return own != 0 ? own : snapshot.config().limits.body.count;
  }

  const Snapshot& snapshot;
  ServerStream& client;
  const ClientFacts& facts;
  RequestHead head;  // as soon as it is there
  BodyPlan body;     // of the request
  RequestBody request_body;
  Address client_address;  // the peer's, or the one that a trusted proxy names
  ExchangeRecord record;
  const RouteConfig* route = nullptr;
  const RouteRules* rules = nullptr;     // of the route; null: it has none
  std::unique_ptr<RuleWork> rule_work;   // null: target and host go on as they came
  RetryBudget* hedge_budget = nullptr;   // of its route
  IntrusiveList<Attempt> attempts;       // that exist now
  Contest* contest = nullptr;            // while several attempts run
  Continuation* continuation = nullptr;  // of a response that broke off
  Tunnel* tunnel = nullptr;              // after an upgrade
  ChoiceKey choice_key;
  const StickyConfig* sticky = nullptr;  // the upstream's, if clients are to come back
  std::uint64_t served_by = 0;           // the sticky mark of the endpoint that answers
  AdmissionPlace* place = nullptr;       // at the upstream, or the wait for one
  Duration retry_after{};                // to tell the client that is refused
  Deadline deadline = Deadline::never();
  bool may_run_twice = false;  // one endpoint after the other; by the route's policy
  bool committed = false;      // some of the final response was given to the client
  bool client_failed = false;
  bool is_cut = false;
  bool is_aside = false;           // a request of our own
  bool is_to_be_mirrored = false;  // when its body has come
};

/// The life of a request: route, admit, attempt, judge, deliver, record. One per worker.
class Proxy {
 public:
  /// Everything outlives the proxy.
  /// `passwords` may be null: then they are checked on the spot, for which workers have no time.
  Proxy(Engine& engine, Upstreams& upstreams, RecordSink& sink, Counters& counters,
        PasswordChecker* passwords);
  ~Proxy();

  /// Serves one exchange to its end. Exactly one record goes to the sink.
  Task<void> handle(Exchange& exchange);
  /// Answers a request that could not even be read, if there is anybody to answer, and records it.
  GG_RARE Task<void> refuse(Exchange& exchange, Fault fault, MessageError error);

  /// Ends copies of requests that are under way, and makes no more.
  void end_mirrors();
  bool has_mirrors() const { return mirroring_.running() > 0; }

  Engine& engine() const { return engine_; }

 private:
  /// The fault that ends the exchange before any attempt, or none.
  Fault admit(Exchange& exchange);
  /// Likewise, for what the route's rules say; it has some.
  Fault obey_rules(Exchange& exchange);
  std::size_t upstream_for(const Exchange& exchange);
  void prepare(Exchange& exchange, Upstream& upstream);
  void note_hedgeable(Exchange& exchange);
  GG_RARE Task<Fault> wait_for_place(Exchange& exchange, Upstream& upstream);
  GG_RARE Task<void> leave_queue_with_client(Exchange& exchange);
  Task<void> forward(Exchange& exchange, Upstream& upstream);
  GG_RARE Task<Fault> contend(Course& course, std::unique_ptr<Attempt>& attempt);
  GG_RARE Task<void> continue_elsewhere(Course& course, std::unique_ptr<Attempt>& broken,
                                        Fault fault);
  GG_RARE Task<void> answer(Exchange& exchange, Fault fault, int received_status = 0);
  GG_RARE Task<void> answer_options(Exchange& exchange);
  struct Permission {
    Fault refusal = Fault::none;
    bool is_served = false;  // it has its answer
  };
  /// What the rules of its route say before any upstream is asked; it has some.
  GG_RARE Task<Permission> ask_rules(Exchange& exchange);
  GG_RARE Task<bool> answer_by_rule(Exchange& exchange);
  /// Its rules ask for it.
  GG_RARE Task<Permission> ask_permission(Exchange& exchange);
  GG_RARE Task<Fault> check_credentials(Exchange& exchange);
  GG_RARE Task<Permission> ask_service(Exchange& exchange);
  GG_RARE Task<void> pass_on_refusal(Exchange& exchange, const SideClient& answer);
  GG_RARE Task<void> forward_aside(Exchange& exchange, Upstream& upstream);
  void consider_mirroring(Exchange& exchange);
  void mirror_with_body(Exchange& exchange);
  void start_mirror(const Exchange& original, std::string body);
  GG_RARE Task<void> run_mirror(std::unique_ptr<MirroredRequest> copy, Upstream& upstream,
                                Mirror& rule);
  void begin_record(Exchange& exchange);
  [[gnu::noinline]] void begin_trace(Exchange& exchange);
  void finish_record(Exchange& exchange);

  Engine& engine_;
  Upstreams& upstreams_;
  RecordSink& sink_;
  KeptBodies kept_bodies_;
  std::vector<RetryBudget> hedge_budgets_;  // by route
  RetryBudget no_hedging_;                  // of requests of our own
  Counters& counters_;
  PasswordChecker* passwords_;
  CredentialCache credentials_;
  bool may_mirror_ = true;
  IntrusiveList<MirroredRequest> mirrored_;
  Scope mirroring_;
};

}  // namespace gg
