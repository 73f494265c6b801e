// SPDX-License-Identifier: Apache-2.0
// Two simulated machines, a client and a server, with a connection between them that speaks TLS.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/sim/sim_engine.h"
#include "support/test_certificates.h"
#include "task/scope.h"
#include "tls/client_context.h"
#include "tls/server_context.h"

namespace gg {

class TlsPair : public testing::Test {
 protected:
  /// How one handshake ended on both sides.
  struct Handshakes {
    Result<void, TlsError> client;
    Result<void, TlsError> server;
  };

  TlsPair() { world_.network().defaults() = LinkSettings::calm(); }
  ~TlsPair() override {
    client.reset();
    server.reset();
    listener_.reset();
    world_.run(std::chrono::hours(1));
    EXPECT_EQ(near_.open_sockets() + far_.open_sockets(), 0U);
    EXPECT_EQ(near_.buffers().bytes_lent() + far_.buffers().bytes_lent(), 0U);
  }

  TestAuthority& authority() { return authority_; }
  SimWorld& world() { return world_; }
  SimEngine& near() { return near_; }
  SimEngine& far() { return far_; }

  std::unique_ptr<TlsServerContext> server_context(const ListenerTls& settings,
                                                   const std::vector<std::string>& protocols = {
                                                       "http/1.1"}) {
    auto made = TlsServerContext::make(settings, protocols, tickets_);
    GG_ASSERT(made.has_value());
    return std::move(*made);
  }
  std::unique_ptr<TlsServerContext> server_context(const CertificateWish& wish = {}) {
    return server_context(ListenerTls{.certificates = {authority_.issue(wish)}, .client_ca = {}});
  }
  std::unique_ptr<TlsClientContext> client_context(UpstreamTls settings) {
    auto made = TlsClientContext::make(settings);
    GG_ASSERT(made.has_value());
    return std::move(*made);
  }
  std::unique_ptr<TlsClientContext> client_context() {
    return client_context({.ca = authority_.file()});
  }

  /// From now on clients ask for a response of OCSP.
  void ask_for_status() { asks_for_status_ = true; }
  /// From now on clients offer these, as they stand on the wire.
  void offer(std::string protocols) { offered_ = std::move(protocols); }
  static void offer_in(TlsStream& stream, const std::string& protocols) {
    SSL_set_alpn_protos(stream.library(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  }

  /// Connects, and has both sides agree; `client` and `server` are there afterwards.
  Handshakes meet(const TlsServerContext& theirs, const TlsClientContext& ours,
                  const std::string& name = "app.internal", TlsSession* session = nullptr) {
    connect();
    client = ours.wrap(std::move(near_socket_), name, session);
    if (!offered_.empty()) offer_in(*client, offered_);
    if (asks_for_status_) SSL_set_tlsext_status_type(client->library(), TLSEXT_STATUSTYPE_ocsp);
    server = theirs.wrap(std::move(far_socket_));
    Handshakes ended;
    Scope scope(near_.ready());
    scope.start(agree(*client, ended.client));
    Scope far_scope(far_.ready());
    far_scope.start(agree(*server, ended.server));
    drive([&] { return scope.running() + far_scope.running() == 0; });
    return ended;
  }

  /// What arrives there until `bytes` have come, or the end.
  std::string hear(TlsStream& stream, std::size_t bytes) {
    std::string heard;
    Scope scope(stream.engine().ready());
    scope.start(listen(stream, bytes, heard));
    drive([&] { return scope.running() == 0; });
    return heard;
  }
  void say(TlsStream& stream, std::string bytes) {
    speakers_.start(speak(stream, std::move(bytes)));
  }
  void pass(Duration time = 10ms) { world_.run(time); }

  template <class Condition>
  void drive(Condition is_over) {
    bool ended = world_.run_until(is_over, std::chrono::hours(24)) == SimWorld::Ended::done;
    GG_ASSERT(ended);
  }
  /// near_socket_ and far_socket_ are connected to each other afterwards.
  void connect() {
    if (listener_ == nullptr) listener_ = std::move(*far_.adopt_listener(-1, address_));
    Scope scope(near_.ready());
    scope.start(join());
    drive([&] { return scope.running() == 0; });
  }

  std::unique_ptr<TlsStream> client;
  std::unique_ptr<TlsStream> server;
  SocketPtr near_socket_;
  SocketPtr far_socket_;

 private:
  Task<void> join() {
    Connect connect(near_, address_, Deadline::never());
    Result<SocketPtr, IoError> near = co_await connect;
    Accept accept(far_, *listener_);
    Result<Accepted, IoError> far = co_await accept;
    near_socket_ = std::move(*near);
    far_socket_ = std::move(far->socket);
  }
  static Task<void> agree(TlsStream& stream, Result<void, TlsError>& result) {
    TlsHandshake handshake(stream, Deadline::after(stream.engine().now(), 3s));
    result = co_await handshake;
  }
  static Task<void> listen(TlsStream& stream, std::size_t bytes, std::string& heard) {
    while (heard.size() < bytes) {
      Receive receive = stream.receive(65536, Deadline::never());
      Result<Chunk, IoError> chunk = co_await receive;
      if (!chunk || chunk->empty()) co_return;
      heard += chunk->view();
    }
  }
  static Task<void> speak(TlsStream& stream, std::string bytes) {
    Send send = stream.send(bytes, Deadline::never());
    Result<void, IoError> sent = co_await send;
    ignore(sent, "the listener tells");
  }

  Address address_ = Address::v4({10, 0, 0, 9}, 443);
  std::string offered_;
  bool asks_for_status_ = false;
  TestAuthority authority_;
  TicketKeys tickets_ = TicketKeys::random();
  SimWorld world_{1};
  SimEngine near_{world_};
  SimEngine far_{world_};
  Scope speakers_{near_.ready()};
  SocketPtr listener_;
};

}  // namespace gg
