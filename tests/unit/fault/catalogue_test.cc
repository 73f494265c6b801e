// SPDX-License-Identifier: Apache-2.0
#include "fault/catalogue.h"

#include <gtest/gtest.h>

#include "fault/foreign.h"

namespace gg {
namespace {

TEST(Catalogue, HasOneRowPerFaultAndFindsItByFault) {
  ASSERT_EQ(catalogue().size(), fault_count);
  for (const FaultRow& row : catalogue()) EXPECT_EQ(&row_of(row.fault), &row);
}

TEST(Catalogue, NamesAreTheEnumerators) {
  EXPECT_EQ(name_of(Fault::connect_refused), "connect_refused");
  EXPECT_EQ(name_of(Fault::none), "none");
  EXPECT_EQ(name_of(Fault::last), "authentication_required");
}

TEST(Catalogue, FindsAFaultByNameAndByIdWhateverTheCase) {
  EXPECT_EQ(find_fault("keep_alive_race"), Fault::keep_alive_race);
  EXPECT_EQ(find_fault("Keep_Alive_Race"), Fault::keep_alive_race);
  EXPECT_EQ(find_fault("h1"), Fault::keep_alive_race);
  EXPECT_EQ(find_fault("T10"), Fault::tls_client_certificate_rejected);
}

TEST(Catalogue, FindsNothingForWhatIsNoFault) {
  EXPECT_EQ(find_fault(""), std::nullopt);
  EXPECT_EQ(find_fault("H"), std::nullopt);
  EXPECT_EQ(find_fault("connect refused"), std::nullopt);
}

TEST(Catalogue, EveryIdStaysInTheOrderOfItsSection) {
  // Ids are an interface: what once was N1 stays N1.
  EXPECT_EQ(row_of(Fault::no_route).id, "R1");
  EXPECT_EQ(row_of(Fault::dns_no_resolver).id, "D6");
  EXPECT_EQ(row_of(Fault::connect_refused).id, "N1");
  EXPECT_EQ(row_of(Fault::ports_exhausted).id, "L1");
  EXPECT_EQ(row_of(Fault::no_healthy_endpoint).id, "P1");
  EXPECT_EQ(row_of(Fault::tls_not_spoken).id, "T1");
  EXPECT_EQ(row_of(Fault::reset_while_sending).id, "S1");
  EXPECT_EQ(row_of(Fault::head_flood).id, "H14");
  EXPECT_EQ(row_of(Fault::trailers_too_large).id, "B10");
  EXPECT_EQ(row_of(Fault::tunnel_cut).id, "U2");
  EXPECT_EQ(row_of(Fault::gateway_draining).id, "X4");
}

struct StatusCase {
  Fault fault;
  int status;
};

TEST(Catalogue, GivesTheStatusThatTheProductPromises) {
  const StatusCase cases[] = {
      {Fault::head_malformed, 502},
      {Fault::body_truncated, 502},
      {Fault::connect_refused, 502},
      {Fault::closed_before_head, 502},
      {Fault::tls_name_mismatch, 502},
      {Fault::dns_no_such_name, 502},
      {Fault::no_healthy_endpoint, 503},
      {Fault::all_endpoints_draining, 503},
      {Fault::overload_shed, 503},
      {Fault::queue_full, 503},
      {Fault::queue_wait_exceeded, 503},
      {Fault::connection_limit_reached, 503},
      {Fault::head_timeout, 504},
      {Fault::exchange_deadline, 504},
      {Fault::no_route, 404},
      {Fault::ports_exhausted, 503},
      {Fault::descriptors_exhausted, 503},
      {Fault::memory_exhausted, 503},
      {Fault::request_malformed, 400},
      {Fault::request_body_too_large, 413},
      {Fault::target_too_long, 414},
      {Fault::request_head_too_large, 431},
      {Fault::client_head_timeout, 408},
      {Fault::method_not_supported, 501},
      {Fault::version_not_supported, 505},
      {Fault::access_denied, 403},
      {Fault::rate_limited, 429},
      {Fault::client_connection_limit, 429},
      {Fault::authentication_required, 401},
  };
  for (const StatusCase& row : cases) {
    EXPECT_EQ(row_of(row.fault).status, row.status) << name_of(row.fault);
  }
}

TEST(Catalogue, ARaceOfKeepAliveIsNotHeldAgainstTheEndpoint) {
  EXPECT_FALSE(row_of(Fault::keep_alive_race).about_endpoint);
  EXPECT_FALSE(row_of(Fault::client_gone_in_download).about_endpoint);
  EXPECT_FALSE(row_of(Fault::ports_exhausted).about_endpoint);
  EXPECT_TRUE(row_of(Fault::closed_before_head).about_endpoint);
}

TEST(Catalogue, NobodyIsAnsweredWhenTheClientIsGoneOrTheStatusIsTheUpstreams) {
  EXPECT_FALSE(gateway_answers(Fault::client_gone_while_waiting));
  EXPECT_FALSE(gateway_answers(Fault::upstream_error_status));
  EXPECT_FALSE(gateway_answers(Fault::none));
  EXPECT_TRUE(gateway_answers(Fault::connect_refused));
}

TEST(Catalogue, WhatIsRetriedIsNeverTheClientsOwnFault) {
  for (const FaultRow& row : catalogue()) {
    if (row.blame == Blame::client) EXPECT_EQ(row.retry_on, RetryCondition::never) << row.name;
  }
}

TEST(Catalogue, EveryWordHasASpelling) {
  for (int i = 0; i <= static_cast<int>(Stage::last); ++i) {
    EXPECT_NE(name_of(static_cast<Stage>(i)), "");
  }
  for (int i = 0; i <= static_cast<int>(Delivery::last); ++i) {
    EXPECT_NE(name_of(static_cast<Delivery>(i)), "");
  }
  for (int i = 0; i <= static_cast<int>(RetryCondition::last); ++i) {
    EXPECT_NE(name_of(static_cast<RetryCondition>(i)), "");
  }
  EXPECT_EQ(name_of(Blame::operator_), "operator");
  EXPECT_EQ(name_of(Blame::upstream), "upstream");
  EXPECT_EQ(name_of(Blame::network), "network");
  EXPECT_EQ(name_of(Blame::gateway), "gateway");
  EXPECT_EQ(name_of(Blame::client), "client");
}

}  // namespace
}  // namespace gg
