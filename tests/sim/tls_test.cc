// SPDX-License-Identifier: Apache-2.0
// The promises hold over TLS as they do without it.
#include <gtest/gtest.h>

#include "support/tls_origin.h"

namespace gg {

namespace {

const TlsClientContext& clients_context() {
  static const auto made = TlsClientContext::make({.ca = test_authority().file()});
  return **made;
}

SimTlsRelay& put_tls_in_front(World& world) {
  return world.put_tls_in_front(tls_origin_context({.certificate = {.names = {"shop.example"}}}),
                                clients_context());
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
