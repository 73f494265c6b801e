// SPDX-License-Identifier: Apache-2.0
// The promises hold over TLS as they do without it.
#include <gtest/gtest.h>

#include "support/http2_talk.h"
#include "support/tls_origin.h"

namespace gg {

namespace {

const TlsClientContext& clients_context() {
  static const auto made = TlsClientContext::make({.ca = test_authority().file()});
  return **made;
}

SimTlsRelay& put_tls_in_front(World& world) {
  return world.put_tls_in_front(tls_origin_context({.certificate = {.names = {"shop.example"}},
                                                    .protocols = {"h2", "http/1.1"}}),
                                clients_context());
}

/// What a client hears that says this inside TLS.
std::string hear_inside_tls(World& world, std::string bytes) {
  world.start();
  SimTalker talker(world.sim(), World::clients_address(), {{.bytes = std::move(bytes)}});
  world.run_for(5s);
  world.drain();
  world.run_for(200s);
  EXPECT_TRUE(talker.is_over());
  // Which is: requests that the checks know nothing of.
  world.take_complaints();
  return talker.talk().heard;
}

TEST(Tls, ManyRequestsShareAConnectionToAnEndpoint) {
  World world(Seed{3}, {.origins = 1});
  SimTlsRelay& relay = speak_tls(world, 0);

  for (int i = 0; i < 20; ++i) EXPECT_EQ(world.ask({}).status, 200);

  EXPECT_EQ(relay.handshakes(), 1U);
  EXPECT_EQ(world.last_record().attempts[0].fault, Fault::none);
}

TEST(Tls, ANewConnectionToAnEndpointResumesTheSession) {
  World world(Seed{4}, {.origins = 1});
  world.always({.closes = true});
  SimTlsRelay& relay = speak_tls(world, 0);

  for (int i = 0; i < 5; ++i) EXPECT_EQ(world.ask({}).status, 200);

  EXPECT_EQ(relay.handshakes(), 5U);
  EXPECT_GE(relay.resumed(), 2U);
}

TEST(Tls, AnEndpointWithoutAGoodCertificateCostsARetryAndNoError) {
  World world(Seed{5}, {.origins = 2});
  speak_tls(world, 0, {.certificate = {.names = {"other.example"}}});
  speak_tls(world, 1);
  world.prefer(0);

  const SimOutcome& outcome = world.ask({.method = "POST", .body = 2000});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world.last_record().attempts[0].fault, Fault::tls_name_mismatch);
  EXPECT_EQ(world.origin(1).requests().size(), 1U);
}

TEST(Tls, ARefusedClientCertificateIsProofThatNothingRan) {
  World world(Seed{6}, {.origins = 2});
  speak_tls(world, 0, {.client_ca = test_authority().file()});
  speak_tls(world, 1);
  world.prefer(0);

  const SimOutcome& outcome = world.ask({.method = "POST"});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world.last_record().attempts[0].fault, Fault::tls_client_certificate_rejected);
}

TEST(Tls, ABodyThatEndsWithoutACloseNotifyIsTruncated) {
  World world(Seed{7}, {.origins = 1});
  world.always({.body = 300'000, .framing = SimBehaviour::Framing::until_end});
  speak_tls(world, 0).forget_goodbyes();
  world.declare({.kind = Trouble::Kind::ends, .origin = 0});

  world.ask({});

  EXPECT_EQ(world.last_record().fault, Fault::body_truncated);
}

TEST(Tls, ABodyThatEndsWithACloseNotifyIsWhole) {
  World world(Seed{8}, {.origins = 1});
  world.always({.body = 300'000, .framing = SimBehaviour::Framing::until_end});
  speak_tls(world, 0);

  const SimOutcome& outcome = world.ask({});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world.last_record().fault, Fault::none);
}

TEST(Tls, HealthChecksShakeHands) {
  World world(Seed{9}, {.origins = 1});
  SimTlsRelay& relay = speak_tls(world, 0);
  world.upstream().health = {.get = "/healthz", .every = 1s};
  world.start();
  world.run_for(5s);

  EXPECT_GE(relay.handshakes(), 3U);
  EXPECT_EQ(world.ask({}).status, 200);
}

TEST(Tls, ClientsAreServedOverTlsAndTheirConnectionsKept) {
  World world(Seed{10}, {.origins = 1});
  SimTlsRelay& relay = put_tls_in_front(world);

  std::vector<const SimOutcome*> outcomes =
      world.ask_all({.gateway = {}, .requests = {{}, {.method = "POST", .body = 100'000}, {}}});

  for (const SimOutcome* outcome : outcomes) EXPECT_EQ(outcome->status, 200);
  EXPECT_EQ(relay.handshakes(), 1U);
  EXPECT_EQ(only_value(world.origin().requests().front().fields, "x-forwarded-proto"), "https");
}

TEST(Tls, BothSidesSpeakIt) {
  World world(Seed{11}, {.origins = 2});
  put_tls_in_front(world);
  speak_tls(world, 0);
  speak_tls(world, 1);
  world.always({.body = 500'000, .framing = SimBehaviour::Framing::chunked});

  EXPECT_EQ(world.ask({}).status, 200);
  EXPECT_EQ(world.ask({.method = "PUT", .body = 300'000}).status, 200);
}

TEST(Tls, ManyStreamsOfHttp2AreServedWhereBothSidesHaveAgreedOnIt) {
  World world(Seed{15}, {.origins = 1});
  put_tls_in_front(world).offer("\x02h2");
  world.always({.body = 100'000});

  Http2Ear ear;
  std::string all = http2::hello(http2::setting(4, 1 << 20)) + http2::window_frame(0, 1 << 24);
  for (std::uint32_t id = 1; id < 40; id += 2) all += http2::get_frame(id, "/");
  ear.hear(hear_inside_tls(world, all));

  for (std::uint32_t id = 1; id < 40; id += 2) {
    EXPECT_EQ(ear.status(id), "200");
    EXPECT_EQ(ear.answer(id).body.size(), 100'000U);
  }
  EXPECT_EQ(world.records().size(), 20U);
  EXPECT_EQ(only_value(world.origin().requests().front().fields, "x-forwarded-proto"), "https");
}

TEST(Tls, WhoHasAgreedOnHttp2AndSpeaksAnythingElseIsRecorded) {
  World world(Seed{16}, {.origins = 1});
  put_tls_in_front(world).offer("\x02h2");

  hear_inside_tls(world, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(world.last_record().fault, Fault::client_http2_violation);
}

TEST(Tls, Http2IsNotGuessedWhereItWasNotAgreedOn) {
  World world(Seed{17}, {.origins = 1});
  put_tls_in_front(world).offer("\x08http/1.1");

  std::string heard = hear_inside_tls(world, http2::hello() + http2::get_frame(1, "/"));

  EXPECT_TRUE(heard.starts_with("HTTP/1.1 400"));
}

TEST(Tls, AProxyInFrontSaysWhoTheClientIsBeforeTheHandshake) {
  World world(Seed{18}, {.origins = 1});
  world.expect_proxy_headers();
  put_tls_in_front(world).say_first("PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n");

  EXPECT_EQ(world.ask({}).status, 200);
  EXPECT_EQ(only_value(world.origin().requests().front().fields, "x-forwarded-for"), "192.0.2.7");
}

TEST(Tls, AClientThatSpeaksPlainlyIsToldSo) {
  World world(Seed{12}, {.origins = 1});
  put_tls_in_front(world);

  const Talk& talk = world.say({{"GET / HTTP/1.1\r\nHost: a\r\n\r\n"}});

  EXPECT_EQ(talk.status(), "400");
  EXPECT_EQ(world.worker().counters().client_tls_failures[0].read(), 1U);
  EXPECT_TRUE(world.records().empty());
}

TEST(Tls, AClientThatDawdlesInTheHandshakeIsLetGo) {
  World world(Seed{13}, {.origins = 1});
  put_tls_in_front(world);

  const Talk& talk = world.say({{std::string("\x16\x03\x01", 3)}});

  EXPECT_TRUE(talk.is_over);
  EXPECT_GE(talk.lasted, 10s);
  EXPECT_LT(talk.lasted, 12s);
}

}  // namespace

}  // namespace gg
