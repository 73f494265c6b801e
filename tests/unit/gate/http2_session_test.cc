// SPDX-License-Identifier: Apache-2.0
#include "gate/http2_session.h"

#include <gtest/gtest.h>

#include "unit/gate/http2_fixture.h"

namespace gg {
namespace {

using namespace http2;

class Http2SessionTest : public Http2Fixture {};

bool has(const FieldPairs& fields, const std::string& name, const std::string& value) {
  return std::ranges::find(fields, std::pair(name, value)) != fields.end();
}

TEST_F(Http2SessionTest, ARequestIsServedAndTheConnectionStays) {
  hello();
  say(get_frame(1, "/a?b"));
  SimPeer& origin = accept();
  pass();
  EXPECT_TRUE(origin.heard().starts_with("GET /a?b HTTP/1.1\r\nHost: h\r\n")) << origin.heard();
  EXPECT_NE(origin.heard().find("Via: 2.0 gw\r\n"), std::string::npos) << origin.heard();
  origin.say(ok("hello"));
  pass();
  EXPECT_EQ(status(1), "200");
  EXPECT_TRUE(has(answer(1).fields, "content-length", "5"));
  EXPECT_EQ(answer(1).body, "hello");
  EXPECT_TRUE(answer(1).has_ended);

  say(get_frame(3, "/b"));
  origin.say(ok("again"));
  pass();
  EXPECT_EQ(answer(3).body, "again");
  EXPECT_EQ(ear().goaway(), -1);
  ASSERT_EQ(records().size(), 2U);
  EXPECT_EQ(records()[0].target, "/a?b");
  EXPECT_EQ(records()[0].status, 200);
  EXPECT_EQ(records()[1].number, 2U);
}

TEST_F(Http2SessionTest, ThePrefaceMayComeByteByByte) {
  std::string bytes = http2::hello() + get_frame(1, "/");
  for (char byte : bytes) say(std::string_view(&byte, 1), 1ms);
  accept().say(ok("x"));
  pass();
  EXPECT_EQ(answer(1).body, "x");
}

TEST_F(Http2SessionTest, WhereItIsNotSpokenThePrefaceIsNoRequest) {
  without_http2();
  say(preface);
  EXPECT_TRUE(client().heard().starts_with("HTTP/1.1 400 ")) << client().heard();
  EXPECT_EQ(records().at(0).fault, Fault::request_malformed);
}

TEST_F(Http2SessionTest, ThePrefaceIsOneAtTheBeginningOnly) {
  say(GateFixture::get("/"));
  accept().say(ok("x"));
  pass();
  say(preface);
  EXPECT_NE(client().heard().find("HTTP/1.1 400 "), std::string::npos);
}

TEST_F(Http2SessionTest, RequestsAreServedSideBySideAndAnsweredAsTheyAreReady) {
  hello();
  say(get_frame(1, "/slow"));
  SimPeer& slow = accept();
  say(get_frame(3, "/fast"));
  SimPeer& fast = accept();
  fast.say(ok("fast"));
  pass();
  EXPECT_EQ(answer(3).body, "fast");
  EXPECT_EQ(status(1), "");
  slow.say(ok("slow"));
  pass();
  EXPECT_EQ(answer(1).body, "slow");
}

TEST_F(Http2SessionTest, ABodyIsPassedOnWithItsTrailers) {
  hello();
  say(headers_frame(1, request("POST", "/"), 0) + frame(data, 0, 1, "abc") +
      headers_frame(1, {{"x-sum", "6"}}));
  SimPeer& origin = accept();
  pass();
  EXPECT_NE(origin.heard().find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_TRUE(origin.heard().ends_with("3\r\nabc\r\n0\r\nx-sum: 6\r\n\r\n")) << origin.heard();
  origin.say(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-After: 1\r\n\r\n");
  pass();
  EXPECT_EQ(answer(1).body, "ok");
  EXPECT_TRUE(has(answer(1).trailers, "x-after", "1"));
  EXPECT_TRUE(answer(1).has_ended);
}

TEST_F(Http2SessionTest, ALengthThatWasToldIsToldOn) {
  hello();
  FieldPairs fields = request("POST", "/");
  fields.emplace_back("content-length", "3");
  say(headers_frame(1, fields, 0) + frame(data, end_stream, 1, "abc"));
  SimPeer& origin = accept();
  pass();
  EXPECT_NE(origin.heard().find("Content-Length: 3\r\n"), std::string::npos);
  EXPECT_TRUE(origin.heard().ends_with("\r\n\r\nabc"));
}

TEST_F(Http2SessionTest, APostWithoutABodySaysSo) {
  hello();
  say(headers_frame(1, request("POST", "/")));
  SimPeer& origin = accept();
  pass();
  EXPECT_NE(origin.heard().find("Content-Length: 0\r\n"), std::string::npos) << origin.heard();
}

TEST_F(Http2SessionTest, MoreThanTheLengthIsRefusedAndReset) {
  hello();
  FieldPairs fields = request("POST", "/");
  fields.emplace_back("content-length", "3");
  say(headers_frame(1, fields, 0) + frame(data, 0, 1, "abcd"));
  pass(1s);
  EXPECT_EQ(answer(1).reset, NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(ear().goaway(), -1);
}

TEST_F(Http2SessionTest, LessThanTheLengthNeverReachesAnEndpointAsAWhole) {
  hello();
  FieldPairs fields = request("POST", "/");
  fields.emplace_back("content-length", "5");
  say(headers_frame(1, fields, 0) + frame(data, 0, 1, "abc"));
  SimPeer& origin = accept();
  pass();
  say(frame(data, end_stream, 1, ""));
  pass(1s);
  EXPECT_TRUE(origin.heard().ends_with("\r\n\r\nabc"));
  EXPECT_FALSE(origin.is_open());
  EXPECT_EQ(answer(1).reset, NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(Http2SessionTest, AMalformedRequestIsAnswered400AndReset) {
  hello();
  FieldPairs fields = request("GET", "/");
  fields.emplace_back("connection", "close");
  say(headers_frame(1, fields));
  EXPECT_EQ(status(1), "400");
  EXPECT_TRUE(answer(1).has_ended);
  EXPECT_EQ(answer(1).reset, NGHTTP2_PROTOCOL_ERROR);
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(records()[0].fault, Fault::request_malformed);

  say(get_frame(3, "/"));
  accept().say(ok("x"));
  pass();
  EXPECT_EQ(answer(3).body, "x");
}

TEST_F(Http2SessionTest, AHeadBeyondTheLimitIsAnswered431) {
  hello();
  FieldPairs fields = request("GET", "/");
  for (int i = 0; i < 20; ++i) fields.emplace_back("a", std::string(4000, 'x'));
  std::string bytes = block(fields);
  say(frame(headers, end_stream, 1, bytes.substr(0, 16000)));
  for (std::size_t at = 16000; at < bytes.size(); at += 16000) {
    bool is_last = at + 16000 >= bytes.size();
    say(frame(continuation, is_last ? end_headers : 0, 1, bytes.substr(at, 16000)));
  }
  EXPECT_EQ(status(1), "431");
  EXPECT_EQ(ear().goaway(), -1);
}

TEST_F(Http2SessionTest, WhoTakesARequestBackHasLeft) {
  hello();
  say(get_frame(1, "/"));
  SimPeer& origin = accept();
  say(reset_frame(1, NGHTTP2_CANCEL));
  pass(3s);
  EXPECT_FALSE(origin.is_open());
  ASSERT_EQ(records().size(), 1U);
  EXPECT_EQ(records()[0].fault, Fault::client_gone_while_waiting);
  EXPECT_TRUE(client().is_open());
}

TEST_F(Http2SessionTest, ConnectionsThatAreLostTakeTheirRequestsAlong) {
  hello();
  say(get_frame(1, "/") + get_frame(3, "/"));
  SimPeer& one = accept();
  SimPeer& two = accept();
  client().reset();
  pass(3s);
  EXPECT_FALSE(one.is_open());
  EXPECT_FALSE(two.is_open());
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(Http2SessionTest, WindowsAreGivenBackOnlyAsTheEndpointTakes) {
  hello();
  say(headers_frame(1, request("POST", "/"), 0));
  SimPeer& origin = accept();
  origin.stop_listening();
  std::string piece(16000, 'x');
  for (int i = 0; i < 16; ++i) say(frame(data, 0, 1, piece));
  pass(1s);
  std::uint64_t sent = 16 * piece.size();
  // What a whole window holds is here; no more was invited than what the way to the endpoint took.
  EXPECT_LT(ear().window_given(1), sent);
  EXPECT_EQ(ear().goaway(), -1);
}

TEST_F(Http2SessionTest, AClientThatDoesNotReadIsWaitedForAndThenLeft) {
  config().timeouts.send = 5s;
  hello(setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10));
  say(get_frame(1, "/"));
  accept().say(ok(std::string(100, 'x')));
  pass(1s);
  EXPECT_EQ(answer(1).body.size(), 10U);
  say(window_frame(1, 15));
  EXPECT_EQ(answer(1).body.size(), 25U);

  pass(3s);  // five seconds since the beginning, three since something was taken
  EXPECT_EQ(answer(1).reset, -1);
  pass(3s);
  EXPECT_EQ(answer(1).reset, NGHTTP2_INTERNAL_ERROR);
  EXPECT_EQ(records().at(0).fault, Fault::client_not_reading);
  EXPECT_TRUE(client().is_open());
}

TEST_F(Http2SessionTest, ATruncatedAnswerIsReset) {
  config().routes.front().retry.hold_back = Bytes{0};
  hello();
  say(get_frame(1, "/"));
  SimPeer& origin = accept();
  origin.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  pass(1s);
  EXPECT_EQ(status(1), "200");
  origin.close();
  pass();
  EXPECT_FALSE(answer(1).has_ended);
  EXPECT_EQ(answer(1).reset, NGHTTP2_INTERNAL_ERROR);
}

TEST_F(Http2SessionTest, HeadHasNoBodyAndInterimAnswersComeFirst) {
  hello();
  say(headers_frame(1, request("HEAD", "/")));
  SimPeer& origin = accept();
  origin.say("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
  origin.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
  pass();
  EXPECT_EQ(answer(1).heads, (std::vector<std::string>{"103", "200"}));
  EXPECT_TRUE(has(answer(1).fields, "content-length", "10"));
  EXPECT_TRUE(answer(1).has_ended);
  EXPECT_EQ(answer(1).body, "");
}

TEST_F(Http2SessionTest, AnAnswerBeforeTheEndOfTheRequestEndsIt) {
  hello();
  say(headers_frame(1, request("POST", "/"), 0) + frame(data, 0, 1, "abc"));
  SimPeer& origin = accept();
  origin.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  pass(2s);
  EXPECT_EQ(status(1), "403");
  EXPECT_TRUE(answer(1).has_ended);
  EXPECT_EQ(answer(1).reset, NGHTTP2_NO_ERROR);
}

TEST_F(Http2SessionTest, AnIdleConnectionIsToldToGoAndEnded) {
  config().timeouts.idle = 30s;
  hello();
  say(get_frame(1, "/"));
  accept().say(ok("x"));
  pass(29s);
  EXPECT_TRUE(client().is_open());
  pass(2s);
  EXPECT_EQ(ear().goaway(), NGHTTP2_NO_ERROR);
  EXPECT_EQ(ear().last_stream(), 1U);
  EXPECT_TRUE(client().saw_end());
  EXPECT_EQ(records().size(), 1U);
}

TEST_F(Http2SessionTest, DrainingAnnouncesItselfAndTakesWhatIsOnItsWay) {
  hello();
  say(get_frame(1, "/"));
  SimPeer& origin = accept();
  worker().drain(10s);
  pass();
  EXPECT_EQ(ear().goaway(), NGHTTP2_NO_ERROR);
  EXPECT_EQ(ear().last_stream(), 0x7fffffffU);
  EXPECT_EQ(ear().goaways(), 1);

  // Sent before the client could know.
  say(get_frame(3, "/"));
  SimPeer& second = accept();
  ASSERT_EQ(ear().pings.size(), 1U);
  say(frame(ping, ack, 0, ear().pings.front()));
  EXPECT_EQ(ear().goaways(), 2);
  EXPECT_EQ(ear().last_stream(), 3U);

  say(get_frame(5, "/"));
  origin.say(ok("one"));
  second.say(ok("two"));
  pass();
  EXPECT_EQ(answer(1).body, "one");
  EXPECT_EQ(answer(3).body, "two");
  EXPECT_EQ(status(5), "");
  EXPECT_TRUE(client().saw_end());
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(Http2SessionTest, ARequestBeyondTheLastOneThatIsNamedIsNotServed) {
  hello();
  say(get_frame(1, "/"));
  SimPeer& origin = accept();
  worker().drain(10s);
  pass();
  ASSERT_EQ(ear().pings.size(), 1U);

  // The last GOAWAY is due, but not written yet, when the second request is read.
  say(frame(ping, ack, 0, ear().pings.front()) + get_frame(3, "/"));

  EXPECT_EQ(ear().last_stream(), 1U);
  EXPECT_EQ(answer(3).reset, NGHTTP2_REFUSED_STREAM);
  origin.say(ok("one"));
  pass();
  EXPECT_EQ(answer(1).body, "one");
  EXPECT_EQ(records().size(), 1U);
}

TEST_F(Http2SessionTest, CuttingTellsWhoWasToldNothing) {
  hello();
  say(get_frame(1, "/") + get_frame(3, "/"));
  SimPeer& begun = accept();
  SimPeer& silent = accept();
  begun.say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc");
  pass(1s);
  worker().cut();
  pass(10ms);
  EXPECT_EQ(status(1), "200");
  EXPECT_GE(answer(1).reset, 0);
  EXPECT_EQ(status(3), "503");
  pass(3s);
  EXPECT_FALSE(client().is_open());
  EXPECT_FALSE(silent.is_open());
  EXPECT_TRUE(worker().is_stopped());
}

/// `count` requests that nobody answers.
std::string requests(std::uint32_t count) {
  std::string all;
  for (std::uint32_t i = 0; i < count; ++i) all += get_frame(2 * i + 1, "/");
  return all;
}

TEST_F(Http2SessionTest, MoreStreamsThanMayBeAreRefusedToWhoDoesNotKnowYet) {
  say(std::string(preface) + settings_frame() + requests(129));
  EXPECT_EQ(answer(257).reset, NGHTTP2_REFUSED_STREAM);
  EXPECT_EQ(answer(255).reset, -1);
  EXPECT_EQ(ear().goaway(), -1);
  client().reset();
  pass(3s);
  EXPECT_EQ(records().size(), 128U);
}

TEST_F(Http2SessionTest, WhoWasToldAndOpensMoreStreamsAllTheSameIsLeft) {
  say(http2::hello() + requests(129), 3s);
  EXPECT_EQ(ear().goaway(), NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(records().size(), 129U);
  EXPECT_EQ(records().back().fault, Fault::client_http2_violation);
}

TEST_F(Http2SessionTest, AClientOfGrpcIsToldOfFaultsInItsOwnWords) {
  config().routes.front().retry.attempts = 1;
  hello();
  FieldPairs fields = request("POST", "/shop.Orders/Place");
  fields.emplace_back("content-type", "application/grpc+proto");
  fields.emplace_back("te", "trailers");
  say(headers_frame(1, fields));
  accept().reset();
  pass(2s);
  EXPECT_EQ(status(1), "200");
  EXPECT_TRUE(has(answer(1).fields, "content-type", "application/grpc"));
  EXPECT_TRUE(has(answer(1).fields, "grpc-status", "14"));
  EXPECT_TRUE(has(answer(1).fields, "grpc-message", "Bad Gateway"));
  EXPECT_FALSE(has(answer(1).fields, "content-length", "0"));
  EXPECT_TRUE(answer(1).has_ended);
  EXPECT_EQ(answer(1).body, "");
  EXPECT_NE(records().at(0).fault, Fault::none);
}

// What a connection is ended for.

struct Flood {
  const char* what;
  std::string once;
  int times;
  Fault fault;
};

class Http2Floods : public Http2SessionTest, public testing::WithParamInterface<Flood> {};

TEST_P(Http2Floods, EndTheConnectionAndAreWrittenDown) {
  hello();
  say(headers_frame(1, request("POST", "/"), 0));
  const Flood& flood = GetParam();
  std::string all;
  for (int i = 0; i < flood.times; ++i) all += flood.once;
  say(all, 2s);
  EXPECT_EQ(ear().goaway(), NGHTTP2_ENHANCE_YOUR_CALM) << flood.what;
  EXPECT_TRUE(client().saw_end());
  ASSERT_EQ(records().size(), 2U) << "of the request and of the connection";
  EXPECT_EQ(records().back().fault, flood.fault);
}

const Flood floods[] = {
    {"PING", frame(ping, 0, 0, "12345678"), 1100, Fault::client_http2_frame_flood},
    {"SETTINGS", settings_frame(), 1100, Fault::client_http2_frame_flood},
    {"PRIORITY", frame(priority, 0, 5, std::string("\0\0\0\0\x10", 5)), 1100,
     Fault::client_http2_frame_flood},
    {"WINDOW_UPDATE", window_frame(0, 1), 1100, Fault::client_http2_frame_flood},
    {"empty DATA", frame(data, 0, 1, ""), 110, Fault::client_http2_frame_flood},
    {"padding alone", frame(data, padded, 1, std::string("\x02\0\0", 3)), 110,
     Fault::client_http2_frame_flood},
};

INSTANTIATE_TEST_SUITE_P(All, Http2Floods, testing::ValuesIn(floods));

TEST_F(Http2SessionTest, RapidResetsEndTheConnection) {
  hello();
  std::string all;
  for (std::uint32_t i = 0; i < 600; ++i) {
    all += get_frame(2 * i + 1, "/") + reset_frame(2 * i + 1, NGHTTP2_CANCEL);
  }
  say(all, 4s);
  EXPECT_EQ(ear().goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_FALSE(client().is_open());
  EXPECT_EQ(records().back().fault, Fault::client_http2_resets);
}

TEST_F(Http2SessionTest, ContinuationWithoutEndEndsTheConnection) {
  hello();
  say(frame(headers, end_stream, 1, block(request("GET", "/"))));
  for (int i = 0; i < 70; ++i) say(frame(continuation, 0, 1, ""), 1ms);
  pass(1s);
  EXPECT_EQ(ear().goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_EQ(records().back().fault, Fault::client_http2_header_flood);
}

TEST_F(Http2SessionTest, AHeaderListWithoutMeasureEndsTheConnection) {
  hello();
  FieldPairs fields = request("GET", "/");
  for (int i = 0; i < 17; ++i) fields.emplace_back("a", std::string(15000, 'x'));
  std::string bytes = block(fields);
  say(frame(headers, end_stream, 1, bytes.substr(0, 16000)));
  for (std::size_t at = 16000; at < bytes.size(); at += 16000) {
    say(frame(continuation, 0, 1, bytes.substr(at, 16000)));
  }
  // Decoding is what a small block that refers to one large field a thousand times costs.
  pass(1s);
  EXPECT_FALSE(client().is_open());
  EXPECT_EQ(records().back().fault, Fault::client_http2_header_flood);
}

TEST_F(Http2SessionTest, ABlockThatDoesNotEndIsWaitedForNoLongerThanAHead) {
  config().timeouts.head = 10s;
  hello();
  say(frame(headers, end_stream, 1, block(request("GET", "/"))));
  pass(9s);
  EXPECT_TRUE(client().is_open());
  pass(3s);
  EXPECT_FALSE(client().is_open());
  EXPECT_EQ(records().back().fault, Fault::client_head_timeout);
}

TEST_F(Http2SessionTest, APrefaceWithoutSettingsLikewise) {
  config().timeouts.head = 10s;
  say(preface);
  pass(12s);
  EXPECT_FALSE(client().is_open());
  EXPECT_EQ(records().back().fault, Fault::client_head_timeout);
}

TEST_F(Http2SessionTest, AConnectionThatTakesNothingIsNotWaitedForForEver) {
  config().timeouts.send = 5s;
  hello(setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 24));
  say(window_frame(0, 1 << 24) + get_frame(1, "/"));
  client().stop_listening();
  accept().say(ok(std::string(std::size_t{8} << 20, 'x')));
  pass(20s);
  EXPECT_EQ(records().size(), 1U);
  EXPECT_EQ(worker().sessions(), 0U);
}

}  // namespace
}  // namespace gg
