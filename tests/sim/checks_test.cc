// SPDX-License-Identifier: Apache-2.0
// Each check can fail: broken histories, and worlds in which something was broken on purpose.
#include "support/checks.h"

#include <gtest/gtest.h>

#include <deque>

#include "support/world.h"

namespace gg {

namespace {

using How = SimOutcome::How;

/// A run of one GET that went well, for a test to spoil.
class Broken : public testing::Test {
 protected:
  Broken() {
    history_.origins = 2;
    history_.began = history_.ended = {1h};
    history_.troubles_are_declared = true;
    SimRequest request{.id = 1};
    add(request);
  }

  void add(const SimRequest& request) {
    history_.sent.push_back(request);
    outcomes_.push_back({.id = request.id,
                         .how = How::whole,
                         .method = request.method,
                         .status = 200,
                         .origin = 0});
    seen_.push_back({.id = request.id,
                     .method = request.method,
                     .target = "/?sim-id=" + std::to_string(request.id),
                     .is_whole = true,
                     .body_bytes = request.body.value_or(0)});
    history_.outcomes.push_back(&outcomes_.back());
    history_.seen.push_back({.origin = 0, .request = &seen_.back()});
    KeptRecord record{.id = request.id,
                      .request_id = "id",
                      .method = request.method,
                      .target = "/",
                      .status = 200,
                      .started_at = {1h},
                      .ended_at = {1h},
                      .attempts_made = 1};
    record.attempts.push_back({.origin = 0, .status = 200, .connection_id = 1});
    history_.records.push_back(record);
  }
  void deliver_again(std::size_t origin) {
    history_.seen.push_back({.origin = origin, .request = &seen_.back()});
  }
  /// The gateway's own answer to the last request, after a fault at origin 0.
  void fail(Fault fault, int status, Retry verdict) {
    record().fault = record().attempts.back().fault = fault;
    record().status = status;
    record().verdict = verdict;
    outcome().status = status;
    outcome().origin.reset();
    outcome().fields = {{"proxy-status", "sim; error=connection_refused"}, {"x-request-id", "id"}};
    history_.troubles.push_back({.kind = Trouble::Kind::refuses, .origin = 0});
  }
  SimOutcome& outcome() { return outcomes_.back(); }
  KeptRecord& record() { return history_.records.back(); }

  static testing::AssertionResult says(const Complaints& complaints, std::string_view part) {
    for (const std::string& complaint : complaints) {
      if (complaint.find(part) != std::string::npos) return testing::AssertionSuccess();
    }
    testing::AssertionResult result = testing::AssertionFailure() << "nobody says " << part;
    for (const std::string& complaint : complaints) result << "\n" << complaint;
    return result;
  }

  std::deque<SimOutcome> outcomes_;
  std::deque<SimSeenRequest> seen_;
  History history_;
};

TEST_F(Broken, ACrashMayShowLateIfNothingPassedAtThatTime) {
  fail(Fault::keep_alive_race, 502, Retry::no_request_may_have_run);
  history_.troubles = {{.kind = Trouble::Kind::crashed,
                        .origin = 0,
                        .request = {},
                        .from = {50min},
                        .until = {51min}}};
  EXPECT_TRUE(says(check_explanations(history_), "request 1 met keep_alive_race at origin 0"));

  history_.troubles.push_back({.kind = Trouble::Kind::unanswered,
                               .origin = 0,
                               .request = {},
                               .from = {40min},
                               .until = {1h}});
  EXPECT_EQ(check_explanations(history_), Complaints{});
}

TEST_F(Broken, NothingAtAllIsComplainedOfByNobody) { EXPECT_EQ(check_all(history_), Complaints{}); }

TEST_F(Broken, ARequestWithTwoRecords) {
  history_.records.push_back(history_.records.back());

  EXPECT_TRUE(says(check_records(history_), "request 1 has 2 records"));
}

TEST_F(Broken, ARequestWithoutARecord) {
  history_.records.clear();

  EXPECT_TRUE(says(check_records(history_), "request 1 ended (whole) without a record"));
  EXPECT_TRUE(says(check_records(history_), "request 1 reached an origin unrecorded"));
}

TEST_F(Broken, ARequestWithoutAnOutcome) {
  history_.outcomes.clear();

  EXPECT_TRUE(says(check_records(history_), "request 1 has 0 outcomes"));
}

TEST_F(Broken, ARequestThatStillWaits) {
  outcome().how = How::pending;

  EXPECT_TRUE(says(check_records(history_), "request 1 has no outcome"));
}

TEST_F(Broken, ARefusedConnection) {
  outcome().how = How::refused;

  EXPECT_TRUE(says(check_records(history_), "its connection was refused"));
}

TEST_F(Broken, ARecordThatTellsAnotherStatus) {
  record().status = 204;

  EXPECT_TRUE(says(check_records(history_), "recorded with status 204, seen with 200"));
}

TEST_F(Broken, ARecordThatTellsOfAFaultNobodySaw) {
  record().fault = Fault::body_truncated;

  EXPECT_TRUE(says(check_records(history_), "seen whole, recorded as body_truncated"));
}

TEST_F(Broken, ARecordThatTellsOfNoFaultWhenThereWasOne) {
  outcome().how = How::cut;

  EXPECT_TRUE(says(check_records(history_), "request 1 ended (cut) and is recorded as good"));
}

TEST_F(Broken, AClientThatIsBlamedAndStayed) {
  outcome().how = How::cut;
  record().fault = Fault::client_gone_in_download;

  EXPECT_TRUE(says(check_records(history_), "its client, which stayed, is blamed"));
}

TEST_F(Broken, AnErrorThatDoesNotExplainItself) {
  fail(Fault::connect_refused, 502, Retry::no_endpoint_left);
  outcome().fields = {};

  EXPECT_TRUE(says(check_records(history_), "does not say connection_refused"));
  EXPECT_TRUE(says(check_records(history_), "does not name its record's id"));
}

TEST_F(Broken, AnErrorWithAnotherStatusThanItsFaults) {
  fail(Fault::connect_refused, 504, Retry::no_endpoint_left);

  EXPECT_TRUE(says(check_records(history_), "status 504 for the fault connect_refused"));
}

TEST_F(Broken, ARecordOfNobodysRequest) {
  record().id.reset();

  EXPECT_TRUE(says(check_records(history_), "a record of nobody's request"));
}

TEST_F(Broken, AnUnsafeRequestDeliveredTwice) {
  add({.id = 2, .method = "POST"});
  deliver_again(1);

  EXPECT_TRUE(says(check_delivery(history_), "POST request 2 was delivered 2 times"));
}

TEST_F(Broken, ASafeRequestMayBeDeliveredTwice) {
  deliver_again(1);

  EXPECT_EQ(check_delivery(history_), Complaints{});
}

TEST_F(Broken, HalfAnUploadPassedOffAsWhole) {
  add({.id = 2, .method = "PUT", .body = 100});
  seen_.back().body_bytes = 60;

  EXPECT_TRUE(says(check_delivery(history_), "100 body bytes was passed off as whole with 60"));
}

TEST_F(Broken, AnotherRequestsBody) {
  seen_.back().body_is_right = false;

  EXPECT_TRUE(says(check_delivery(history_), "seen with bytes that are not its own"));
}

TEST_F(Broken, ARequestNobodySent) {
  seen_.back().id = 9;

  EXPECT_TRUE(says(check_delivery(history_), "request 9, which nobody sent"));
}

TEST_F(Broken, AGatewayThatOriginsCannotRead) {
  history_.origin_complaints.push_back("a line ends without CR");

  EXPECT_TRUE(says(check_delivery(history_), "could not read the gateway"));
}

TEST_F(Broken, HalfAnAnswerPassedOffAsWhole) {
  outcome().body_is_complete = false;

  EXPECT_TRUE(says(check_answers(history_), "an answer passed off as whole that was not"));
}

TEST_F(Broken, AnotherRequestsAnswer) {
  outcome().body_is_right = false;

  EXPECT_TRUE(says(check_answers(history_), "bytes that are not its own"));
}

TEST_F(Broken, AnAnswerThatIsNone) {
  outcome().how = How::malformed;

  EXPECT_TRUE(says(check_answers(history_), "answered with what is no answer"));
}

TEST_F(Broken, BytesThatNobodyAskedFor) {
  history_.stray_bytes = 3;

  EXPECT_TRUE(says(check_answers(history_), "3 bytes came that nobody asked for"));
}

TEST_F(Broken, MoreDeliveriesThanTheBudgetAllows) {
  history_.rules = {.budget_share = 0.2, .budget_floor_per_second = 0.1};
  for (int i = 0; i < 3; ++i) deliver_again(1);

  EXPECT_TRUE(says(check_amplification(history_), "4 deliveries for 1 requests"));
}

TEST_F(Broken, EveryKindOfLeftover) {
  history_.left = {.gateway_sockets = 1,
                   .gateway_buffer_bytes = 2,
                   .frames = 3,
                   .client_connections = 4,
                   .upstream_connections = 5,
                   .network_connections = 6};

  EXPECT_EQ(check_leftovers(history_).size(), 6U);
}

TEST_F(Broken, MemoryThatGrowsBeyondItsClients) {
  history_.sessions_peak = 1;
  history_.buffer_bytes_peak = std::size_t{100} << 20;

  EXPECT_TRUE(says(check_leftovers(history_), "bytes were lent at once"));
}

TEST_F(Broken, ARunThatDoesNotEnd) {
  history_.came_to_rest = false;
  history_.left.sessions_cut = 2;
  outcome().how = How::late;

  EXPECT_EQ(check_time(history_).size(), 3U);
}

TEST_F(Broken, AFaultThatNothingExplains) {
  record().attempts.back().fault = Fault::head_timeout;

  EXPECT_TRUE(says(check_explanations(history_), "met head_timeout at origin 0"));
}

TEST_F(Broken, AFaultThatOtherTroubleExplains) {
  record().attempts.back().fault = Fault::head_timeout;
  history_.troubles.push_back({.kind = Trouble::Kind::refuses, .origin = 0});
  history_.troubles.push_back({.kind = Trouble::Kind::never_answers, .origin = 1});
  history_.troubles.push_back({.kind = Trouble::Kind::never_answers, .origin = 0, .request = 2});
  history_.troubles.push_back(
      {.kind = Trouble::Kind::never_answers, .origin = 0, .from = {}, .until = {30min}});

  EXPECT_EQ(check_explanations(history_).size(), 1U);
}

TEST_F(Broken, ARequestThatIsShedForThoseThatWait) {
  fail(Fault::overload_shed, 503, Retry::no_fault_is_final);
  record().attempts.clear();
  history_.troubles = {{.kind = Trouble::Kind::hangs_up, .origin = 0, .request = 2}};
  EXPECT_TRUE(says(check_explanations(history_), "ended with overload_shed"));

  history_.troubles.push_back({.kind = Trouble::Kind::never_answers, .origin = 0, .request = 2});
  EXPECT_EQ(check_explanations(history_), Complaints{});
}

TEST_F(Broken, AFaultThatItsTroubleExplains) {
  record().attempts.back().fault = Fault::head_timeout;
  history_.troubles.push_back({.kind = Trouble::Kind::never_answers, .origin = 0, .request = 1});

  EXPECT_EQ(check_explanations(history_), Complaints{});
}

// The oracle of avoidable errors.

TEST_F(Broken, AnErrorWithAHealthyEndpointLeft) {
  fail(Fault::connect_refused, 502, Retry::no_endpoint_left);

  EXPECT_TRUE(says(check_avoidable(history_), "could have been saved at origin 1"));
}

TEST_F(Broken, AnErrorWithNoHealthyEndpointLeft) {
  fail(Fault::connect_refused, 502, Retry::no_endpoint_left);
  history_.troubles.push_back({.kind = Trouble::Kind::crashed, .origin = 1});

  EXPECT_EQ(check_avoidable(history_), Complaints{});
}

TEST_F(Broken, AnErrorAfterTheLastAttempt) {
  history_.rules.attempts = 1;
  fail(Fault::connect_refused, 502, Retry::no_attempts_left);

  EXPECT_EQ(check_avoidable(history_), Complaints{});
}

TEST_F(Broken, AnUnsafeRequestThatWasNeverSent) {
  add({.id = 2, .method = "POST"});
  fail(Fault::connect_refused, 502, Retry::no_endpoint_left);

  EXPECT_TRUE(says(check_avoidable(history_), "request 2"));
}

TEST_F(Broken, AnUnsafeRequestThatMayHaveRun) {
  add({.id = 2, .method = "POST"});
  fail(Fault::closed_before_head, 502, Retry::no_request_may_have_run);
  record().attempts.back().delivery = Delivery::unknown;

  EXPECT_EQ(check_avoidable(history_), Complaints{});
}

TEST_F(Broken, AnUnsafeRequestLostInAKeepAliveRaceOnceThatIsGuardedAgainst) {
  add({.id = 2, .method = "POST"});
  fail(Fault::keep_alive_race, 502, Retry::no_request_may_have_run);
  record().attempts.back().delivery = Delivery::unknown;
  record().attempts.back().reused = true;
  history_.troubles = {{.kind = Trouble::Kind::closes_idle, .origin = 0}};
  history_.seen.pop_back();

  EXPECT_EQ(check_avoidable(history_, {.keep_alive_guard = false}), Complaints{});
  EXPECT_TRUE(says(check_avoidable(history_, {.keep_alive_guard = true}), "request 2"));
}

TEST_F(Broken, AnEarlyTruncationOnceAnswersAreHeldBack) {
  record().fault = record().attempts.back().fault = Fault::body_truncated;
  record().response_body_bytes = 100;
  outcome().how = How::cut;
  history_.troubles.push_back({.kind = Trouble::Kind::breaks_off, .origin = 0});

  EXPECT_EQ(check_avoidable(history_, {.hold_back = false}), Complaints{});
  EXPECT_TRUE(says(check_avoidable(history_, {.hold_back = true}), "request 1"));
}

TEST_F(Broken, ABrokenAnswerThatCouldBeContinued) {
  record().fault = record().attempts.back().fault = Fault::body_timeout;
  record().attempts.back().total = record().committed = 5s;
  outcome().how = How::cut;
  outcome().fields = {{"x-sim-resource", "1"}};
  history_.troubles.push_back({.kind = Trouble::Kind::falls_silent, .origin = 0});

  EXPECT_EQ(check_avoidable(history_), Complaints{});
  history_.rules.continues = true;
  EXPECT_TRUE(says(check_avoidable(history_), "request 1"));
}

TEST_F(Broken, ABrokenAnswerWhoseRestWasAskedForUntilTheDeadline) {
  history_.rules.continues = true;
  history_.origins = 3;
  record().fault = record().attempts.back().fault = Fault::body_timeout;
  record().committed = 5s;
  record().attempts.push_back({.origin = 1, .fault = Fault::exchange_deadline});
  record().attempts.back().started = 5600ms;
  outcome().how = How::cut;
  outcome().fields = {{"x-sim-resource", "1"}};

  EXPECT_EQ(check_avoidable(history_), Complaints{});
}

TEST_F(Broken, AHangUntilTheDeadlineOnceThatIsHedged) {
  fail(Fault::exchange_deadline, 504, Retry::no_fault_is_final);
  history_.troubles.push_back({.kind = Trouble::Kind::never_answers, .origin = 0});

  EXPECT_EQ(check_avoidable(history_, {.hedging = false}), Complaints{});
  EXPECT_TRUE(says(check_avoidable(history_, {.hedging = true}), "request 1"));
}

TEST_F(Broken, ABegunUploadOnceBodiesAreReplayed) {
  add({.id = 2, .method = "PUT", .body = 100});
  fail(Fault::closed_before_head, 502, Retry::no_body_is_gone);

  EXPECT_EQ(check_avoidable(history_, {.body_replay = false}), Complaints{});
  EXPECT_TRUE(says(check_avoidable(history_, {.body_replay = true}), "request 2"));
}

TEST_F(Broken, ABudgetThatIsSaidToBeUsedUpAndIsNot) {
  fail(Fault::connect_refused, 502, Retry::no_budget_left);

  EXPECT_TRUE(says(check_avoidable(history_), "for want of a budget that was not used up"));
}

// Worlds in which something is broken on purpose: the checks see it from the outside.

class Sabotage : public testing::Test {
 protected:
  bool complains_of(std::string_view part) {
    for (const std::string& complaint : world_.take_complaints()) {
      if (complaint.find(part) != std::string::npos) return true;
    }
    return false;
  }

  World world_{Seed{41}, {.origins = 1}};
};

TEST_F(Sabotage, ABufferThatIsKept) {
  world_.ask({});
  Chunk kept = world_.gateway_engine().buffers().take(100);

  EXPECT_TRUE(complains_of("leftovers: "));
}

TEST_F(Sabotage, AnAnswerOfAnotherRequest) {
  world_.always({.raw = "HTTP/1.1 200 OK\r\nx-sim-id: 999\r\nx-sim-origin: 0\r\nx-sim-answer: 0\r\n"
                        "x-sim-size: 0\r\ncontent-length: 0\r\n\r\n"});
  world_.ask({});

  EXPECT_TRUE(complains_of("answers: request 1: its answer has bytes that are not its own"));
}

TEST_F(Sabotage, AnAnswerShorterThanItsOriginMeant) {
  world_.always({.raw = "HTTP/1.1 200 OK\r\nx-sim-id: 1\r\nx-sim-origin: 0\r\nx-sim-answer: 0\r\n"
                        "x-sim-size: 10\r\ncontent-length: 0\r\n\r\n"});
  world_.ask({});

  EXPECT_TRUE(complains_of("answers: request 1: an answer passed off as whole that was not"));
}

TEST_F(Sabotage, AFaultThatWasNotDeclared) {
  world_.declares_all_troubles();
  world_.always({.hangs = true});
  world_.ask({});

  EXPECT_TRUE(complains_of("explanations: request 1 met head_timeout at origin 0"));
}

TEST_F(Sabotage, AGatewayThatEndsConnectionsUnasked) {
  world_.always({.delay = 10s});
  std::uint64_t id = world_.begin({.requests = {{}}}).front();
  world_.run_for(1s);
  world_.worker().cut();
  world_.run();

  EXPECT_EQ(id, 1U);
  EXPECT_TRUE(complains_of("request 1 was cut off by a gateway that nobody had told to end"));
}

}  // namespace

}  // namespace gg
