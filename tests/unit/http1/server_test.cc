// SPDX-License-Identifier: Apache-2.0
#include "http1/server.h"

#include <gtest/gtest.h>

#include "support/sim_pair.h"

namespace gg {
namespace {

using Head = Result<RequestHead, StreamError>;
using Done = Result<void, StreamError>;
using PlanKind = BodyPlan::Kind;

class Http1Server : public SimPair {
 protected:
  explicit Http1Server(const LinkSettings& link = LinkSettings::calm()) : SimPair(link) {
    settings_.idle = 75s;
    settings_.head = 10s;
    Connected connected = connect();
    client_ = connected.peer;
    server_.emplace(std::make_unique<PlainStream>(std::move(connected.socket)), settings_);
  }

  SimPeer& client() { return *client_; }
  Http1ServerConnection& server() { return *server_; }

  /// The next request's path; aborts if there is none.
  std::string read_path() {
    Head head = await(server().read_head());
    GG_ASSERT(head.has_value());
    return std::string(head->path);
  }
  void receive(std::string_view request) {
    client().say(request);
    read_path();
  }
  std::string read_whole_body() {
    std::string body;
    for (;;) {
      Result<BodyPart, StreamError> part = await(server().read_body(Deadline::never()));
      GG_ASSERT(part.has_value());
      body += part->bytes;
      if (part->last) return body;
    }
  }
  void answer(int status, BodyPlan plan, std::string_view body = {}) {
    OutgoingResponse response{.status = status, .reason = "", .body = plan};
    BodyPart part{.bytes = body, .last = true};
    ASSERT_TRUE(await(server().send_head(response, part, Deadline::never())));
    pass();
  }
  void answer_with(std::string_view body) {
    answer(200, {.kind = PlanKind::length, .length = body.size()}, body);
  }
  /// A head and the beginning of a body that has more to come.
  void begin_answer(BodyPlan plan, std::string_view first) {
    OutgoingResponse response{.status = 200, .reason = "", .body = plan};
    ASSERT_TRUE(await(server().send_head(response, {.bytes = first}, Deadline::never())));
    pass();
  }

  Http1ServerSettings settings_;

 private:
  SimPeer* client_ = nullptr;
  std::optional<Http1ServerConnection> server_;
};

class Http1ServerByteByByte : public Http1Server {
 protected:
  Http1ServerByteByByte() : Http1Server(LinkSettings{.every_byte = true}) {}
};

MessageError message_of(const Head& head) {
  return head ? MessageError::none : head.error().message;
}

// Reading.

TEST_F(Http1Server, PipelinedRequestsAreServedInTheirOrder) {
  client().say(
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz"
      "GET /c HTTP/1.1\r\nHost: h\r\n\r\n");

  EXPECT_EQ(read_path(), "/a");
  answer_with("1");
  EXPECT_EQ(read_path(), "/b");
  EXPECT_EQ(read_whole_body(), "xyz");
  answer_with("2");
  EXPECT_EQ(read_path(), "/c");
  answer_with("3");

  EXPECT_EQ(client().heard(),
            "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n1"
            "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n2"
            "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n3");
  EXPECT_TRUE(server().may_serve_again());
}

TEST_F(Http1ServerByteByByte, ARequestIsReadHoweverItsBytesAreCut) {
  client().say(
      "PUT /a?b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");

  EXPECT_EQ(read_path(), "/a");
  EXPECT_EQ(read_whole_body(), "abcde");
  answer_with("");

  EXPECT_EQ(read_path(), "/next");
}

TEST_F(Http1Server, AHeadAndABodyAreCountedApart) {
  receive("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  read_whole_body();
  answer_with("four");

  EXPECT_EQ(server().head_bytes(), 55U);
  EXPECT_EQ(server().body_bytes_read(), 3U);
  EXPECT_EQ(server().response_head_bytes(), 36U);
  EXPECT_EQ(server().body_bytes_sent(), 4U);
}

TEST_F(Http1Server, AClientThatClosesBetweenRequestsHasMadeNone) {
  client().close();

  EXPECT_EQ(message_of(await(server().read_head())), MessageError::ended_before_head);
}

TEST_F(Http1Server, AClientThatClosesInAHeadHasBegunARequest) {
  client().say("GET / HTTP/1.1\r\nHo");
  client().close();

  EXPECT_EQ(message_of(await(server().read_head())), MessageError::ended_in_head);
}

TEST_F(Http1Server, AClientThatClosesInABodyIsNotTakenForDone) {
  receive("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  client().close();

  Result<BodyPart, StreamError> part = await(server().read_body(Deadline::never()));
  EXPECT_EQ(part->bytes, "abc");
  EXPECT_FALSE(part->last);
  part = await(server().read_body(Deadline::never()));
  ASSERT_FALSE(part.has_value());
  EXPECT_EQ(part.error().message, MessageError::ended_in_body);
}

TEST_F(Http1Server, TwoLengthsThatDifferAreRefused) {
  client().say("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx");

  Head head = await(server().read_head());

  ASSERT_FALSE(head.has_value());
  EXPECT_TRUE(head.error().message == MessageError::repeated_content_length ||
              head.error().message == MessageError::bad_content_length);
}

TEST_F(Http1Server, AnUnfinishedHeadWaitsInASmallBuffer) {
  client().say("GET / HTTP/1.1\r\nHost: h\r\n");
  std::optional<Head> head;
  begin(server().read_head(), head);
  pass(1s);

  EXPECT_GT(engine().buffers().bytes_lent(), 0U);
  EXPECT_LE(engine().buffers().bytes_lent(), 512U);

  client().say("\r\n");
  pass();
  ASSERT_TRUE(head.has_value() && head->has_value());
  EXPECT_EQ((*head)->authority, "h");
}

TEST_F(Http1Server, AnIdleConnectionHoldsNoBuffer) {
  receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  answer_with("abc");
  std::optional<Done> begun;
  begin(server().wait_for_request(), begun);
  pass(1s);

  EXPECT_EQ(engine().buffers().bytes_lent(), 0U);
  EXPECT_TRUE(server().is_idle());

  client().close();
  pass();
  EXPECT_FALSE(is_running());
}

// Times.

TEST_F(Http1Server, ASilentClientIsGivenTheIdleTime) {
  Instant began = world().now();

  Head head = await(server().read_head());

  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().io.kind, IoError::Kind::deadline);
  EXPECT_EQ(std::chrono::round<std::chrono::seconds>(world().now() - began), 75s);
}

TEST_F(Http1Server, AHeadHasItsTimeFromItsFirstByteOn) {
  std::optional<Head> head;
  begin(server().read_head(), head);
  pass(30s);
  client().say("GET / HT");
  pass(6s);
  client().say("TP/1.1\r\n");
  pass(3s);
  EXPECT_FALSE(head.has_value());

  pass(2s);

  ASSERT_TRUE(head.has_value() && !head->has_value());
  EXPECT_EQ(head->error().io.kind, IoError::Kind::deadline);
}

TEST_F(Http1Server, AnInterruptionEndsAWaitBetweenRequests) {
  std::optional<Head> head;
  begin(server().read_head(), head);
  pass();

  server().interrupt_idling();
  pass();

  ASSERT_TRUE(head.has_value() && !head->has_value());
  EXPECT_EQ(head->error().io.kind, IoError::Kind::cancelled);
  Done again = await(server().wait_for_request());
  EXPECT_FALSE(again.has_value());
}

TEST_F(Http1Server, AnInterruptionLeavesARequestThatHasBegun) {
  client().say("GET /kept HTTP/1.1\r\n");
  std::optional<Head> head;
  begin(server().read_head(), head);
  pass();

  server().interrupt_idling();
  client().say("Host: h\r\n\r\n");
  pass();

  ASSERT_TRUE(head.has_value() && head->has_value());
  EXPECT_EQ((*head)->path, "/kept");
  answer_with("x");
  EXPECT_FALSE(server().may_serve_again());
}

// Whether another request may follow.

TEST_F(Http1Server, AnHttp10RequestIsTheLast) {
  receive("GET / HTTP/1.0\r\n\r\n");
  answer_with("x");

  EXPECT_EQ(client().heard(), "HTTP/1.1 200 \r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
  EXPECT_FALSE(server().may_serve_again());
}

TEST_F(Http1Server, AnHttp10ClientThatAsksForItIsServedAgainAndTold) {
  receive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  answer_with("x");

  EXPECT_EQ(client().heard(),
            "HTTP/1.1 200 \r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx");
  EXPECT_TRUE(server().may_serve_again());
}

TEST_F(Http1Server, AClientThatWantsToCloseIsToldSo) {
  receive("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  answer_with("x");

  EXPECT_EQ(client().heard(), "HTTP/1.1 200 \r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
  EXPECT_FALSE(server().may_serve_again());
}

TEST_F(Http1Server, AnAnswerBeforeTheEndOfTheRequestBodyIsTheLast) {
  receive("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
  answer_with("x");

  EXPECT_EQ(client().heard(), "HTTP/1.1 200 \r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
  EXPECT_FALSE(server().may_serve_again());
}

TEST_F(Http1Server, ARequestWithoutAnAnswerIsTheLast) {
  receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

  EXPECT_FALSE(server().may_serve_again());
}

// How a response's end is told.

TEST_F(Http1Server, ABodyOfUnknownLengthIsChunked) {
  receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  begin_answer({.kind = PlanKind::unknown}, "abc");
  ASSERT_TRUE(await(server().send_body({.bytes = "0123456789abcdef"}, Deadline::never())));
  ASSERT_TRUE(await(server().send_body({.bytes = {}, .last = true}, Deadline::never())));
  pass();

  EXPECT_EQ(client().heard(),
            "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
  EXPECT_TRUE(server().may_serve_again());
}

TEST_F(Http1Server, AnHttp10ClientReadsABodyOfUnknownLengthUntilTheClose) {
  receive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  begin_answer({.kind = PlanKind::unknown}, "abc");
  ASSERT_TRUE(await(server().send_body({.bytes = "def", .last = true}, Deadline::never())));
  pass();

  EXPECT_EQ(client().heard(), "HTTP/1.1 200 \r\nConnection: close\r\n\r\nabcdef");
  EXPECT_TRUE(client().saw_end());
}

TEST_F(Http1Server, AnswersToHeadTellALengthAndHaveNoBody) {
  receive("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  answer(200, {.kind = PlanKind::length, .length = 5}, "abcde");

  EXPECT_EQ(client().heard(), "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n");
  EXPECT_TRUE(server().may_serve_again());
}

TEST_F(Http1Server, AnswersToHeadOfUnknownLengthAnnounceNoChunks) {
  receive("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  answer(200, {.kind = PlanKind::unknown});

  EXPECT_EQ(client().heard(), "HTTP/1.1 200 \r\n\r\n");
}

TEST_F(Http1Server, NoContentTellsNoLength) {
  receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  answer(204, {.kind = PlanKind::length, .length = 0});

  EXPECT_EQ(client().heard(), "HTTP/1.1 204 \r\n\r\n");
  EXPECT_TRUE(server().may_serve_again());
}

TEST_F(Http1Server, NotModifiedTellsTheLengthOfWhatItDoesNotSend) {
  receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  answer(304, {.kind = PlanKind::none, .length = 1234});

  EXPECT_EQ(client().heard(), "HTTP/1.1 304 \r\nContent-Length: 1234\r\n\r\n");
  EXPECT_TRUE(server().may_serve_again());
}

TEST_F(Http1Server, AnUpgradeMakesTheConnectionATunnel) {
  receive("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nearly");
  OutgoingResponse response{.status = 101, .reason = "", .upgrade = "echo"};
  ASSERT_TRUE(await(server().send_head(response, {}, Deadline::never())));
  ASSERT_TRUE(await(server().send_body({.bytes = "raw"}, Deadline::never())));
  Result<BodyPart, StreamError> part = await(server().read_body(Deadline::never()));
  pass();

  EXPECT_EQ(client().heard(), "HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nraw");
  EXPECT_EQ(part->bytes, "early");
  EXPECT_FALSE(server().may_serve_again());
}

TEST_F(Http1Server, AnInterimResponseComesBeforeTheFinalOne) {
  receive("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n");
  ASSERT_TRUE(await(server().send_interim({.status = 100, .reason = ""}, Deadline::never())));
  client().say("x");
  EXPECT_EQ(read_whole_body(), "x");
  answer_with("");

  EXPECT_EQ(client().heard(), "HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n");
}

TEST_F(Http1Server, AnHttp10ClientGetsNoInterimResponse) {
  receive("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(await(server().send_interim({.status = 103, .reason = ""}, Deadline::never())));
  pass();

  EXPECT_EQ(client().heard(), "");
}

// Ends.

TEST_F(Http1Server, AClosedConnectionShowsAnEnd) {
  receive("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  answer_with("x");
  await(server().close_gracefully());
  pass();

  EXPECT_TRUE(client().saw_end());
}

TEST_F(Http1Server, AnEarlyAnswerArrivesWholeThoughTheClientGoesOnSending) {
  receive("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  answer_with("too large");
  begin(server().close_gracefully());
  client().say(std::string(500'000, 'x'));
  pass(1s);

  EXPECT_TRUE(client().heard().ends_with("too large"));
  EXPECT_TRUE(client().saw_end());
  EXPECT_FALSE(client().saw_reset());
  client().close();
  pass();
  EXPECT_FALSE(is_running());
}

TEST_F(Http1Server, AClientThatNeverStopsSendingIsLeftAfterTwoSeconds) {
  receive("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  answer_with("too large");
  Instant began = world().now();

  await(server().close_gracefully());

  EXPECT_EQ(std::chrono::round<std::chrono::seconds>(world().now() - began), 2s);
}

TEST_F(Http1Server, ABrokenOffChunkedBodyHasNoLastChunk) {
  receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  begin_answer({.kind = PlanKind::unknown}, "abc");

  server().abort();
  pass();

  EXPECT_TRUE(client().heard().ends_with("3\r\nabc\r\n"));
  EXPECT_FALSE(client().is_open());
  EXPECT_FALSE(server().may_serve_again());
}

TEST_F(Http1Server, ABrokenOffBodyOfKnownLengthStaysShort) {
  receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  begin_answer({.kind = PlanKind::length, .length = 100}, "abc");

  server().abort();
  pass();

  EXPECT_TRUE(client().heard().ends_with("Content-Length: 100\r\n\r\nabc"));
  EXPECT_FALSE(client().is_open());
}

TEST_F(Http1Server, ABodyThatEndsWithTheConnectionIsBrokenOffByAReset) {
  receive("GET / HTTP/1.0\r\n\r\n");
  begin_answer({.kind = PlanKind::unknown}, "abc");

  server().abort();
  pass();

  EXPECT_TRUE(client().saw_reset());
  EXPECT_FALSE(client().saw_end());
}

TEST_F(Http1Server, ARefusedConnectIsTheLastRequestOfItsConnection) {
  receive("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\nGET /inside HTTP/1.1\r\nHost: h\r\n\r\n");

  answer(501, {.kind = PlanKind::length, .length = 0});

  EXPECT_EQ(client().heard(), "HTTP/1.1 501 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(server().may_serve_again());
}

}  // namespace
}  // namespace gg
