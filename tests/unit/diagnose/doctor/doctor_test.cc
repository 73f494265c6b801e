// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/doctor.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(DoctorTargets, AUrlIsReadWithItsPath) {
  Result<DoctorTarget, Misreading> target = parse_target("https://app.internal:8443/health?x=1#y");

  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->endpoint.host, "app.internal");
  EXPECT_EQ(target->endpoint.port, 8443);
  EXPECT_TRUE(target->is_tls());
  EXPECT_EQ(target->path, "/health?x=1");
}

TEST(DoctorTargets, AHostAndPortAreEnough) {
  EXPECT_FALSE(parse_target("10.0.0.1:3000")->is_tls());
  EXPECT_TRUE(parse_target("app.internal:443")->is_tls());
  EXPECT_EQ(parse_target("[::1]:80/x")->endpoint.host, "::1");
  EXPECT_EQ(parse_target("http://a?q")->path, "/?q");
}

TEST(DoctorTargets, NonsenseIsRefusedWithARemedy) {
  for (const char* text : {"ftp://a", "", "http://", "http://a/x y"}) {
    Result<DoctorTarget, Misreading> target = parse_target(text);
    ASSERT_FALSE(target.has_value()) << text;
    EXPECT_FALSE(target.error().remedy.empty());
  }
}

Diagnosis example() {
  DoctorFacts facts;
  facts.target.url = "http://10.0.0.1:3000";
  facts.is_literal = true;
  AddressFacts address{.address = Address::v4({10, 0, 0, 1}, 3000)};
  address.route = {.source = "10.0.0.7", .interface = "eth0", .gateway = "10.0.0.254"};
  address.tcp = {.took = 420us, .round_trip = 380us, .path_mtu = 1500};
  address.talks = {{.status = 503,
                    .first_byte = 2ms,
                    .head_bytes = 140,
                    .body_bytes = 16,
                    .framing = Framing::Kind::chunked,
                    .hops = {.server = "nginx"}}};
  facts.addresses.push_back(address);
  facts.local = {
      .ports_first = 32768, .ports_last = 60999, .waiting_sockets = 12, .descriptors = 1024};
  return {.facts = std::move(facts),
          .findings = {{.weight = Weight::wrong,
                        .cause = Fault::upstream_error_status,
                        .blame = Blame::upstream,
                        .what = "It says no.",
                        .remedy = "Ask it why.",
                        .proof = "status 503"}}};
}

TEST(DoctorText, SaysTheVerdictFirstAndTheEvidenceStageByStage) {
  EXPECT_EQ(to_text(example(), false),
            "http://10.0.0.1:3000: wrong\n"
            "  wrong  upstream_error_status (X1), the service's to mend\n"
            "         It says no.\n"
            "         Do: Ask it why.\n"
            "         Seen: status 503\n"
            "  route  by eth0 from 10.0.0.7 over 10.0.0.254\n"
            "  tcp    10.0.0.1:3000: open, 420 us, round trip 380 us, path MTU 1500\n"
            "  http   1 request: 503; first byte 2.0 ms, head 140 bytes, chunked, body 16 bytes, "
            "Server: \"nginx\"\n"
            "  here   ports 32768 to 60999, 12 in TIME_WAIT; 1024 descriptors\n");
}

TEST(DoctorText, ColoursOnlyWhereTheyAreWanted) {
  EXPECT_NE(to_text(example(), true).find("\033[31m"), std::string::npos);
  EXPECT_EQ(to_text(example(), false).find('\033'), std::string::npos);
}

TEST(DoctorText, JsonHasTheSameInParts) {
  Diagnosis one[] = {example()};
  std::string json = to_json(one);

  for (const char* part : {"\"verdict\": \"wrong\"", "\"cause\": \"upstream_error_status\"",
                           "\"id\": \"X1\"", "\"status\": 503", "\"address\": \"10.0.0.1:3000\""}) {
    EXPECT_NE(json.find(part), std::string::npos) << part;
  }
}

TEST(DoctorText, TheEssenceForgetsTimes) {
  Diagnosis one[] = {example()};
  Diagnosis other[] = {example()};
  other[0].facts.addresses[0].tcp.took = 9ms;
  EXPECT_EQ(essence_of(one), essence_of(other));
  other[0].findings.clear();
  EXPECT_NE(essence_of(one), essence_of(other));
  EXPECT_EQ(summary_of(one), "1 endpoints: 0 fine, 0 at risk, 1 wrong\n");
}

}  // namespace
}  // namespace gg
