// SPDX-License-Identifier: Apache-2.0
#include "report/incident_words.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace gg {
namespace {

Config config_of_app() {
  std::string listen = ":8080";
  std::string to = "10.0.0.1:3000";
  Config config = *config_from_command_line(std::span(&listen, 1), std::span(&to, 1))->config;
  config.upstreams.front().name = "app";
  return config;
}

Incident incident_of(Fault fault) {
  Incident incident{.id = 3, .key = {"app", "10.0.0.1:3000", fault}};
  incident.rescued = 40;
  incident.evidence.attempts = 40;
  incident.evidence.waited.add(2ms);
  return incident;
}

std::string first_remedy(const Incident& incident) {
  return remedies_of(incident, config_of_app()).front();
}

TEST(IncidentWords, ARaceNamesTheSettingAndTheValue) {
  Incident incident = incident_of(Fault::keep_alive_race);
  incident.evidence.idle.add(4980ms);
  incident.evidence.idle.add(5010ms);
  incident.evidence.on_reused = 40;
  incident.evidence.orderly_ends = 40;

  EXPECT_EQ(first_remedy(incident),
            "The endpoint closes idle connections after about 4.98 s: let it keep them longer than "
            "upstreams.app.keep_alive.idle (now 60.00 s), or set that to 3.73 s.");
  std::vector<std::string> evidence = evidence_of(incident);
  ASSERT_GE(evidence.size(), 2u);
  EXPECT_EQ(evidence[0], "the connection was ended in order (FIN) 40 times");
  EXPECT_EQ(evidence[1], "40 of 40 attempts on kept connections, idle for 4.98 s to 5.01 s before");
}

TEST(IncidentWords, ConnectionsThatHardlyIdledAreNotBlamedOnTheIdleTime) {
  Incident incident = incident_of(Fault::keep_alive_race);
  incident.evidence.idle.add(3ms);

  EXPECT_NE(first_remedy(incident).find("requests per connection"), std::string::npos);
}

TEST(IncidentWords, ASilentServiceIsToldFromALostWay) {
  Incident incident = incident_of(Fault::head_timeout);
  incident.evidence.inside = 30;
  incident.evidence.on_the_way = 10;

  std::string all;
  for (const std::string& one : evidence_of(incident)) all += one + "; ";

  EXPECT_NE(all.find("in 30 of 40, the endpoint's machine had acknowledged the whole request"),
            std::string::npos);
  EXPECT_NE(all.find("in 10 of 40, the endpoint's machine did not even"), std::string::npos);
}

struct RemedyCase {
  Fault fault;
  std::string_view first_bytes;
  std::string_view contains;
};

TEST(IncidentWords, RemediesNameWhereToTurn) {
  constexpr RemedyCase cases[] = {
      {Fault::connect_refused, "", "`ss -ltn sport = :3000`"},
      {Fault::connect_timeout, "", "upstreams.app.timeouts.connect (now 2.00 s)"},
      {Fault::head_timeout, "", "upstreams.app.timeouts.first_byte (now 60.00 s)"},
      {Fault::closed_after_long_wait, "", "gives up after 2.00 ms"},
      {Fault::not_http, "\\x15\\x03\\x01", "write https://10.0.0.1:3000"},
      {Fault::not_http, "SSH-2.0-x", "SSH server"},
      {Fault::tls_not_spoken, "", "write http://10.0.0.1:3000"},
      {Fault::upstream_error_status, "inner: connect_timeout at 10.9.9.9:80",
       "behind 10.0.0.1:3000. Mend it there: inner: connect_timeout at 10.9.9.9:80."},
      {Fault::tls_untrusted_certificate, "", "upstreams.app.tls.ca names the file"},
      {Fault::queue_full, "", "upstreams.app.limits.queue (depth 1024"},
  };
  for (const RemedyCase& one : cases) {
    Incident incident = incident_of(one.fault);
    incident.evidence.first_bytes = one.first_bytes;
    EXPECT_NE(first_remedy(incident).find(one.contains), std::string::npos)
        << first_remedy(incident);
  }
}

TEST(IncidentWords, EveryFaultHasARemedyWhateverIsKnown) {
  for (std::size_t i = 1; i < fault_count; ++i) {
    Incident incident = incident_of(static_cast<Fault>(i));
    incident.evidence = {};
    EXPECT_FALSE(first_remedy(incident).empty()) << i;
    incident.key.upstream = "gone";
    EXPECT_FALSE(first_remedy(incident).empty()) << i;
  }
}

TEST(IncidentWords, DeedsSayWhatWasRescuedAndWhyNotTheRest) {
  Incident incident = incident_of(Fault::connect_refused);
  incident.failed = 2;
  incident.unrescued[static_cast<std::size_t>(Retry::no_request_may_have_run)] = 2;
  std::vector<std::string> deeds = deeds_of(incident);

  ASSERT_EQ(deeds.size(), 2u);
  EXPECT_EQ(deeds[0], "rescued 40 requests by another attempt");
  EXPECT_TRUE(
      deeds[1].starts_with("could not rescue 2 requests: no other attempt: the request may"));
}

TEST(IncidentWords, TheOperatorIsToldOfBeginAndEnd) {
  Incident incident = incident_of(Fault::connect_refused);
  incident.explained_by = 2;
  EXPECT_EQ(
      beginning_text(incident),
      "incident 3 began: connect_refused at 10.0.0.1:3000 of app (N1, upstream), 0 failed, 40 "
      "rescued, probably because of incident 2; `goodgate incidents 3` tells more");
  incident.ended = {30'000'000};
  EXPECT_EQ(
      ending_text(incident),
      "incident 3 is over after 30.00 s: connect_refused at 10.0.0.1:3000 of app, 0 failed, 40 "
      "rescued");
}

}  // namespace
}  // namespace gg
