// SPDX-License-Identifier: Apache-2.0
// What every engine must do: orderly ends, half-closes, resets, and telling them apart.
#include <gtest/gtest.h>

#include "conformance.h"

namespace gg {

namespace {

using Kind = IoError::Kind;

class Ends : public Conformance {};
INSTANTIATE_TEST_SUITE_P(Engines, Ends, every_backend(), name_of);

Task<void> bytes_before_the_end_come_first(Backend& backend) {
  Pair pair = co_await connected(backend);
  co_await say(backend, *pair.far, "the last words");
  pair.far.reset();
  co_await pause(backend, 5ms);
  Heard heard = co_await hear(backend, *pair.near);
  Heard again = co_await hear(backend, *pair.near);

  EXPECT_EQ(heard.bytes, "the last words");
  EXPECT_TRUE(heard.ended);
  EXPECT_EQ(again.bytes, "");
  EXPECT_TRUE(again.ended);
}

TEST_P(Ends, BytesBeforeTheEndComeFirst) { run(bytes_before_the_end_come_first(backend())); }

Task<void> a_half_closed_connection_goes_on_the_other_way(Backend& backend) {
  Pair pair = co_await connected(backend);
  co_await say(backend, *pair.near, "request");
  backend.engine().end_sending(*pair.near);
  Heard request = co_await hear(backend, *pair.far);
  Result<void, IoError> answered = co_await say(backend, *pair.far, "response");
  pair.far.reset();
  Heard response = co_await hear(backend, *pair.near);

  EXPECT_EQ(request.bytes, "request");
  EXPECT_TRUE(request.ended);
  EXPECT_TRUE(answered.has_value());
  EXPECT_EQ(response.bytes, "response");
  EXPECT_TRUE(response.ended);
}

TEST_P(Ends, AHalfClosedConnectionGoesOnTheOtherWay) {
  run(a_half_closed_connection_goes_on_the_other_way(backend()));
}

Task<void> nothing_is_sent_after_our_own_end(Backend& backend) {
  Pair pair = co_await connected(backend);
  backend.engine().end_sending(*pair.near);
  Result<void, IoError> sent = co_await say(backend, *pair.near, "too late");

  EXPECT_EQ(sent.error().kind, Kind::broken_pipe);
}

TEST_P(Ends, NothingIsSentAfterOurOwnEnd) { run(nothing_is_sent_after_our_own_end(backend())); }

Task<void> a_reset_is_never_a_clean_end(Backend& backend) {
  Pair pair = co_await connected(backend);
  backend.engine().close(*pair.far.release(), Closing::reset);
  Heard heard = co_await hear(backend, *pair.near);
  Heard again = co_await hear(backend, *pair.near);

  EXPECT_EQ(heard.error->kind, Kind::reset);
  EXPECT_EQ(again.error->kind, Kind::reset);
}

TEST_P(Ends, AResetIsNeverACleanEnd) { run(a_reset_is_never_a_clean_end(backend())); }

Task<void> a_failed_send_does_not_make_a_reset_a_clean_end(Backend& backend) {
  Pair pair = co_await connected(backend);
  co_await say(backend, *pair.far, "part of a response");
  co_await pause(backend, 5ms);
  backend.engine().close(*pair.far.release(), Closing::reset);
  co_await pause(backend, 5ms);
  Result<void, IoError> first = co_await say(backend, *pair.near, "more of a request");
  Result<void, IoError> second = co_await say(backend, *pair.near, "more of a request");
  Heard heard = co_await hear(backend, *pair.near);

  EXPECT_EQ(first.error().kind, Kind::reset);
  EXPECT_EQ(second.error().kind, Kind::broken_pipe);
  EXPECT_EQ(heard.bytes, "part of a response");
  EXPECT_FALSE(heard.ended);
  EXPECT_EQ(heard.error->kind, Kind::reset);
}

TEST_P(Ends, AFailedSendDoesNotMakeAResetACleanEnd) {
  run(a_failed_send_does_not_make_a_reset_a_clean_end(backend()));
}

Task<void> closing_with_unread_bytes_resets(Backend& backend) {
  Pair pair = co_await connected(backend);
  co_await say(backend, *pair.near, "nobody reads this");
  Watch watch(backend.sink(), pair.far.get(), Watch::For::anything, backend.late());
  Result<Watch::Seen, IoError> seen = co_await watch;
  pair.far.reset();
  Heard heard = co_await hear(backend, *pair.near);

  EXPECT_EQ(*seen, Watch::Seen::bytes);
  EXPECT_FALSE(heard.ended);
  EXPECT_EQ(heard.error->kind, Kind::reset);
}

TEST_P(Ends, ClosingWithUnreadBytesResets) { run(closing_with_unread_bytes_resets(backend())); }

Task<void> writing_to_a_closed_peer_fails_but_its_end_stays_true(Backend& backend) {
  Pair pair = co_await connected(backend);
  co_await say(backend, *pair.far, "early answer");
  pair.far.reset();
  co_await pause(backend, 5ms);
  Result<void, IoError> first = co_await say(backend, *pair.near, "x");
  co_await pause(backend, 5ms);
  Result<void, IoError> second = co_await say(backend, *pair.near, "y");
  Heard heard = co_await hear(backend, *pair.near);

  EXPECT_TRUE(first.has_value());
  EXPECT_EQ(second.error().kind, Kind::broken_pipe);
  EXPECT_EQ(heard.bytes, "early answer");
  EXPECT_TRUE(heard.ended);
}

TEST_P(Ends, WritingToAClosedPeerFailsButItsEndStaysTrue) {
  run(writing_to_a_closed_peer_fails_but_its_end_stays_true(backend()));
}

Task<void> a_waiting_send_fails_when_its_peer_resets(Backend& backend) {
  std::string bytes = pattern(backend.big());
  Pair pair = co_await connected(backend);
  Send send(backend.sink(), pair.near.get(), bytes, backend.late());
  Scope scope(backend.engine().ready());
  backend.engine().close(*pair.far.release(), Closing::reset);
  Result<void, IoError> sent = co_await send;

  EXPECT_FALSE(sent.has_value());
  EXPECT_TRUE(sent.error().kind == Kind::reset || sent.error().kind == Kind::broken_pipe);
  EXPECT_EQ(send.sent() + send.left(), bytes.size());
}

TEST_P(Ends, AWaitingSendFailsWhenItsPeerResets) {
  run(a_waiting_send_fails_when_its_peer_resets(backend()));
}

// Watching.

Task<Result<Watch::Seen, IoError>> look(Backend& backend, Socket& socket, Watch::For what) {
  Watch watch(backend.sink(), &socket, what, backend.soon());
  Result<Watch::Seen, IoError> seen = co_await watch;
  co_return seen;
}

Task<void> watching_sees_bytes_and_takes_none(Backend& backend) {
  Pair pair = co_await connected(backend);
  Result<Watch::Seen, IoError> quiet = co_await look(backend, *pair.near, Watch::For::anything);
  co_await say(backend, *pair.far, "news");
  Result<Watch::Seen, IoError> seen = co_await look(backend, *pair.near, Watch::For::anything);
  Heard heard = co_await hear(backend, *pair.near, 4);
  Result<Watch::Seen, IoError> after = co_await look(backend, *pair.near, Watch::For::anything);

  EXPECT_EQ(quiet.error().kind, Kind::deadline);
  EXPECT_EQ(seen, Watch::Seen::bytes);
  EXPECT_EQ(heard.bytes, "news");
  EXPECT_EQ(after.error().kind, Kind::deadline);
}

TEST_P(Ends, WatchingSeesBytesAndTakesNone) { run(watching_sees_bytes_and_takes_none(backend())); }

Task<void> watching_sees_an_end(Backend& backend) {
  Pair pair = co_await connected(backend);
  backend.engine().end_sending(*pair.far);
  Result<Watch::Seen, IoError> seen = co_await look(backend, *pair.near, Watch::For::anything);

  EXPECT_EQ(seen, Watch::Seen::end);
}

TEST_P(Ends, WatchingSeesAnEnd) { run(watching_sees_an_end(backend())); }

Task<void> watching_sees_a_reset(Backend& backend) {
  Pair pair = co_await connected(backend);
  backend.engine().close(*pair.far.release(), Closing::reset);
  Result<Watch::Seen, IoError> all = co_await look(backend, *pair.near, Watch::For::anything);
  Result<Watch::Seen, IoError> gone = co_await look(backend, *pair.near, Watch::For::failure);
  Heard heard = co_await hear(backend, *pair.near);

  EXPECT_EQ(all, Watch::Seen::failure);
  EXPECT_EQ(gone, Watch::Seen::failure);
  EXPECT_EQ(heard.error->kind, Kind::reset);
}

TEST_P(Ends, WatchingSeesAReset) { run(watching_sees_a_reset(backend())); }

Task<void> watching_for_failure_overlooks_bytes_and_an_end(Backend& backend) {
  Pair pair = co_await connected(backend);
  co_await say(backend, *pair.far, "pipelined");
  Result<Watch::Seen, IoError> bytes = co_await look(backend, *pair.near, Watch::For::failure);
  backend.engine().end_sending(*pair.far);
  Result<Watch::Seen, IoError> half = co_await look(backend, *pair.near, Watch::For::failure);
  backend.engine().end_sending(*pair.near);
  Result<Watch::Seen, IoError> both = co_await look(backend, *pair.near, Watch::For::failure);
  Heard heard = co_await hear(backend, *pair.near);

  EXPECT_EQ(bytes.error().kind, Kind::deadline);
  EXPECT_EQ(half.error().kind, Kind::deadline);
  EXPECT_EQ(both, Watch::Seen::failure);
  EXPECT_EQ(heard.bytes, "pipelined");
  EXPECT_TRUE(heard.ended);
}

TEST_P(Ends, WatchingForFailureOverlooksBytesAndAnEnd) {
  run(watching_for_failure_overlooks_bytes_and_an_end(backend()));
}

}  // namespace
}  // namespace gg
