// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "config/formats.h"
#include "config/rules_model.h"

namespace gg {
namespace {

/// What is printed of what was read, or "!" if it was refused.
template <class T = std::string>
std::string reprinted(const Format& format, std::string_view text) {
  T value{};
  std::optional<Misreading> misread = format.parse(text, &value);
  return misread ? "!" : format.print(&value);
}

class FramingField : public testing::TestWithParam<std::string_view> {};

TEST_P(FramingField, IsNotToBeChanged) {
  EXPECT_EQ(reprinted(changed_field_format, GetParam()), "!");
  EXPECT_EQ(reprinted(removed_field_format, GetParam()), "!");
}

INSTANTIATE_TEST_SUITE_P(Each, FramingField,
                         testing::Values("Content-Length", "transfer-encoding", "Connection",
                                         "TRAILER", "te", "Upgrade", "Keep-Alive", "Via", "Host",
                                         "Content_Length", "Transfer_Encoding", "not a name", ""));

TEST(RuleFormats, OtherFieldsKeepTheirCaseWhereTheyAreWritten) {
  EXPECT_EQ(reprinted(changed_field_format, "X-Real-IP"), "X-Real-IP");
  EXPECT_EQ(reprinted(removed_field_format, "X-Powered-By"), "x-powered-by");
}

TEST(RuleFormats, TheTextOfAFieldIsOneLineWithKnownVariables) {
  EXPECT_EQ(reprinted<HeaderText>(field_text_format, "a {client} b"), "a {client} b");
  EXPECT_EQ(reprinted<HeaderText>(field_text_format, ""), "");
  EXPECT_EQ(reprinted<HeaderText>(field_text_format, "a\r\nb"), "!");
  EXPECT_EQ(reprinted<HeaderText>(field_text_format, " a"), "!");
  EXPECT_EQ(reprinted<HeaderText>(field_text_format, "{nobody}"), "!");
}

TEST(RuleFormats, TheHostOfRequestsIsTheClientsTheEndpointsOrAName) {
  EXPECT_EQ(reprinted(request_host_format, "client"), "client");
  EXPECT_EQ(reprinted(request_host_format, "endpoint"), "endpoint");
  EXPECT_EQ(reprinted(request_host_format, "{header:X-Host}"), "{header:X-Host}");
  EXPECT_EQ(reprinted(request_host_format, "a b"), "!");
  EXPECT_EQ(reprinted(request_host_format, "http://a"), "!");
}

TEST(RuleFormats, ClientsAreRedirectedToUrlsAndPaths) {
  EXPECT_EQ(reprinted(redirect_target_format, "https"), "https");
  EXPECT_EQ(reprinted(redirect_target_format, "https://{host}/x"), "https://{host}/x");
  EXPECT_EQ(reprinted(redirect_target_format, "/login"), "/login");
  EXPECT_EQ(reprinted(redirect_target_format, "{path}/"), "{path}/");
  EXPECT_EQ(reprinted(redirect_target_format, "//evil"), "!");
  EXPECT_EQ(reprinted(redirect_target_format, "javascript:x"), "!");
  EXPECT_EQ(reprinted(redirect_target_format, "/a b"), "!");
  EXPECT_EQ(reprinted(redirect_target_format, "{query}"), "!");
}

TEST(RuleFormats, PathsThatAreWrittenFitIntoARequestLine) {
  EXPECT_EQ(reprinted(added_prefix_format, "/v2/"), "/v2");
  EXPECT_EQ(reprinted(added_prefix_format, "/v2?x"), "!");
  EXPECT_EQ(reprinted(added_prefix_format, "v2"), "!");
  EXPECT_EQ(reprinted(replacement_format, "/u?id=\\1"), "/u?id=\\1");
  EXPECT_EQ(reprinted(replacement_format, "/u id"), "!");
  EXPECT_EQ(reprinted(replacement_format, "/u#x"), "!");
}

TEST(RuleFormats, AnOriginHasNoPath) {
  EXPECT_EQ(reprinted(origin_format, "https://Shop.example:8443"), "https://shop.example:8443");
  EXPECT_EQ(reprinted(origin_format, "*"), "*");
  EXPECT_EQ(reprinted(origin_format, "https://shop.example/"), "!");
  EXPECT_EQ(reprinted(origin_format, "shop.example"), "!");
  EXPECT_EQ(reprinted(origin_format, "https://*.example"), "!");
}

TEST(RuleFormats, PagesAreForErrorsAlone) {
  EXPECT_EQ(reprinted(error_page_name_format, "404"), "404");
  EXPECT_EQ(reprinted(error_page_name_format, "5xx"), "5xx");
  EXPECT_EQ(reprinted(error_page_name_format, "200"), "!");
  EXPECT_EQ(reprinted(error_page_name_format, "3xx"), "!");
  EXPECT_EQ(reprinted<ErrorPage>(error_page_format, "pages/404.html"), "pages/404.html");
}

}  // namespace
}  // namespace gg
