// SPDX-License-Identifier: Apache-2.0
#include "report/incidents.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "fault/catalogue.h"
#include "report/record_words.h"

namespace gg {
namespace {

constexpr std::size_t changes_remembered = 64;
/// A change of health so shortly before is what the gateway made of the same failure.
constexpr Duration reaction = 2s;
/// Two incidents that are so far apart have nothing to do with each other.
constexpr Duration apart = 10s;

/// The smaller, the closer to the root of things.
int depth_of(const IncidentKey& key) {
  const FaultRow& row = row_of(key.fault);
  bool lacks_something_itself = row.id.starts_with('L');
  if (lacks_something_itself) return 0;
  switch (row.stage) {
    case Stage::resolve:
      return 10;
    case Stage::connect: {
      bool is_silence = row.status == 504;
      return is_silence ? 12 : 10;
    }
    case Stage::tls:
      return 15;
    default:
      return key.endpoint.empty() ? 30 : 20;
  }
}

bool is_of_client(Fault fault) { return row_of(fault).blame == Blame::client; }

/// What one record says: each place and cause once.
std::vector<IncidentKey> keys_of(const FlightRecord& record) {
  std::vector<IncidentKey> keys;
  auto add = [&](std::string_view endpoint, Fault fault) {
    IncidentKey key{.upstream = std::string(record.upstream.view()),
                    .endpoint = std::string(is_of_client(fault) ? "" : endpoint),
                    .fault = fault};
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
  };
  bool is_told = record.fault == Fault::none;
  for (const FlightAttempt& attempt : record.attempts()) {
    if (attempt.facts.fault == Fault::none) continue;
    add(attempt.endpoint.view(), attempt.facts.fault);
    is_told = is_told || attempt.facts.fault == record.fault;
  }
  if (is_told) return keys;
  // Passed on without another attempt, an endpoint's own error is in the exchange's record alone.
  bool is_endpoints = record.fault == Fault::upstream_error_status && record.attempts_kept > 0;
  add(is_endpoints ? record.attempts().back().endpoint.view() : "", record.fault);
  return keys;
}

void note_sample(Incident& incident, std::string_view id) {
  if (incident.first_samples.size() < Incident::samples_kept) {
    incident.first_samples.emplace_back(id);
    return;
  }
  incident.last_samples.emplace_back(id);
  if (incident.last_samples.size() > Incident::samples_kept) {
    incident.last_samples.erase(incident.last_samples.begin());
  }
}

void note_route(Incident& incident, std::string_view route) {
  auto found = std::ranges::find(incident.routes, route, &Incident::Route::name);
  if (found != incident.routes.end()) {
    ++found->requests;
  } else if (incident.routes.size() < Incident::routes_kept) {
    incident.routes.push_back({.name = std::string(route), .requests = 1});
  }
}

void note_evidence(IncidentEvidence& evidence, const FlightAttempt& attempt) {
  const AttemptRecord& facts = attempt.facts;
  ++evidence.attempts;
  evidence.waited.add(facts.total);
  if (facts.reused) {
    ++evidence.on_reused;
    evidence.idle.add(facts.idle_age);
  }
  if (facts.error_number == ECONNRESET) ++evidence.resets;
  bool is_orderly = facts.message_error == MessageError::ended_before_head ||
                    facts.message_error == MessageError::ended_in_head ||
                    facts.message_error == MessageError::ended_in_body;
  if (is_orderly) ++evidence.orderly_ends;
  Whereabouts where = whereabouts_of(attempt);
  if (where == Whereabouts::on_the_way) ++evidence.on_the_way;
  if (where == Whereabouts::before_the_door) ++evidence.before_the_door;
  if (where == Whereabouts::inside) ++evidence.inside;
  evidence.bytes_read_most = std::max(evidence.bytes_read_most, facts.bytes_read);
  evidence.error_number = facts.error_number;
  evidence.protocol_code = facts.protocol_code;
  evidence.verify_code = facts.verify_code;
  evidence.status = facts.status;
  evidence.message_error = facts.message_error;
  if (!attempt.first_bytes.empty()) evidence.first_bytes = printable(attempt.first_bytes.view());
}

bool is_about(const Change& change, const IncidentKey& key) {
  bool fits_upstream = change.upstream.empty() || change.upstream == key.upstream;
  bool fits_endpoint =
      change.endpoint.empty() || key.endpoint.empty() || change.endpoint == key.endpoint;
  return fits_upstream && fits_endpoint;
}

void note_during(Incident& incident, const Change& change) {
  incident.is_changed = true;
  incident.during.push_back(change);
  if (incident.during.size() > Incident::changes_kept) {
    incident.during.erase(incident.during.begin());
  }
}

/// At most a month, for nobody asks how much longer; nothing if the clock was set back.
Duration between(WallTime earlier, WallTime later) {
  constexpr std::chrono::microseconds month = std::chrono::hours(24 * 30);
  std::int64_t passed = later.microseconds - earlier.microseconds;
  return std::chrono::microseconds(std::clamp<std::int64_t>(passed, 0, month.count()));
}

bool is_worth_telling(const Incident& incident) {
  if (is_of_client(incident.key.fault)) return false;
  return incident.failed > 0 || incident.rescued >= Incidents::rescued_worth_telling;
}

}  // namespace

std::string_view name_of(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::start:
      return "start";
    case Change::Kind::reload:
      return "reload";
    case Change::Kind::restart:
      return "restart";
    case Change::Kind::drain:
      return "drain";
    case Change::Kind::health:
      return "health";
    case Change::Kind::name:
      return "name";
    case Change::Kind::upgrade:
      return "upgrade";
    case Change::Kind::members:
      return "members";
  }
  return "";
}

void DurationRange::add(Duration value) {
  least = count == 0 ? value : std::min(least, value);
  most = std::max(most, value);
  ++count;
}

void Incidents::note(const FlightRecord& record, const Moment& moment) {
  if (record.outcome() == FlightRecord::Outcome::well) return;
  for (const IncidentKey& key : keys_of(record)) {
    Incident* incident = incident_of(key, moment);
    if (incident == nullptr) {
      ++left_out_;
      continue;
    }
    count(*incident, record, moment);
  }
}

void Incidents::note(Change change) {
  for (Incident& incident : incidents_) {
    bool is_new = incident.is_open() && is_about(change, incident.key);
    if (!is_new) continue;
    note_during(incident, change);
  }
  changes_.push_back(std::move(change));
  if (changes_.size() > changes_remembered) changes_.pop_front();
}

void Incidents::note_traffic(std::string_view upstream, std::uint64_t requests) {
  auto found = traffic_.find(upstream);
  if (found == traffic_.end()) found = traffic_.emplace(std::string(upstream), 0).first;
  found->second = requests;
  for (Incident& incident : incidents_) {
    if (!incident.is_open() || incident.key.upstream != upstream) continue;
    incident.upstream_requests = requests - incident.upstream_requests_then;
  }
}

Incident* Incidents::incident_of(const IncidentKey& key, const Moment& moment) {
  // The newest are the likely ones.
  for (auto incident = incidents_.rbegin(); incident != incidents_.rend(); ++incident) {
    if (incident->is_open() && incident->key == key) return &*incident;
  }
  return open_ >= open_max ? nullptr : &begin(key, moment);
}

Incident& Incidents::begin(const IncidentKey& key, const Moment& moment) {
  make_room();
  Incident& incident = incidents_.emplace_back();
  ++open_;
  incident.id = ++last_id_;
  incident.key = key;
  incident.began = moment.wall;
  incident.began_at = incident.window_began = moment.now;
  auto traffic = traffic_.find(key.upstream);
  if (traffic != traffic_.end()) incident.upstream_requests_then = traffic->second;
  for (const Change& change : changes_) {
    Duration ago = moment.now - change.when;
    if (ago > suspicious || !is_about(change, key)) continue;
    // Told sooner than the record of the request that it came from.
    bool is_reaction = change.kind == Change::Kind::health && ago <= reaction;
    (is_reaction ? incident.during : incident.before).push_back(change);
  }
  if (incident.before.size() > Incident::changes_kept) {
    auto surplus = static_cast<std::ptrdiff_t>(incident.before.size() - Incident::changes_kept);
    incident.before.erase(incident.before.begin(), incident.before.begin() + surplus);
  }
  return incident;
}

void Incidents::make_room() {
  if (incidents_.size() < kept_max) return;
  auto oldest =
      std::ranges::find_if(incidents_, [](const Incident& one) { return !one.is_open(); });
  if (oldest != incidents_.end()) incidents_.erase(oldest);
}

void Incidents::count(Incident& incident, const FlightRecord& record, const Moment& moment) {
  bool has_failed = record.outcome() == FlightRecord::Outcome::failed;
  incident.is_changed = true;
  if (has_failed) {
    ++incident.failed;
    ++incident.unrescued[static_cast<std::size_t>(record.verdict)];
  } else {
    ++incident.rescued;
  }
  incident.last_seen = moment.wall;
  incident.last_at = moment.now;
  if (moment.now - incident.window_began >= rate_window) {
    incident.window_began = moment.now;
    incident.in_window = 0;
  }
  ++incident.in_window;
  incident.per_window_most = std::max(incident.per_window_most, incident.in_window);
  note_sample(incident, record.id.view());
  note_route(incident, record.route.view());
  for (const FlightAttempt& attempt : record.attempts()) {
    bool is_of_it =
        attempt.facts.fault == incident.key.fault &&
        (incident.key.endpoint.empty() || attempt.endpoint.view() == incident.key.endpoint);
    if (is_of_it) note_evidence(incident.evidence, attempt);
  }
  bool was_passed_on = record.fault == Fault::upstream_error_status &&
                       incident.key.fault == Fault::upstream_error_status &&
                       record.attempts_kept > 0 &&
                       record.attempts().back().facts.fault == Fault::none;
  if (was_passed_on) note_evidence(incident.evidence, record.attempts().back());
}

std::vector<IncidentNews> Incidents::look(const Moment& moment) {
  std::vector<IncidentNews> news;
  find_causes();
  for (Incident& incident : incidents_) {
    bool is_news = incident.is_open() && !incident.was_announced && is_worth_telling(incident);
    if (!is_news) continue;
    incident.was_announced = incident.is_changed = true;
    news.push_back({.kind = IncidentNews::Kind::began, .incident = &incident});
  }
  end_quiet_ones(moment, news);
  return news;
}

void Incidents::end_quiet_ones(const Moment& moment, std::vector<IncidentNews>& news) {
  for (Incident& incident : incidents_) {
    bool is_over = incident.is_open() && moment.now - incident.last_at >= quiet;
    if (!is_over) continue;
    incident.ended = incident.last_seen;
    incident.is_changed = true;
    --open_;
    if (incident.was_announced) {
      news.push_back({.kind = IncidentNews::Kind::ended, .incident = &incident});
    }
  }
}

void Incidents::find_causes() {
  for (Incident& effect : incidents_) {
    if (!effect.is_open()) continue;
    const Incident* best = nullptr;
    for (const Incident& cause : incidents_) {
      if (!explains(cause, effect)) continue;
      int depth = depth_of(cause.key);
      bool is_better = best == nullptr || depth < depth_of(best->key) ||
                       (depth == depth_of(best->key) && cause.requests() > best->requests());
      if (is_better) best = &cause;
    }
    std::uint64_t explained_by = best == nullptr ? 0 : best->id;
    effect.is_changed = effect.is_changed || explained_by != effect.explained_by;
    effect.explained_by = explained_by;
  }
  for (Incident& cause : incidents_) {
    auto is_effect = [&](const Incident& effect) { return effect.explained_by == cause.id; };
    auto explains = static_cast<std::uint64_t>(std::ranges::count_if(incidents_, is_effect));
    cause.is_changed = cause.is_changed || explains != cause.explains;
    cause.explains = explains;
  }
}

void Incidents::restore(std::vector<Incident> past, const Moment& moment) {
  std::uint64_t taken = 0;
  for (const Incident& one : past) taken = std::max(taken, one.id);
  for (Incident& own : incidents_) {
    own.id += taken;
    if (own.explained_by != 0) own.explained_by += taken;
    own.is_changed = true;
  }
  last_id_ += taken;
  std::size_t room = kept_max - std::min(kept_max, incidents_.size());
  if (past.size() > room) past.erase(past.begin(), past.end() - static_cast<std::ptrdiff_t>(room));
  for (Incident& one : past) {
    one.last_at = moment.now - between(one.last_seen, moment.wall);
    one.began_at = one.last_at - between(one.began, one.last_seen);
    one.window_began = moment.now;
    // Unsigned and on purpose: what is counted from now on is added to what was counted then.
    one.upstream_requests_then = std::uint64_t{0} - one.upstream_requests;
    if (!one.is_open()) continue;
    ++open_;
    for (const Change& change : changes_) {
      if (is_about(change, one.key)) note_during(one, change);
    }
  }
  incidents_.insert(incidents_.begin(), std::make_move_iterator(past.begin()),
                    std::make_move_iterator(past.end()));
}

std::vector<const Incident*> Incidents::take_changed() {
  std::vector<const Incident*> changed;
  for (Incident& incident : incidents_) {
    if (std::exchange(incident.is_changed, false)) changed.push_back(&incident);
  }
  return changed;
}

void Incidents::mark_all_changed() {
  for (Incident& incident : incidents_) incident.is_changed = true;
}

const Incident* Incidents::find(std::uint64_t id) const {
  auto found = std::ranges::find(incidents_, id, &Incident::id);
  return found == incidents_.end() ? nullptr : &*found;
}

bool explains(const Incident& cause, const Incident& effect) {
  if (cause.id == effect.id || is_of_client(cause.key.fault) || is_of_client(effect.key.fault)) {
    return false;
  }
  int depth = depth_of(cause.key);
  if (depth >= depth_of(effect.key)) return false;
  bool at_one_time = cause.began_at <= effect.last_at + apart &&
                     effect.began_at <= cause.last_at + apart &&
                     cause.began_at <= effect.began_at + apart;
  if (!at_one_time) return false;
  bool is_everywhere = depth == 0;
  if (is_everywhere) return true;
  bool in_one_place = cause.key.upstream == effect.key.upstream && !cause.key.upstream.empty() &&
                      (effect.key.endpoint.empty() || cause.key.endpoint == effect.key.endpoint);
  return in_one_place;
}

}  // namespace gg
