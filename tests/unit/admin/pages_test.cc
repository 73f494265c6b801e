// SPDX-License-Identifier: Apache-2.0
#include "admin/pages.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "admin/assets.h"

namespace gg {
namespace {

TEST(Pages, AreChosenByMethodAndPath) {
  EXPECT_EQ(choose_page(Method::get, "/ready").row->path, "/ready");
  EXPECT_EQ(choose_page(Method::head, "/ready").row->path, "/ready");
  EXPECT_EQ(choose_page(Method::get, "/api/v1/incidents").row->path, "/api/v1/incidents");

  PageChoice one = choose_page(Method::get, "/api/v1/incidents/12");
  EXPECT_EQ(one.row->path, "/api/v1/incidents/");
  EXPECT_EQ(one.rest, "12");
}

TEST(Pages, WithAnotherMethodThereIsNoneThoughThePathIsKnown) {
  PageChoice choice = choose_page(Method::post, "/api/v1/status");
  EXPECT_EQ(choice.row, nullptr);
  EXPECT_TRUE(choice.knows_path);
  EXPECT_EQ(choose_page(Method::get, "/api/v1/endpoints/drain").row, nullptr);
  EXPECT_FALSE(choose_page(Method::get, "/api/v1/incidents/").knows_path);
  EXPECT_FALSE(choose_page(Method::get, "/api/v2/status").knows_path);
}

TEST(Pages, WhateverChangesSomethingIsAnOrder) {
  for (const PageRow& row : admin_pages()) {
    EXPECT_EQ(row.method == Method::post, row.kind == PageKind::orders) << row.path;
  }
}

/// "/api/v1/incidents/" is described as "/api/v1/incidents/{id}".
TEST(Pages, AllThatAreSpokenOfAreDescribedAndNoOther) {
  std::set<std::string> served;
  for (const PageRow& row : admin_pages()) {
    if (row.doc.empty() || row.path == "/") continue;
    std::string path(row.path);
    served.insert((row.method == Method::post ? "post " : "get ") + path +
                  (row.takes_rest() ? "{id}" : ""));
  }
  nlohmann::json description = nlohmann::json::parse(openapi_json.text);
  std::set<std::string> described;
  for (const auto& [path, methods] : description["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) described.insert(method + " " + path);
  }

  EXPECT_EQ(served, described);
}

TEST(ErrorPage, IsJsonWhateverIsSaid) {
  nlohmann::json body = nlohmann::json::parse(error_page(400, R"(a "b" \c)").body);

  EXPECT_EQ(body["error"], R"(a "b" \c)");
}

TEST(Assets, NothingIsInlineAndNothingComesFromElsewhere) {
  EXPECT_EQ(index_html.text.find("<style"), std::string_view::npos);
  EXPECT_EQ(index_html.text.find(" style="), std::string_view::npos);
  EXPECT_EQ(index_html.text.find(" onclick="), std::string_view::npos);
  EXPECT_EQ(index_html.text.find("://"), std::string_view::npos);
  EXPECT_EQ(app_css.text.find("url("), std::string_view::npos);
  EXPECT_EQ(app_js.text.find("innerHTML"), std::string_view::npos);
}

}  // namespace
}  // namespace gg
