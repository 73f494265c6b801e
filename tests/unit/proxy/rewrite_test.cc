// SPDX-License-Identifier: Apache-2.0
#include "proxy/rewrite.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "exchange_fixture.h"

namespace gg {
namespace {

/// "Name: value" lines.
std::string text_of_fields(std::span<const Field> fields) {
  std::string text;
  for (const Field& field : fields) {
    text += std::string(field.name) + ": " + std::string(field.value) + "\n";
  }
  return text;
}

class Rewrite : public ExchangeFixture {
 protected:
  /// What the endpoint gets for a request.
  const OutgoingRequest& rewrite(std::string_view request) {
    rewritten_.reset();
    Exchange& exchange = receive(request);
    exchange.sticky = sticky_;
    if (trace_) exchange.record.trace = std::make_unique<TraceContext>(*trace_);
    rewritten_.emplace(exchange, "10.0.0.9:3000", engine(), attempt_);
    sent_ = rewritten_->outgoing();
    return sent_;
  }
  /// Likewise, of a request for http://shop.example/ with these field lines.
  void rewrite_fields(std::string_view lines) {
    rewrite("GET / HTTP/1.1\r\nHost: shop.example\r\n" + std::string(lines) + "\r\n");
  }
  /// The values of every field of that name that is sent, or "-" if there is none.
  std::string sent(std::string_view name) const {
    std::string values;
    for (const Field& field : sent_.fields) {
      if (!equal_ignoring_case(field.name, name)) continue;
      values += (values.empty() ? "" : " | ") + std::string(field.value);
    }
    return values.empty() ? "-" : values;
  }
  /// What the client gets for the response head, as lines.
  std::string response_to_client(std::string_view head) {
    HeadProgress progress;
    ResponseHead parsed;
    HeadOutcome outcome = parse_response_head(head, {}, progress, engine().buffers(), parsed);
    GG_ASSERT(outcome.state == HeadOutcome::State::complete);
    Exchange& exchange = receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    RewrittenResponse rewritten(exchange, parsed, engine());
    OutgoingResponse response = rewritten.outgoing({});
    return std::to_string(response.status) + " " + std::string(response.reason) + "\n" +
           text_of_fields(response.fields) +
           (response.upgrade.empty() ? "" : "(to " + std::string(response.upgrade) + ")\n");
  }

  const StickyConfig* sticky_ = nullptr;
  std::optional<TraceContext> trace_;
  std::uint8_t attempt_ = 1;

 private:
  std::optional<RewrittenRequest> rewritten_;
  OutgoingRequest sent_;
};

constexpr std::string_view date_line = "Date: Thu, 01 Jan 2026 00:00:00 GMT\n";

// Requests.

TEST_F(Rewrite, ARequestGoesOnWithItsOwnFieldsAndOurs) {
  const OutgoingRequest& request = rewrite(
      "GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\nCookie: x=y\r\n"
      "X-Own: 1\r\n\r\n");

  EXPECT_EQ(request.method_text, "GET");
  EXPECT_EQ(request.target, "/a?b=c");
  EXPECT_EQ(request.authority, "shop.example");
  EXPECT_EQ(request.upgrade, "");
  EXPECT_FALSE(request.expects_continue);
  std::string all = text_of_fields(request.fields);
  EXPECT_EQ(all.substr(0, all.find("traceparent")),
            "Accept: */*\nCookie: x=y\nX-Own: 1\nVia: 1.1 gw\nX-Forwarded-For: 10.9.8.7\n"
            "X-Forwarded-Proto: http\nX-Forwarded-Host: shop.example\n"
            "Forwarded: for=10.9.8.7;host=\"shop.example\";proto=http\n"
            "X-Request-Id: 00000000000000010000000000000002\n");
}

TEST_F(Rewrite, FieldsOfTheClientsConnectionEndHere) {
  rewrite_fields(
      "Connection: X-Own, keep-alive\r\nX-Own: 1\r\nKeep-Alive: timeout=5\r\n"
      "Proxy-Connection: keep-alive\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\n"
      "Upgrade: echo\r\nX-Kept: 2\r\n");

  EXPECT_EQ(sent("Connection") + sent("X-Own") + sent("Keep-Alive"), "---");
  EXPECT_EQ(sent("Proxy-Connection") + sent("TE") + sent("Proxy-Authorization"), "---");
  EXPECT_EQ(sent("Upgrade"), "-");
  EXPECT_EQ(sent("X-Kept"), "2");
}

TEST_F(Rewrite, FramingFieldsAreTheStreamsToWrite) {
  rewrite(
      "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n"
      "Content-Type: text/plain\r\n\r\n");

  EXPECT_EQ(sent("Content-Length") + sent("Expect") + sent("Host"), "---");
  EXPECT_EQ(sent("Content-Type"), "text/plain");
}

TEST_F(Rewrite, AnExpectationIsPassedOnAsAFact) {
  EXPECT_TRUE(
      rewrite("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
          .expects_continue);
}

TEST_F(Rewrite, AnUpgradeIsAskedForIfTheClientAsksForIt) {
  EXPECT_EQ(rewrite("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\n"
                    "Upgrade: websocket\r\n\r\n")
                .upgrade,
            "websocket");
}

TEST_F(Rewrite, FieldsThatCarelessServersTakeForOursAreLeftOut) {
  rewrite_fields(
      "X_Forwarded_For: 6.6.6.6\r\nTransfer_Encoding: chunked\r\nX--Forwarded-Host: e\r\n"
      "My_Own: 1\r\n");

  EXPECT_EQ(sent("X_Forwarded_For") + sent("Transfer_Encoding") + sent("X--Forwarded-Host"), "---");
  EXPECT_EQ(sent("My_Own"), "1");
}

// Via.

TEST_F(Rewrite, ViaTellsTheVersionThatTheClientSpoke) {
  rewrite("GET / HTTP/1.0\r\nHost: h\r\n\r\n");

  EXPECT_EQ(sent("Via"), "1.0 gw");
}

TEST_F(Rewrite, ViaIsContinuedOverAllItsLines) {
  rewrite_fields("Via: 1.1 a, 1.0 b\r\nVia: 2 c\r\n");

  EXPECT_EQ(sent("Via"), "1.1 a, 1.0 b, 2 c, 1.1 gw");
}

TEST_F(Rewrite, ALongViaIsContinuedToo) {
  std::string before = "1.1 " + std::string(20'000, 'x');

  rewrite_fields("Via: " + before + "\r\n");

  EXPECT_EQ(sent("Via"), before + ", 1.1 gw");
}

// Who the client is.

TEST_F(Rewrite, NobodyUntrustedIsBelievedAboutTheClient) {
  rewrite_fields(
      "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n"
      "Forwarded: for=6.6.6.6\r\nX-Request-Id: mine\r\n");

  EXPECT_EQ(sent("X-Forwarded-For"), "10.9.8.7");
  EXPECT_EQ(sent("X-Forwarded-Proto"), "http");
  EXPECT_EQ(sent("X-Forwarded-Host"), "shop.example");
  EXPECT_EQ(sent("Forwarded"), "for=10.9.8.7;host=\"shop.example\";proto=http");
  EXPECT_EQ(sent("X-Request-Id"), "00000000000000010000000000000002");
}

TEST_F(Rewrite, ATrustedProxysWordsAreContinued) {
  facts().is_trusted_proxy = true;

  rewrite_fields(
      "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\nX-Forwarded-Proto: https\r\n"
      "X-Forwarded-Host: first.example\r\nForwarded: for=1.1.1.1\r\n");

  EXPECT_EQ(sent("X-Forwarded-For"), "1.1.1.1, 2.2.2.2, 10.9.8.7");
  EXPECT_EQ(sent("X-Forwarded-Proto"), "https");
  EXPECT_EQ(sent("X-Forwarded-Host"), "first.example");
  EXPECT_EQ(sent("Forwarded"), "for=1.1.1.1, for=10.9.8.7;host=\"shop.example\";proto=http");
}

TEST_F(Rewrite, ATrustedProxyThatSaysNothingIsTheClient) {
  facts().is_trusted_proxy = true;

  rewrite_fields("");

  EXPECT_EQ(sent("X-Forwarded-For"), "10.9.8.7");
  EXPECT_EQ(sent("X-Forwarded-Proto"), "http");
  EXPECT_EQ(sent("X-Forwarded-Host"), "shop.example");
}

TEST_F(Rewrite, AnIpv6ClientIsQuotedInForwarded) {
  facts().peer = *parse_ip("2001:db8::7");
  facts().peer_text = "2001:db8::7";

  rewrite_fields("");

  EXPECT_EQ(sent("X-Forwarded-For"), "2001:db8::7");
  EXPECT_EQ(sent("Forwarded"), "for=\"[2001:db8::7]\";host=\"shop.example\";proto=http");
}

TEST_F(Rewrite, AClientOnAUnixSocketIsUnknown) {
  facts().peer = Address::unix_at("/run/gw.sock");
  facts().peer_text = "unix";

  rewrite_fields("");

  EXPECT_EQ(sent("X-Forwarded-For"), "unknown");
  EXPECT_EQ(sent("Forwarded"), "for=unknown;host=\"shop.example\";proto=http");
}

TEST_F(Rewrite, TheStickyCookieStaysWithTheGateway) {
  StickyConfig sticky{.cookie = "route", .secret = "s"};
  sticky_ = &sticky;

  rewrite_fields("Cookie: a=1; route=0123456789abcdef; b=2\r\nCookie: c=3\r\n");
  EXPECT_EQ(sent("cookie"), "a=1; b=2 | c=3");
  rewrite_fields("Cookie: route=0123456789abcdef\r\n");
  EXPECT_EQ(sent("cookie"), "-");
  rewrite_fields("Cookie: route=nonsense; Route=2\r\n");
  EXPECT_EQ(sent("cookie"), "Route=2");
}

TEST_F(Rewrite, WithoutAStickyCookieTheClientsCookiesArePassedOnAsTheyAre) {
  rewrite_fields("Cookie: a=1;; route=0123456789abcdef ;b\r\n");
  EXPECT_EQ(sent("cookie"), "a=1;; route=0123456789abcdef ;b");
}

TEST_F(Rewrite, ARequestThatNamesNoHostGoesToTheEndpointsName) {
  EXPECT_EQ(rewrite("GET / HTTP/1.0\r\n\r\n").authority, "10.0.0.9:3000");

  EXPECT_EQ(sent("X-Forwarded-Host"), "-");
  EXPECT_EQ(sent("Forwarded"), "for=10.9.8.7;proto=http");
}

// Traces.

TEST_F(Rewrite, AGoodTraceIsContinued) {
  constexpr std::string_view trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  rewrite_fields("traceparent: " + std::string(trace) + "\r\ntracestate: a=b\r\n");

  EXPECT_EQ(sent("traceparent"), trace);
  EXPECT_EQ(sent("tracestate"), "a=b");
}

TEST_F(Rewrite, ATraceOfALaterVersionMayBeLonger) {
  constexpr std::string_view trace =
      "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like";

  rewrite_fields("traceparent: " + std::string(trace) + "\r\n");

  EXPECT_EQ(sent("traceparent"), trace);
}

TEST_F(Rewrite, ABadTraceIsReplacedAndItsStateLeftOut) {
  for (std::string_view bad : {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                               "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                               "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                               "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                               "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                               "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
                               "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}) {
    rewrite_fields("traceparent: " + std::string(bad) + "\r\ntracestate: a=b\r\n");

    EXPECT_EQ(sent("tracestate"), "-") << bad;
    std::string fresh = sent("traceparent");
    EXPECT_NE(fresh, bad);
    ASSERT_EQ(fresh.size(), 55U) << fresh;
    EXPECT_TRUE(fresh.starts_with("00-") && fresh.ends_with("-00")) << fresh;
  }
}

TEST_F(Rewrite, WhereTracesAreMadeEachAttemptIsASpanOfItsOwn) {
  constexpr std::string_view client = "00-00000000000000070000000000000008-00000000000000ff-01";
  trace_ = TraceContext{.trace_high = 7, .trace_low = 8, .span = 9, .parent = 0xff};
  const std::string fields = "traceparent: " + std::string(client) + "\r\ntracestate: a=b\r\n";

  rewrite_fields(fields);
  std::string first = sent("traceparent");
  attempt_ = 2;
  rewrite_fields(fields);

  std::string_view same = "00-00000000000000070000000000000008-";
  EXPECT_TRUE(first.starts_with(same)) << first;
  EXPECT_TRUE(first.ends_with("-00")) << first;
  EXPECT_TRUE(sent("traceparent").starts_with(same));
  EXPECT_NE(sent("traceparent"), first);
  EXPECT_NE(first, client);
  EXPECT_EQ(sent("tracestate"), "a=b");
}

TEST_F(Rewrite, EveryRequestWithoutATraceBeginsOneOfItsOwn) {
  rewrite_fields("");
  std::string first = sent("traceparent");
  rewrite_fields("");

  EXPECT_NE(sent("traceparent"), first);
}

// Targets.

TEST_F(Rewrite, AnAbsoluteTargetBecomesAPathAndAHost) {
  const OutgoingRequest& request =
      rewrite("GET http://shop.example:81/a/b?c=d HTTP/1.1\r\nHost: shop.example:81\r\n\r\n");

  EXPECT_EQ(request.target, "/a/b?c=d");
  EXPECT_EQ(request.authority, "shop.example:81");
}

TEST_F(Rewrite, AnAbsoluteTargetWithoutAPathAsksForTheRoot) {
  EXPECT_EQ(rewrite("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").target, "/");
  EXPECT_EQ(rewrite("GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n").target, "/?q");
}

TEST_F(Rewrite, OptionsOfAWholeServerStaySo) {
  EXPECT_EQ(rewrite("OPTIONS http://h HTTP/1.1\r\nHost: h\r\n\r\n").target, "*");
  EXPECT_EQ(rewrite("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").target, "*");
}

TEST_F(Rewrite, APathIsPassedOnAsItWasWritten) {
  EXPECT_EQ(rewrite("GET /%7Ea//b;c/./?%zz HTTP/1.1\r\nHost: h\r\n\r\n").target,
            "/%7Ea//b;c/./?%zz");
}

// Max-Forwards.

TEST_F(Rewrite, OptionsHaveOneHopLess) {
  rewrite("OPTIONS / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 10\r\n\r\n");

  EXPECT_EQ(sent("Max-Forwards"), "9");
}

TEST_F(Rewrite, MaxForwardsOfOtherRequestsMeansNothing) {
  rewrite_fields("Max-Forwards: 10\r\n");

  EXPECT_EQ(sent("Max-Forwards"), "10");
}

TEST_F(Rewrite, OnlyANumberIsAMaxForwards) {
  EXPECT_EQ(
      max_forwards_of(receive("OPTIONS / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 7\r\n\r\n").head),
      7U);
  EXPECT_EQ(
      max_forwards_of(receive("OPTIONS / HTTP/1.1\r\nHost: h\r\nMax-Forwards: x\r\n\r\n").head),
      std::nullopt);
  EXPECT_EQ(max_forwards_of(receive("OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n").head), std::nullopt);
  EXPECT_EQ(max_forwards_of(receive("GET / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 7\r\n\r\n").head),
            std::nullopt);
}

// Loops.

TEST_F(Rewrite, OurOwnNameInViaIsALoop) {
  auto passed = [this](std::string_view via) {
    std::string request = "GET / HTTP/1.1\r\nHost: h\r\nVia: " + std::string(via) + "\r\n\r\n";
    return has_passed_here(receive(request).head, "gw");
  };

  EXPECT_TRUE(passed("1.1 gw"));
  EXPECT_TRUE(passed("1.0 other, 1.1\tGW (comment)"));
  EXPECT_TRUE(passed("HTTP/1.1 a,1.1 gw"));
  EXPECT_FALSE(passed("1.1 gw2"));
  EXPECT_FALSE(passed("gw"));
  EXPECT_FALSE(passed("1.1 other (gw)"));
}

// Responses.

TEST_F(Rewrite, AResponseKeepsItsFieldsAndItsReason) {
  EXPECT_EQ(response_to_client("HTTP/1.1 404 Nowhere\r\nDate: Mon, 02 Mar 2026 00:00:00 GMT\r\n"
                               "Set-Cookie: a=b\r\nSet-Cookie: c=d\r\nServer: x\r\n\r\n"),
            "404 Nowhere\nDate: Mon, 02 Mar 2026 00:00:00 GMT\nSet-Cookie: a=b\nSet-Cookie: c=d\n"
            "Server: x\n");
}

TEST_F(Rewrite, FieldsOfTheEndpointsConnectionEndHere) {
  EXPECT_EQ(response_to_client("HTTP/1.1 200 OK\r\nConnection: X-Own, close\r\nX-Own: 1\r\n"
                               "Keep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\n"
                               "Content-Length: 5\r\nUpgrade: h2c\r\nX-Kept: 2\r\n\r\n"),
            "200 OK\nX-Kept: 2\n" + std::string(date_line));
}

TEST_F(Rewrite, AResponseWithoutADateGetsOne) {
  EXPECT_EQ(response_to_client("HTTP/1.1 200 OK\r\n\r\n"), "200 OK\n" + std::string(date_line));
}

TEST_F(Rewrite, AnInterimResponseNeedsNoDate) {
  EXPECT_EQ(response_to_client("HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n"),
            "103 Hints\nLink: </a>\n");
}

TEST_F(Rewrite, AnErrorOfTheUpstreamSaysThatItIsNotOurs) {
  EXPECT_EQ(response_to_client("HTTP/1.1 502 Bad\r\n\r\n"),
            "502 Bad\n" + std::string(date_line) + "Proxy-Status: gw; received-status=502\n");
}

TEST_F(Rewrite, WhatOtherProxiesSaidOfAnErrorStays) {
  EXPECT_EQ(response_to_client("HTTP/1.1 504 Late\r\nDate: x\r\nProxy-Status: inner; "
                               "error=http_response_timeout\r\n\r\n"),
            "504 Late\nDate: x\nProxy-Status: inner; error=http_response_timeout\n"
            "Proxy-Status: gw; received-status=504\n");
}

TEST_F(Rewrite, AnUpgradeNamesWhatItIsTo) {
  EXPECT_EQ(response_to_client("HTTP/1.1 101 Up\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"),
            "101 Up\n(to echo)\n");
}

// Dates.

std::string date_of(std::int64_t seconds) {
  std::string text(29, ' ');
  write_http_date({.microseconds = seconds * 1'000'000}, text);
  return text;
}

TEST(HttpDate, IsWrittenAsRfc9110Says) {
  EXPECT_EQ(date_of(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date_of(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date_of(1'709'164'800), "Thu, 29 Feb 2024 00:00:00 GMT");
  EXPECT_EQ(date_of(1'798'761'599), "Thu, 31 Dec 2026 23:59:59 GMT");
}

}  // namespace
}  // namespace gg
