// SPDX-License-Identifier: Apache-2.0
#include "http1/client.h"

#include <gtest/gtest.h>

#include "support/sim_pair.h"

namespace gg {
namespace {

using Head = Result<ResponseHead, StreamError>;
using Part = Result<BodyPart, StreamError>;
using PlanKind = BodyPlan::Kind;

class Http1Client : public SimPair {
 protected:
  Http1Client() {
    Connected connected = connect();
    endpoint_ = connected.peer;
    client_.emplace(std::make_unique<PlainStream>(std::move(connected.socket)), limits_);
  }

  SimPeer& endpoint() { return *endpoint_; }
  Http1ClientConnection& client() { return *client_; }

  static OutgoingRequest get() {
    return {.method = Method::get, .method_text = "GET", .target = "/", .authority = "h"};
  }
  void send(const OutgoingRequest& request, BodyPart first = {}) {
    ASSERT_TRUE(await(client().send_head(request, first, Deadline::never())));
    pass();
  }
  Head read_head() { return await(client().read_head(Deadline::never())); }
  Part read_body() { return await(client().read_body(Deadline::never())); }
  /// The status of the next head, or 0.
  int read_status() {
    Head head = read_head();
    return head ? head->status : 0;
  }
  /// What reading the next head fails with.
  MessageError read_error() {
    Head head = read_head();
    return head ? MessageError::none : head.error().message;
  }
  std::string read_whole_body() {
    std::string body;
    for (;;) {
      Part part = read_body();
      GG_ASSERT(part.has_value());
      body += part->bytes;
      if (part->last) return body;
    }
  }
  /// One whole exchange of a GET.
  void exchange(std::string_view response) {
    send(get());
    endpoint().say(response);
    pass();
    ASSERT_NE(read_status(), 0);
    read_whole_body();
  }

 private:
  HeadLimits limits_;
  SimPeer* endpoint_ = nullptr;
  std::optional<Http1ClientConnection> client_;
};

// Requests.

TEST_F(Http1Client, ARequestIsWrittenWithHostFirst) {
  Field fields[] = {{.name = "Accept", .value = "*/*"}};
  OutgoingRequest request = get();
  request.fields = fields;

  send(request);

  EXPECT_EQ(endpoint().heard(), "GET / HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n");
  EXPECT_TRUE(client().request_is_sent());
}

TEST_F(Http1Client, ABodyOfKnownLengthSaysIt) {
  OutgoingRequest request{
      .method = Method::put, .method_text = "PUT", .target = "/", .authority = "h"};
  request.body = {.kind = PlanKind::length, .length = 5};

  send(request, {.bytes = "abc"});
  EXPECT_FALSE(client().request_is_sent());
  ASSERT_TRUE(await(client().send_body({.bytes = "de", .last = true}, Deadline::never())));
  pass();

  EXPECT_EQ(endpoint().heard(), "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde");
  EXPECT_TRUE(client().request_is_sent());
}

TEST_F(Http1Client, ABodyOfUnknownLengthIsChunked) {
  OutgoingRequest request{
      .method = Method::put, .method_text = "PUT", .target = "/", .authority = "h"};
  request.body = {.kind = PlanKind::unknown};
  request.expects_continue = true;

  send(request, {.bytes = "abc", .last = true});

  EXPECT_EQ(endpoint().heard(),
            "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n"
            "\r\n3\r\nabc\r\n0\r\n\r\n");
}

TEST_F(Http1Client, AWishToUpgradeNamesItsProtocol) {
  OutgoingRequest request = get();
  request.upgrade = "echo";

  send(request);

  EXPECT_EQ(endpoint().heard(),
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
}

// Response heads.

TEST_F(Http1Client, InterimResponsesComeBeforeTheFinalOne) {
  send(get());
  endpoint().say(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

  EXPECT_EQ(read_status(), 100);
  EXPECT_FALSE(client().head_is_complete());
  EXPECT_EQ(read_status(), 103);
  EXPECT_EQ(read_status(), 200);
  EXPECT_TRUE(client().head_is_complete());
  EXPECT_EQ(read_whole_body(), "ok");
  EXPECT_TRUE(client().is_reusable());
}

TEST_F(Http1Client, SixteenInterimResponsesAreBorneAndNoMore) {
  send(get());
  for (int i = 0; i < 17; ++i) endpoint().say("HTTP/1.1 102 Processing\r\n\r\n");

  for (int i = 0; i < 16; ++i) EXPECT_EQ(read_status(), 102) << i;

  EXPECT_EQ(read_error(), MessageError::too_many_interim_responses);
}

TEST_F(Http1Client, AnUpgradeThatNobodyAskedForIsRefused) {
  send(get());
  endpoint().say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n");

  EXPECT_EQ(read_error(), MessageError::unexpected_upgrade);
  EXPECT_FALSE(client().is_reusable());
}

TEST_F(Http1Client, AnUpgradeAskedForMakesTheConnectionATunnel) {
  OutgoingRequest request = get();
  request.upgrade = "echo";
  send(request);
  endpoint().hear();
  endpoint().say("HTTP/1.1 101 X\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nraw");

  EXPECT_EQ(read_status(), 101);
  EXPECT_EQ(read_body()->bytes, "raw");
  ASSERT_TRUE(await(client().send_body({.bytes = "up"}, Deadline::never())));
  pass();
  EXPECT_EQ(endpoint().heard(), "up");
  EXPECT_FALSE(client().is_reusable());
}

TEST_F(Http1Client, WhatIsNoHttpIsKeptAsEvidence) {
  send(get());
  endpoint().say("SSH-2.0-OpenSSH_9.2\r\n");

  EXPECT_EQ(read_error(), MessageError::not_http);
  EXPECT_EQ(client().unread(), "SSH-2.0-OpenSSH_9.2\r\n");
}

// Early ends.

TEST_F(Http1Client, AnEndWithoutAByteCameBeforeTheHead) {
  send(get());
  endpoint().close();

  EXPECT_EQ(read_error(), MessageError::ended_before_head);
}

TEST_F(Http1Client, AnEndAfterAFewBytesCameInTheHead) {
  send(get());
  endpoint().say("HTT");
  pass();
  endpoint().close();

  EXPECT_EQ(read_error(), MessageError::ended_in_head);
}

TEST_F(Http1Client, AnEndAfterAnInterimResponseCameInTheHead) {
  send(get());
  endpoint().say("HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_EQ(read_status(), 100);
  endpoint().close();

  EXPECT_EQ(read_error(), MessageError::ended_in_head);
}

TEST_F(Http1Client, AnEndBeforeTheContentLengthCameInTheBody) {
  send(get());
  endpoint().say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  ASSERT_EQ(read_status(), 200);
  EXPECT_EQ(read_body()->bytes, "abc");
  endpoint().close();

  Part part = read_body();

  ASSERT_FALSE(part.has_value());
  EXPECT_EQ(part.error().message, MessageError::ended_in_body);
  EXPECT_FALSE(client().response_is_complete());
}

TEST_F(Http1Client, AnEndBeforeTheLastChunkCameInTheBody) {
  send(get());
  endpoint().say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  ASSERT_EQ(read_status(), 200);
  EXPECT_EQ(read_body()->bytes, "abc");
  endpoint().close();

  Part part = read_body();

  ASSERT_FALSE(part.has_value());
  EXPECT_EQ(part.error().message, MessageError::ended_in_body);
}

TEST_F(Http1Client, ABodyUntilTheCloseIsWholeAtACleanEndOnly) {
  send(get());
  endpoint().say("HTTP/1.1 200 OK\r\n\r\nabc");
  ASSERT_EQ(read_status(), 200);
  EXPECT_EQ(read_body()->bytes, "abc");
  endpoint().reset();

  Part part = read_body();

  ASSERT_FALSE(part.has_value());
  EXPECT_EQ(part.error().io.kind, IoError::Kind::reset);
}

TEST_F(Http1Client, ABodyUntilTheCloseEndsWithTheConnection) {
  send(get());
  endpoint().say("HTTP/1.1 200 OK\r\n\r\nabc");
  ASSERT_EQ(read_status(), 200);
  pass();
  endpoint().close();

  EXPECT_EQ(read_whole_body(), "abc");
  EXPECT_TRUE(client().response_is_complete());
  EXPECT_FALSE(client().is_reusable());
}

// Reuse.

TEST_F(Http1Client, AConnectionServesOneExchangeAfterTheOther) {
  exchange("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_TRUE(client().is_reusable());

  exchange("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
  EXPECT_TRUE(client().is_reusable());

  exchange("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n");
  EXPECT_TRUE(client().is_reusable());
}

TEST_F(Http1Client, BytesBehindAResponseForbidReuse) {
  exchange("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n");

  EXPECT_TRUE(client().response_is_complete());
  EXPECT_FALSE(client().is_reusable());
}

TEST_F(Http1Client, AnEndpointThatSaysCloseIsBelieved) {
  exchange("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");

  EXPECT_FALSE(client().is_reusable());
}

TEST_F(Http1Client, AnHttp10EndpointIsNotAskedAgain) {
  exchange("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");

  EXPECT_FALSE(client().is_reusable());
}

TEST_F(Http1Client, AnAnswerBeforeTheRequestIsWholeForbidsReuse) {
  OutgoingRequest request{
      .method = Method::put, .method_text = "PUT", .target = "/", .authority = "h"};
  request.body = {.kind = PlanKind::length, .length = 100};
  send(request, {.bytes = "abc"});
  endpoint().say("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");

  EXPECT_EQ(read_status(), 413);
  EXPECT_TRUE(client().response_is_complete());
  EXPECT_FALSE(client().is_reusable());
}

TEST_F(Http1Client, AnAbortedConnectionIsResetAndNotReused) {
  exchange("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

  client().abort();
  pass();

  EXPECT_FALSE(client().is_reusable());
  EXPECT_TRUE(endpoint().saw_reset());
}

TEST_F(Http1Client, CountsBeginAnewWithEachExchange) {
  exchange("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  exchange("HTTP/1.1 204 No\r\n\r\n");

  EXPECT_EQ(client().bytes_read(), 19U);
  EXPECT_EQ(client().bytes_written(), 27U);
}

// Bodies.

TEST_F(Http1Client, ABodyIsReadyWhenReadingItWouldNotWait) {
  send(get());
  endpoint().say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
  ASSERT_EQ(read_status(), 200);
  EXPECT_TRUE(client().body_is_ready());
  EXPECT_EQ(read_body()->bytes, "ab");
  EXPECT_FALSE(client().body_is_ready());

  endpoint().say("cd");
  EXPECT_TRUE(read_body()->last);
  EXPECT_TRUE(client().body_is_ready());
}

TEST_F(Http1Client, RestingGivesTheBuffersBack) {
  exchange("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd");
  EXPECT_GT(engine().buffers().bytes_lent(), 0U);

  client().rest();

  EXPECT_EQ(engine().buffers().bytes_lent(), 0U);
  EXPECT_TRUE(client().is_reusable());
}

TEST_F(Http1Client, AnInterruptedWaitForAHeadCanBeResumed) {
  send(get());
  std::optional<Head> head;
  begin(client().read_head(Deadline::never()), head);
  pass();
  client().interrupt_reading();
  pass();
  ASSERT_TRUE(head.has_value() && !head->has_value());
  EXPECT_EQ(head->error().io.kind, IoError::Kind::cancelled);

  endpoint().say("HTTP/1.1 204 No\r\n\r\n");

  EXPECT_EQ(read_status(), 204);
}

}  // namespace
}  // namespace gg
