// SPDX-License-Identifier: Apache-2.0
#include "rules/text_template.h"

#include <gtest/gtest.h>

#include "rules_request.h"

namespace gg {
namespace {

/// The text for a GET of /a/b?c=d; also checks that it needs just the room that it says.
std::string written(std::string_view text, std::string_view lines = {}) {
  RulesRequest request(RulesRequest::get("/a/b?c=d", lines));
  TextTemplate compiled(text);
  std::string room(compiled.size(request.view()), '!');
  std::string_view out = compiled.write(request.view(), room);
  EXPECT_EQ(out.size(), room.size());
  EXPECT_EQ(out, compiled.text(request.view()));
  return std::string(out);
}

TEST(TextTemplate, EveryVariableTellsOfTheRequest) {
  EXPECT_EQ(written("{client} {peer} {id} {listener}"), "192.0.2.7 10.0.0.1 abc :8080");
  EXPECT_EQ(written("{method} {scheme}://{host} {authority}"),
            "GET http://shop.example shop.example:8080");
  EXPECT_EQ(written("{path}|{query}|{target}"), "/a/b|c=d|/a/b?c=d");
  EXPECT_EQ(written("{header:X-Team}{header:user-agent}", "x-team: red\r\nUser-Agent: y\r\n"),
            "redy");
  EXPECT_EQ(written("{cookie:a}", "Cookie: b=1; a=2\r\n"), "2");
}

TEST(TextTemplate, WhatIsNotThereIsEmpty) {
  EXPECT_EQ(written("<{header:X-Team}{cookie:a}{header:cookie}>"), "<>");
}

TEST(TextTemplate, ATargetWithoutAQueryHasNoQuestionMark) {
  RulesRequest request(RulesRequest::get("/a"));

  EXPECT_EQ(TextTemplate("{target}.").text(request.view()), "/a.");
}

TEST(TextTemplate, AnEmptyQueryKeepsItsQuestionMark) {
  RulesRequest request(RulesRequest::get("/a?"));

  EXPECT_EQ(TextTemplate("{target}.").text(request.view()), "/a?.");
}

TEST(TextTemplate, OfAnAbsoluteTargetThePathCounts) {
  RulesRequest request("GET http://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n");

  EXPECT_EQ(TextTemplate("{target} {host}").text(request.view()), "/a?b h");
}

TEST(TextTemplate, DoubledBracesAreBraces) { EXPECT_EQ(written("{{{id}}}"), "{abc}"); }

TEST(TextTemplate, AnAddressKeepsItsBracketsAndLosesItsPort) {
  RulesRequest request("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n");

  EXPECT_EQ(TextTemplate("{host}").text(request.view()), "[::1]");
}

}  // namespace
}  // namespace gg
