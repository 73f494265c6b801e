// SPDX-License-Identifier: Apache-2.0
#include "store/incident_code.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fault/catalogue.h"

namespace gg {
namespace {

using Json = nlohmann::json;

Json json_of(const Change& change) {
  return {{"kind", name_of(change.kind)},
          {"at", change.at.microseconds},
          {"upstream", change.upstream},
          {"endpoint", change.endpoint},
          {"text", change.text}};
}

Json json_of(const std::vector<Change>& changes) {
  Json all = Json::array();
  for (const Change& change : changes) all.push_back(json_of(change));
  return all;
}

Json json_of(const DurationRange& range) {
  return {{"least", range.least.count()}, {"most", range.most.count()}, {"count", range.count}};
}

Json json_of(const IncidentEvidence& evidence) {
  return {{"idle", json_of(evidence.idle)},
          {"waited", json_of(evidence.waited)},
          {"attempts", evidence.attempts},
          {"on_reused", evidence.on_reused},
          {"resets", evidence.resets},
          {"orderly_ends", evidence.orderly_ends},
          {"on_the_way", evidence.on_the_way},
          {"before_the_door", evidence.before_the_door},
          {"inside", evidence.inside},
          {"bytes_read_most", evidence.bytes_read_most},
          {"errno", evidence.error_number},
          {"protocol_code", evidence.protocol_code},
          {"verify_code", evidence.verify_code},
          {"status", evidence.status},
          {"message_error", text_of(evidence.message_error)},
          {"first_bytes", evidence.first_bytes}};
}

Json json_of(const std::array<std::uint64_t, retry_count>& unrescued) {
  Json all = Json::object();
  for (std::size_t i = 0; i < retry_count; ++i) {
    if (unrescued[i] > 0) all[std::string(text_of(static_cast<Retry>(i)))] = unrescued[i];
  }
  return all;
}

Json json_of(const std::vector<Incident::Route>& routes) {
  Json all = Json::array();
  for (const Incident::Route& route : routes) all.push_back({route.name, route.requests});
  return all;
}

// Back again. Every function throws what nlohmann throws where a type is not the one expected;
// decoded() catches it.

template <class T>
void take(const Json& json, const char* key, T& into) {
  auto found = json.find(key);
  if (found != json.end()) found->get_to(into);
}

void take(const Json& json, const char* key, Duration& into) {
  into = Duration(json.value(key, Duration::rep{}));
}

void take(const Json& json, const char* key, WallTime& into) { take(json, key, into.microseconds); }

void take(const Json& json, const char* key, DurationRange& into) {
  auto found = json.find(key);
  if (found == json.end()) return;
  take(*found, "least", into.least);
  take(*found, "most", into.most);
  take(*found, "count", into.count);
}

/// The enumerator of that name, or the first one.
template <class Enum, class Name>
Enum named(const std::string& text, Enum last, Name name) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
    if (name(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  return Enum{};
}

Change change_of(const Json& json) {
  Change change;
  change.kind = named(json.value("kind", std::string()), Change::Kind::last,
                      [](Change::Kind kind) { return name_of(kind); });
  take(json, "at", change.at);
  take(json, "upstream", change.upstream);
  take(json, "endpoint", change.endpoint);
  take(json, "text", change.text);
  return change;
}

void take(const Json& json, const char* key, std::vector<Change>& into) {
  auto found = json.find(key);
  if (found == json.end()) return;
  for (const Json& change : *found) {
    if (into.size() < Incident::changes_kept) into.push_back(change_of(change));
  }
}

void take(const Json& json, const char* key, IncidentEvidence& into) {
  auto found = json.find(key);
  if (found == json.end()) return;
  take(*found, "idle", into.idle);
  take(*found, "waited", into.waited);
  take(*found, "attempts", into.attempts);
  take(*found, "on_reused", into.on_reused);
  take(*found, "resets", into.resets);
  take(*found, "orderly_ends", into.orderly_ends);
  take(*found, "on_the_way", into.on_the_way);
  take(*found, "before_the_door", into.before_the_door);
  take(*found, "inside", into.inside);
  take(*found, "bytes_read_most", into.bytes_read_most);
  take(*found, "errno", into.error_number);
  take(*found, "protocol_code", into.protocol_code);
  take(*found, "verify_code", into.verify_code);
  take(*found, "status", into.status);
  into.message_error = named(found->value("message_error", std::string()), MessageError::last,
                             [](MessageError error) { return text_of(error); });
  take(*found, "first_bytes", into.first_bytes);
}

void take_unrescued(const Json& json, std::array<std::uint64_t, retry_count>& into) {
  auto found = json.find("unrescued");
  if (found == json.end()) return;
  for (std::size_t i = 0; i < retry_count; ++i) {
    take(*found, std::string(text_of(static_cast<Retry>(i))).c_str(), into[i]);
  }
}

void take_routes(const Json& json, std::vector<Incident::Route>& into) {
  auto found = json.find("routes");
  if (found == json.end()) return;
  for (const Json& route : *found) {
    if (into.size() == Incident::routes_kept) return;
    into.push_back(
        {.name = route.at(0).get<std::string>(), .requests = route.at(1).get<std::uint64_t>()});
  }
}

void take_samples(const Json& json, const char* key, std::vector<std::string>& into) {
  take(json, key, into);
  if (into.size() > Incident::samples_kept) into.resize(Incident::samples_kept);
}

/// Could a gateway have written this? Else what is computed with it would overflow.
bool is_possible(const Incident& incident) {
  constexpr std::int64_t year_9999 = 253'402'300'800'000'000;  // in microseconds since 1970
  constexpr std::uint64_t id_most = std::uint64_t{1} << 53;
  auto is_moment = [](WallTime time) {
    return time.microseconds >= 0 && time.microseconds < year_9999;
  };
  return incident.id > 0 && incident.id < id_most && is_moment(incident.began) &&
         is_moment(incident.last_seen) && is_moment(incident.ended);
}

std::optional<Incident> incident_of(const Json& json) {
  std::optional<Fault> fault = find_fault(json.at("fault").get<std::string>());
  if (!fault || *fault == Fault::none) return std::nullopt;
  Incident incident;
  incident.key.fault = *fault;
  json.at("id").get_to(incident.id);
  take(json, "upstream", incident.key.upstream);
  take(json, "endpoint", incident.key.endpoint);
  take(json, "began", incident.began);
  take(json, "last_seen", incident.last_seen);
  take(json, "ended", incident.ended);
  take(json, "failed", incident.failed);
  take(json, "rescued", incident.rescued);
  take_unrescued(json, incident.unrescued);
  take(json, "upstream_requests", incident.upstream_requests);
  take(json, "per_window_most", incident.per_window_most);
  take_routes(json, incident.routes);
  take_samples(json, "first_samples", incident.first_samples);
  take_samples(json, "last_samples", incident.last_samples);
  take(json, "before", incident.before);
  take(json, "during", incident.during);
  take(json, "evidence", incident.evidence);
  take(json, "explained_by", incident.explained_by);
  take(json, "explains", incident.explains);
  take(json, "announced", incident.was_announced);
  if (!is_possible(incident)) return std::nullopt;
  return incident;
}

}  // namespace

std::string encoded(const Incident& incident) {
  Json json = {{"id", incident.id},
               {"fault", name_of(incident.key.fault)},
               {"upstream", incident.key.upstream},
               {"endpoint", incident.key.endpoint},
               {"began", incident.began.microseconds},
               {"last_seen", incident.last_seen.microseconds},
               {"ended", incident.ended.microseconds},
               {"failed", incident.failed},
               {"rescued", incident.rescued},
               {"unrescued", json_of(incident.unrescued)},
               {"upstream_requests", incident.upstream_requests},
               {"per_window_most", incident.per_window_most},
               {"routes", json_of(incident.routes)},
               {"first_samples", incident.first_samples},
               {"last_samples", incident.last_samples},
               {"before", json_of(incident.before)},
               {"during", json_of(incident.during)},
               {"evidence", json_of(incident.evidence)},
               {"explained_by", incident.explained_by},
               {"explains", incident.explains},
               {"announced", incident.was_announced}};
  // Bytes that are no UTF-8 (a Unix path may have them) are replaced, never fatal.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Incident> decoded(std::string_view text) {
  try {
    return incident_of(Json::parse(text));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace gg
