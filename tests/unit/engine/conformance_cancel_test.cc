// SPDX-License-Identifier: Apache-2.0
// What every engine must do: cancelling what waits, and closing under it. Nothing completes inline.
#include <gtest/gtest.h>

#include "conformance.h"

namespace gg {

namespace {

using Kind = IoError::Kind;

class Cancelling : public Conformance {};
INSTANTIATE_TEST_SUITE_P(Engines, Cancelling, every_backend(), name_of);

/// How one awaited operation ended.
struct Outcome {
  bool over = false;
  std::optional<IoError> error;
};

template <class Op>
Task<void> await_it(Op& operation, Outcome& outcome) {
  auto result = co_await operation;
  if constexpr (std::is_same_v<Op, Sleep>) {
    if (!result) outcome.error = operation.error();
  } else {
    if (!result) outcome.error = result.error();
  }
  outcome.over = true;
}

/// Starts `operation`, lets it wait a while, cancels it, and expects the news a turn later.
template <class Op>
Task<Outcome> start_then_cancel(Backend& backend, Op& operation) {
  Outcome outcome;
  Scope scope(backend.engine().ready());
  scope.start(await_it(operation, outcome));
  co_await pause(backend, 5ms);
  EXPECT_FALSE(outcome.over);
  backend.engine().cancel(operation);
  EXPECT_FALSE(outcome.over);  // never inline
  backend.engine().cancel(operation);
  co_await scope.join();
  co_return outcome;
}

Task<void> a_receive(Backend& backend) {
  Pair pair = co_await connected(backend);
  Receive receive(backend.sink(), pair.near.get(), 10, backend.late());
  Outcome outcome = co_await start_then_cancel(backend, receive);
  co_await say(backend, *pair.far, "still here");
  Heard heard = co_await hear(backend, *pair.near, 10);

  EXPECT_EQ(outcome.error->kind, Kind::cancelled);
  EXPECT_EQ(heard.bytes, "still here");
}

TEST_P(Cancelling, AReceiveLeavesTheSocketUsable) { run(a_receive(backend())); }

Task<void> a_send(Backend& backend) {
  std::string bytes = pattern(backend.big());
  Pair pair = co_await connected(backend);
  Send send(backend.sink(), pair.near.get(), bytes, backend.late());
  Outcome outcome = co_await start_then_cancel(backend, send);
  pair.near.reset();
  Heard heard = co_await hear(backend, *pair.far);

  EXPECT_EQ(outcome.error->kind, Kind::cancelled);
  EXPECT_GT(send.left(), 0U);
  EXPECT_EQ(heard.bytes.size(), send.sent());
}

TEST_P(Cancelling, ASendTellsHowMuchWent) { run(a_send(backend())); }

Task<void> an_accept(Backend& backend) {
  Listening listening = backend.listen();
  Accept accept(backend.engine(), *listening.socket);
  Outcome outcome = co_await start_then_cancel(backend, accept);
  Connect connect(backend.engine(), listening.address, backend.late());
  Result<SocketPtr, IoError> near = co_await connect;
  Accept again(backend.engine(), *listening.socket);
  Result<Accepted, IoError> far = co_await again;

  EXPECT_EQ(outcome.error->kind, Kind::cancelled);
  EXPECT_TRUE(far.has_value());
}

TEST_P(Cancelling, AnAcceptLeavesTheListenerUsable) { run(an_accept(backend())); }

Task<void> a_connect(Backend& backend) {
  Connect connect(backend.engine(), backend.silence(), backend.late());
  Outcome outcome = co_await start_then_cancel(backend, connect);

  EXPECT_EQ(outcome.error->kind, Kind::cancelled);
}

TEST_P(Cancelling, AConnectClosesItsSocket) { run(a_connect(backend())); }

Task<void> a_watch(Backend& backend) {
  Pair pair = co_await connected(backend);
  Watch watch(backend.sink(), pair.near.get(), Watch::For::anything, backend.late());
  Outcome outcome = co_await start_then_cancel(backend, watch);

  EXPECT_EQ(outcome.error->kind, Kind::cancelled);
}

TEST_P(Cancelling, AWatchThatSomebodyAwaits) { run(a_watch(backend())); }

Task<void> a_sleep(Backend& backend) {
  Sleep sleep(backend.engine(), backend.engine().now() + 10s);
  Outcome outcome = co_await start_then_cancel(backend, sleep);

  EXPECT_EQ(outcome.error->kind, Kind::cancelled);
}

TEST_P(Cancelling, ASleepEndsIt) { run(a_sleep(backend())); }

Task<void> a_watch_with_a_callback(Backend& backend, int& calls) {
  Pair pair = co_await connected(backend);
  Watch watch(backend.sink(), pair.near.get(), Watch::For::anything, Deadline::never());
  watch.on_complete([](Operation&, void* count) { ++*static_cast<int*>(count); }, &calls);
  EXPECT_FALSE(backend.engine().submit(watch));
  backend.engine().cancel(watch);
  EXPECT_FALSE(watch.is_waiting());
  co_await say(backend, *pair.far, "news");
  co_await pause(backend, 5ms);
}

TEST_P(Cancelling, AWatchWithACallbackIsForgottenUncalled) {
  int calls = 0;

  run(a_watch_with_a_callback(backend(), calls));

  EXPECT_EQ(calls, 0);
}

Task<void> a_callback_is_called_once(Backend& backend, int& calls) {
  Pair pair = co_await connected(backend);
  Watch watch(backend.sink(), pair.near.get(), Watch::For::anything, Deadline::never());
  watch.on_complete([](Operation&, void* count) { ++*static_cast<int*>(count); }, &calls);
  EXPECT_FALSE(backend.engine().submit(watch));
  pair.far.reset();
  co_await pause(backend, 5ms);
  EXPECT_EQ(watch.take_result(), Watch::Seen::end);
}

TEST_P(Cancelling, ACallbackIsCalledOnce) {
  int calls = 0;

  run(a_callback_is_called_once(backend(), calls));

  EXPECT_EQ(calls, 1);
}

Task<void> closing_ends_what_waits(Backend& backend, Closing how) {
  std::string bytes = pattern(backend.big());
  Pair pair = co_await connected(backend);
  Receive receive(backend.sink(), pair.near.get(), 10, backend.late());
  Send send(backend.sink(), pair.near.get(), bytes, backend.late());
  Outcome received;
  Outcome sent;
  Scope scope(backend.engine().ready());
  scope.start(await_it(receive, received));
  scope.start(await_it(send, sent));
  co_await pause(backend, 5ms);
  backend.engine().close(*pair.near.release(), how);
  EXPECT_FALSE(received.over || sent.over);
  co_await scope.join();

  EXPECT_EQ(received.error->kind, Kind::cancelled);
  EXPECT_EQ(sent.error->kind, Kind::cancelled);
}

TEST_P(Cancelling, ClosingInOrderEndsWhatWaits) {
  run(closing_ends_what_waits(backend(), Closing::orderly));
}

TEST_P(Cancelling, ClosingWithAResetEndsWhatWaits) {
  run(closing_ends_what_waits(backend(), Closing::reset));
}

Task<void> closing_a_listener(Backend& backend) {
  Listening listening = backend.listen();
  Accept accept(backend.engine(), *listening.socket);
  Outcome outcome;
  Scope scope(backend.engine().ready());
  scope.start(await_it(accept, outcome));
  co_await pause(backend, 5ms);
  listening.socket.reset();
  co_await scope.join();
  Connect connect(backend.engine(), listening.address, backend.late());
  Result<SocketPtr, IoError> socket = co_await connect;

  EXPECT_EQ(outcome.error->kind, Kind::cancelled);
  EXPECT_EQ(socket.error().kind, Kind::refused);
}

TEST_P(Cancelling, ClosingAListenerEndsItsAcceptAndRefusesTheNext) {
  run(closing_a_listener(backend()));
}

Task<void> receive_then_close_other(Backend& backend, SocketPtr mine, SocketPtr& other) {
  Heard heard = co_await hear(backend, *mine, 1);
  EXPECT_TRUE(heard.bytes == "x" || heard.error);
  other.reset();
}

Task<void> one_completion_closes_the_socket_of_another(Backend& backend) {
  Pair first = co_await connected(backend);
  Pair second = co_await connected(backend);
  SocketPtr none;
  Outcome outcome;
  Receive receive(backend.sink(), second.near.get(), 10, backend.late());
  Scope scope(backend.engine().ready());
  scope.start(await_it(receive, outcome));
  scope.start(receive_then_close_other(backend, std::move(first.near), second.near));
  // Both have news in the same turn, and either may be looked at first.
  co_await say(backend, *second.far, "x");
  co_await say(backend, *first.far, "x");
  co_await scope.join();

  EXPECT_TRUE(!outcome.error || outcome.error->kind == Kind::cancelled);
}

TEST_P(Cancelling, OneCompletionMayCloseTheSocketOfAnother) {
  run(one_completion_closes_the_socket_of_another(backend()));
}

}  // namespace
}  // namespace gg
