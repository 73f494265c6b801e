// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_server.h"

#include <gtest/gtest.h>

#include "support/sim_pair.h"

namespace gg {
namespace {

/// A gateway of few facts, which may take its time to tell them.
class FewFacts final : public AdminSource {
 public:
  explicit FewFacts(Engine& engine) : engine_(engine) {}

  Task<StatusReport> status() override {
    Sleep sleep(engine_, engine_.now() + delay);
    co_await sleep;
    co_return StatusReport{.version = "1.2.3", .pid = 42, .ready = ready};
  }
  std::string metrics(MetricsFormat format) override {
    return format == MetricsFormat::openmetrics ? "# EOF\n" : "some_metric 1\n";
  }
  Task<std::optional<std::string>> record(std::string_view id) override {
    if (id != "known") co_return std::nullopt;
    co_return "{\"id\": \"known\"}\n";
  }
  std::string incidents() override { return "{\"incidents\": []}\n"; }
  std::optional<std::string> incident(std::string_view id) override {
    if (id != "3") return std::nullopt;
    return "{\"id\": 3}\n";
  }
  std::string config() override { return "{\"file\": \"\"}\n"; }
  std::string history() override { return "{\"time\": []}\n"; }
  EventFeed& events() override { return events_; }
  OrderOutcome carry_out(const Order& order) override {
    orders.push_back(order);
    return {.json = "{\"done\": true}\n"};
  }
  bool is_ready() const override { return ready; }

  bool ready = true;
  Duration delay = 1ms;
  std::vector<Order> orders;

 private:
  Engine& engine_;
  EventFeed events_{engine_};
};

class AdminServerTest : public SimPair {
 protected:
  AdminServerTest() { GG_ASSERT(server_.listen(-1).has_value()); }
  ~AdminServerTest() override {
    server_.stop();
    world().run(10s);
    EXPECT_TRUE(server_.is_stopped());
  }

  AdminServer& server() { return server_; }
  FewFacts& facts() { return facts_; }
  /// The simulated network knows the server's descriptor by no address.
  SimPeer& connect_operator() {
    SimPeer& peer = connect_to({});
    pass();
    return peer;
  }
  /// The answer to one request on a connection of its own.
  std::string ask(std::string_view method, std::string_view path) {
    SimPeer& peer = connect_operator();
    peer.say(std::string(method) + " " + std::string(path) +
             " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    pass(20ms);
    return peer.heard();
  }
  static std::string body_of(const std::string& answer) {
    std::size_t end = answer.find("\r\n\r\n");
    return end == std::string::npos ? "" : answer.substr(end + 4);
  }

 private:
  FewFacts facts_{engine()};
  AdminServer server_{engine(), facts_, access_for({}, "")};
};

TEST_F(AdminServerTest, StatusIsJson) {
  std::string answer = ask("GET", "/api/v1/status");

  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
  EXPECT_NE(answer.find("\r\nCache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(body_of(answer).find("\"version\": \"1.2.3\""), std::string::npos);
}

TEST_F(AdminServerTest, MetricsAreInPrometheusFormat) {
  std::string answer = ask("GET", "/metrics");

  EXPECT_NE(answer.find("\r\nContent-Type: text/plain; version=0.0.4"), std::string::npos);
  EXPECT_EQ(body_of(answer), "some_metric 1\n");
}

TEST_F(AdminServerTest, MetricsAreInOpenMetricsForWhoKnowsIt) {
  SimPeer& peer = connect_operator();
  peer.say(
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
      "Accept: application/openmetrics-text;version=1.0.0;q=0.75,text/plain\r\n\r\n");
  pass(20ms);

  EXPECT_NE(peer.heard().find("Content-Type: application/openmetrics-text; version=1.0.0"),
            std::string::npos);
  EXPECT_TRUE(peer.heard().ends_with("# EOF\n"));
}

TEST_F(AdminServerTest, ReadinessIsAStatusThatLoadBalancersUnderstand) {
  EXPECT_TRUE(ask("GET", "/ready").starts_with("HTTP/1.1 200 "));

  facts().ready = false;

  std::string answer = ask("GET", "/ready");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(body_of(answer), "draining\n");
}

TEST_F(AdminServerTest, TellsTheStoryOfAKnownRequest) {
  std::string answer = ask("GET", "/api/v1/records/known");

  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
  EXPECT_EQ(body_of(answer), "{\"id\": \"known\"}\n");
  EXPECT_TRUE(ask("GET", "/api/v1/records/other").starts_with("HTTP/1.1 404 "));
}

TEST_F(AdminServerTest, TellsOfIncidentsAndOfEachOne) {
  EXPECT_EQ(body_of(ask("GET", "/api/v1/incidents")), "{\"incidents\": []}\n");
  EXPECT_EQ(body_of(ask("GET", "/api/v1/incidents/3")), "{\"id\": 3}\n");
  EXPECT_TRUE(ask("GET", "/api/v1/incidents/4").starts_with("HTTP/1.1 404 "));
}

TEST_F(AdminServerTest, TheFirstPageNamesTheOthers) {
  std::string body = body_of(ask("GET", "/"));

  EXPECT_NE(body.find("/api/v1/status"), std::string::npos);
  EXPECT_NE(body.find("/metrics"), std::string::npos);
  EXPECT_NE(body.find("/ready"), std::string::npos);
}

TEST_F(AdminServerTest, AnUnknownPageIsNotFound) {
  EXPECT_TRUE(ask("GET", "/nothing").starts_with("HTTP/1.1 404 "));
}

TEST_F(AdminServerTest, AQueryDoesNotMakeAnotherPage) {
  EXPECT_TRUE(ask("GET", "/ready?x=y").starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, ABrowserGetsTheDashboard) {
  SimPeer& peer = connect_operator();
  peer.say("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html,*/*\r\n\r\n");
  pass(20ms);

  EXPECT_NE(peer.heard().find("Content-Type: text/html"), std::string::npos);
  EXPECT_NE(peer.heard().find("Content-Security-Policy: default-src 'none'"), std::string::npos);
}

TEST_F(AdminServerTest, AnOrderIsCarriedOutWithWhereItCameFrom) {
  SimPeer& peer = connect_operator();
  peer.say(
      "POST /api/v1/endpoints/drain HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
      "application/json\r\nContent-Length: 22\r\n\r\n{\"endpoint\"");
  pass(20ms);
  peer.say(": \"a:80\"}  ");
  pass(20ms);

  EXPECT_TRUE(peer.heard().ends_with("{\"done\": true}\n"));
  ASSERT_EQ(facts().orders.size(), 1U);
  EXPECT_EQ(facts().orders[0].endpoint, "a:80");
  EXPECT_FALSE(facts().orders[0].from.empty());
}

TEST_F(AdminServerTest, WhatCannotBeUnderstoodIsNotCarriedOut) {
  SimPeer& peer = connect_operator();
  peer.say(
      "POST /api/v1/endpoints/drain HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
      "application/json\r\nContent-Length: 2\r\n\r\n{}");
  pass(20ms);

  EXPECT_TRUE(peer.heard().starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(facts().orders.empty());
}

TEST_F(AdminServerTest, AStreamTellsEventsAsTheyComeAndAReportEachSecond) {
  SimPeer& peer = connect_operator();
  peer.say("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  pass(100ms);
  EXPECT_NE(peer.heard().find("text/event-stream"), std::string::npos);
  EXPECT_NE(peer.hear().find("event: status\ndata: {\"version\":\"1.2.3\""), std::string::npos);

  facts().events().tell({.at = {5}, .kind = "health", .text = "it is ill"});
  pass(10ms);
  EXPECT_NE(peer.hear().find("event: health"), std::string::npos);

  pass(1s);
  EXPECT_NE(peer.hear().find("event: status"), std::string::npos);
  EXPECT_TRUE(peer.is_open());
}

TEST_F(AdminServerTest, StreamsLeaveRoomForQuestions) {
  for (int i = 0; i < 16; ++i) {
    connect_operator().say("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  pass(20ms);

  EXPECT_TRUE(ask("GET", "/api/v1/events").starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(ask("GET", "/ready").starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, ADrainEndsStreams) {
  SimPeer& peer = connect_operator();
  peer.say("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  pass(20ms);

  server().drain();
  pass(20ms);

  EXPECT_TRUE(peer.heard().ends_with("0\r\n\r\n"));
  EXPECT_FALSE(peer.is_open());
}

TEST_F(AdminServerTest, NothingIsChangedFromHere) {
  EXPECT_TRUE(ask("POST", "/api/v1/status").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(ask("DELETE", "/metrics").starts_with("HTTP/1.1 405 "));
}

TEST_F(AdminServerTest, HeadGetsNoBody) {
  std::string answer = ask("HEAD", "/metrics");

  EXPECT_NE(answer.find("\r\nContent-Length: 14\r\n"), std::string::npos);
  EXPECT_EQ(body_of(answer), "");
}

TEST_F(AdminServerTest, OneConnectionAsksSeveralTimes) {
  SimPeer& peer = connect_operator();
  peer.say(
      "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\nGET /metrics HTTP/1.1\r\nHost: "
      "localhost\r\n\r\n");
  pass(20ms);

  EXPECT_NE(peer.heard().find("ready\n"), std::string::npos);
  EXPECT_TRUE(peer.heard().ends_with("some_metric 1\n"));
  EXPECT_TRUE(peer.is_open());
}

TEST_F(AdminServerTest, ASlowAnswerHoldsUpNobodyElse) {
  facts().delay = 10s;
  SimPeer& slow = connect_operator();
  slow.say("GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  pass();

  EXPECT_TRUE(ask("GET", "/ready").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(slow.heard(), "");

  pass(11s);
  EXPECT_TRUE(slow.heard().starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, WhoWasConnectedAtADrainIsAnsweredOnce) {
  SimPeer& late = connect_operator();
  SimPeer& idle = connect_operator();
  idle.say("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
  pass(20ms);
  EXPECT_TRUE(idle.is_open());

  server().drain();
  pass(20ms);
  EXPECT_FALSE(idle.is_open());
  late.say("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
  pass(20ms);

  EXPECT_TRUE(late.heard().starts_with("HTTP/1.1 200 "));
  EXPECT_NE(late.heard().find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_FALSE(late.is_open());
}

TEST_F(AdminServerTest, WhatIsNoHttpIsHungUpOn) {
  SimPeer& peer = connect_operator();
  peer.say("hello?\r\n\r\n");
  pass();

  EXPECT_FALSE(peer.is_open());
}

TEST_F(AdminServerTest, MoreThanSixtyFourConnectionsAreNotKept) {
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(connect_operator().is_open()) << i;

  EXPECT_FALSE(connect_operator().is_open());
}

TEST_F(AdminServerTest, StoppingEndsConnectionsAndAcceptsNoMore) {
  SimPeer& idle = connect_operator();
  facts().delay = 1s;
  SimPeer& asking = connect_operator();
  asking.say("GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  pass();

  server().stop();
  pass(2s);

  EXPECT_FALSE(idle.is_open());
  EXPECT_FALSE(asking.is_open());
  EXPECT_TRUE(server().is_stopped());
}

}  // namespace
}  // namespace gg
