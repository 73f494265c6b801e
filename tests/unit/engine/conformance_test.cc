// SPDX-License-Identifier: Apache-2.0
// What every engine must do: connecting, moving bytes, back-pressure, time.
#include "conformance.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/rng.h"
#include "task/scope.h"

namespace gg {

namespace {

INSTANTIATE_TEST_SUITE_P(Engines, Conformance, every_backend(), name_of);

Task<void> connecting_meets_accepting(Backend& backend) {
  Listening listening = backend.listen();
  Connect connect(backend.engine(), listening.address, backend.late());
  Result<SocketPtr, IoError> near = co_await connect;
  Accept accept(backend.engine(), *listening.socket);
  Result<Accepted, IoError> far = co_await accept;

  EXPECT_TRUE(near.has_value());
  EXPECT_TRUE(far.has_value());
  EXPECT_EQ(far->peer.family, AddressFamily::v4);
  EXPECT_NE(far->peer.port, 0);
  EXPECT_NE(far->peer.port, listening.address.port);
}

TEST_P(Conformance, ConnectingMeetsAccepting) { run(connecting_meets_accepting(backend())); }

Task<void> accept_later(Backend& backend, Socket& listener, bool& accepted) {
  Accept accept(backend.engine(), listener);
  Result<Accepted, IoError> far = co_await accept;
  accepted = far.has_value();
}

Task<void> a_waiting_accept_is_woken(Backend& backend) {
  Listening listening = backend.listen();
  Scope scope(backend.engine().ready());
  bool accepted = false;
  scope.start(accept_later(backend, *listening.socket, accepted));
  co_await pause(backend, 5ms);
  EXPECT_FALSE(accepted);

  Connect connect(backend.engine(), listening.address, backend.late());
  Result<SocketPtr, IoError> near = co_await connect;
  co_await scope.join();

  EXPECT_TRUE(accepted);
}

TEST_P(Conformance, AWaitingAcceptIsWoken) { run(a_waiting_accept_is_woken(backend())); }

Task<void> connecting_to_nobody_is_refused(Backend& backend) {
  Connect connect(backend.engine(), backend.nobody(), backend.late());
  Result<SocketPtr, IoError> socket = co_await connect;

  EXPECT_FALSE(socket.has_value());
  EXPECT_EQ(socket.error().kind, IoError::Kind::refused);
  EXPECT_EQ(socket.error().number, ECONNREFUSED);
}

TEST_P(Conformance, ConnectingToNobodyIsRefused) {
  run(connecting_to_nobody_is_refused(backend()));
}

Task<void> connecting_into_silence_ends_at_its_deadline(Backend& backend) {
  Deadline deadline = backend.soon();
  Connect connect(backend.engine(), backend.silence(), deadline);
  Result<SocketPtr, IoError> socket = co_await connect;

  EXPECT_FALSE(socket.has_value());
  EXPECT_EQ(socket.error().kind, IoError::Kind::deadline);
  EXPECT_GE(backend.engine().now(), deadline.when());
}

TEST_P(Conformance, ConnectingIntoSilenceEndsAtItsDeadline) {
  run(connecting_into_silence_ends_at_its_deadline(backend()));
}

Task<void> bytes_pass_both_ways(Backend& backend) {
  Pair pair = co_await connected(backend);
  Result<void, IoError> asked = co_await say(backend, *pair.near, "how do you do");
  Heard question = co_await hear(backend, *pair.far, 13);
  Result<void, IoError> answered = co_await say(backend, *pair.far, "well");
  Heard answer = co_await hear(backend, *pair.near, 4);

  EXPECT_TRUE(asked.has_value());
  EXPECT_TRUE(answered.has_value());
  EXPECT_EQ(question.bytes, "how do you do");
  EXPECT_EQ(answer.bytes, "well");
}

TEST_P(Conformance, BytesPassBothWays) { run(bytes_pass_both_ways(backend())); }

Task<void> several_runs_of_bytes_go_out_in_order(Backend& backend) {
  Pair pair = co_await connected(backend);
  Send send(backend.sink(), pair.near.get(), backend.late());
  send.add("one ");
  send.add("");
  send.add("two ");
  send.add("three ");
  send.add("four");
  Result<void, IoError> sent = co_await send;
  Heard heard = co_await hear(backend, *pair.far, 18);

  EXPECT_TRUE(sent.has_value());
  EXPECT_EQ(send.sent(), 18U);
  EXPECT_EQ(send.left(), 0U);
  EXPECT_EQ(heard.bytes, "one two three four");
}

TEST_P(Conformance, SeveralRunsOfBytesGoOutInOrder) {
  run(several_runs_of_bytes_go_out_in_order(backend()));
}

Task<void> sending_nothing_is_done_at_once(Backend& backend) {
  Pair pair = co_await connected(backend);
  Send send(backend.sink(), pair.near.get(), backend.late());

  EXPECT_TRUE(backend.engine().submit(send));
  EXPECT_TRUE(send.take_result().has_value());
}

TEST_P(Conformance, SendingNothingIsDoneAtOnce) { run(sending_nothing_is_done_at_once(backend())); }

Task<void> send_all_then_end(Backend& backend, Socket& socket, const std::string& bytes) {
  Result<void, IoError> sent = co_await say(backend, socket, bytes);
  EXPECT_TRUE(sent.has_value());
  backend.engine().end_sending(socket);
}

Task<void> a_big_transfer_waits_for_its_slow_reader(Backend& backend) {
  std::string bytes = pattern(backend.big());
  Pair pair = co_await connected(backend);
  Scope scope(backend.engine().ready());
  scope.start(send_all_then_end(backend, *pair.near, bytes));
  co_await pause(backend, 30ms);
  EXPECT_EQ(scope.running(), 1U);  // back-pressure: the sender cannot have finished

  Heard heard = co_await hear(backend, *pair.far);
  co_await scope.join();

  EXPECT_TRUE(heard.ended);
  EXPECT_EQ(heard.bytes.size(), bytes.size());
  EXPECT_TRUE(heard.bytes == bytes);
}

TEST_P(Conformance, ABigTransferWaitsForItsSlowReader) {
  run(a_big_transfer_waits_for_its_slow_reader(backend()));
}

Task<void> both_directions_move_at_once(Backend& backend) {
  std::string there = pattern(backend.big() / 2);
  std::string back = pattern(backend.big() / 2 + 7);
  Pair pair = co_await connected(backend);
  Scope scope(backend.engine().ready());
  scope.start(send_all_then_end(backend, *pair.near, there));
  scope.start(send_all_then_end(backend, *pair.far, back));

  Heard at_far = co_await hear(backend, *pair.far);
  Heard at_near = co_await hear(backend, *pair.near);
  co_await scope.join();

  EXPECT_TRUE(at_far.bytes == there);
  EXPECT_TRUE(at_near.bytes == back);
}

TEST_P(Conformance, BothDirectionsMoveAtOnce) { run(both_directions_move_at_once(backend())); }

Task<void> a_send_that_runs_out_of_time_tells_how_much_went(Backend& backend) {
  std::string bytes = pattern(backend.big());
  Pair pair = co_await connected(backend);
  Deadline deadline = backend.soon();
  Send send(backend.sink(), pair.near.get(), bytes, deadline);
  Result<void, IoError> sent = co_await send;
  Instant stopped = backend.engine().now();
  pair.near.reset();
  Heard heard = co_await hear(backend, *pair.far);

  EXPECT_EQ(sent.error().kind, IoError::Kind::deadline);
  EXPECT_GE(stopped, deadline.when());
  EXPECT_GT(send.sent(), 0U);
  EXPECT_LT(send.sent(), bytes.size());
  EXPECT_EQ(send.sent() + send.left(), bytes.size());
  EXPECT_TRUE(heard.ended);
  EXPECT_TRUE(heard.bytes == bytes.substr(0, send.sent()));
}

TEST_P(Conformance, ASendThatRunsOutOfTimeTellsHowMuchWent) {
  run(a_send_that_runs_out_of_time_tells_how_much_went(backend()));
}

Task<void> read_half_later(Backend& backend, Socket& socket, Duration later) {
  co_await pause(backend, later);
  Heard heard = co_await hear(backend, socket, backend.big() / 2);
  EXPECT_GE(heard.bytes.size(), backend.big() / 2);
}

Task<void> a_send_goes_on_as_long_as_bytes_are_taken(Backend& backend) {
  constexpr Duration gap = 1s;
  constexpr Duration pause_before = 300ms;
  std::string bytes = pattern(2 * backend.big());
  Pair pair = co_await connected(backend);
  Scope scope(backend.engine().ready());
  Instant began = backend.engine().now();
  SendLimit limit = SendLimit::between_bytes(began, gap, Deadline::never());
  Send send(backend.sink(), pair.near.get(), bytes, limit);
  scope.start(read_half_later(backend, *pair.far, pause_before));
  Result<void, IoError> sent = co_await send;  // what the buffers take and half: then nobody reads
  Duration lasted = backend.engine().now() - began;
  co_await scope.join();

  EXPECT_EQ(sent.error().kind, IoError::Kind::deadline);
  EXPECT_GE(send.sent(), backend.big() / 2);
  EXPECT_GE(lasted, gap + pause_before);
}

TEST_P(Conformance, ASendGoesOnAsLongAsBytesAreTaken) {
  run(a_send_goes_on_as_long_as_bytes_are_taken(backend()));
}

Task<void> a_receive_ends_at_its_deadline_and_not_before(Backend& backend) {
  Pair pair = co_await connected(backend);
  Deadline deadline = backend.soon();
  Receive receive(backend.sink(), pair.near.get(), 100, deadline);
  Result<Chunk, IoError> bytes = co_await receive;
  Duration late_by = backend.engine().now() - deadline.when();
  co_await say(backend, *pair.far, "after");
  Heard heard = co_await hear(backend, *pair.near, 5);

  EXPECT_EQ(bytes.error().kind, IoError::Kind::deadline);
  EXPECT_GE(late_by, 0ms);
  EXPECT_LE(late_by, 2s);
  EXPECT_EQ(heard.bytes, "after");
}

TEST_P(Conformance, AReceiveEndsAtItsDeadlineAndNotBefore) {
  run(a_receive_ends_at_its_deadline_and_not_before(backend()));
}

Task<void> a_deadline_that_has_passed_still_gets_one_try(Backend& backend) {
  Pair pair = co_await connected(backend);
  co_await say(backend, *pair.far, "x");
  co_await pause(backend, 5ms);
  Deadline passed = Deadline::at(backend.engine().now() - 1ms);
  Receive there(backend.sink(), pair.near.get(), 1, passed);
  Result<Chunk, IoError> bytes = co_await there;
  Receive not_there(backend.sink(), pair.near.get(), 1, passed);
  Result<Chunk, IoError> nothing = co_await not_there;

  EXPECT_EQ(bytes->view(), "x");
  EXPECT_EQ(nothing.error().kind, IoError::Kind::deadline);
}

TEST_P(Conformance, ADeadlineThatHasPassedStillGetsOneTry) {
  run(a_deadline_that_has_passed_still_gets_one_try(backend()));
}

Task<void> a_receive_takes_no_more_than_asked(Backend& backend) {
  Pair pair = co_await connected(backend);
  co_await say(backend, *pair.far, "0123456789");
  co_await pause(backend, 5ms);
  Receive receive(backend.sink(), pair.near.get(), 3, backend.late());
  Result<Chunk, IoError> first = co_await receive;
  Heard rest = co_await hear(backend, *pair.near, 10 - first->size());

  EXPECT_LE(first->size(), 3U);
  EXPECT_EQ(std::string(first->view()) + rest.bytes, "0123456789");
}

TEST_P(Conformance, AReceiveTakesNoMoreThanAsked) {
  run(a_receive_takes_no_more_than_asked(backend()));
}

Task<void> sleep_and_note(Backend& backend, Duration wait, std::size_t& early, std::size_t& done) {
  Instant until = backend.engine().now() + wait;
  Sleep sleep(backend.engine(), until);
  co_await sleep;
  if (backend.engine().now() < until) ++early;
  ++done;
}

Task<void> thousands_of_sleeps(Backend& backend, std::size_t& early, std::size_t& done) {
  Rng rng(11);
  Scope scope(backend.engine().ready());
  for (int i = 0; i < 5000; ++i) {
    Duration wait(static_cast<std::int64_t>(rng.below(150'000'000)));
    scope.start(sleep_and_note(backend, wait, early, done));
  }
  co_await scope.join();
}

TEST_P(Conformance, ThousandsOfSleepsAllEndAndNoneEarly) {
  std::size_t early = 0;
  std::size_t done = 0;

  run(thousands_of_sleeps(backend(), early, done));

  EXPECT_EQ(done, 5000U);
  EXPECT_EQ(early, 0U);
}

class Posted final : public Message {
 public:
  Posted(std::vector<int>& log, int number) : log_(log), number_(number) {}
  void run() override { log_.push_back(number_); }

 private:
  std::vector<int>& log_;
  int number_;
};

TEST_P(Conformance, MessagesRunInTheOrderOfPosting) {
  std::vector<int> log;
  backend().engine().post(std::make_unique<Posted>(log, 1));
  backend().engine().post(std::make_unique<Posted>(log, 2));
  backend().engine().post(std::make_unique<Posted>(log, 3));

  backend().engine().turn(1s);

  EXPECT_EQ(log, (std::vector{1, 2, 3}));
}

}  // namespace
}  // namespace gg
