// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/judge.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr std::int64_t day = std::int64_t{24} * 60 * 60 * 1'000'000;

/// An endpoint that answers well, three times on one connection.
DoctorFacts healthy(std::string url = "http://10.0.0.1:3000") {
  DoctorFacts facts;
  facts.target.url = std::move(url);
  facts.target.endpoint = {.scheme = Scheme::http, .host = "10.0.0.1", .port = 3000};
  facts.is_literal = true;
  facts.when = {.microseconds = 1000 * day};
  AddressFacts address{.address = Address::v4({10, 0, 0, 1}, 3000)};
  for (int i = 0; i < 3; ++i) {
    address.talks.push_back({.was_reused = i > 0,
                             .status = 200,
                             .first_byte = 2ms,
                             .took = 3ms,
                             .head_bytes = 120,
                             .body_bytes = 10,
                             .framing = Framing::Kind::length});
  }
  address.idle = IdleFacts{.watched = 400ms};
  facts.addresses.push_back(std::move(address));
  return facts;
}

AddressFacts& address_of(DoctorFacts& facts) { return facts.addresses.front(); }

Finding only(const DoctorFacts& facts) {
  std::vector<Finding> findings = judge(facts);
  EXPECT_EQ(findings.size(), 1U);
  return findings.empty() ? Finding{} : findings.front();
}

TEST(Judge, SaysNothingOfAHealthyEndpoint) { EXPECT_TRUE(judge(healthy()).empty()); }

TEST(Judge, NamesARefusedConnectionAndWhatShowsWhoListens) {
  DoctorFacts facts = healthy();
  address_of(facts).talks.clear();
  address_of(facts).idle.reset();
  address_of(facts).tcp.error = IoError{.kind = IoError::Kind::refused, .number = 111};

  Finding found = only(facts);

  EXPECT_EQ(found.weight, Weight::wrong);
  EXPECT_EQ(found.cause, Fault::connect_refused);
  EXPECT_NE(found.remedy.find("sport = :3000"), std::string::npos);
  EXPECT_NE(found.remedy.find("127.0.0.1"), std::string::npos);
}

TEST(Judge, TellsThreeWaysOfNotSpeakingHttp2Apart) {
  struct Case {
    Fault fault;
    std::string first_bytes;
    std::string_view says;
  };
  const Case cases[] = {
      {Fault::not_http, "HTTP/1.1 400 Bad Request\r\n", "speaks HTTP/1.1, not HTTP/2"},
      {Fault::connect_timeout, "", "never says hello in HTTP/2"},
      {Fault::connect_failed, "", "ends the connection in place of saying hello"},
  };
  for (const Case& one : cases) {
    DoctorFacts facts = healthy();
    address_of(facts).http2 = Http2Facts{.took = 5s};
    address_of(facts).talks = {{.fault = one.fault, .took = 5s, .first_bytes = one.first_bytes}};
    address_of(facts).idle.reset();

    Finding found = only(facts);

    EXPECT_EQ(found.cause, one.fault);
    EXPECT_NE(found.what.find(one.says), std::string::npos) << found.what;
  }
}

TEST(Judge, NamesTheCodeOfHttp2AndNotesConnectionsThatEndSoon) {
  DoctorFacts facts = healthy();
  address_of(facts).http2 = Http2Facts{.has_greeted = true, .requests_most = 100, .requests = 3};
  EXPECT_TRUE(judge(facts).empty());
  address_of(facts).http2->was_told_to_go = true;
  EXPECT_EQ(only(facts).weight, Weight::note);

  address_of(facts).talks = {
      {.fault = Fault::stream_reset, .message = MessageError::stream_reset, .error_number = 2}};
  Finding found = only(facts);
  EXPECT_NE(found.proof.find("INTERNAL_ERROR (2)"), std::string::npos) << found.proof;
}

TEST(Judge, TellsASlowServiceFromLostPackets) {
  DoctorFacts facts = healthy();
  address_of(facts).talks = {{.fault = Fault::head_timeout, .took = 5s}};
  Finding slow = only(facts);
  address_of(facts).talks.front().unacknowledged = 1;
  address_of(facts).talks.front().retransmits = 4;
  Finding lost = only(facts);

  EXPECT_EQ(slow.blame, Blame::upstream);
  EXPECT_EQ(lost.cause, Fault::head_timeout);
  EXPECT_EQ(lost.blame, Blame::network);
  EXPECT_NE(lost.proof.find("4 sent again"), std::string::npos);
}

TEST(Judge, CountsHowManyRequestsFailed) {
  DoctorFacts facts = healthy();
  address_of(facts).talks[1].fault = Fault::upstream_error_status;
  address_of(facts).talks[1].status = 503;

  EXPECT_NE(only(facts).proof.find("1 of 3 requests"), std::string::npos);
}

TEST(Judge, KnowsAMissingProxyHeaderFromACrash) {
  DoctorFacts facts = healthy();
  address_of(facts).talks = {{.fault = Fault::closed_before_head, .took = 1ms}};
  Finding crash = only(facts);
  address_of(facts).answers_proxy_header = true;
  Finding header = only(facts);

  EXPECT_EQ(crash.cause, header.cause);
  EXPECT_EQ(crash.blame, Blame::upstream);
  EXPECT_EQ(header.blame, Blame::operator_);
  EXPECT_NE(header.what.find("PROXY"), std::string::npos);
}

TEST(Judge, KnowsAPROXYHeaderThatIsOneTooMany) {
  DoctorFacts facts = healthy();
  for (TalkFacts& talk : address_of(facts).talks) talk.status = 400;
  address_of(facts).answers_without_proxy_header = true;

  Finding found = only(facts);

  EXPECT_EQ(found.weight, Weight::wrong);
  EXPECT_EQ(found.blame, Blame::operator_);
  EXPECT_NE(found.what.find("expects no PROXY header"), std::string::npos);
}

TEST(Judge, KnowsAMissingProxyHeaderBeforeTls) {
  DoctorFacts facts = healthy("https://10.0.0.1:3000");
  address_of(facts).talks.clear();
  address_of(facts).idle.reset();
  address_of(facts).tls = TlsFacts{.error = TlsError{.failure = TlsFailure::closed}};
  address_of(facts).answers_proxy_header = true;

  Finding found = only(facts);

  EXPECT_EQ(found.cause, Fault::tls_closed_in_handshake);
  EXPECT_NE(found.what.find("expects a PROXY header"), std::string::npos);
}

TEST(Judge, KnowsAServiceOfThisMachineThatDoesNotAccept) {
  DoctorFacts facts = healthy();
  address_of(facts).talks = {{.fault = Fault::head_timeout, .took = 5s}};
  address_of(facts).idle.reset();
  address_of(facts).not_accepted = 3;

  Finding found = only(facts);

  EXPECT_NE(found.what.find("does not accept"), std::string::npos);
  EXPECT_NE(found.proof.find("3 connections wait to be accepted"), std::string::npos);

  address_of(facts).talks.clear();
  address_of(facts).tcp.error = IoError{.kind = IoError::Kind::deadline};
  EXPECT_NE(only(facts).what.find("its queue of them is full"), std::string::npos);
}

TEST(Judge, KnowsAPathThatLosesLargePackets) {
  DoctorFacts facts = healthy();
  address_of(facts).talks = {{.fault = Fault::head_timeout, .took = 5s}};
  address_of(facts).idle.reset();
  address_of(facts).answers_small_segments = true;

  EXPECT_EQ(only(facts).blame, Blame::network);
  EXPECT_NE(only(facts).what.find("path MTU"), std::string::npos);
  EXPECT_NE(only(facts).proof.find("536"), std::string::npos);
}

TEST(Judge, AnEndpointThatTakesNoRequestInHttp2IsNotFine) {
  DoctorFacts facts = healthy();
  address_of(facts).talks.clear();
  address_of(facts).idle.reset();
  address_of(facts).http2 = Http2Facts{.has_greeted = true, .was_told_to_go = true};
  EXPECT_EQ(only(facts).cause, Fault::goaway_unprocessed);
  EXPECT_NE(only(facts).what.find("before any request"), std::string::npos);

  address_of(facts).http2->was_told_to_go = false;
  EXPECT_NE(only(facts).what.find("MAX_CONCURRENT_STREAMS 0"), std::string::npos);
}

TEST(Judge, ComparesWhatItSawWithTheTimeoutsOfTheConfiguration) {
  DoctorFacts facts = healthy();
  facts.target.upstream = "app";
  facts.target.timeouts = UpstreamTimeouts{.first_byte = 3s};
  address_of(facts).talks[1].first_byte = 2s;
  EXPECT_EQ(only(facts).weight, Weight::risk);
  EXPECT_NE(only(facts).remedy.find("upstreams.app.timeouts.first_byte (now 3.0 s)"),
            std::string::npos);

  address_of(facts).talks[1].first_byte = 3500ms;
  EXPECT_EQ(only(facts).weight, Weight::wrong);

  facts.target.timeouts->first_byte = 60s;
  EXPECT_EQ(only(facts).what, "It answers, but slowly.");
}

TEST(Judge, AWorkersTimeoutBelowTheGatewaysIsToBeLonger) {
  DoctorFacts facts = healthy();
  facts.target.upstream = "app";
  facts.target.timeouts = UpstreamTimeouts{};
  address_of(facts).talks = {{.fault = Fault::closed_after_long_wait, .took = 30s}};
  address_of(facts).idle.reset();

  EXPECT_NE(only(facts).remedy.find("upstreams.app.timeouts.first_byte, now 60.0 s"),
            std::string::npos);
}

TEST(Judge, NotesAHostsFileThatHidesTheNameServers) {
  DoctorFacts facts = healthy();
  facts.is_literal = false;
  facts.names.name = "app.internal";
  facts.names.in_hosts_file = {Address::v4({10, 0, 0, 9}, 0)};
  facts.names.servers = {{.server = "10.0.0.53:53", .addresses = {Address::v4({10, 0, 0, 1}, 0)}}};

  EXPECT_EQ(only(facts).weight, Weight::note);
  EXPECT_NE(only(facts).what.find("hosts file has another address for app.internal"),
            std::string::npos);

  facts.names.servers.front().addresses.push_back(Address::v4({10, 0, 0, 9}, 0));
  EXPECT_TRUE(judge(facts).empty());
}

TEST(Judge, KnowsOtherProtocolsByTheirFirstBytes) {
  DoctorFacts facts = healthy();
  address_of(facts).talks = {{.fault = Fault::not_http, .first_bytes = "SSH-2.0-x\r\n"}};
  EXPECT_NE(only(facts).what.find("SSH"), std::string::npos);
  address_of(facts).talks.front().first_bytes = "\x15\x03\x01";
  EXPECT_NE(only(facts).what.find("TLS"), std::string::npos);
  address_of(facts).talks.front().first_bytes = "\x01\x02";
  EXPECT_NE(only(facts).proof.find("\\x01\\x02"), std::string::npos);
}

TEST(Judge, WarnsOfAShortIdleTimeoutThatWasSeenOrAnnounced) {
  DoctorFacts facts = healthy();
  address_of(facts).talks.back().announced_idle = 5s;
  Finding announced = only(facts);
  address_of(facts).idle = IdleFacts{.watched = 300ms, .was_closed = true};
  Finding seen = only(facts);

  EXPECT_EQ(announced.weight, Weight::risk);
  EXPECT_NE(announced.what.find("5.0 s"), std::string::npos);
  EXPECT_EQ(seen.cause, Fault::keep_alive_race);
  EXPECT_NE(seen.what.find("300 ms"), std::string::npos);
}

TEST(Judge, ALongerIdleTimeoutThanTheGatewaysIsNoFinding) {
  DoctorFacts facts = healthy();
  facts.target.keep_alive = KeepAliveConfig{.idle = 4s};
  address_of(facts).talks.back().announced_idle = 5s;

  EXPECT_TRUE(judge(facts).empty());
}

TEST(Judge, NamesEverythingThatIsWrongWithACertificateAtOnce) {
  DoctorFacts facts = healthy();
  facts.target.endpoint.scheme = Scheme::https;
  facts.target.endpoint.host = "app.internal";
  address_of(facts).talks.clear();
  address_of(facts).tls =
      TlsFacts{.error = TlsError{.failure = TlsFailure::untrusted, .verify = 20},
               .certificate = PeerCertificate{.names = {"*.shop.example"},
                                              .issuer = "somebody",
                                              .valid_from = {.microseconds = 900 * day},
                                              .valid_until = {.microseconds = 999 * day},
                                              .sent = 1}};

  std::vector<Finding> findings = judge(facts);

  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].cause, Fault::tls_untrusted_certificate);
  EXPECT_NE(findings[0].remedy.find("intermediate"), std::string::npos);
  EXPECT_EQ(findings[1].cause, Fault::tls_certificate_expired);
  EXPECT_EQ(findings[2].cause, Fault::tls_name_mismatch);
}

TEST(Judge, AWildcardStandsForOneLabel) {
  DoctorFacts facts = healthy();
  facts.target.endpoint.host = "a.shop.example";
  address_of(facts).tls =
      TlsFacts{.error = TlsError{.failure = TlsFailure::untrusted, .verify = 20},
               .certificate = PeerCertificate{.names = {"*.shop.example"},
                                              .valid_from = {.microseconds = 900 * day},
                                              .valid_until = {.microseconds = 1100 * day}}};
  EXPECT_EQ(judge(facts).size(), 1U);
  facts.target.endpoint.host = "a.b.shop.example";
  EXPECT_EQ(judge(facts).size(), 2U);
}

TEST(Judge, WarnsOfACertificateThatExpiresWithinTwoWeeks) {
  DoctorFacts facts = healthy();
  address_of(facts).tls =
      TlsFacts{.version = "TLSv1.3",
               .certificate = PeerCertificate{.valid_from = {.microseconds = 900 * day},
                                              .valid_until = {.microseconds = 1003 * day}}};
  Finding found = only(facts);
  EXPECT_EQ(found.weight, Weight::risk);
  EXPECT_NE(found.what.find("in 3 days"), std::string::npos);
  address_of(facts).tls->certificate->valid_until = {.microseconds = 1015 * day};
  EXPECT_TRUE(judge(facts).empty());
}

TEST(Judge, NamesAServerThatDoesNotAnswerAndAnswersThatDiffer) {
  DoctorFacts facts = healthy();
  facts.is_literal = false;
  facts.names = {
      .name = "app.internal",
      .servers = {{.server = "10.0.0.53:53", .addresses = {Address::v4({1, 1, 1, 1}, 0)}},
                  {.server = "10.0.0.54:53", .error = DnsError::timeout},
                  {.server = "10.0.0.55:53", .addresses = {Address::v4({2, 2, 2, 2}, 0)}}}};

  std::vector<Finding> findings = judge(facts);

  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].cause, Fault::dns_timeout);
  EXPECT_NE(findings[0].what.find("10.0.0.54"), std::string::npos);
  EXPECT_EQ(findings[1].cause, Fault::dns_stale_answer);
}

TEST(Judge, ANameWithoutAnAnswerIsWrong) {
  DoctorFacts facts;
  facts.target.endpoint.host = "nowhere.example";
  facts.names.name = "nowhere.example";
  facts.name_error = DnsError::no_such_name;

  EXPECT_EQ(only(facts).cause, Fault::dns_no_such_name);
}

TEST(Judge, PutsWhatIsWrongBeforeRisksAndNotes) {
  DoctorFacts facts = healthy();
  address_of(facts).talks.back().closes = true;
  address_of(facts).talks.back().announced_idle = 1s;
  AddressFacts second{.address = Address::v4({10, 0, 0, 2}, 3000)};
  second.tcp.error = IoError{.kind = IoError::Kind::deadline};
  facts.addresses.push_back(second);

  std::vector<Finding> findings = judge(facts);

  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].cause, Fault::connect_timeout);
  EXPECT_EQ(findings[1].weight, Weight::risk);
  EXPECT_EQ(findings[2].weight, Weight::note);
}

TEST(Judge, SeesLimitsOfThisMachineBeforeTheyAreReached) {
  DoctorFacts facts = healthy();
  facts.local = {.ports_first = 1000, .ports_last = 1999, .waiting_sockets = 790};
  EXPECT_TRUE(judge(facts).empty());
  facts.local.waiting_sockets = 810;
  EXPECT_EQ(only(facts).cause, Fault::ports_exhausted);
  facts.local = {.tracked = 95, .tracked_most = 100};
  EXPECT_EQ(only(facts).cause, Fault::path_drops_connections);
}

TEST(Judge, SeesRequestsWaitingForEachOther) {
  DoctorFacts facts = healthy();
  facts.load = LoadFacts{.requests = 21, .at_once = 16, .alone = 20ms, .together = 70ms};
  EXPECT_TRUE(judge(facts).empty());
  facts.load->together = 200ms;
  EXPECT_EQ(only(facts).weight, Weight::note);
  facts.load->failed = 2;
  EXPECT_EQ(only(facts).weight, Weight::wrong);
}

}  // namespace
}  // namespace gg
