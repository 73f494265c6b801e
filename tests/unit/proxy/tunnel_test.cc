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

  SimPeer& client() { return *client_; }
  SimPeer& endpoint() { return *endpoint_; }
  void run_tunnel(Duration idle = 1h) {
    tunnel_.emplace(engine(), *server_stream_, *client_stream_, idle);
    begin(tunnel_->run(), end_);
    pass();
  }
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

}  // namespace
}  // namespace gg
