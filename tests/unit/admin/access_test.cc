// SPDX-License-Identifier: Apache-2.0
#include "admin/access.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "http1/head_parser.h"

namespace gg {
namespace {

/// A request's head from its lines; the views of its fields live in `pool`.
class AccessTest : public testing::Test {
 protected:
  AdminRefusal ask(const std::string& lines, PageKind page = PageKind::facts) {
    std::string text = "POST /x HTTP/1.1\r\n" + lines + "\r\n";
    HeadProgress progress;
    RequestHead head;
    HeadOutcome outcome = parse_request_head(text, {}, progress, pool_, head);
    EXPECT_EQ(outcome.state, HeadOutcome::State::complete) << text;
    return check_access(head, page, access_);
  }
  int order(const std::string& lines) { return ask(lines, PageKind::orders).status; }

  BufferPool pool_;
  AdminAccess access_ = access_for({}, "");
};

constexpr const char* json = "Content-Type: application/json\r\n";
constexpr const char* token = "0123456789abcdef";

TEST_F(AccessTest, OnThisMachineNoTokenIsNeeded) {
  EXPECT_EQ(ask("Host: 127.0.0.1:9502\r\n").status, 0);
  EXPECT_EQ(ask("Host: localhost\r\n").status, 0);
  EXPECT_EQ(ask("Host: [::1]:9502\r\n").status, 0);
}

TEST_F(AccessTest, ANameThatAnotherMayHaveDefinedIsTurnedAway) {
  EXPECT_EQ(ask("Host: rebound.example:9502\r\n").status, 421);
  EXPECT_EQ(ask("Host: localhost.example\r\n").status, 421);
}

TEST_F(AccessTest, WhatIsOpenIsToldToEverybody) {
  EXPECT_EQ(ask("Host: lb.example\r\n", PageKind::open).status, 0);
}

TEST_F(AccessTest, AnAddressThatOthersReachTellsNothingWithoutAToken) {
  AdminConfig config{.address = ListenAddress{.host = "", .port = 9502, .path = {}}};
  access_ = access_for(config, "");

  EXPECT_EQ(ask("Host: 127.0.0.1\r\n").status, 403);
  EXPECT_EQ(ask("Host: h\r\nAuthorization: Bearer \r\n").status, 403);
}

TEST_F(AccessTest, TheTokenOpensUnderAnyName) {
  AdminConfig config{.address = ListenAddress{.host = "10.0.0.1", .port = 9502, .path = {}}};
  access_ = access_for(config, token);

  EXPECT_EQ(ask("Host: gate.example\r\n").status, 401);
  EXPECT_EQ(ask("Host: gate.example\r\nAuthorization: Bearer 0123456789abcdeX\r\n").status, 401);
  EXPECT_EQ(ask("Host: gate.example\r\nAuthorization: Bearer 0123456789abcde\r\n").status, 401);
  EXPECT_EQ(ask("Host: gate.example\r\nAuthorization: Basic 0123456789abcdef\r\n").status, 401);
  EXPECT_EQ(ask("Host: gate.example\r\nauthorization: bearer 0123456789abcdef\r\n").status, 0);
}

TEST_F(AccessTest, AUnixSocketIsGuardedByItsPermissions) {
  AdminConfig config{.address = ListenAddress{.host = "", .port = 0, .path = "/run/g.sock"}};
  access_ = access_for(config, "");

  EXPECT_EQ(ask("Host: anything\r\n").status, 0);
}

TEST_F(AccessTest, AnOrderIsJson) {
  EXPECT_EQ(order(std::string("Host: localhost\r\n") + json), 0);
  EXPECT_EQ(order("Host: localhost\r\nContent-Type: Application/JSON; charset=utf-8\r\n"), 0);
  EXPECT_EQ(order("Host: localhost\r\nContent-Type: text/plain\r\n"), 415);
  EXPECT_EQ(order("Host: localhost\r\n"), 415);
}

TEST_F(AccessTest, AnotherSitesPageGivesNoOrders) {
  std::string here = std::string("Host: localhost:9502\r\n") + json;

  EXPECT_EQ(order(here + "Origin: http://localhost:9502\r\nSec-Fetch-Site: same-origin\r\n"), 0);
  EXPECT_EQ(order(here + "Origin: https://evil.example\r\n"), 403);
  EXPECT_EQ(order(here + "Origin: null\r\n"), 403);
  EXPECT_EQ(order(here + "Origin: http://localhost:8080\r\n"), 403);
  EXPECT_EQ(order(here + "Sec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(order(here + "Sec-Fetch-Site: same-site\r\n"), 403);
}

TEST(ReadToken, IsTheFirstLineOfAFileIfThatIsLongEnough) {
  std::string path = testing::TempDir() + "/goodgate-token";
  std::ofstream(path) << "  0123456789abcdef \nmore\n";
  EXPECT_EQ(read_token(path), token);

  std::ofstream(path) << "short\n";
  EXPECT_EQ(read_token(path), "");
  std::filesystem::remove(path);
  EXPECT_EQ(read_token(path), "");
}

}  // namespace
}  // namespace gg
