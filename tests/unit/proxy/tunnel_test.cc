// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.h"

#include <gtest/gtest.h>

#include "http1/client.h"
#include "http1/server.h"
#include "support/sim_pair.h"

namespace gg {
namespace {

/// A client's connection and one to an endpoint, both upgraded.
class TunnelTest : public SimPair {
 protected:
  TunnelTest() {
    Connected client = connect();
    client_ = client.peer;
    server_stream_.emplace(std::make_unique<PlainStream>(std::move(client.socket)), settings_);
    Connected endpoint = connect();
    endpoint_ = endpoint.peer;
    client_stream_.emplace(std::make_unique<PlainStream>(std::move(endpoint.socket)), limits_);
    await(upgrade());
    pass();
    client_->hear();
    endpoint_->hear();
  }

  ~TunnelTest() override {
    if (!tunnel_ || is_over()) return;
    client_->reset();
    endpoint_->reset();
    pass();
    EXPECT_TRUE(is_over());
  }

  SimPeer& client() { return *client_; }
  SimPeer& endpoint() { return *endpoint_; }
  Stream& server() { return *server_stream_; }
  Stream& upstream() { return *client_stream_; }
  void run_tunnel(Duration idle = 1h, Duration life = {},
                  Tunnel::Speech speech = Tunnel::Speech::anything) {
    tunnel_.emplace(engine(), *server_stream_, *client_stream_,
                    TunnelLimits{.idle = idle, .life = life}, speech);
    begin(tunnel_->run(), end_);
    pass();
  }
  Tunnel& tunnel() { return *tunnel_; }
  bool is_over() const { return end_.has_value(); }
  const TunnelEnd& end() const { return *end_; }

 private:
  Task<void> upgrade() {
    client_->say("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
    Result<RequestHead, StreamError> request = co_await server_stream_->read_head();
    GG_ASSERT(request.has_value());
    OutgoingRequest onward{.method = Method::get,
                           .method_text = "GET",
                           .target = "/",
                           .authority = "h",
                           .upgrade = "echo"};
    Result<void, StreamError> sent =
        co_await client_stream_->send_head(onward, {}, Deadline::never());
    GG_ASSERT(sent.has_value());
    endpoint_->say("HTTP/1.1 101 Up\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
    Result<ResponseHead, StreamError> answer =
        co_await client_stream_->read_head(Deadline::never());
    GG_ASSERT(answer.has_value());
    OutgoingResponse response{.status = 101, .reason = "Up", .upgrade = "echo"};
    sent = co_await server_stream_->send_head(response, {}, Deadline::never());
    GG_ASSERT(sent.has_value());
  }

  Http1ServerSettings settings_;
  HeadLimits limits_;
  SimPeer* client_ = nullptr;
  SimPeer* endpoint_ = nullptr;
  std::optional<Http1ServerConnection> server_stream_;
  std::optional<Http1ClientConnection> client_stream_;
  std::optional<Tunnel> tunnel_;
  std::optional<TunnelEnd> end_;
};

TEST_F(TunnelTest, BytesGoBothWays) {
  run_tunnel();
  client().say("ping");
  endpoint().say("pong");
  pass();

  EXPECT_EQ(endpoint().hear(), "ping");
  EXPECT_EQ(client().hear(), "pong");

  client().close();
  endpoint().close();
  pass();
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(end().clean);
}

TEST_F(TunnelTest, OneSideMayFinishWhileTheOtherGoesOn) {
  run_tunnel();
  client().say("question");
  pass();
  client().end_sending();
  pass();
  EXPECT_TRUE(endpoint().saw_end());
  EXPECT_FALSE(is_over());

  endpoint().say("answer");
  pass(10s);
  endpoint().end_sending();
  pass();

  EXPECT_EQ(client().hear(), "answer");
  EXPECT_TRUE(client().saw_end());
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(end().clean);
}

TEST_F(TunnelTest, AResetOfOneSideEndsTheTunnelAtOnce) {
  run_tunnel();

  endpoint().reset();
  pass();

  ASSERT_TRUE(is_over());
  EXPECT_FALSE(end().clean);
  EXPECT_EQ(end().error.io.kind, IoError::Kind::reset);
}

TEST_F(TunnelTest, SilenceInBothDirectionsEndsTheTunnel) {
  run_tunnel(60s);
  pass(59s);
  EXPECT_FALSE(is_over());

  pass(2s);

  ASSERT_TRUE(is_over());
  EXPECT_FALSE(end().clean);
  EXPECT_EQ(end().error.io.kind, IoError::Kind::deadline);
}

TEST_F(TunnelTest, OneDirectionKeepsTheOtherAlive) {
  run_tunnel(60s);
  for (int i = 0; i < 10; ++i) {
    pass(50s);
    endpoint().say("tick");
  }
  pass(59s);
  EXPECT_FALSE(is_over());

  pass(2s);
  ASSERT_TRUE(is_over());
  EXPECT_EQ(end().error.io.kind, IoError::Kind::deadline);
}

TEST_F(TunnelTest, AReaderThatStandsStillDoesNotOutliveAResetOfTheOtherSide) {
  run_tunnel(1h);
  client().stop_listening();
  endpoint().say(std::string(1'000'000, 'x'));
  pass(1s);

  endpoint().reset();
  pass(1s);
  client().say("anybody there?");
  pass(1s);

  ASSERT_TRUE(is_over());
  EXPECT_FALSE(end().clean);
}

TEST_F(TunnelTest, ADirectionThatWasBusyWhenTheOtherBrokeEndsToo) {
  run_tunnel(1h);
  endpoint().stop_listening();
  client().say(std::string(1'000'000, 'x'));
  pass(1s);

  client().reset();
  pass(1s);
  endpoint().say("still sending");
  pass(10s);

  EXPECT_TRUE(is_over());
}

TEST_F(TunnelTest, OneWhoseLifeIsOverIsCutHoweverBusyItIs) {
  run_tunnel(60s, 5min);
  for (int i = 0; i < 9; ++i) {
    pass(30s);
    client().say("tick");
  }
  EXPECT_FALSE(is_over());

  pass(31s);
  ASSERT_TRUE(is_over());
  EXPECT_FALSE(end().clean);
  EXPECT_EQ(end().error.io.kind, IoError::Kind::deadline);
}

// WebSockets that have to go ---------------------------------------------------------------------

class WebSocketTunnel : public TunnelTest {
 protected:
  static constexpr std::string_view text = "\x81\x05hello";
  static constexpr std::string_view masked_text = "\x81\x83\x01\x01\x01\x01xyz";
  static constexpr std::string_view close = "\x88\x02\x03\xe9";
  static constexpr std::string_view masked_close = "\x88\x82\x01\x02\x03\x04\x02\xeb";

  void run_websocket(Duration life = {}) { run_tunnel(1h, life, Tunnel::Speech::websocket); }
  /// A Close of a client, whatever its mask.
  static bool is_masked_close(const std::string& heard) {
    return heard.size() == 8 && heard.starts_with("\x88\x82") && (heard[2] ^ heard[6]) == '\x03' &&
           (heard[3] ^ heard[7]) == '\xe9';
  }
};

TEST_F(WebSocketTunnel, BothSidesAreToldAndTheirAnswersEndIt) {
  run_websocket();
  client().say(masked_text);
  endpoint().say(text);
  pass();
  EXPECT_EQ(endpoint().hear(), masked_text);
  EXPECT_EQ(client().hear(), text);

  EXPECT_TRUE(tunnel().go_away());
  pass();
  EXPECT_EQ(client().hear(), close);
  EXPECT_TRUE(is_masked_close(endpoint().hear()));
  client().say(masked_close);
  endpoint().say(close);
  endpoint().end_sending();
  pass();
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(end().clean);
  EXPECT_EQ(client().hear(), "");
  EXPECT_EQ(endpoint().hear(), "");
  EXPECT_TRUE(endpoint().saw_end());
  EXPECT_EQ(end().from_client, masked_text.size());
  EXPECT_EQ(end().from_endpoint, text.size());
}

TEST_F(WebSocketTunnel, AFrameUnderWayIsPassedOnToItsEndFirst) {
  run_websocket();
  endpoint().say(text.substr(0, 3));
  client().say(masked_text.substr(0, 1));
  pass();
  EXPECT_TRUE(tunnel().go_away());
  pass(100ms);
  EXPECT_EQ(client().hear(), text.substr(0, 3));
  EXPECT_EQ(endpoint().hear(), masked_text.substr(0, 1));

  endpoint().say(std::string(text.substr(3)) + std::string(text));
  client().say(std::string(masked_text.substr(1)) + std::string(masked_text));
  pass();
  EXPECT_EQ(client().hear(), std::string(text.substr(3)) + std::string(close));
  std::string heard = endpoint().hear();
  EXPECT_TRUE(heard.starts_with(masked_text.substr(1)));
  EXPECT_TRUE(is_masked_close(heard.substr(masked_text.size() - 1)));
}

TEST_F(WebSocketTunnel, WhoDoesNotAnswerIsNotWaitedForForLong) {
  run_websocket();
  EXPECT_TRUE(tunnel().go_away());
  pass(900ms);
  EXPECT_FALSE(is_over());
  pass(200ms);
  ASSERT_TRUE(is_over());
  EXPECT_FALSE(end().clean);
}

TEST_F(WebSocketTunnel, ACloseThatIsOnItsWayAlreadyIsNotRepeated) {
  run_websocket();
  endpoint().say(close);
  pass();
  EXPECT_EQ(client().hear(), close);
  EXPECT_TRUE(tunnel().go_away());
  pass();
  EXPECT_EQ(client().hear(), "");
  EXPECT_TRUE(is_masked_close(endpoint().hear()));
}

TEST_F(WebSocketTunnel, WhatIsNoFrameIsNotSpokenInto) {
  run_websocket();
  endpoint().say("GET / HTTP/1.1\r\n\r\n");
  pass();
  EXPECT_FALSE(tunnel().go_away());
  pass(2s);
  EXPECT_FALSE(is_over());
  EXPECT_EQ(client().hear(), "GET / HTTP/1.1\r\n\r\n");
}

TEST_F(WebSocketTunnel, OtherProtocolsAreNotSpokenInto) {
  run_tunnel();
  EXPECT_FALSE(tunnel().go_away());
}

TEST_F(WebSocketTunnel, AtTheEndOfItsLifeItIsToldToo) {
  run_websocket(5min);
  pass(299s);
  EXPECT_EQ(client().hear(), "");
  pass(1100ms);
  EXPECT_EQ(client().hear(), close);
  client().say(masked_close);
  endpoint().say(close);
  endpoint().end_sending();
  pass();
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(end().clean);
}

TEST_F(WebSocketTunnel, AReaderThatStandsStillDoesNotKeepItBeyondItsMoment) {
  run_websocket();
  client().stop_listening();
  endpoint().say("\x82\x7f" + std::string("\0\0\0\0\0\x0f\x42\x40", 8) +
                 std::string(1'000'000, 'x'));
  pass(1s);
  EXPECT_TRUE(tunnel().go_away());
  pass(1100ms);
  EXPECT_TRUE(is_over());
}

TEST_F(WebSocketTunnel, TwoReadersThatStandStillDoNotEither) {
  run_websocket();
  client().stop_listening();
  endpoint().stop_listening();
  std::string head = "\x82\x7f" + std::string("\0\0\0\0\0\x0f\x42\x40", 8);
  endpoint().say(head + std::string(1'000'000, 'x'));
  client().say(head + std::string(1'000'000, 'x'));
  pass(1s);
  EXPECT_TRUE(tunnel().go_away());
  pass(1100ms);
  ASSERT_TRUE(is_over());
  EXPECT_FALSE(end().clean);
}

TEST_F(WebSocketTunnel, AnEndFromOutsideIsNotTakenForItsOwnInterruption) {
  run_websocket();
  EXPECT_TRUE(tunnel().go_away());
  pass(100ms);
  server().abort();
  upstream().abort();
  pass(100ms);
  EXPECT_TRUE(is_over());
}

}  // namespace
}  // namespace gg
