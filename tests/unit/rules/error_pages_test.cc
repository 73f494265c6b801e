// SPDX-License-Identifier: Apache-2.0
#include "rules/error_pages.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

const std::vector<ErrorPage> configured = {
    {"5xx", "5xx.html", "all"}, {"502", "502.html", "one"}, {"404", "404.json", "{}"}};

TEST(ErrorPages, APageOfItsOwnComesBeforeThatOfItsClass) {
  ErrorPages pages(configured);

  EXPECT_EQ(pages.find(502)->content, "one");
  EXPECT_EQ(pages.find(503)->content, "all");
  EXPECT_EQ(pages.find(404)->content, "{}");
  EXPECT_EQ(pages.find(403), nullptr);
}

TEST(ErrorPages, WhatAPageIsFollowsFromItsName) {
  ErrorPages pages(configured);

  EXPECT_EQ(pages.find(404)->content_type, "application/json");
  EXPECT_EQ(pages.find(502)->content_type, "text/html; charset=utf-8");
}

std::string filled(std::string content, std::string_view id = "abc") {
  return fill_in({std::move(content), ""}, 502, "Bad Gateway", id);
}

TEST(ErrorPages, StatusReasonAndIdAreFilledIn) {
  EXPECT_EQ(filled("<h1>{status} {reason}</h1>{request_id}."), "<h1>502 Bad Gateway</h1>abc.");
}

TEST(ErrorPages, StylesKeepTheirBraces) {
  EXPECT_EQ(filled("p{color:red}{{status}}{"), "p{color:red}{502}{");
}

TEST(ErrorPages, AnIdCannotBringAScript) {
  EXPECT_EQ(filled("{request_id}", "<script>'x'</script>"), "scriptx/script");
}

}  // namespace
}  // namespace gg
