// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "config/formats.h"
#include "config/model.h"

namespace gg {
namespace {

/// What is printed of what was read, or the problem.
template <class T = std::string>
std::string reprinted(const Format& format, std::string_view text) {
  T value{};
  std::optional<Misreading> misread = format.parse(text, &value);
  return misread ? "! " + misread->problem : format.print(&value);
}

TEST(TextFormats, NamesFitIntoLabelsAndHeaderFields) {
  EXPECT_EQ(reprinted(upstream_name_format, "app-1_b.c"), "app-1_b.c");
  EXPECT_EQ(reprinted(upstream_name_format, "a b").front(), '!');
  EXPECT_EQ(reprinted(upstream_name_format, "").front(), '!');
  EXPECT_EQ(reprinted(upstream_name_format, std::string(65, 'a')).front(), '!');
  EXPECT_EQ(reprinted(deployment_name_format, "auto"), "auto");
}

TEST(TextFormats, AutoLeavesTheDeploymentsNameEmpty) {
  std::string name = "before";

  EXPECT_FALSE(deployment_name_format.parse("auto", &name));

  EXPECT_EQ(name, "");
}

TEST(TextFormats, MethodsAreWrittenAsClientsSendThem) {
  EXPECT_EQ(reprinted(method_format, "M-SEARCH"), "M-SEARCH");
  EXPECT_EQ(reprinted(method_format, "get"), "! \"get\" is not the method that clients send");
  EXPECT_EQ(reprinted(method_format, "A B"), "! \"A B\" is not a method");
  EXPECT_EQ(reprinted(method_format, ""), "! \"\" is not a method");
}

TEST(TextFormats, HeaderNamesAreKeptInLowerCase) {
  EXPECT_EQ(reprinted(header_name_format, "X-User"), "x-user");
  EXPECT_EQ(reprinted(header_name_format, "X:User").front(), '!');
}

TEST(TextFormats, HeaderValuesHaveNoWhiteSpaceAtTheirEnds) {
  EXPECT_EQ(reprinted(header_value_format, "a b"), "a b");
  EXPECT_EQ(reprinted(header_value_format, ""), "");
  EXPECT_EQ(reprinted(header_value_format, "a ").front(), '!');
  EXPECT_EQ(reprinted(header_value_format, "a\r\nb").front(), '!');
}

TEST(TextFormats, PrefixesHaveOneSpelling) {
  EXPECT_EQ(reprinted(path_prefix_format, "/api/"), "/api");
  EXPECT_EQ(reprinted(path_prefix_format, "/api"), "/api");
  EXPECT_EQ(reprinted(path_prefix_format, "/"), "/");
  EXPECT_EQ(reprinted(path_prefix_format, "//"), "/");
  EXPECT_EQ(reprinted(path_format, "/api/"), "/api/");
  EXPECT_EQ(reprinted(path_format, "api").front(), '!');
  EXPECT_EQ(reprinted(path_format, "/a?b").front(), '!');
  EXPECT_EQ(reprinted(path_format, "/a#b").front(), '!');
}

TEST(TextFormats, ExpressionsAreWhatRe2Accepts) {
  EXPECT_EQ(reprinted(regex_format, "^/v[0-9]+/"), "^/v[0-9]+/");
  EXPECT_EQ(reprinted(regex_format, "("), "! \"(\" is not a regular expression: missing ): (");
  EXPECT_EQ(reprinted(regex_format, "(?=a)").front(), '!');
  EXPECT_EQ(reprinted(regex_format, "((a{100}){100}){100}").front(), '!');
}

TEST(TextFormats, ReasonsToRetryAreWordsOrErrorStatuses) {
  EXPECT_EQ(reprinted<RetryOn>(retry_on_format, "connect"), "connect");
  EXPECT_EQ(reprinted<RetryOn>(retry_on_format, "stream_refused"), "stream_refused");
  EXPECT_EQ(reprinted<RetryOn>(retry_on_format, "503"), "503");
  EXPECT_EQ(reprinted<RetryOn>(retry_on_format, "grpc_unavailable"), "grpc_unavailable");
  EXPECT_EQ(reprinted<RetryOn>(retry_on_format, "grpc_ok").front(), '!');
  EXPECT_EQ(reprinted<RetryOn>(retry_on_format, "399").front(), '!');
  EXPECT_EQ(reprinted<RetryOn>(retry_on_format, "600").front(), '!');
  EXPECT_EQ(reprinted<RetryOn>(retry_on_format, "5xx").front(), '!');
}

TEST(TextFormats, HedgesComeAfterAPercentileOrATime) {
  EXPECT_EQ(reprinted(hedge_after_format, "p95"), "p95");
  EXPECT_EQ(reprinted(hedge_after_format, "20ms"), "20ms");
  EXPECT_EQ(reprinted(hedge_after_format, "off"), "off");
  EXPECT_EQ(reprinted(hedge_after_format, "p100").front(), '!');
  EXPECT_EQ(reprinted(hedge_after_format, "soon").front(), '!');
}

}  // namespace
}  // namespace gg
