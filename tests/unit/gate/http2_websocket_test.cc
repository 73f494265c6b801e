// SPDX-License-Identifier: Apache-2.0
// WebSockets that clients open by CONNECT on HTTP/2 (RFC 8441), from a worker's frames to an
// endpoint of HTTP/1.1.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/gate/http2_fixture.h"

namespace gg {
namespace {

using namespace http2;

bool has(const FieldPairs& fields, const std::string& name, const std::string& value) {
  return std::ranges::find(fields, std::pair(name, value)) != fields.end();
}

class WebSocketOverHttp2 : public Http2Fixture {
 protected:
  static FieldPairs opening(const std::string& protocol = "websocket") {
    return {{":method", "CONNECT"}, {":protocol", protocol}, {":scheme", "https"},
            {":authority", "h"},    {":path", "/chat"},      {"sec-websocket-version", "13"}};
  }
  /// The endpoint, which has been asked.
  SimPeer& ask() {
    hello();
    say(headers_frame(1, opening(), 0));
    SimPeer& origin = accept();
    pass();
    return origin;
  }
  SimPeer& open(std::string_view along = {}) {
    SimPeer& origin = ask();
    origin.hear();
    origin.say(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: chat\r\n\r\n" +
        std::string(along));
    pass();
    return origin;
  }
};

TEST_F(WebSocketOverHttp2, IsToTheEndpointTheGetOfHttp1) {
  SimPeer& origin = ask();
  const std::string& heard = origin.heard();
  EXPECT_TRUE(heard.starts_with("GET /chat HTTP/1.1\r\nHost: h\r\n")) << heard;
  EXPECT_NE(heard.find("Connection: upgrade\r\nUpgrade: websocket\r\n"), std::string::npos)
      << heard;
  EXPECT_EQ(heard.find("CONNECT"), std::string::npos) << heard;
  std::size_t key = heard.find("Sec-WebSocket-Key: ");
  ASSERT_NE(key, std::string::npos) << heard;
  EXPECT_EQ(heard.substr(key + 19 + 22, 4), "==\r\n") << heard;
  origin.say(ok("no"));
  pass();
}

TEST_F(WebSocketOverHttp2, CarriesBytesBothWaysUntilBothSidesEnd) {
  SimPeer& origin = open();
  EXPECT_EQ(status(1), "200");
  EXPECT_TRUE(has(answer(1).fields, "sec-websocket-protocol", "chat"));
  EXPECT_FALSE(has(answer(1).fields, "sec-websocket-accept", "x"));
  EXPECT_FALSE(answer(1).has_ended);
  say(frame(data, 0, 1, "ping"));
  EXPECT_EQ(origin.hear(), "ping");
  origin.say("pong!");
  pass();
  EXPECT_EQ(answer(1).body, "pong!");

  say(frame(data, end_stream, 1, "bye"));
  EXPECT_EQ(origin.hear(), "bye");
  EXPECT_TRUE(origin.saw_end());
  EXPECT_FALSE(answer(1).has_ended);
  origin.end_sending();
  pass();
  EXPECT_TRUE(answer(1).has_ended);
  EXPECT_EQ(answer(1).reset, -1);
  const Recorded& record = records().at(0);
  EXPECT_EQ(record.fault, Fault::none);
  EXPECT_EQ(record.status, 101);
  EXPECT_EQ(ear().goaway(), -1);
}

TEST_F(WebSocketOverHttp2, WhatComesAlongWithTheAnswerIsNotLost) {
  open("first words");
  EXPECT_EQ(status(1), "200");
  EXPECT_EQ(answer(1).body, "first words");
}

TEST_F(WebSocketOverHttp2, IsResetWhenItsEndpointIsLost) {
  SimPeer& origin = open();
  origin.reset();
  pass();
  EXPECT_EQ(answer(1).reset, NGHTTP2_CANCEL);
  EXPECT_EQ(records().at(0).fault, Fault::tunnel_cut);
}

TEST_F(WebSocketOverHttp2, ResetsItsEndpointWhenTheClientHasLeft) {
  SimPeer& origin = open();
  say(reset_frame(1, NGHTTP2_CANCEL));
  EXPECT_TRUE(origin.saw_reset());
  EXPECT_EQ(records().at(0).fault, Fault::tunnel_cut);
  EXPECT_EQ(ear().goaway(), -1);
}

TEST_F(WebSocketOverHttp2, HoldsTheClientUpWhileTheEndpointDoesNotRead) {
  SimPeer& origin = open();
  origin.stop_listening();
  std::string piece(16384, 'x');
  std::uint64_t said = 0;
  while (said < ear().first_window()) {
    say(frame(data, 0, 1, piece));
    said += piece.size();
  }
  pass(1s);
  EXPECT_LT(ear().window_given(1), ear().first_window());
  EXPECT_EQ(ear().goaway(), -1);
}

TEST_F(WebSocketOverHttp2, IsNotOpenedByAnAnswerWithoutAnUpgrade) {
  SimPeer& origin = ask();
  origin.say(ok("a page"));
  pass();
  EXPECT_EQ(status(1), "502");
  EXPECT_TRUE(answer(1).has_ended);
  EXPECT_EQ(records().at(0).fault, Fault::upgrade_refused);
  EXPECT_EQ(records().at(0).status, 502);
}

TEST_F(WebSocketOverHttp2, IsRefusedInTheEndpointsWords) {
  SimPeer& origin = ask();
  origin.say("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
  pass();
  EXPECT_EQ(status(1), "403");
  EXPECT_EQ(answer(1).body, "no");
}

TEST_F(WebSocketOverHttp2, OtherProtocolsAreNotSpoken) {
  hello();
  say(headers_frame(1, opening("connect-udp"), 0));
  EXPECT_EQ(status(1), "501");
  say(get_frame(3, "/"));
  accept().say(ok("x"));
  pass();
  EXPECT_EQ(answer(3).body, "x");
}

TEST_F(WebSocketOverHttp2, ARequestThatEndsWithItsHeadOpensNone) {
  hello();
  say(headers_frame(1, opening()));
  EXPECT_EQ(status(1), "400");
  EXPECT_EQ(answer(1).reset, NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(WebSocketOverHttp2, HasNoTrailers) {
  SimPeer& origin = open();
  say(headers_frame(1, {{"x", "y"}}));
  EXPECT_EQ(answer(1).reset, NGHTTP2_PROTOCOL_ERROR);
  EXPECT_TRUE(origin.saw_reset());
}

TEST_F(WebSocketOverHttp2, IsClosedBetweenFramesWhenTheGatewayGoes) {
  SimPeer& origin = open("\x81\x05hel");
  worker().drain();
  worker().cut();
  pass();
  EXPECT_EQ(answer(1).body, "\x81\x05hel");
  EXPECT_TRUE(origin.heard().starts_with("\x88\x82")) << origin.heard();
  origin.say("lo\x81\x01x");
  pass();
  EXPECT_EQ(answer(1).body, "\x81\x05hello\x88\x02\x03\xe9");
  origin.end_sending();
  say(frame(data, end_stream, 1, "\x88\x82\x01\x02\x03\x04\x02\xeb"));
  EXPECT_TRUE(answer(1).has_ended);
  EXPECT_EQ(answer(1).reset, -1);
  EXPECT_EQ(records().at(0).fault, Fault::none);
}

TEST_F(WebSocketOverHttp2, TakesAsManyFieldsAsAnyRequest) {
  hello();
  FieldPairs fields = opening();
  for (int i = 0; i < 127; ++i) fields.emplace_back("x-" + std::to_string(i), "y");
  say(headers_frame(1, fields, 0));
  SimPeer& origin = accept();
  pass();
  EXPECT_NE(origin.heard().find("x-126: y\r\n"), std::string::npos);
  origin.say(ok("no"));
  pass();
}

}  // namespace
}  // namespace gg
