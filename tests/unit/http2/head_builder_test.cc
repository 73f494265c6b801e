// SPDX-License-Identifier: Apache-2.0
#include "http2/head_builder.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "http/connection_options.h"
#include "http2/memory.h"
#include "task/frame_pool.h"

namespace gg {
namespace {

using List = std::vector<std::pair<std::string, std::string>>;

const List plain = {{":method", "GET"}, {":scheme", "http"}, {":authority", "h"}, {":path", "/"}};

List with(List more) {
  List all = plain;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
/// The plain request with another value of one pseudo-field.
List but(const std::string& name, const std::string& value) {
  List all = plain;
  for (auto& [its_name, its_value] : all) {
    if (its_name == name) its_value = value;
  }
  return all;
}
List without(const std::string& name) {
  List all;
  for (const auto& field : plain) {
    if (field.first != name) all.push_back(field);
  }
  return all;
}

class Http2Head : public testing::Test {
 protected:
  Result<RequestHead, MessageError> read(const List& fields, const Http2HeadLimits& limits = {}) {
    Http2HeadBuilder builder(pool_);
    builder.begin(Http2HeadBuilder::Section::request, limits);
    for (const auto& [name, value] : fields) builder.add(name, value);
    return builder.finish_request();
  }
  MessageError error_of(const List& fields, const Http2HeadLimits& limits = {}) {
    Result<RequestHead, MessageError> head = read(fields, limits);
    return head ? MessageError::none : head.error();
  }
  Result<Fields, MessageError> read_trailers(const List& fields) {
    Http2HeadBuilder builder(pool_);
    builder.begin(Http2HeadBuilder::Section::trailers, {});
    for (const auto& [name, value] : fields) builder.add(name, value);
    return builder.finish_trailers();
  }

  BufferPool pool_;
};

TEST_F(Http2Head, ARequestComesOutAsHttp1WouldGiveIt) {
  List fields = with({{"user-agent", "x"}, {"accept", "*/*"}});
  fields[3].second = "/a/b?c=d";
  Result<RequestHead, MessageError> head = read(fields);

  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->method, Method::get);
  EXPECT_EQ(head->method_text, "GET");
  EXPECT_EQ(head->version, HttpVersion::http2);
  EXPECT_EQ(head->form, TargetForm::origin);
  EXPECT_EQ(head->target, "/a/b?c=d");
  EXPECT_EQ(head->path, "/a/b");
  EXPECT_TRUE(head->has_query);
  EXPECT_EQ(head->query, "c=d");
  EXPECT_EQ(head->authority, "h");
  ASSERT_EQ(head->fields.size(), 2U);
  EXPECT_EQ(head->fields.find(FieldName::user_agent)->value, "x");
  EXPECT_EQ(head->fields.find(FieldName::accept)->value, "*/*");
}

TEST_F(Http2Head, AHeadSurvivesTheBuilderAndLeavesNothing) {
  {
    Result<RequestHead, MessageError> head = read(plain);
    EXPECT_GT(pool_.bytes_lent(), 0U);
    EXPECT_EQ(head->path, "/");
  }
  EXPECT_EQ(pool_.bytes_lent(), 0U);
}

TEST_F(Http2Head, TheHostFieldStandsInForAMissingAuthority) {
  List fields = without(":authority");
  fields.emplace_back("host", "other:80");
  Result<RequestHead, MessageError> head = read(fields);

  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->authority, "other:80");
}

TEST_F(Http2Head, CookiePiecesAreOneFieldAgainWhereTheFirstStood) {
  Result<RequestHead, MessageError> head =
      read(with({{"cookie", "a=1"}, {"accept", "x"}, {"cookie", "b=2"}, {"cookie", "c=3"}}));

  ASSERT_TRUE(head.has_value());
  ASSERT_EQ(head->fields.size(), 2U);
  EXPECT_EQ(head->fields.all()[0].value, "a=1; b=2; c=3");
  EXPECT_EQ(head->fields.all()[1].value, "x");
}

TEST_F(Http2Head, OneCookieStaysAsItIs) {
  Result<RequestHead, MessageError> head = read(with({{"cookie", "a=1; b=2"}}));
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->fields.find(FieldName::cookie)->value, "a=1; b=2");
}

TEST_F(Http2Head, OptionsMayAskForTheWholeServer) {
  List fields = but(":path", "*");
  EXPECT_EQ(error_of(fields), MessageError::bad_target);
  fields[0].second = "OPTIONS";
  EXPECT_EQ(read(fields)->form, TargetForm::asterisk);
}

TEST_F(Http2Head, ConnectNamesAnAuthorityAndNothingElse) {
  List fields = {{":method", "CONNECT"}, {":authority", "h:443"}};
  Result<RequestHead, MessageError> head = read(fields);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->form, TargetForm::authority);
  EXPECT_EQ(head->target, "h:443");
  EXPECT_EQ(error_of({{":method", "CONNECT"}, {":authority", "h"}}), MessageError::bad_target);
  EXPECT_EQ(error_of(but(":method", "CONNECT")), MessageError::bad_pseudo_field);
}

TEST_F(Http2Head, AConnectForAWebSocketIsTheGetOfHttp1) {
  List fields = {{":method", "CONNECT"}, {":protocol", "websocket"},
                 {":scheme", "https"},   {":path", "/chat?room=1"},
                 {":authority", "h"},    {"sec-websocket-version", "13"}};
  Result<RequestHead, MessageError> head = read(fields);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->method, Method::get);
  EXPECT_EQ(head->method_text, "GET");
  EXPECT_EQ(head->form, TargetForm::origin);
  EXPECT_EQ(head->target, "/chat?room=1");
  EXPECT_EQ(wanted_upgrade(*head), "websocket");

  fields[1].second = "connect-udp";
  head = read(fields);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->method, Method::connect);
  EXPECT_EQ(wanted_upgrade(*head), "");

  fields.erase(fields.begin() + 3);
  EXPECT_EQ(error_of(fields), MessageError::bad_pseudo_field) << "without a path";
}

struct Bad {
  const char* what;
  List fields;
  MessageError error;
};

const Bad bad_heads[] = {
    {"no method", without(":method"), MessageError::bad_pseudo_field},
    {"no scheme", without(":scheme"), MessageError::bad_pseudo_field},
    {"no path", without(":path"), MessageError::bad_pseudo_field},
    {"no host at all", without(":authority"), MessageError::no_host},
    {"repeated pseudo-field", with({{":method", "GET"}}), MessageError::bad_pseudo_field},
    {"unknown pseudo-field", with({{":colour", "red"}}), MessageError::bad_pseudo_field},
    {"a protocol without CONNECT",
     {{":method", "GET"},
      {":scheme", "http"},
      {":authority", "h"},
      {":path", "/"},
      {":protocol", "websocket"}},
     MessageError::bad_pseudo_field},
    {"a response's pseudo-field", with({{":status", "200"}}), MessageError::bad_pseudo_field},
    {"pseudo-field behind another field",
     {{":method", "GET"}, {":scheme", "http"}, {"a", "b"}, {":path", "/"}},
     MessageError::bad_pseudo_field},
    {"empty path", but(":path", ""), MessageError::bad_target},
    {"path without slash", but(":path", "x"), MessageError::bad_target},
    {"absolute path", but(":path", "http://h/"), MessageError::bad_target},
    {"space in the path", but(":path", "/a b"), MessageError::bad_target},
    {"fragment", but(":path", "/a#b"), MessageError::bad_target},
    {"line feed in the path", but(":path", "/a\nb"), MessageError::bad_target},
    {"not ASCII in the path", but(":path", "/\xc3\xa4"), MessageError::bad_target},
    {"empty method", but(":method", ""), MessageError::bad_method},
    {"space in the method", but(":method", "GET /"), MessageError::bad_method},
    {"method without end", but(":method", std::string(33, 'G')), MessageError::bad_method},
    {"scheme of something else", but(":scheme", "ftp"), MessageError::bad_pseudo_field},
    {"empty authority", but(":authority", ""), MessageError::bad_host},
    {"user in the authority", but(":authority", "me@h"), MessageError::bad_host},
    {"space in the authority", but(":authority", "h h"), MessageError::bad_host},
    {"port that is none", but(":authority", "h:99999"), MessageError::bad_host},
    {"Host says another", with({{"host", "evil"}}), MessageError::bad_host},
    {"two Hosts", with({{"host", "h"}, {"host", "h"}}), MessageError::repeated_host},
    {"upper case name", with({{"Accept", "x"}}), MessageError::bad_field_name},
    {"empty name", with({{"", "x"}}), MessageError::bad_field_name},
    {"space in a name", with({{"a b", "x"}}), MessageError::bad_field_name},
    {"colon in a name", with({{"a:b", "x"}}), MessageError::bad_field_name},
    {"line feed in a value", with({{"a", "x\ny"}}), MessageError::bad_field_value},
    {"carriage return in a value", with({{"a", "x\ry"}}), MessageError::bad_field_value},
    {"NUL in a value", with({{"a", std::string("x\0y", 3)}}), MessageError::bad_field_value},
    {"space before a value", with({{"a", " x"}}), MessageError::bad_field_value},
    {"tab behind a value", with({{"a", "x\t"}}), MessageError::bad_field_value},
    {"connection", with({{"connection", "close"}}), MessageError::connection_field},
    {"keep-alive", with({{"keep-alive", "5"}}), MessageError::connection_field},
    {"proxy-connection", with({{"proxy-connection", "x"}}), MessageError::connection_field},
    {"transfer-encoding", with({{"transfer-encoding", "chunked"}}), MessageError::connection_field},
    {"upgrade", with({{"upgrade", "h2c"}}), MessageError::connection_field},
    {"te of more", with({{"te", "gzip, trailers"}}), MessageError::connection_field},
};

class Http2BadHead : public Http2Head, public testing::WithParamInterface<Bad> {};

TEST_P(Http2BadHead, IsRefusedForItsReason) {
  EXPECT_EQ(error_of(GetParam().fields), GetParam().error) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(All, Http2BadHead, testing::ValuesIn(bad_heads));

TEST_F(Http2Head, AskingForTrailersIsGood) {
  EXPECT_EQ(error_of(with({{"te", "trailers"}})), MessageError::none);
}

TEST_F(Http2Head, ALimitIsGoodAndOneMoreIsNot) {
  Http2HeadLimits limits{.target_max = Bytes{10}, .section_max = Bytes{400}, .fields_max = 2};
  EXPECT_EQ(error_of(but(":path", "/23456789a"), limits), MessageError::none);
  EXPECT_EQ(error_of(but(":path", "/23456789ab"), limits), MessageError::target_too_long);
  EXPECT_EQ(error_of(with({{"a", "1"}, {"b", "2"}}), limits), MessageError::none);
  EXPECT_EQ(error_of(with({{"a", "1"}, {"b", "2"}, {"c", "3"}}), limits),
            MessageError::too_many_fields);

  // 32 for each field: 4 * 32 + 7 + 3 + 7 + 4 + 10 + 1 + 5 + 1 = 166 of plain, 33 + 201 more.
  EXPECT_EQ(error_of(with({{"a", std::string(201, 'x')}}), limits), MessageError::none);
  EXPECT_EQ(error_of(with({{"a", std::string(202, 'x')}}), limits), MessageError::head_too_large);
}

TEST_F(Http2Head, PiecesOfOneCookieCountAsOneField) {
  Http2HeadLimits limits{.fields_max = 1};
  EXPECT_EQ(error_of(with({{"cookie", "a=1"}, {"cookie", "b=2"}}), limits), MessageError::none);
}

TEST_F(Http2Head, TrailersKeepWhatMayStandThere) {
  Result<Fields, MessageError> trailers =
      read_trailers({{"grpc-status", "0"}, {"cache-control", "no-store"}, {"x-sum", "1"}});
  ASSERT_TRUE(trailers.has_value());
  ASSERT_EQ(trailers->size(), 2U);
  EXPECT_EQ(trailers->all()[0].value, "0");
  EXPECT_EQ(trailers->all()[1].name, "x-sum");
}

TEST_F(Http2Head, TrailersThatFrameOrRouteAreRefused) {
  EXPECT_EQ(read_trailers({{"content-length", "1"}}).error(), MessageError::bad_trailer);
  EXPECT_EQ(read_trailers({{"host", "x"}}).error(), MessageError::bad_trailer);
  EXPECT_EQ(read_trailers({{":path", "/"}}).error(), MessageError::bad_pseudo_field);
  EXPECT_EQ(read_trailers({{"a", "b\n"}}).error(), MessageError::bad_field_value);
  EXPECT_EQ(read_trailers({{"a", std::string(70000, 'x')}}).error(),
            MessageError::trailers_too_large);
}

TEST(Http2Memory, EveryBlockIsGivenBackWhateverBecameOfIt) {
  std::size_t before = frame_counters().live_bytes;
  nghttp2_mem* memory = http2_memory();
  auto* text = static_cast<char*>(memory->malloc(4, nullptr));
  std::copy_n("abc", 4, text);
  text = static_cast<char*>(memory->realloc(text, 100000, nullptr));
  EXPECT_STREQ(text, "abc");
  text = static_cast<char*>(memory->realloc(text, 2, nullptr));
  EXPECT_EQ(text[1], 'b');
  auto* zeros = static_cast<char*>(memory->calloc(3, 5, nullptr));
  EXPECT_EQ(std::string_view(zeros, 15), std::string(15, '\0'));

  memory->free(zeros, nullptr);
  memory->free(text, nullptr);
  memory->free(nullptr, nullptr);
  EXPECT_EQ(frame_counters().live_bytes, before);
}

}  // namespace
}  // namespace gg
