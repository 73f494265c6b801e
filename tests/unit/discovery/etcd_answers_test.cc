// SPDX-License-Identifier: Apache-2.0
// What etcd 3.4 says, as it was recorded, and what nobody should say.
#include "discovery/etcd_answers.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "upstream/pool_health.h"

namespace gg {
namespace {

/// "10.0.0.1:80/weight/tier/zone", and "-" before it where it drains.
std::string text_of(const EndpointConfig& one) {
  return (one.drains ? "-" : "") + name_of(one.url) + "/" + std::to_string(one.weight) + "/" +
         std::to_string(one.tier) + "/" + one.zone;
}

std::string text_of(const EtcdList& list) {
  std::string text;
  for (const EndpointConfig& one : list.endpoints()) {
    text += (text.empty() ? "" : " ") + text_of(one);
  }
  return text;
}

std::string pair(std::string_view key, std::string_view value) {
  return R"({"key":")" + encode_base64(key) + R"(","create_revision":"2","value":")" +
         encode_base64(value) + R"("})";
}

std::string range(const std::vector<std::string>& pairs, int revision = 5) {
  std::string text = R"({"header":{"cluster_id":"3249","revision":")" + std::to_string(revision) +
                     R"(","raft_term":"2"})";
  for (std::size_t i = 0; i < pairs.size(); ++i) text += (i == 0 ? ",\"kvs\":[" : ",") + pairs[i];
  return text + (pairs.empty() ? "}" : "],\"count\":\"" + std::to_string(pairs.size()) + "\"}");
}

std::string put(std::string_view key, std::string_view value) {
  return R"({"kv":)" + pair(key, value) + "}";
}

std::string gone(std::string_view key) {
  return R"({"type":"DELETE","kv":{"key":")" + encode_base64(key) + R"(","mod_revision":"6"}})";
}

std::string line(const std::vector<std::string>& events, int revision = 6) {
  std::string text =
      R"({"result":{"header":{"revision":")" + std::to_string(revision) + R"("},"events":[)";
  for (std::size_t i = 0; i < events.size(); ++i) text += (i == 0 ? "" : ",") + events[i];
  return text + "]}}";
}

/// With two endpoints.
EtcdList begun() {
  EtcdList list("/app/");
  EXPECT_TRUE(list.take_range(range(
      {pair("/app/a", "http://10.0.0.1:80"), pair("/app/b", "http://10.0.0.2:80 weight=3")})));
  return list;
}

// Values -----------------------------------------------------------------------------------------

struct ValueRow {
  std::string_view value;
  std::string_view endpoint;  // or what is wrong
};

constexpr ValueRow value_rows[] = {
    {"http://10.0.0.1:3000", "10.0.0.1:3000/1/1/"},
    {" https://app.internal \n", "app.internal:443/1/1/"},
    {"http://10.0.0.1:80 weight=7 tier=2 zone=b", "10.0.0.1:80/7/2/b"},
    {"http://a:80 drain", "-a:80/1/1/"},
    {R"({"url": "http://10.0.0.1:80"})", "10.0.0.1:80/1/1/"},
    {R"({"url":"http://a:80","weight":2,"tier":16,"zone":"c","drain":true})", "-a:80/2/16/c"},
    {R"({"url":"http://a:80","drain":false})", "a:80/1/1/"},
    {"", "it is empty"},
    {"\n", "it is empty"},
    {"http://a:80\nhttp://b:80", "it is not one URL, but 2"},
    {"# nobody", "it is not one URL, but 0"},
    {"ftp://a", R"("ftp://a" has the unknown scheme "ftp")"},
    {"http://a:80 drain=true", R"("drain=true" is none of weight=N, tier=N, zone=NAME and drain)"},
    {"{", "it is not a JSON object"},
    {"{}", R"(it has no "url")"},
    {R"({"url": 1})", R"("url" is 1, not a text)"},
    {R"({"url": "ftp://a"})", R"("ftp://a" has the unknown scheme "ftp")"},
    {R"({"url": "http://a", "weight": 0})", R"("weight" is 0, not a number from 1 to 1000)"},
    {R"({"url": "http://a", "weight": -1})", R"("weight" is -1, not a number from 1 to 1000)"},
    {R"({"url": "http://a", "weight": 1.5})", R"("weight" is 1.5, not a number from 1 to 1000)"},
    {R"({"url": "http://a", "tier": "2"})", R"("tier" is "2", not a number from 1 to 16)"},
    {R"({"url": "http://a", "drain": "yes"})", R"("drain" is "yes", not true or false)"},
    {R"({"url": "http://a", "wieght": 2})",
     R"("wieght" is none of url, weight, tier, zone and drain)"},
};

TEST(EtcdAnswers, AValueIsOneEndpointOrSaysWhatIsWrongWithIt) {
  for (const ValueRow& row : value_rows) {
    Result<EndpointConfig, std::string> read = etcd::read_value(row.value);
    EXPECT_EQ(read ? text_of(*read) : read.error(), row.endpoint) << row.value;
  }
}

// Lists ------------------------------------------------------------------------------------------

TEST(EtcdAnswers, QuestionsAreAboutEverythingBelowThePrefixAndNothingElse) {
  EXPECT_EQ(etcd::range_question("/app/"), R"({"key":")" + encode_base64("/app/") +
                                               R"(","range_end":")" + encode_base64("/app0") +
                                               "\"}");
  EXPECT_EQ(etcd::watch_question("/app/", 6),
            R"({"create_request":{"key":")" + encode_base64("/app/") + R"(","range_end":")" +
                encode_base64("/app0") + R"(","start_revision":"6"}})");
}

TEST(EtcdAnswers, ARangeIsTheWholeListInTheOrderOfItsKeys) {
  EtcdList list = begun();
  EXPECT_EQ(text_of(list), "10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/");
  EXPECT_EQ(list.revision(), 5);

  EXPECT_TRUE(list.take_range(range({pair("/app/b", "http://10.0.0.3:80")}, 9)));
  EXPECT_EQ(text_of(list), "10.0.0.3:80/1/1/");
  EXPECT_EQ(list.revision(), 9);

  EXPECT_TRUE(list.take_range(range({}, 1)));
  EXPECT_EQ(text_of(list), "");
  EXPECT_EQ(list.revision(), 1);
}

TEST(EtcdAnswers, ThePrefixItselfIsNoEndpoint) {
  EtcdList list("/app/");

  EXPECT_TRUE(list.take_range(range({pair("/app/", "a folder")})));

  EXPECT_EQ(text_of(list), "");
  EXPECT_EQ(list.problem(), "");
}

TEST(EtcdAnswers, WhatIsNoAnswerOfEtcdChangesNothing) {
  EtcdList list = begun();

  for (std::string_view text : {"", "{}", "[]", "null", "it works!", R"({"error":"no"})"}) {
    EXPECT_FALSE(list.take_range(text)) << text;
    EXPECT_FALSE(list.take_line(text)) << text;
  }

  EXPECT_EQ(list.endpoints().size(), 2U);
}

struct LineRow {
  std::string_view about;
  std::string text;
  EtcdNews news;
  std::string_view endpoints;
};

const LineRow line_rows[] = {
    {"the watch is there", R"({"result":{"header":{"revision":"5"},"created":true}})",
     EtcdNews::begun, "10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/"},
    {"progress", R"({"result":{"header":{"revision":"9"}}})", EtcdNews::nothing,
     "10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/"},
    {"one comes", line({put("/app/c", "http://10.0.0.3:80")}), EtcdNews::changed,
     "10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/ 10.0.0.3:80/1/1/"},
    {"another weight", line({put("/app/a", "http://10.0.0.1:80 weight=9")}), EtcdNews::changed,
     "10.0.0.1:80/9/1/ 10.0.0.2:80/3/1/"},
    {"a drain", line({put("/app/a", R"({"url":"http://10.0.0.1:80","drain":true})")}),
     EtcdNews::changed, "-10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/"},
    {"one goes", line({gone("/app/a")}), EtcdNews::changed, "10.0.0.2:80/3/1/"},
    {"all go at once, and one comes",
     line({gone("/app/a"), gone("/app/b"), put("/app/c", "http://c:1")}), EtcdNews::changed,
     "c:1/1/1/"},
    {"one goes that was not there", line({gone("/app/x")}), EtcdNews::changed,
     "10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/"},
    {"a key of others", line({put("/apple", "http://c:1")}), EtcdNews::nothing,
     "10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/"},
    {"numbers as numbers", R"({"result":{"header":{"revision":7},"created":true}})",
     EtcdNews::begun, "10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/"},
    {"the history is gone", R"({"result":{"header":{},"canceled":true,"compact_revision":"6"}})",
     EtcdNews::outdated, "10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/"},
};

TEST(EtcdAnswers, EachLineOfAWatchChangesWhatItSays) {
  for (const LineRow& row : line_rows) {
    SCOPED_TRACE(row.about);
    EtcdList list = begun();
    Result<EtcdNews, std::string> news = list.take_line(row.text);
    ASSERT_TRUE(news);
    EXPECT_EQ(*news, row.news);
    EXPECT_EQ(text_of(list), row.endpoints);
  }
}

TEST(EtcdAnswers, AWatchThatIsRefusedSaysWhy) {
  EtcdList list = begun();

  EXPECT_EQ(list.take_line(R"({"result":{"created":true,"canceled":true,)"
                           R"("cancel_reason":"permission\u0007 denied"}})")
                .error(),
            "it ended the watch: permission  denied");
  EXPECT_EQ(list.take_line(R"({"error":{"grpc_code":14,"message":"no leader"}})").error(),
            "it ended the watch: no leader");
}

TEST(EtcdAnswers, AValueThatCannotBeReadIsSaidWithItsKeyAndChangesNothingElse) {
  EtcdList list = begun();

  list.take_line(
      line({put("/app/a", "{"), put("/app/c", "http://10.0.0.3:80"), put("/app/d", "")}));

  EXPECT_EQ(text_of(list), "10.0.0.1:80/1/1/ 10.0.0.2:80/3/1/ 10.0.0.3:80/1/1/");
  EXPECT_EQ(list.problem(),
            "the value of /app/a cannot be read: it is not a JSON object, and 1 more");

  list.take_range(range({pair("/app/a", "{"), pair("/app/b", "http://10.0.0.2:80")}));
  EXPECT_EQ(text_of(list), "10.0.0.1:80/1/1/ 10.0.0.2:80/1/1/");

  list.take_line(line({put("/app/a", "http://10.0.0.9:80")}));
  EXPECT_EQ(text_of(list), "10.0.0.9:80/1/1/ 10.0.0.2:80/1/1/");
  EXPECT_EQ(list.problem(), "");
}

TEST(EtcdAnswers, ThereIsALimitToWhatIsKept) {
  EtcdList list = begun();
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= EtcdList::keys_most; ++i) {
    many.push_back(put("/app/" + std::to_string(i), "http://a:1"));
  }

  EXPECT_FALSE(list.take_line(line(many)));
}

// What goes with it ------------------------------------------------------------------------------

TEST(EtcdAnswers, ATokenIsWhatAHeaderFieldMayHold) {
  EXPECT_EQ(etcd::token_of(R"({"header":{},"token":"abc.17"})"), "abc.17");
  EXPECT_FALSE(etcd::token_of(R"({"token":"a\r\nb"})"));
  EXPECT_FALSE(etcd::token_of("{}"));
}

TEST(EtcdAnswers, AnErrorIsWhatItSaysForItself) {
  EXPECT_EQ(etcd::error_of(R"({"error":"a","message":"etcdserver: b","code":3})"), "etcdserver: b");
  EXPECT_EQ(etcd::error_of(R"({"error":"a\nb"})"), "a b");
  EXPECT_EQ(etcd::error_of("<html>"), "");
}

TEST(EtcdAnswers, ThePasswordIsSpelledAsJson) {
  EXPECT_EQ(etcd::login_question("me", "a\"b"), R"({"name":"me","password":"a\"b"})");
}

}  // namespace
}  // namespace gg
