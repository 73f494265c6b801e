// SPDX-License-Identifier: Apache-2.0
// One thread's share of the gateway: an engine, the clients it accepted, its pools and counters.
// Runs the same on sockets and in simulation.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gate/client_handshake.h"
#include "gate/client_session.h"
#include "gate/http2_session.h"
#include "net/client_counts.h"
#include "record/counters.h"
#include "task/scope.h"

namespace gg {

/// A socket that clients connect to, as the process holds it.
struct WorkerListener {
  int descriptor = -1;
  Address address;
  std::string name;  // as configured; for logs
  bool http2 = true;
  bool proxy_protocol = false;            // connections begin with a PROXY header
  const TlsServerContext* tls = nullptr;  // outlives the workers; null: plain
};

/// What all workers of a process share. Everything outlives the workers.
struct WorkerShared {
  const Snapshot& snapshot;
  SharedUpstreams& upstreams;
  /// Client connections of all workers.
  std::atomic<std::uint32_t>& client_connections;
  std::uint32_t client_connections_max = 0;  // zero: limits.connections
  /// The same by client address; null: they have no limit.
  ClientCounts* client_counts = nullptr;
  /// Null: passwords are checked on the worker's own thread.
  PasswordChecker* passwords = nullptr;
};

class Worker {
 public:
  /// `extra_sink` hears every record after the counters; may be null.
  Worker(Engine& engine, WorkerShared shared, RecordSink* extra_sink);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// Stopped: stop() was called and is_stopped() is true.
  ~Worker();

  /// `sink` hears every record after those before it. Before the first client.
  void add_sink(RecordSink& sink) { sinks_.add(sink); }
  /// Begins to accept there. Fails only when the process is out of descriptors.
  Result<void, IoError> listen(const WorkerListener& listener);
  /// Accepts no more and lets exchanges end. Connections between two requests may make one more,
  /// within `patience`: closed at once, a request that is on its way would be lost. May be called
  /// again with less.
  void drain(Duration patience = Duration::zero());
  /// Ends what is left: at once, or a second later for who is told that nothing comes of it.
  void cut();
  bool is_stopped() const { return tasks_.running() == 0 && !proxy_.has_mirrors(); }

  Engine& engine() { return engine_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }
  Upstreams& upstreams() { return upstreams_; }
  std::size_t sessions() const { return session_count_; }

 private:
  struct Listening {
    WorkerListener facts;
    SocketPtr socket;
  };

  Task<void> accept_loop(Listening& listening);
  Task<void> open(SocketPtr socket, ClientFacts facts, const WorkerListener& listener);
  bool take_share(ClientFacts& facts);
  void turn_away(std::unique_ptr<ByteStream> bytes, const ClientFacts& facts);
  GG_RARE Task<void> refuse(std::unique_ptr<ByteStream> bytes, ClientFacts facts);
  GG_RARE Task<bool> hear_proxy(ClientHandshake& handshake, ClientFacts& facts);
  GG_RARE Task<bool> shake_hands(ClientHandshake& handshake, ClientFacts& facts,
                                 const TlsServerContext& context);
  void start_session(std::unique_ptr<ByteStream> bytes, Chunk first, const ClientFacts& facts);
  void start_http2_session(std::unique_ptr<ByteStream> bytes, const ClientFacts& facts);
  void let_go_of_client(ClientCounts::Share share);
  Task<void> serve(std::unique_ptr<ClientSession> session);
  GG_RARE Task<void> serve_http2(std::unique_ptr<Http2Session> session);
  [[gnu::noinline]] void end_session(std::unique_ptr<ClientSession> session);
  void session_ended(ClientCounts::Share share);
  template <class Visit>
  void for_each_session(Visit visit) {
    sessions_.for_each(visit);
    http2_sessions_.for_each(visit);
  }
  bool reserve_client();
  bool has_clients() const { return session_count_ + handshakes_.size() > 0; }
  Task<void> end_idle_sessions(Duration patience);
  Task<void> end_last_words();

  Engine& engine_;
  WorkerShared shared_;
  Counters counters_;
  Upstreams upstreams_;
  RecordSinks sinks_;
  Proxy proxy_;
  SessionContext session_context_;
  std::vector<std::unique_ptr<Listening>> listening_;
  ClientHandshakes handshakes_;
  IntrusiveList<ClientSession> sessions_;
  IntrusiveList<Http2Session> http2_sessions_;
  std::size_t session_count_ = 0;
  std::uint64_t last_connection_id_ = 0;
  std::size_t told_to_go_ = 0;  // refused, and still being told so
  bool draining_ = false;
  bool idle_may_stay_ = true;
  bool was_cut_ = false;
  Sleep* patience_ = nullptr;    // with clients that are idle while draining
  Sleep* last_words_ = nullptr;  // until those who are told of the end must have heard it
  Scope tasks_;
};

}  // namespace gg
