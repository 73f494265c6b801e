// SPDX-License-Identifier: Apache-2.0
// How handshakes fail, as both sides see it.
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include "unit/tls/tls_pair.h"

namespace gg {

namespace {

using AHandshake = TlsPair;

TEST_F(AHandshake, FailsWithACertificateOfAnUnknownAuthority) {
  TestAuthority unknown;
  Handshakes ended = meet(*server_context(), *client_context({.ca = unknown.file()}));

  ASSERT_FALSE(ended.client.has_value());
  EXPECT_EQ(ended.client.error().failure, TlsFailure::untrusted);
  EXPECT_NE(ended.client.error().verify, 0);
  EXPECT_EQ(ended.server.error().failure, TlsFailure::alert);
}

TEST_F(AHandshake, TakesAnyCertificateWhereTheOperatorSaysSo) {
  Handshakes ended = meet(*server_context(), *client_context({.verify = false}), "other.name");

  EXPECT_TRUE(ended.client.has_value());
}

TEST_F(AHandshake, FailsWithACertificateThatHasExpired) {
  Handshakes ended =
      meet(*server_context(CertificateWish{.until = 1'740'000'000}), *client_context());

  ASSERT_FALSE(ended.client.has_value());
  EXPECT_EQ(ended.client.error().failure, TlsFailure::expired);
  EXPECT_EQ(ended.client.error().verify, X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST_F(AHandshake, FailsWithACertificateThatIsNotYetValid) {
  Handshakes ended =
      meet(*server_context(CertificateWish{.from = 1'900'000'000}), *client_context());

  EXPECT_EQ(ended.client.error().failure, TlsFailure::expired);
}

TEST_F(AHandshake, FailsWithACertificateForOtherNames) {
  Handshakes ended = meet(*server_context(), *client_context(), "shop.example");

  EXPECT_EQ(ended.client.error().failure, TlsFailure::name_mismatch);
}

TEST_F(AHandshake, ChecksAnAddressAgainstTheAddressesInTheCertificate) {
  auto theirs = server_context(CertificateWish{.names = {"10.0.0.9"}});

  EXPECT_TRUE(meet(*theirs, *client_context(), "10.0.0.9").client.has_value());
  EXPECT_EQ(meet(*theirs, *client_context(), "10.0.0.8").client.error().failure,
            TlsFailure::name_mismatch);
}

TEST_F(AHandshake, AsksForTheConfiguredNameInsteadOfTheHost) {
  auto ours = client_context({.ca = authority().file(), .server_name = "app.internal"});

  EXPECT_TRUE(meet(*server_context(), *ours, "10.0.0.9").client.has_value());
  EXPECT_EQ(server->server_name(), "app.internal");
}

TEST_F(AHandshake, EndsWithAnAlertWhenNoProtocolIsCommon) {
  ListenerTls settings{.certificates = {authority().issue()}, .client_ca = {}};
  Handshakes ended = meet(*server_context(settings, {"imap"}), *client_context());

  EXPECT_EQ(ended.client.error().failure, TlsFailure::alert);
  EXPECT_EQ(ended.client.error().alert, 120);
}

TEST_F(AHandshake, AgreesOnTheProtocolThatTheServerLikesBest) {
  ListenerConfig listener;
  ListenerTls settings{.certificates = {authority().issue()}, .client_ca = {}};
  auto both = server_context(settings, protocols_of(listener));
  listener.http2 = false;
  auto only_http1 = server_context(settings, protocols_of(listener));
  offer("\x08http/1.1\x02h2");

  ASSERT_TRUE(meet(*both, *client_context()).server.has_value());
  EXPECT_TRUE(server->agreed_on_http2());
  ASSERT_TRUE(meet(*only_http1, *client_context()).server.has_value());
  EXPECT_EQ(server->protocol(), "http/1.1");
  EXPECT_FALSE(server->agreed_on_http2());
}

TEST_F(AHandshake, ChoosesTheCertificateByTheNameThatIsAskedFor) {
  auto theirs = server_context(
      ListenerTls{.certificates = {authority().issue({.names = {"one.example"}}),
                                   authority().issue({.names = {"two.example", "*.two.example"}})},
                  .client_ca = {}});

  EXPECT_TRUE(meet(*theirs, *client_context(), "one.example").client.has_value());
  EXPECT_TRUE(meet(*theirs, *client_context(), "two.example").client.has_value());
  EXPECT_TRUE(meet(*theirs, *client_context(), "SHOP.two.example").client.has_value());
  // A star is one label; for what nobody has, the first certificate is shown.
  EXPECT_EQ(meet(*theirs, *client_context(), "a.b.two.example").client.error().failure,
            TlsFailure::name_mismatch);
}

TEST_F(AHandshake, TellsWhoTheClientIs) {
  Certificate own = authority().issue({.names = {"client.internal"}});
  auto theirs = server_context(
      ListenerTls{.certificates = {authority().issue()}, .client_ca = authority().file()});
  auto ours = client_context({.ca = authority().file(), .cert = own.cert, .key = own.key});

  Handshakes ended = meet(*theirs, *ours);

  ASSERT_TRUE(ended.server.has_value());
  ClientIdentity identity = client_identity_of(*server);
  EXPECT_EQ(identity.certificate.front(), ':');
  EXPECT_EQ(identity.certificate.back(), ':');
  EXPECT_GT(identity.certificate.size(), 300U);
  EXPECT_EQ(identity.chain, "");
}

TEST_F(AHandshake, TakesAClientWithoutACertificateWhereItIsOptional) {
  auto theirs =
      server_context(ListenerTls{.certificates = {authority().issue()},
                                 .client_ca = authority().file(),
                                 .client_certificates = ListenerTls::ClientCertificates::optional});
  Certificate own = authority().issue({.names = {"client.internal"}});
  TestAuthority unknown;
  Certificate bad = unknown.issue({.names = {"client.internal"}});

  ASSERT_TRUE(meet(*theirs, *client_context()).server.has_value());
  EXPECT_EQ(client_identity_of(*server).certificate, "");
  auto ours = client_context({.ca = authority().file(), .cert = own.cert, .key = own.key});
  ASSERT_TRUE(meet(*theirs, *ours).server.has_value());
  EXPECT_NE(client_identity_of(*server).certificate, "");
  auto others = client_context({.ca = authority().file(), .cert = bad.cert, .key = bad.key});
  EXPECT_FALSE(meet(*theirs, *others).server.has_value());
}

TEST_F(AHandshake, TakesNoTicketOfAListenerThatAsksForLess) {
  ListenerTls asks_nobody{.certificates = {authority().issue()}, .client_ca = {}};
  ListenerTls asks{.certificates = asks_nobody.certificates, .client_ca = authority().file()};
  auto open = server_context(asks_nobody);
  auto closed = server_context(asks);
  TlsSession session;

  ASSERT_TRUE(meet(*open, *client_context(), "app.internal", &session).server.has_value());
  say(*server, "x");
  hear(*client, 1);  // the ticket comes before it
  ASSERT_NE(session.present(), nullptr);

  EXPECT_FALSE(meet(*closed, *client_context(), "app.internal", &session).server.has_value());
}

TEST_F(AHandshake, StaplesTheResponseThatIsValidToTheCertificate) {
  Certificate files = authority().issue();
  files.ocsp = authority().answer_about(files);
  auto good = server_context(ListenerTls{.certificates = {files}});
  files.ocsp = authority().answer_about(files, 1'735'700'000);  // long ago
  auto old = server_context(ListenerTls{.certificates = {files}});
  ask_for_status();

  ASSERT_TRUE(meet(*good, *client_context()).client.has_value());
  const unsigned char* stapled = nullptr;
  EXPECT_GT(SSL_get_tlsext_status_ocsp_resp(client->library(), &stapled), 100);
  ASSERT_TRUE(meet(*old, *client_context()).client.has_value());
  EXPECT_EQ(SSL_get_tlsext_status_ocsp_resp(client->library(), &stapled), -1);
}

TEST_F(AHandshake, RefusesAClientWithoutTheCertificateThatIsAskedFor) {
  auto theirs = server_context(
      ListenerTls{.certificates = {authority().issue()}, .client_ca = authority().file()});
  Handshakes ended = meet(*theirs, *client_context());

  ASSERT_FALSE(ended.server.has_value());
  // In TLS 1.3 the client learns of it when it reads.
  EXPECT_TRUE(ended.client.has_value());
  EXPECT_EQ(hear(*client, 1), "");
  EXPECT_EQ(client->alert_received(), 116);
}

}  // namespace

}  // namespace gg
