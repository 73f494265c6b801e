// SPDX-License-Identifier: Apache-2.0
// One request from its head to its record, and what all exchanges of a worker share.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "http/stream.h"
#include "proxy/snapshot.h"
#include "record/exchange_record.h"
#include "record/record_sink.h"
#include "upstream/upstreams.h"

namespace gg {

/// What is known of a client's connection; shared by its exchanges.
struct ClientFacts {
  Address peer;
  std::string_view peer_text;  // its IP address, or "unix"
  std::string_view listener;
  std::string_view scheme = "http";
  std::uint64_t connection_id = 0;
  bool is_trusted_proxy = false;
};

class Attempt;

/// One request. Lives in the frame that serves the client; its record borrows from its head.
struct Exchange {
  Exchange(const Snapshot& snapshot, ServerStream& client, const ClientFacts& facts,
           RequestHead request_head)
      : snapshot(snapshot), client(client), facts(facts), head(std::move(request_head)) {}

  /// No more is attempted, and what is under way ends: who was told nothing yet is told so.
  void cut();
  /// Likewise, without a word. The client's stream is the caller's to abort.
  void abandon();

  const Snapshot& snapshot;
  ServerStream& client;
  const ClientFacts& facts;
  RequestHead head;
  BodyPlan body;           // of the request
  Address client_address;  // the peer's, or the one that a trusted proxy names
  ExchangeRecord record;
  const RouteConfig* route = nullptr;
  Attempt* attempt = nullptr;  // the one that runs or delivers
  Deadline deadline = Deadline::never();
  bool body_was_touched = false;  // some of the request body was taken from the client
  bool committed = false;         // some of the final response was given to the client
  bool client_failed = false;
  bool is_cut = false;
};

/// The life of a request: route, admit, attempt, judge, deliver, record. One per worker.
class Proxy {
 public:
  /// Everything outlives the proxy.
  Proxy(Engine& engine, Upstreams& upstreams, RecordSink& sink)
      : engine_(engine), upstreams_(upstreams), sink_(sink) {}

  /// Serves one exchange to its end. Exactly one record goes to the sink.
  Task<void> handle(Exchange& exchange);
  /// Answers a request that could not even be read, if there is anybody to answer, and records it.
  Task<void> refuse(Exchange& exchange, Fault fault, MessageError error);

  Engine& engine() const { return engine_; }

 private:
  /// The fault that ends the exchange before any attempt, or none.
  Fault admit(Exchange& exchange);
  Task<void> forward(Exchange& exchange, Upstream& upstream);
  Task<void> answer(Exchange& exchange, Fault fault, int received_status = 0);
  Task<void> answer_options(Exchange& exchange);
  void begin_record(Exchange& exchange);
  void finish_record(Exchange& exchange);

  Engine& engine_;
  Upstreams& upstreams_;
  RecordSink& sink_;
};

}  // namespace gg
