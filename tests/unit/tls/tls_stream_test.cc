// SPDX-License-Identifier: Apache-2.0
#include "tls/tls_stream.h"

#include <gtest/gtest.h>

#include "unit/tls/tls_pair.h"

namespace gg {

namespace {

class TheStream : public TlsPair {
 protected:
  TheStream() : theirs_(server_context()), ours_(client_context()) {}
  void agree(TlsSession* session = nullptr) {
    Handshakes ended = meet(*theirs_, *ours_, "app.internal", session);
    ASSERT_TRUE(ended.client.has_value()) << describe(ended.client.error());
    ASSERT_TRUE(ended.server.has_value()) << describe(ended.server.error());
  }

  std::unique_ptr<TlsServerContext> theirs_;
  std::unique_ptr<TlsClientContext> ours_;
};

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * i % 23);
  return text;
}

Task<void> send_parts(TlsStream& stream, std::vector<std::string_view> parts) {
  Send send = stream.send(Deadline::never());
  for (std::string_view part : parts) send.add(part);
  Result<void, IoError> sent = co_await send;
  EXPECT_TRUE(sent.has_value());
  EXPECT_EQ(send.left(), 0U);
}

TEST_F(TheStream, CarriesSmallAndLargeRunsOfBytesBothWaysWhole) {
  agree();
  std::string question = pattern(70);
  std::string answer = pattern(1'000'000);

  say(*client, question);
  EXPECT_EQ(hear(*server, question.size()), question);
  say(*server, answer);
  EXPECT_EQ(hear(*client, answer.size()), answer);
}

TEST_F(TheStream, SendsSeveralRunsInTheirOrder) {
  agree();
  std::string large = pattern(40'000);
  Scope scope(near().ready());
  scope.start(send_parts(*client, {"head", "size\r\n", large, "\r\n"}));

  EXPECT_EQ(hear(*server, 4 + 6 + large.size() + 2), "headsize\r\n" + large + "\r\n");
  pass();
}

TEST_F(TheStream, CarriesOverALinkThatSplitsEveryRead) {
  agree();
  std::string text = pattern(50'000);

  say(*client, text);
  EXPECT_EQ(hear(*server, text.size()), text);
}

TEST_F(TheStream, HoldsNoBufferWhileItIdles) {
  agree();
  say(*client, "x");
  hear(*server, 1);
  Receive waiting = client->receive(65536, Deadline::never());
  waiting.on_complete([](Operation&, void*) {}, nullptr);
  ASSERT_FALSE(waiting.start());
  pass();

  EXPECT_EQ(near().buffers().bytes_lent() + far().buffers().bytes_lent(), 0U);
  client->cancel(waiting);
  pass();
}

TEST_F(TheStream, GoesOnAfterAReceiveThatWasCancelled) {
  agree();
  bool told = false;
  Receive given_up = client->receive(65536, Deadline::never());
  given_up.on_complete([](Operation&, void* flag) { *static_cast<bool*>(flag) = true; }, &told);
  ASSERT_FALSE(given_up.start());
  client->cancel(given_up);
  EXPECT_FALSE(told);
  pass();
  EXPECT_TRUE(told);
  EXPECT_EQ(given_up.take_result().error().kind, IoError::Kind::cancelled);

  say(*server, "still here");
  EXPECT_EQ(hear(*client, 10), "still here");
}

TEST_F(TheStream, EndsCleanlyAfterACloseNotify) {
  agree();
  server->close(Closing::orderly);

  EXPECT_EQ(hear(*client, 1), "");
  EXPECT_FALSE(client->was_cut_off());
}

TEST_F(TheStream, IsCutOffWhenTheSocketEndsWithoutACloseNotify) {
  agree();
  far().end_sending(server->socket());

  EXPECT_EQ(hear(*client, 1), "");
  EXPECT_TRUE(client->was_cut_off());
}

TEST_F(TheStream, SaysGoodbyeAndGoesOnReadingWhenItEndsSending) {
  agree();
  client->end_sending();
  EXPECT_EQ(hear(*server, 1), "");
  EXPECT_FALSE(server->was_cut_off());

  say(*server, "a late answer");
  EXPECT_EQ(hear(*client, 13), "a late answer");
}

TEST_F(TheStream, TakesTheSessionsOwnMessagesForNoNews) {
  agree();
  Watch watch = client->watch(Watch::For::anything, Deadline::never());
  watch.on_complete([](Operation&, void*) {}, nullptr);
  ASSERT_FALSE(watch.start());
  pass(1s);  // the ticket has come by now
  EXPECT_TRUE(watch.is_waiting());

  say(*server, "!");
  pass();
  ASSERT_FALSE(watch.is_waiting());
  EXPECT_EQ(watch.take_result().value(), Watch::Seen::bytes);
  EXPECT_EQ(hear(*client, 1), "!");
}

TEST_F(TheStream, TellsAWatchOfTheEnd) {
  agree();
  Watch watch = client->watch(Watch::For::anything, Deadline::never());
  watch.on_complete([](Operation&, void*) {}, nullptr);
  ASSERT_FALSE(watch.start());
  server->close(Closing::orderly);
  pass();

  ASSERT_FALSE(watch.is_waiting());
  EXPECT_EQ(watch.take_result().value(), Watch::Seen::end);
}

TEST_F(TheStream, ForgetsAWatchThatIsCancelledAtOnce) {
  agree();
  Watch watch = client->watch(Watch::For::anything, Deadline::never());
  watch.on_complete([](Operation&, void*) { ADD_FAILURE() << "called"; }, nullptr);
  ASSERT_FALSE(watch.start());
  client->cancel(watch);
  EXPECT_FALSE(watch.is_waiting());
  pass();
}

TEST_F(TheStream, CompletesWhatWaitsWhenItIsClosed) {
  agree();
  bool told = false;
  Receive receive = client->receive(65536, Deadline::never());
  receive.on_complete([](Operation&, void* flag) { *static_cast<bool*>(flag) = true; }, &told);
  ASSERT_FALSE(receive.start());
  client->close(Closing::reset);
  client.reset();
  pass();

  EXPECT_TRUE(told);
}

TEST_F(TheStream, ResumesTheLastSessionOfItsEndpoint) {
  TlsSession session;
  agree(&session);
  EXPECT_FALSE(client->was_resumed());
  say(*server, "x");
  hear(*client, 1);  // the ticket comes before it

  agree(&session);
  EXPECT_TRUE(client->was_resumed());
  EXPECT_TRUE(server->was_resumed());
}

TEST_F(TheStream, SpeaksTheNewestVersionAndTheOnlyProtocol) {
  agree();

  EXPECT_EQ(client->version(), "TLSv1.3");
  EXPECT_EQ(client->protocol(), "http/1.1");
  EXPECT_EQ(server->protocol(), "http/1.1");
  EXPECT_EQ(server->server_name(), "app.internal");
}

}  // namespace

}  // namespace gg
