// SPDX-License-Identifier: Apache-2.0
#include "fault/local_reply.h"

#include <gtest/gtest.h>

#include "fault/catalogue.h"

namespace gg {
namespace {

LocalReply reply_to(Fault fault, std::string_view accept) {
  return make_local_reply(
      {.fault = fault, .request_id = "0123abcd", .accept = accept, .deployment = "edge"});
}

bool is_page(std::string_view accept) {
  return reply_to(Fault::connect_refused, accept).content_type == "text/html; charset=utf-8";
}

TEST(LocalReply, IsProblemDetailsForAProgram) {
  const LocalReply reply = reply_to(Fault::connect_refused, "application/json");

  EXPECT_EQ(reply.status, 502);
  EXPECT_EQ(reply.reason, "Bad Gateway");
  EXPECT_EQ(reply.content_type, "application/problem+json");
  EXPECT_EQ(reply.proxy_status, "edge; error=connection_refused");
  EXPECT_EQ(reply.retry_after, "");
  EXPECT_EQ(reply.body,
            "{\"type\":\"about:blank\",\"title\":\"Bad Gateway\",\"status\":502,"
            "\"detail\":\"The service behind this address gave no usable answer. Please try again "
            "shortly.\",\"request_id\":\"0123abcd\"}\n");
}

TEST(LocalReply, IsAPageForAPerson) {
  const LocalReply reply = reply_to(Fault::no_healthy_endpoint, "text/html,*/*;q=0.8");

  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(reply.body.find("<h1>503 Service Unavailable</h1>"), std::string::npos);
  EXPECT_NE(reply.body.find("<code>0123abcd</code>"), std::string::npos);
  EXPECT_NE(reply.body.find("prefers-color-scheme:dark"), std::string::npos);
}

TEST(LocalReply, ThePageFetchesNothing) {
  const std::string body = reply_to(Fault::connect_refused, "text/html").body;

  EXPECT_EQ(body.find("src="), std::string::npos);
  EXPECT_EQ(body.find("href="), std::string::npos);
  EXPECT_EQ(body.find("url("), std::string::npos);
  EXPECT_EQ(body.find("<script"), std::string::npos);
}

TEST(LocalReply, ABrowserGetsThePage) {
  EXPECT_TRUE(is_page("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
  EXPECT_TRUE(is_page("TEXT/HTML"));
  EXPECT_TRUE(is_page("application/json;q=0.5, text/html;q=0.6"));
}

TEST(LocalReply, EverybodyElseGetsProblemDetails) {
  EXPECT_FALSE(is_page(""));
  EXPECT_FALSE(is_page("*/*"));
  EXPECT_FALSE(is_page("text/*"));
  EXPECT_FALSE(is_page("application/problem+json"));
  EXPECT_FALSE(is_page("application/json, text/html;q=0.9"));
  EXPECT_FALSE(is_page("text/html;q=0"));
  EXPECT_FALSE(is_page("text/html;level=1;q=0.000"));
  EXPECT_FALSE(is_page(";;;,,,q=,text/html;q=0.0;;"));
}

TEST(LocalReply, SaysWhenToComeBack) {
  const LocalReply limited =
      make_local_reply({.fault = Fault::rate_limited, .deployment = "edge", .retry_after = 2100ms});

  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.retry_after, "3");
  EXPECT_EQ(reply_to(Fault::queue_full, "").retry_after, "1");
  EXPECT_EQ(reply_to(Fault::head_timeout, "").retry_after, "");
}

TEST(LocalReply, TellsTheNextHopOnlyToThoseWhoAreTrusted) {
  LocalReplyQuestion question{.fault = Fault::connect_refused, .deployment = "edge"};
  question.facts.next_hop = "10.0.0.2:80";
  EXPECT_EQ(make_local_reply(question).proxy_status, "edge; error=connection_refused");

  question.client_is_trusted = true;
  EXPECT_EQ(make_local_reply(question).proxy_status,
            "edge; error=connection_refused; next-hop=\"10.0.0.2:80\"");
}

TEST(LocalReply, AHostileRequestIdCannotBreakOutOfTheBody) {
  const LocalReplyQuestion question{.fault = Fault::connect_refused,
                                    .request_id =
                                        "<a>\"&\\\n\xff"
                                        "b",
                                    .accept = "text/html",
                                    .deployment = "edge"};

  EXPECT_NE(make_local_reply(question).body.find("<code>ab</code>"), std::string::npos);
}

TEST(LocalReply, EveryFaultThatIsAnsweredHasItsOwnWordsAndReason) {
  for (const FaultRow& row : catalogue()) {
    if (!gateway_answers(row.fault)) continue;
    const LocalReply reply = reply_to(row.fault, "");
    EXPECT_NE(reply.reason, "") << row.name;
    const bool has_own_words =
        row.status == 400 || reply.body.find("not valid HTTP") == std::string::npos;
    EXPECT_TRUE(has_own_words) << row.name;
  }
}

TEST(LocalReply, NoBodyTellsWhatLiesBehind) {
  for (const FaultRow& row : catalogue()) {
    if (!gateway_answers(row.fault)) continue;
    LocalReplyQuestion question{.fault = row.fault, .accept = "text/html", .deployment = "edge-7"};
    question.facts.next_hop = "10.0.0.2:80";
    const std::string body = make_local_reply(question).body;
    EXPECT_EQ(body.find(row.name), std::string::npos) << row.name;
    EXPECT_EQ(body.find("10.0.0.2"), std::string::npos) << row.name;
    EXPECT_EQ(body.find("edge-7"), std::string::npos) << row.name;
  }
}

TEST(LocalReply, WhoNamesJsonAndDoesNotPreferAPageAsksForIt) {
  EXPECT_TRUE(asks_for_json("application/json"));
  EXPECT_TRUE(asks_for_json("text/html;q=0.5, application/problem+json"));
  EXPECT_FALSE(asks_for_json("text/html, application/json;q=0.9"));
  EXPECT_FALSE(asks_for_json("*/*"));
  EXPECT_FALSE(asks_for_json(""));
}

}  // namespace
}  // namespace gg
