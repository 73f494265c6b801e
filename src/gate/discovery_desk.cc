// SPDX-License-Identifier: Apache-2.0
#include "gate/discovery_desk.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <utility>

#include "admin/event_feed.h"
#include "discovery/etcd_source.h"
#include "discovery/file_source.h"
#include "discovery/name_source.h"
#include "gate/name_watch.h"
#include "upstream/checks/health_checks.h"

namespace gg {

namespace {

/// Between two questions whether seats that are being left are used still.
constexpr Duration release_interval = 1s;
/// Endpoints named in one sentence.
constexpr std::size_t named_most = 5;

std::string names_of(std::span<const EndpointConfig> endpoints) {
  std::string text;
  std::size_t named = std::min(endpoints.size(), named_most);
  for (std::size_t i = 0; i < named; ++i) {
    bool is_last = i + 1 == endpoints.size();
    if (i > 0) text += is_last ? " and " : ", ";
    text += name_of(endpoints[i].url);
  }
  if (named < endpoints.size()) {
    text += " and " + std::to_string(endpoints.size() - named) + " more";
  }
  return text;
}

std::string counted(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " endpoint" : " endpoints");
}

}  // namespace

std::string membership_text(const MembershipChange& change) {
  std::string text;
  auto add = [&text](std::span<const EndpointConfig> whom, std::string_view one,
                     std::string_view several) {
    if (whom.empty()) return;
    if (!text.empty()) text += ", ";
    text += names_of(whom) + " " + std::string(whom.size() == 1 ? one : several);
  };
  add(change.come, "has come", "have come");
  add(change.gone, "has gone", "have gone");
  add(change.drained, "is drained", "are drained");
  add(change.undrained, "is used again", "are used again");
  add(change.altered, "has another weight, tier or zone", "have other weights, tiers or zones");
  return text;
}

DiscoveryDesk::DiscoveryDesk(const DiscoveryFacts& facts)
    : facts_(facts), services_(facts.engine), members_(facts.config, facts.shared, *this) {
  for (std::size_t i = 0; i < facts.config.upstreams.size(); ++i) {
    const UpstreamConfig& settings = facts.config.upstreams[i];
    if (!settings.discover) continue;
    pools_.push_back({.upstream = i,
                      .settings = settings,
                      .source = make_source(i, settings),
                      .figures = {.upstream = settings.name,
                                  .kind = source_kind(*settings.discover),
                                  .source = source_text(*settings.discover)}});
  }
}

std::unique_ptr<Source> DiscoveryDesk::make_source(std::size_t upstream,
                                                   const UpstreamConfig& settings) {
  SourceListener& listener = *this;
  const DiscoverConfig& discover = *settings.discover;
  if (!discover.dns.empty() || !discover.srv.empty()) {
    return std::make_unique<NameSource>(facts_.engine, facts_.resolver, services_, upstream,
                                        settings, listener);
  }
  if (!discover.etcd.empty()) {
    EtcdAccess access{
        .servers = *facts_.config.etcd, .tls = facts_.etcd_tls, .limits = facts_.limits};
    return std::make_unique<EtcdSource>(facts_.engine, facts_.resolver, access, upstream, settings,
                                        listener);
  }
  auto source = std::make_unique<FileSource>(upstream, discover.file, listener);
  if (source->descriptor() >= 0) facts_.engine.wake_on(source->descriptor());
  return source;
}

void DiscoveryDesk::start() {
  for (Pool& pool : pools_) pool.source->start();
}

void DiscoveryDesk::recall() {
  for (Pool& pool : pools_) {
    if (members_.has_answered(pool.upstream)) continue;
    recall(pool);
    if (pool.figures.members == 0) continue;
    pool.figures.problem = "it has not answered yet";
    say(pool, pool.figures.source + " has not answered yet; going on with the last " +
                  counted(pool.figures.members));
  }
}

void DiscoveryDesk::recall(Pool& pool) {
  if (facts_.notes == nullptr || members_.has_answered(pool.upstream)) return;
  std::vector<EndpointConfig> last = facts_.notes->recall(pool.settings.name, pool.figures.source);
  if (last.empty()) return;
  MembershipChange change = members_.answer(pool.upstream, std::move(last), facts_.engine.now());
  pool.figures.members = change.members.size();
}

void DiscoveryDesk::stop() {
  services_.stop();
  for (Pool& pool : pools_) pool.source->stop();
}

bool DiscoveryDesk::is_stopped() const {
  return std::ranges::all_of(pools_, [](const Pool& pool) { return pool.source->is_stopped(); });
}

bool DiscoveryDesk::is_settled() const { return std::ranges::all_of(pools_, &Pool::was_heard); }

/// Of those that cannot be connected to, the latest.
std::optional<Instant> DiscoveryDesk::unreachable_since(std::size_t upstream) const {
  const PoolHealth& health = facts_.shared.health(upstream);
  Instant now = facts_.engine.now();
  std::optional<Instant> since;
  for (std::size_t i = 0; i < health.size(); ++i) {
    if (!health.is_member(i)) continue;
    HealthState state = health.state(i, now);
    bool is_lost = state.standing == Standing::out && state.reason == HealthReason::unreachable;
    if (!is_lost) continue;
    Instant its = now - health.standing_for(i, now);
    since = since ? std::max(*since, its) : its;
  }
  return since;
}

void DiscoveryDesk::wake() {
  for (Pool& pool : pools_) pool.source->doubt(unreachable_since(pool.upstream));
}

void DiscoveryDesk::pump() {
  Instant now = facts_.engine.now();
  for (Pool& pool : pools_) pool.source->pump(now);
  if (now < next_release_) return;
  next_release_ = now + release_interval;
  members_.ask_releases();
}

std::vector<DiscoveryFigures> DiscoveryDesk::figures() const {
  std::vector<DiscoveryFigures> all;
  for (const Pool& pool : pools_) {
    all.push_back(pool.figures);
    if (pool.changed != Instant{}) all.back().changed_ago = facts_.engine.now() - pool.changed;
  }
  return all;
}

// What sources say --------------------------------------------------------------------------------

DiscoveryDesk::Pool& DiscoveryDesk::pool_of(std::size_t upstream) {
  return *std::ranges::find(pools_, upstream, &Pool::upstream);
}

void DiscoveryDesk::answered(std::size_t upstream, std::vector<EndpointConfig> endpoints,
                             const std::string& problem) {
  Pool& pool = pool_of(upstream);
  pool.was_heard = true;
  bool was_failing = std::exchange(pool.is_failing, false);
  // Then it is kept who was there when another process asked, too.
  if (endpoints.empty() && pool.settings.endpoints.empty()) recall(pool);
  MembershipChange change = members_.answer(upstream, std::move(endpoints), facts_.engine.now());
  DiscoveryFigures& figures = pool.figures;
  figures.members = change.members.size();
  figures.come += change.come.size();
  figures.gone += change.gone.size();
  bool leaves_out_more = change.left_out > 0 && change.left_out != figures.left_out;
  figures.left_out = change.left_out;
  std::string before = std::exchange(figures.problem, problem);
  if (change.keeps_last) figures.problem = "it names no endpoint: the last ones are kept";
  if (!change.is_none()) tell_changes(pool, change);
  if (facts_.notes != nullptr) {
    facts_.notes->note(pool.settings.name, figures.source, change.members);
  }
  if (figures.problem != before || was_failing) tell_problem(pool, change, before);
  if (leaves_out_more) {
    say(pool, counted(change.left_out) + " of " + figures.source +
                  " are left out: " + std::to_string(discovered_most) + " are used at most");
  }
}

/// What is wrong with an answer, or that nothing is any more.
void DiscoveryDesk::tell_problem(const Pool& pool, const MembershipChange& change,
                                 const std::string& before) {
  const DiscoveryFigures& figures = pool.figures;
  if (figures.problem.empty()) {
    if (!change.is_none()) return;  // which says as much
    return say(pool, figures.source + " is good again: " + counted(figures.members) + " as before");
  }
  if (figures.problem == before) return;
  if (change.keeps_last) {
    return say(pool, figures.source + " names no endpoint; going on with the last " +
                         counted(figures.members));
  }
  say(pool, figures.problem + "; it changes nothing");
}

void DiscoveryDesk::tell_changes(const Pool& pool, const MembershipChange& change) {
  Pool& its = pool_of(pool.upstream);
  its.changed = facts_.engine.now();
  say(pool, membership_text(change) + ", " + counted(its.figures.members) + " now, by " +
                its.figures.source);
}

void DiscoveryDesk::failed(std::size_t upstream, const std::string& why) {
  Pool& pool = pool_of(upstream);
  pool.was_heard = true;
  bool is_known = pool.is_failing && pool.figures.problem == why;
  bool is_new = !std::exchange(pool.is_failing, true);
  if (is_new) ++pool.figures.failures;
  recall(pool);
  pool.figures.problem = why;
  if (is_known) return;
  std::string then = pool.figures.members > 0
                         ? "going on with the last " + counted(pool.figures.members)
                         : std::string("going on without endpoints from there");
  say(pool, why + "; " + then);
}

/// On standard error, to those who watch, and to those who look for what came before a failure.
void DiscoveryDesk::say(const Pool& pool, const std::string& text) {
  const std::string& name = pool.settings.name;
  std::fprintf(stderr, "goodgate: upstream %s: %s\n", name.c_str(), text.c_str());
  Instant now = facts_.engine.now();
  facts_.flights.note(Change{.kind = Change::Kind::members,
                             .when = now,
                             .at = facts_.engine.wall_now(),
                             .upstream = name,
                             .endpoint = {},
                             .text = text});
  facts_.events.tell({.at = {}, .kind = "members", .upstream = name, .endpoint = {}, .text = text});
}

// Who hears of seats ------------------------------------------------------------------------------

void DiscoveryDesk::alter(std::size_t upstream, std::size_t seat, const EndpointConfig& endpoint) {
  for (const std::unique_ptr<WorkerThread>& worker : facts_.workers) {
    worker->run([upstream, seat, endpoint](Worker& its) {
      its.upstreams().at(upstream).seat(seat, endpoint);
    });
  }
}

void DiscoveryDesk::seat(std::size_t upstream, std::size_t seat, const EndpointConfig& endpoint) {
  alter(upstream, seat, endpoint);
  facts_.checks.add(upstream, seat, endpoint.url);
  facts_.names.add(upstream, seat, endpoint.url);
}

void DiscoveryDesk::unseat(std::size_t upstream, std::size_t seat) {
  for (const std::unique_ptr<WorkerThread>& worker : facts_.workers) {
    worker->run([upstream, seat](Worker& its) { its.upstreams().at(upstream).unseat(seat); });
  }
  facts_.checks.remove(upstream, seat);
  facts_.names.remove(upstream, seat);
}

void DiscoveryDesk::ask_release(std::size_t upstream, std::size_t seat, std::uint32_t turn) {
  // Brings the answer of the last worker back to this thread, where the desk is.
  class Released final : public Message {
   public:
    Released(DiscoveryDesk& desk, std::size_t of, std::size_t which, std::uint32_t when)
        : desk_(desk), upstream_(of), seat_(which), turn_(when) {}
    void run() override { desk_.members_.released(upstream_, seat_, turn_); }

   private:
    DiscoveryDesk& desk_;
    std::size_t upstream_;
    std::size_t seat_;
    std::uint32_t turn_;
  };
  auto users = std::make_shared<std::atomic<std::size_t>>(facts_.workers.size());
  for (const std::unique_ptr<WorkerThread>& worker : facts_.workers) {
    worker->run([this, upstream, seat, turn, users](Worker& its) {
      bool is_used = !its.upstreams().at(upstream).endpoints()[seat]->is_unused();
      bool is_last = !is_used && users->fetch_sub(1, std::memory_order_acq_rel) == 1;
      if (!is_last) return;
      facts_.engine.post(std::make_unique<Released>(*this, upstream, seat, turn));
    });
  }
}

}  // namespace gg
