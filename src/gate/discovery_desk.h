// SPDX-License-Identifier: Apache-2.0
// Endpoints that are looked up: hears what the sources say, has it carried out by every worker, the
// checks and the watch of names, and says what has changed.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "discovery/figures.h"
#include "discovery/source.h"
#include "dns/cares_services.h"
#include "gate/flight_desk.h"
#include "gate/worker_thread.h"
#include "upstream/members/member_desk.h"
#include "upstream/members/member_notes.h"

namespace gg {

class EventFeed;
class HealthChecks;
class NameWatch;

/// Everything outlives the desk.
struct DiscoveryFacts {
  EpollEngine& engine;  // the control thread's
  const Config& config;
  SharedUpstreams& shared;
  std::span<const std::unique_ptr<WorkerThread>> workers;
  HealthChecks& checks;
  NameWatch& names;
  Resolver& resolver;
  FlightDesk& flights;
  EventFeed& events;
  const HeadLimits& limits;
  const TlsClientContext* etcd_tls;  // null: no server of etcd is https
  MemberNotes* notes;                // null: nothing is noted
};

/// Control thread.
class DiscoveryDesk final : SourceListener, SeatKeeper {
 public:
  explicit DiscoveryDesk(const DiscoveryFacts& facts);

  void start();
  /// Ends within a moment: turn the engine until is_stopped().
  void stop();
  bool is_stopped() const;
  /// Has every source answered once, or failed?
  bool is_settled() const;
  /// Before the first request: where a source has not answered, those whom it named last when
  /// another process asked it are the members for now.
  void recall();
  /// The health of an endpoint has changed.
  void wake();
  /// In every turn.
  void pump();
  /// By upstream, of those whose endpoints are looked up.
  std::vector<DiscoveryFigures> figures() const;

 private:
  struct Pool {
    std::size_t upstream = 0;
    const UpstreamConfig& settings;
    std::unique_ptr<Source> source;
    DiscoveryFigures figures;
    bool was_heard = false;
    bool is_failing = false;
    Instant changed{};  // zero: never
  };

  void answered(std::size_t upstream, std::vector<EndpointConfig> endpoints,
                const std::string& problem) override;
  void failed(std::size_t upstream, const std::string& why) override;
  void seat(std::size_t upstream, std::size_t seat, const EndpointConfig& endpoint) override;
  void alter(std::size_t upstream, std::size_t seat, const EndpointConfig& endpoint) override;
  void unseat(std::size_t upstream, std::size_t seat) override;
  void ask_release(std::size_t upstream, std::size_t seat, std::uint32_t turn) override;

  std::unique_ptr<Source> make_source(std::size_t upstream, const UpstreamConfig& settings);
  std::optional<Instant> unreachable_since(std::size_t upstream) const;
  Pool& pool_of(std::size_t upstream);
  void recall(Pool& pool);
  void say(const Pool& pool, const std::string& text);
  void tell_changes(const Pool& pool, const MembershipChange& change);
  void tell_problem(const Pool& pool, const MembershipChange& change, const std::string& before);

  DiscoveryFacts facts_;
  CaresServices services_;
  std::vector<Pool> pools_;
  MemberDesk members_;
  Instant next_release_{};
};

/// "10.0.0.3:80 and 10.0.0.4:80 have come, 10.0.0.1:80 has gone"; of very many the first few.
std::string membership_text(const MembershipChange& change);

}  // namespace gg
