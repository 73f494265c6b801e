// SPDX-License-Identifier: Apache-2.0
#include "report/incidents.h"

#include <gtest/gtest.h>

#include "unit/report/example_record.h"

namespace gg {
namespace {

constexpr WallTime start_of_day{1'785'542'400'000'000};

/// A gateway's worth of failures, one line each.
class IncidentsTest : public testing::Test {
 protected:
  struct Failure {
    std::string_view upstream = "app";
    std::string_view endpoint = "10.0.0.1:3000";
    Fault fault = Fault::connect_refused;
    Fault seen = Fault::connect_refused;  // by the client; none: it was rescued
    AttemptRecord facts = {};
  };

  Moment moment() const {
    return {.now = {now_}, .wall = {start_of_day.microseconds + now_.count() / 1000}};
  }
  void pass(Duration time) { now_ += time; }

  void fail(const Failure& failure, int times = 1) {
    for (int i = 0; i < times; ++i) {
      ExchangeRecord record;
      record.id = RequestId::of(++last_id_, 0);
      record.upstream = failure.upstream;
      record.route = "shop";
      record.fault = failure.seen;
      if (failure.seen != Fault::none) record.verdict = Retry::no_endpoint_left;
      if (!failure.endpoint.empty()) {
        AttemptRecord& attempt = record.add_attempt(pool_);
        attempt = failure.facts;
        attempt.endpoint = failure.endpoint;
        attempt.fault = failure.fault;
      }
      if (failure.seen == Fault::none) record.add_attempt(pool_).endpoint = "10.0.0.2:3000";
      FlightRecord kept;
      keep(record, 1, kept);
      incidents_.note(kept, moment());
    }
  }
  void rescue(Fault fault, int times = 1) { fail({.fault = fault, .seen = Fault::none}, times); }

  const Incident& only() {
    EXPECT_EQ(incidents_.all().size(), 1u);
    return incidents_.all().front();
  }
  Incidents& incidents() { return incidents_; }

 private:
  BufferPool pool_;
  Incidents incidents_;
  Duration now_ = 1h;
  std::uint64_t last_id_ = 0;
};

TEST_F(IncidentsTest, FailuresOfOneKindInOnePlaceAreOneIncident) {
  fail({}, 2);
  pass(5s);
  rescue(Fault::connect_refused, 3);

  EXPECT_EQ(only().failed, 2u);
  EXPECT_EQ(only().rescued, 3u);
  EXPECT_EQ(only().key.endpoint, "10.0.0.1:3000");
  EXPECT_EQ(only().last_seen.microseconds - only().began.microseconds, 5'000'000);
  EXPECT_EQ(only().unrescued[static_cast<std::size_t>(Retry::no_endpoint_left)], 2u);
  EXPECT_EQ(only().routes.front().requests, 5u);
}

TEST_F(IncidentsTest, AnotherPlaceOrCauseIsAnotherIncident) {
  fail({});
  fail({.endpoint = "10.0.0.2:3000"});
  fail({.upstream = "api"});
  fail({.fault = Fault::head_timeout, .seen = Fault::head_timeout});
  fail({.endpoint = "", .seen = Fault::queue_full});

  EXPECT_EQ(incidents().all().size(), 5u);
  EXPECT_EQ(incidents().open(), 5u);
}

TEST_F(IncidentsTest, EveryCauseOfTheCatalogueIsAnIncidentOfThatCause) {
  for (std::size_t i = 1; i < fault_count; ++i) {
    fail({.fault = static_cast<Fault>(i), .seen = static_cast<Fault>(i)});
  }

  ASSERT_EQ(incidents().all().size(), fault_count - 1);
  for (std::size_t i = 1; i < fault_count; ++i) {
    EXPECT_EQ(incidents().all()[i - 1].key.fault, static_cast<Fault>(i));
  }
}

TEST_F(IncidentsTest, EveryAttemptThatFailedCountsWhereItFailed) {
  fail({.fault = Fault::connect_refused, .seen = Fault::exchange_deadline});

  ASSERT_EQ(incidents().all().size(), 2u);
  EXPECT_EQ(incidents().all()[0].key.fault, Fault::connect_refused);
  EXPECT_EQ(incidents().all()[1].key.fault, Fault::exchange_deadline);
  EXPECT_EQ(incidents().all()[1].key.endpoint, "");
}

TEST_F(IncidentsTest, AnErrorThatWasPassedOnBelongsToItsEndpoint) {
  fail({.fault = Fault::none, .seen = Fault::upstream_error_status, .facts = {.status = 503}});

  EXPECT_EQ(only().key.endpoint, "10.0.0.1:3000");
  EXPECT_EQ(only().evidence.status, 503);
}

TEST_F(IncidentsTest, OneEndsAfterAQuietMinuteAndAFreshOneMayBegin) {
  fail({});
  incidents().look(moment());
  pass(59s);
  EXPECT_TRUE(incidents().look(moment()).empty());
  EXPECT_TRUE(only().is_open());
  pass(1s);
  std::vector<IncidentNews> news = incidents().look(moment());

  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].kind, IncidentNews::Kind::ended);
  EXPECT_FALSE(only().is_open());
  EXPECT_EQ(only().ended, only().last_seen);
  fail({});
  EXPECT_EQ(incidents().all().size(), 2u);
  EXPECT_EQ(incidents().all()[1].id, 2u);
}

TEST_F(IncidentsTest, AFailureIsNewsAtOnceAndARescueOnlyOften) {
  rescue(Fault::keep_alive_race, 9);
  EXPECT_TRUE(incidents().look(moment()).empty());
  rescue(Fault::keep_alive_race);
  EXPECT_EQ(incidents().look(moment()).size(), 1u);
  EXPECT_TRUE(incidents().look(moment()).empty());
  fail({});
  EXPECT_EQ(incidents().look(moment()).size(), 1u);
}

TEST_F(IncidentsTest, WhatClientsDoWrongIsNoNewsAndOfNoEndpoint) {
  fail({.fault = Fault::client_gone_in_upload, .seen = Fault::client_gone_in_upload}, 20);

  EXPECT_TRUE(incidents().look(moment()).empty());
  EXPECT_EQ(only().key.endpoint, "");
}

TEST_F(IncidentsTest, TheShareIsOfAllRequestsSinceItBegan) {
  incidents().note_traffic("app", 1000);
  fail({}, 5);
  incidents().note_traffic("app", 1050);
  incidents().note_traffic("api", 9999);

  EXPECT_EQ(only().upstream_requests, 50u);
}

TEST_F(IncidentsTest, WhatChangedShortlyBeforeIsKeptAndWhatIsLongAgoIsNot) {
  auto change = [&](Change::Kind kind, std::string upstream, std::string text) {
    incidents().note({.kind = kind,
                      .when = moment().now,
                      .at = moment().wall,
                      .upstream = std::move(upstream),
                      .endpoint = {},
                      .text = std::move(text)});
  };
  change(Change::Kind::start, "", "the gateway started");
  pass(3min);
  change(Change::Kind::reload, "", "the configuration was read again");
  change(Change::Kind::health, "api", "an endpoint of another upstream");
  pass(1s);
  change(Change::Kind::health, "app", "it is ejected");
  pass(50ms);
  fail({});
  change(Change::Kind::health, "app", "it is up");

  ASSERT_EQ(only().before.size(), 1u);
  EXPECT_EQ(only().before[0].text, "the configuration was read again");
  ASSERT_EQ(only().during.size(), 2u);
  EXPECT_EQ(only().during[0].text, "it is ejected");
  EXPECT_EQ(only().during[1].text, "it is up");
}

TEST_F(IncidentsTest, EvidenceIsGatheredFromTheAttemptsOfThatKind) {
  for (Duration idle : {5010ms, 4980ms, 5003ms}) {
    fail({.fault = Fault::keep_alive_race,
          .seen = Fault::none,
          .facts = {.idle_age = idle, .error_number = 104, .reused = true}});
  }

  EXPECT_EQ(only().evidence.attempts, 3u);
  EXPECT_EQ(only().evidence.on_reused, 3u);
  EXPECT_EQ(only().evidence.resets, 3u);
  EXPECT_EQ(only().evidence.idle.least, 4980ms);
  EXPECT_EQ(only().evidence.idle.most, 5010ms);
}

TEST_F(IncidentsTest, SamplesAreTheFirstAndTheLatest) {
  fail({}, 20);

  ASSERT_EQ(only().first_samples.size(), 3u);
  ASSERT_EQ(only().last_samples.size(), 3u);
  EXPECT_EQ(only().first_samples[0], RequestId::of(1, 0).view());
  EXPECT_EQ(only().last_samples[2], RequestId::of(20, 0).view());
}

struct CauseCase {
  IncidentKey cause;
  IncidentKey effect;
  bool expected;
};

TEST_F(IncidentsTest, TheDeeperOneExplainsTheOthersInItsPlace) {
  const CauseCase cases[] = {
      // An endpoint that is gone.
      {{"app", "a", Fault::connect_refused}, {"app", "a", Fault::closed_before_head}, true},
      {{"app", "a", Fault::connect_refused}, {"app", "a", Fault::connect_timeout}, true},
      {{"app", "a", Fault::connect_refused}, {"app", "", Fault::all_endpoints_ejected}, true},
      {{"app", "a", Fault::connect_refused}, {"app", "b", Fault::closed_before_head}, false},
      {{"app", "a", Fault::connect_refused}, {"api", "", Fault::all_endpoints_ejected}, false},
      {{"app", "a", Fault::closed_before_head}, {"app", "a", Fault::connect_refused}, false},
      {{"app", "a", Fault::head_timeout}, {"app", "", Fault::queue_full}, true},
      // What the gateway itself lacks shows everywhere.
      {{"app", "a", Fault::descriptors_exhausted}, {"api", "b", Fault::connect_failed}, true},
      {{"app", "a", Fault::ports_exhausted}, {"app", "", Fault::all_endpoints_ejected}, true},
      // A drain is no root of anything, and clients are their own.
      {{"", "", Fault::gateway_draining}, {"app", "a", Fault::connect_refused}, false},
      {{"app", "a", Fault::connect_refused}, {"app", "", Fault::client_gone_in_upload}, false},
  };
  for (const CauseCase& one : cases) {
    Incident cause{.id = 1, .key = one.cause};
    Incident effect{.id = 2, .key = one.effect};
    EXPECT_EQ(explains(cause, effect), one.expected)
        << index_of(one.cause.fault) << " " << index_of(one.effect.fault);
  }
}

TEST_F(IncidentsTest, WhatIsLongOverExplainsNothing) {
  Incident cause{.id = 1, .key = {"app", "a", Fault::connect_refused}};
  cause.last_at = {5s};
  Incident effect{.id = 2, .key = {"app", "a", Fault::head_timeout}};
  effect.began_at = effect.last_at = {60s};
  EXPECT_FALSE(explains(cause, effect));

  cause.last_at = {55s};
  EXPECT_TRUE(explains(cause, effect));
}

TEST_F(IncidentsTest, ADeadEndpointIsNamedAsTheReasonForTheOthers) {
  fail({.endpoint = "", .seen = Fault::all_endpoints_ejected}, 9);
  fail({.fault = Fault::closed_before_head, .seen = Fault::none}, 5);
  fail({}, 2);
  incidents().look(moment());

  EXPECT_EQ(incidents().find(1)->explained_by, 3u);
  EXPECT_EQ(incidents().find(2)->explained_by, 3u);
  EXPECT_EQ(incidents().find(3)->explained_by, 0u);
  EXPECT_EQ(incidents().find(3)->explains, 2u);
}

TEST_F(IncidentsTest, TheirNumberIsBoundedAndWhatDoesNotFitIsCounted) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < Incidents::open_max + 5; ++i) names.push_back(std::to_string(i));
  for (const std::string& name : names) fail({.endpoint = name});
  EXPECT_EQ(incidents().open(), Incidents::open_max);
  EXPECT_EQ(incidents().left_out(), 5u);

  for (int round = 0; round < 4; ++round) {
    pass(61s);
    incidents().look(moment());
    for (const std::string& name : names) fail({.endpoint = name});
  }
  EXPECT_EQ(incidents().all().size(), Incidents::kept_max);
}

// Over a restart ---------------------------------------------------------------------------------

TEST_F(IncidentsTest, WhatChangedIsWrittenDownOnce) {
  fail({});
  fail({.upstream = "api"});
  EXPECT_EQ(incidents().take_changed().size(), 2u);
  EXPECT_TRUE(incidents().take_changed().empty());
  fail({});
  ASSERT_EQ(incidents().take_changed().size(), 1u);
  incidents().mark_all_changed();
  EXPECT_EQ(incidents().take_changed().size(), 2u);
}

TEST_F(IncidentsTest, OneThatWasOpenGoesOnAfterARestart) {
  Incident past{.id = 7,
                .key = {"app", "10.0.0.1:3000", Fault::connect_refused},
                .began = {moment().wall.microseconds - 50'000'000},
                .last_seen = {moment().wall.microseconds - 20'000'000},
                .failed = 5,
                .upstream_requests = 40};
  incidents().note({.kind = Change::Kind::restart,
                    .when = moment().now,
                    .at = moment().wall,
                    .upstream = {},
                    .endpoint = {},
                    .text = "a worker process died"});

  incidents().restore({past}, moment());
  fail({});
  incidents().note_traffic("app", 3);

  EXPECT_EQ(only().id, 7u);
  EXPECT_EQ(only().failed, 6u);
  EXPECT_EQ(only().upstream_requests, 43u);
  ASSERT_EQ(only().during.size(), 1u);
  EXPECT_EQ(only().during[0].text, "a worker process died");
  EXPECT_EQ(incidents().open(), 1u);
  fail({.upstream = "api"});
  EXPECT_EQ(incidents().all()[1].id, 8u);
}

TEST_F(IncidentsTest, OneThatWasQuietMeanwhileEndsWhenItWasSeenLast) {
  Incident past{.id = 7,
                .key = {"app", "10.0.0.1:3000", Fault::connect_refused},
                .last_seen = {moment().wall.microseconds - 3'600'000'000},
                .was_announced = true};
  incidents().restore({past}, moment());

  std::vector<IncidentNews> news = incidents().look(moment());

  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].kind, IncidentNews::Kind::ended);
  EXPECT_EQ(only().ended, past.last_seen);
  EXPECT_EQ(incidents().open(), 0u);
}

TEST_F(IncidentsTest, WhatBeganBeforeThePastWasKnownGetsOtherNumbers) {
  fail({.fault = Fault::closed_before_head, .seen = Fault::none}, 5);
  fail({}, 2);
  incidents().look(moment());
  incidents().take_changed();

  incidents().restore({Incident{.id = 40, .key = {"api", "", Fault::queue_full}, .ended = {1}}},
                      moment());

  ASSERT_EQ(incidents().all().size(), 3u);
  EXPECT_EQ(incidents().all()[0].id, 40u);
  EXPECT_EQ(incidents().all()[1].id, 41u);
  EXPECT_EQ(incidents().all()[1].explained_by, 42u);
  EXPECT_EQ(incidents().take_changed().size(), 2u);
}

TEST_F(IncidentsTest, OfALongPastTheLatestIsTaken) {
  std::vector<Incident> past;
  for (std::uint64_t id = 1; id <= Incidents::kept_max + 9; ++id) {
    past.push_back(Incident{.id = id, .key = {"app", "", Fault::queue_full}, .ended = {1}});
  }

  incidents().restore(past, moment());

  EXPECT_EQ(incidents().all().size(), Incidents::kept_max);
  EXPECT_EQ(incidents().all().front().id, 10u);
}

}  // namespace
}  // namespace gg
