// SPDX-License-Identifier: Apache-2.0
#include "admin/incident_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/json_text.h"
#include "fault/catalogue.h"
#include "report/incident_words.h"
#include "report/log_time.h"

namespace gg {
namespace {

using Json = nlohmann::ordered_json;

std::string time_of(WallTime time) {
  LogTime text;
  return std::string(text.rfc3339(time));
}

Json json_of(const std::vector<Change>& changes) {
  Json all = Json::array();
  for (const Change& change : changes) {
    all.push_back(
        {{"time", time_of(change.at)}, {"kind", gg::name_of(change.kind)}, {"text", change.text}});
  }
  return all;
}

/// What the list tells of each.
Json summary_of(const Incident& incident) {
  const FaultRow& row = row_of(incident.key.fault);
  Json json = {{"id", incident.id},
               {"title", title_of(incident)},
               {"open", incident.is_open()},
               {"fault", {{"id", row.id}, {"name", row.name}, {"meaning", row.meaning}}},
               {"blame", gg::name_of(row.blame)},
               {"upstream", incident.key.upstream},
               {"endpoint", incident.key.endpoint},
               {"began", time_of(incident.began)},
               {"last_seen", time_of(incident.last_seen)}};
  if (!incident.is_open()) json["ended"] = time_of(incident.ended);
  json["failed"] = incident.failed;
  json["rescued"] = incident.rescued;
  json["most_per_second"] = static_cast<double>(incident.per_window_most) /
                            std::chrono::duration<double>(Incidents::rate_window).count();
  if (incident.upstream_requests > 0) {
    auto all = std::max(incident.upstream_requests, incident.requests());
    json["share"] = static_cast<double>(incident.requests()) / static_cast<double>(all);
  }
  if (incident.explained_by != 0) json["explained_by"] = incident.explained_by;
  if (incident.explains != 0) json["explains"] = incident.explains;
  return json;
}

Json detail_of(const Incident& incident, const Config& config) {
  Json json = summary_of(incident);
  Json routes = Json::array();
  for (const Incident::Route& route : incident.routes) {
    routes.push_back({{"route", route.name}, {"requests", route.requests}});
  }
  json["routes"] = std::move(routes);
  json["evidence"] = evidence_of(incident);
  json["gateway"] = deeds_of(incident);
  json["before"] = json_of(incident.before);
  json["during"] = json_of(incident.during);
  json["remedies"] = remedies_of(incident, config);
  std::vector<std::string> samples = incident.first_samples;
  samples.insert(samples.end(), incident.last_samples.begin(), incident.last_samples.end());
  json["samples"] = samples;
  return json;
}

/// What to look at first: open before ended, causes before what they explain, what clients saw
/// before what they did not, clients' own mistakes last.
bool comes_before(const Incident* a, const Incident* b) {
  auto rank = [](const Incident& one) {
    bool is_clients = row_of(one.key.fault).blame == Blame::client;
    return std::tuple(!one.is_open(), is_clients, one.explained_by != 0, one.failed == 0,
                      ~one.requests(), one.id);
  };
  return rank(*a) < rank(*b);
}

}  // namespace

std::string to_json(const Incidents& incidents, const Config& config,
                    const HistoryReport& history) {
  std::vector<const Incident*> order;
  for (const Incident& incident : incidents.all()) order.push_back(&incident);
  std::ranges::sort(order, comes_before);
  Json all = Json::array();
  for (const Incident* incident : order) {
    Json json = summary_of(*incident);
    std::vector<std::string> remedies = remedies_of(*incident, config);
    if (!remedies.empty()) json["remedy"] = remedies.front();
    all.push_back(std::move(json));
  }
  return json_page_text({{"open", incidents.open()},
                         {"left_out", incidents.left_out()},
                         {"history", {{"state", history.state}, {"problem", history.problem}}},
                         {"incidents", std::move(all)}});
}

std::string to_json(const Incident& incident, const Config& config) {
  return json_page_text(detail_of(incident, config));
}

}  // namespace gg
