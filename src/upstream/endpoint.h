// SPDX-License-Identifier: Apache-2.0
// One address of an upstream as one worker sees it: its idle connections, what is under way there,
// how fast and how healthy it has been.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/intrusive_list.h"
#include "config/model.h"
#include "fault/classify.h"
#include "record/counters.h"
#include "tls/client_context.h"
#include "upstream/admission/endpoint_load.h"
#include "upstream/balance/peak_ewma.h"
#include "upstream/connection.h"
#include "upstream/endpoint_health.h"
#include "upstream/http2_pool.h"
#include "upstream/keep_alive_guard.h"
#include "upstream/opening.h"

namespace gg {

/// What the endpoints of one upstream have in common within a worker.
struct EndpointContext {
  Engine& engine;
  const UpstreamConfig& settings;
  const HeadLimits& limits;
  std::atomic<std::uint32_t>& connections;  // of all workers, for limits.connections
  std::atomic<std::uint32_t>& requests;     // likewise, for limits.requests
  std::span<QuickestAnswer> quickest;       // likewise, of each endpoint
  UpstreamCounters& counters;
  std::uint64_t& last_connection_id;
  PoolHealth& health;                     // of all workers
  const TlsClientContext* tls = nullptr;  // likewise; there if any endpoint is https
  std::string_view own_zone = {};         // the gateway's
};

/// Waits for news of an endpoint's addresses: its `sleep` ends early when they come, whatever they
/// are. Leaves the endpoint's list when it dies.
class AddressWait final : public ListNode {
 public:
  explicit AddressWait(Sleep& sleep_) : sleep(sleep_) {}

  Sleep& sleep;
};

/// Which protocol a request can be sent by.
enum class Speech : std::uint8_t {
  any,
  http1,  // it asks for an upgrade
};

/// One worker's. Outlives every connection it hands out.
class Endpoint final : Http2Pool::Keeper {
 public:
  /// `seat`: its place in the upstream.
  Endpoint(EndpointContext context, const EndpointConfig& settings, std::size_t seat);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  ~Endpoint();

  /// "10.0.0.1:3000", "app.internal:80", "unix:/run/app.sock". Outlives the endpoint.
  std::string_view name() const { return name_; }
  const EndpointConfig& settings() const { return settings_; }
  /// As configured, or as it agreed to last.
  bool speaks_http2() const { return speaks_http2_; }
  /// A hash of its name: the same on every gateway.
  std::uint64_t identity() const { return identity_; }
  /// What the upstream's sticky cookie calls it; 0 if there is no such cookie.
  std::uint64_t sticky_mark() const { return sticky_mark_; }

  // Membership of the upstream
  // --------------------------------------------------------------------------------------

  bool is_member() const { return is_member_; }
  /// Its place in the upstream.
  std::size_t seat() const { return seat_; }
  /// It is one (again), and this is said of it. The URL is the same.
  void join(const EndpointConfig& settings);
  /// It is none any more: what is under way there may end.
  void leave();
  /// Is nothing under way, so that it may be destroyed?
  bool is_unused() const {
    return requests_in_flight == 0 && active_connections() == 0 && idle_connections() == 0 &&
           http2_.is_empty() && openings_.empty();
  }

  // Addresses
  // --------------------------------------------------------------------------------------

  /// Does the name have to be resolved first?
  bool has_name() const { return needs_name_; }
  /// That requests may be sent to.
  bool has_address() const { return is_member_ && !addresses_.empty(); }
  /// What the name stands for from now on; their ports do not matter. Connections to an address
  /// that is gone are not used again; lent ones may end their exchange.
  void set_addresses(std::vector<Address> addresses);
  /// How often the addresses have become others.
  std::uint32_t moves() const { return moves_; }
  std::size_t addresses() const { return addresses_.size(); }
  /// Is the name being looked up, because the endpoint could not be connected to just now?
  bool expects_addresses(Instant now) const { return needs_name_ && health.is_newly_lost(now); }
  void await_addresses(AddressWait& wait) { awaiting_.push_back(wait); }
  /// The last lookup failed and there is no earlier answer.
  void set_unresolved(DnsError error) { dns_error_ = error; }
  DnsError dns_error() const { return dns_error_; }
  /// The address to connect to next; with several, the one after the last that failed.
  const Address& address() const { return addresses_[current_address_]; }
  void note_connect_failed() { current_address_ = (current_address_ + 1) % addresses_.size(); }

  // Connections
  // ------------------------------------------------------------------------------------

  /// The idle connection used last that is fit for the request, a part of one that others use at
  /// the same time, or null: then a fresh one is.
  std::unique_ptr<UpstreamConnection> take_idle(ConnectionNeed need, Speech speech = Speech::any);
  /// Likewise, of those that began with this PROXY header: they are that client's alone.
  std::unique_ptr<UpstreamConnection> take_introduced(ConnectionNeed need,
                                                      std::string_view introduction);
  /// A response came on `connection`: what it says about the connection's life.
  void note_response(UpstreamConnection& connection, const ResponseHead& head);
  /// How the use of a connection that had been `idle_age` idle began: none, keep_alive_race, or
  /// another fault, which says nothing about it.
  void note_reuse(const UpstreamConnection& connection, Duration idle_age, Fault fault);
  /// May another connection be opened, by the upstream's limit? True counts it. Where the limit is
  /// reached an idle connection of this endpoint makes room. Nothing is counted where open() will
  /// wait for what is being opened already, because requests can share it.
  bool reserve_connection(Speech speech = Speech::any);
  void release_reservation();
  /// Begins to open a connection; reserve_connection() came before. The opening is the endpoint's;
  /// the caller takes what came of it, or abandons it. `latest`: when the handshake must be done,
  /// too, if TLS is spoken. `introduction`: the PROXY header that it begins with, by HTTP/1 only.
  Opening& open(Deadline deadline, Deadline latest = Deadline::never(), Speech speech = Speech::any,
                std::string introduction = {});
  /// What came of an opening that is done. A failure gives the reservation back.
  Result<std::unique_ptr<UpstreamConnection>, OpenError> take(Opening& opening);
  /// Nobody waits for it any more: once open, the connection is kept idle for the next request; if
  /// it fails, the endpoint is judged by that all the same.
  void abandon(Opening& opening);
  /// How long connections usually take to open; zero: not known yet.
  Duration usual_connect_time() const { return usual_connect_time_; }
  /// The end of an exchange, or of an attempt that sent nothing (`was_used`: false): keeps the
  /// connection if it is good for another.
  void take_back(std::unique_ptr<UpstreamConnection> connection, bool was_used);
  /// Makes a connection of what was just opened to `address`; reserve_connection() came before.
  std::unique_ptr<UpstreamConnection> adopt(std::unique_ptr<ByteStream> bytes,
                                            const Address& address);
  /// Keeps a connection for the next request, or closes it if it may not be reused.
  void give_back(std::unique_ptr<UpstreamConnection> connection);
  /// Keeps a connection on which nothing was sent since it was lent.
  void give_back_unused(std::unique_ptr<UpstreamConnection> connection);
  /// Closes a lent connection for good.
  void discard(std::unique_ptr<UpstreamConnection> connection, Closing how);
  /// And what is being opened for nobody.
  void close_idle();
  std::size_t idle_connections() const { return idle_count_ + http2_.idle(); }
  std::size_t active_connections() const { return active_count_ + http2_.active(); }

  // Judgement
  // --------------------------------------------------------------------------------------

  std::uint32_t requests_in_flight = 0;
  /// As configured, or as an operator said. Set by Upstream::set_weight().
  std::uint32_t weight;
  EndpointLoad load;
  PeakEwma response_time;
  EndpointHealth health;
  std::uint64_t requests_total = 0;
  std::uint64_t faults_total = 0;

 private:
  static void idle_ended(Operation& watch, void* connection);
  static void opening_ended(Operation& operation, void* opening);
  bool speak_tls(Opening& opening);
  bool speak_http2(Opening& opening);
  bool begin(Opening& opening);
  void settle(Opening& opening);
  void settle_followers(Opening& opening);
  Opening* follower_of(const Opening& leader);
  bool has_room_for_another();
  Opening* leader_for(Speech speech);
  bool leads_somebody(Opening& opening);
  void session_opened(Http2Pool::Session& session) override;
  void session_ended() override { release_reservation(); }
  OpenError error_of(Opening& opening);
  Result<std::unique_ptr<UpstreamConnection>, OpenError> take_shared(Opening& opening);
  void note_opened(const Opening& opening);

  Http1UpstreamConnection* find_fit(ConnectionNeed need);
  std::unique_ptr<UpstreamConnection> lend(Http1UpstreamConnection* found);
  void end_idle(Http1UpstreamConnection& connection, Closing how);
  void drop_idle(Http1UpstreamConnection& connection, Closing how);
  KeepAliveGuard::Idle facts_of(const Http1UpstreamConnection& connection) const;
  void note_close(const KeepAliveGuard::Idle& facts);
  void close(std::unique_ptr<Http1UpstreamConnection> connection, Closing how);
  void keep_idle(std::unique_ptr<Http1UpstreamConnection> connection);
  void finish_abandoned(Opening& opening);
  bool still_has(const Address& address) const;
  void end_what_is_idle_elsewhere();

  EndpointContext context_;
  std::size_t seat_;
  EndpointConfig settings_;
  std::string_view name_;  // the pool's
  std::uint64_t identity_;
  std::uint64_t sticky_mark_ = 0;
  bool is_member_ = true;
  bool needs_name_ = false;
  DnsError dns_error_ = DnsError::timeout;
  std::vector<Address> addresses_;
  std::size_t current_address_ = 0;
  std::uint32_t moves_ = 0;
  IntrusiveList<AddressWait> awaiting_;
  KeepAliveGuard guard_;
  IntrusiveList<Http1UpstreamConnection> idle_;  // owned; the one used last in front
  std::size_t idle_count_ = 0;
  std::size_t active_count_ = 0;
  IntrusiveList<Opening> openings_;  // owned
  Duration usual_connect_time_{};
  TlsSession tls_session_;
  Http2ClientSettings http2_settings_;
  Http2Pool http2_;
  bool speaks_http2_ = false;  // as configured, or as agreed on last
};

}  // namespace gg
