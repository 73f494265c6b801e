// SPDX-License-Identifier: Apache-2.0
#include "http2/client.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/http2_client_fixture.h"

namespace gg {
namespace {

constexpr std::uint32_t internal_error = 2;
constexpr std::uint32_t refused_stream = 7;
constexpr std::uint32_t cancel = 8;

// The beginning.

TEST_F(Http2Client, AConnectionIsOpenOnceTheEndpointHasSaidHello) {
  EXPECT_FALSE(connection().is_open());
  EXPECT_FALSE(connection().may_begin());

  greet();

  EXPECT_TRUE(connection().is_open());
  EXPECT_TRUE(connection().may_begin());
  EXPECT_EQ(changes_, 1);
}

TEST_F(Http2Client, AnEndpointThatSpeaksHttp1IsFoundOutBeforeARequestIsSent) {
  say("HTTP/1.1 400 Bad Request\r\n\r\n");

  ASSERT_TRUE(connection().failure());
  EXPECT_EQ(connection().failure()->message, MessageError::not_http);
  EXPECT_EQ(connection().first_bytes(), "HTTP/1.1 400 Bad Request\r\n\r\n");
}

TEST_F(Http2Client, AnEndpointThatNeverSaysHelloIsGivenUp) {
  pass(3s);

  ASSERT_TRUE(connection().failure());
  EXPECT_EQ(connection().failure()->io.kind, IoError::Kind::deadline);
}

// Requests and responses.

TEST_F(Http2Client, ARequestIsFieldsAndItsResponseIsRead) {
  greet();
  Http2ClientStream& asked = ask();
  EXPECT_EQ(fields_of(1),
            (http2::FieldPairs{
                {":method", "GET"}, {":scheme", "http"}, {":authority", "h"}, {":path", "/a"}}));
  EXPECT_TRUE(ear().answer(1).has_ended);
  EXPECT_TRUE(asked.request_is_sent());

  say(head(1, "200", false, {{"content-length", "5"}}) + data(1, "hello"));
  Result<ResponseHead, StreamError> head = read_head(asked);

  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->version, HttpVersion::http2);
  EXPECT_EQ(asked.response_framing().kind, Framing::Kind::length);
  EXPECT_EQ(body(asked), "hello");
  EXPECT_TRUE(asked.response_is_complete());
}

TEST_F(Http2Client, ManyRequestsShareAConnectionAndAreWrittenAtOnce) {
  greet();
  std::uint64_t before = engine().counters().sends;
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(await(stream().send_head(get_, {}, Deadline::never())));
  }
  pass();
  EXPECT_LE(engine().counters().sends - before, 51U);

  say(head(99, "201", true) + head(1, "200", true));

  EXPECT_EQ(read_head(*streams_[49])->status, 201);
  EXPECT_EQ(read_head(*streams_[0])->status, 200);
  EXPECT_EQ(connection().streams(), 50U);
}

TEST_F(Http2Client, InterimResponsesComeBeforeTheFinalOne) {
  greet();
  Http2ClientStream& asked = ask();

  say(head(1, "103", false, {{"link", "</a>"}}) + head(1, "204", true));

  EXPECT_EQ(read_head(asked)->status, 103);
  EXPECT_EQ(read_head(asked)->status, 204);
}

TEST_F(Http2Client, SixteenInterimResponsesAreBorneAndNoMore) {
  greet();
  Http2ClientStream& asked = ask();
  for (int i = 0; i < 17; ++i) say(head(1, "103", false));
  for (int i = 0; i < 16; ++i) EXPECT_EQ(read_head(asked)->status, 103);

  EXPECT_EQ(head_error(asked).message, MessageError::too_many_interim_responses);
}

TEST_F(Http2Client, TrailersComeWithTheLastPart) {
  greet();
  Http2ClientStream& asked = ask();

  say(head(1, "200", false) + data(1, "x", false) +
      http2::headers_frame(1, {{"grpc-status", "0"}}));

  ASSERT_TRUE(read_head(asked));
  EXPECT_EQ(body(asked), "x");
  EXPECT_EQ(trailers_, 1U);
}

TEST_F(Http2Client, AResponseToHeadHasALengthAndNoBody) {
  greet();
  Http2ClientStream& asked = stream();
  ASSERT_TRUE(await(asked.send_head(request_of(Method::head, "HEAD"), {}, Deadline::never())));

  say(head(1, "200", true, {{"content-length", "5"}}));

  ASSERT_TRUE(read_head(asked));
  EXPECT_EQ(asked.response_framing().kind, Framing::Kind::none);
  EXPECT_EQ(body(asked), "");
  EXPECT_EQ(body_error_.message, MessageError::none);
}

TEST_F(Http2Client, AGrpcResponseOfTrailersOnlyHasNoLength) {
  greet();
  Http2ClientStream& asked = ask();

  say(head(1, "200", true, {{"grpc-status", "5"}}));

  ASSERT_TRUE(read_head(asked));
  EXPECT_EQ(asked.response_framing().kind, Framing::Kind::chunked);
}

TEST_F(Http2Client, ARequestToGrpcSaysThatTrailersAreRead) {
  greet();
  const Field fields[] = {
      {.name = "Content-Type", .value = "application/grpc", .id = FieldName::content_type}};
  OutgoingRequest request = get_;
  request.fields = fields;

  ASSERT_TRUE(await(stream().send_head(request, {}, Deadline::never())));
  pass();

  EXPECT_EQ(std::ranges::count(fields_of(1), std::pair<std::string, std::string>("te", "trailers")),
            1);
}

// WebSockets (RFC 8441).

const std::string takes_websockets = http2::setting(8, 1);

TEST_F(Http2Client, AnEndpointTakesWebsocketsIfItsSettingsSaySo) {
  EXPECT_FALSE(connection().takes_websockets());

  greet(takes_websockets);

  EXPECT_TRUE(connection().takes_websockets());
}

class WebsocketOverHttp2 : public Http2Client {
 protected:
  /// Asks for one with the key of RFC 6455's example.
  Http2ClientStream& ask_for_socket() {
    greet(takes_websockets);
    Http2ClientStream& asked = stream();
    OutgoingRequest request = request_of(Method::get, "GET");
    request.fields = fields_;
    request.upgrade = "websocket";
    EXPECT_TRUE(await(asked.send_head(request, {}, Deadline::never())));
    pass();
    return asked;
  }
  static std::string value_of(const ResponseHead& head, std::string_view name) {
    const Field* field = head.fields.find(name);
    return field == nullptr ? "" : std::string(field->value);
  }

  Field fields_[2] = {{.name = "Sec-WebSocket-Key", .value = "dGhlIHNhbXBsZSBub25jZQ=="},
                      {.name = "Sec-WebSocket-Version", .value = "13"}};
};

TEST_F(WebsocketOverHttp2, IsAskedForByAConnectThatStaysOpen) {
  Http2ClientStream& asked = ask_for_socket();

  EXPECT_EQ(fields_of(1), (http2::FieldPairs{{":method", "CONNECT"},
                                             {":protocol", "websocket"},
                                             {":scheme", "http"},
                                             {":authority", "h"},
                                             {":path", "/a"},
                                             {"sec-websocket-version", "13"}}));
  EXPECT_FALSE(ear().answer(1).has_ended);
  EXPECT_TRUE(asked.request_is_sent());
}

TEST_F(WebsocketOverHttp2, OpensAsHttp1SwitchesProtocols) {
  Http2ClientStream& asked = ask_for_socket();
  say(head(1, "200", false, {{"sec-websocket-protocol", "chat"}}));
  Result<ResponseHead, StreamError> opened = read_head(asked);

  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->status, 101);
  EXPECT_EQ(value_of(*opened, "Upgrade"), "websocket");
  EXPECT_EQ(value_of(*opened, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(value_of(*opened, "Sec-WebSocket-Protocol"), "chat");
  EXPECT_EQ(asked.response_framing().kind, Framing::Kind::tunnel);
}

TEST_F(WebsocketOverHttp2, PassesBytesBothWaysUntilBothHaveEnded) {
  Http2ClientStream& asked = ask_for_socket();
  say(head(1, "200", false));
  ASSERT_TRUE(read_head(asked));

  ASSERT_TRUE(await(asked.send_body({.bytes = "ping"}, Deadline::never())));
  say(data(1, "pong", false));
  ASSERT_TRUE(await(asked.send_body({.bytes = {}, .last = true}, Deadline::never())));
  say(data(1, "bye"));

  EXPECT_EQ(body(asked), "pongbye");
  EXPECT_EQ(ear().answer(1).body, "ping");
  EXPECT_TRUE(ear().answer(1).has_ended);
}

TEST_F(WebsocketOverHttp2, WhatIsRefusedIsAnAnswerLikeAnyOther) {
  Http2ClientStream& asked = ask_for_socket();
  say(head(1, "403", false) + data(1, "no"));
  Result<ResponseHead, StreamError> refused = read_head(asked);

  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 403);
  EXPECT_EQ(body(asked), "no");
}

TEST_F(WebsocketOverHttp2, ASwitchOfProtocolsIsNoneOfHttp2) {
  Http2ClientStream& asked = ask_for_socket();
  say(head(1, "101", false));

  EXPECT_EQ(head_error(asked).message, MessageError::unexpected_upgrade);
}

// Bodies of requests.

TEST_F(Http2Client, ABodyGoesOutAsFarAsTheEndpointsWindowAllows) {
  greet(http2::setting(4, 10));
  Http2ClientStream& asked = stream();
  std::optional<Result<void, StreamError>> sent;
  begin(asked.send_head(request_of(Method::post, "POST", {.kind = BodyPlan::Kind::unknown}),
                        {.bytes = "0123456789abcdef", .last = true}, Deadline::never()),
        sent);
  pass();
  EXPECT_EQ(ear().answer(1).body, "0123456789");
  EXPECT_FALSE(sent);

  say(http2::window_frame(1, 100));

  ASSERT_TRUE(sent && *sent);
  EXPECT_EQ(ear().answer(1).body, "0123456789abcdef");
  EXPECT_TRUE(ear().answer(1).has_ended);
  EXPECT_TRUE(asked.request_is_sent());
}

TEST_F(Http2Client, TrailersOfARequestAreSentBehindItsBody) {
  greet();
  Chunk storage = engine().buffers().take(64);
  Field all[] = {{.name = "X-Sum", .value = "1"}};
  Fields trailers;
  trailers.adopt(std::move(storage), all);
  Http2ClientStream& asked = stream();

  ASSERT_TRUE(await(
      asked.send_head(request_of(Method::post, "POST", {.kind = BodyPlan::Kind::unknown}),
                      {.bytes = "x", .last = true, .trailers = &trailers}, Deadline::never())));
  pass();

  EXPECT_EQ(ear().answer(1).trailers, (http2::FieldPairs{{"x-sum", "1"}}));
  EXPECT_TRUE(ear().answer(1).has_ended);
}

TEST_F(Http2Client, TrailersMayComeWhenTheBodyIsThereAlready) {
  greet();
  Chunk storage = engine().buffers().take(64);
  Field all[] = {{.name = "X-Sum", .value = "1"}};
  Fields trailers;
  trailers.adopt(std::move(storage), all);
  Http2ClientStream& asked = stream();

  ASSERT_TRUE(
      await(asked.send_head(request_of(Method::post, "POST", {.kind = BodyPlan::Kind::unknown}),
                            {.bytes = "x", .last = false}, Deadline::never())));
  ASSERT_TRUE(await(
      asked.send_body({.bytes = {}, .last = true, .trailers = &trailers}, Deadline::never())));
  pass();

  EXPECT_EQ(ear().answer(1).trailers, (http2::FieldPairs{{"x-sum", "1"}}));
  EXPECT_TRUE(ear().answer(1).has_ended);
  EXPECT_TRUE(asked.request_is_sent());
}

TEST_F(Http2Client, AnAnswerThatComesBeforeTheRequestIsWholeIsRead) {
  greet();
  Http2ClientStream& asked = stream();
  ASSERT_TRUE(
      await(asked.send_head(request_of(Method::post, "POST", {.kind = BodyPlan::Kind::unknown}),
                            {.bytes = "x"}, Deadline::never())));

  say(head(1, "413", false) + data(1, "no") + http2::reset_frame(1, 0));

  EXPECT_EQ(read_head(asked)->status, 413);
  EXPECT_EQ(body(asked), "no");
  EXPECT_EQ(body_error_.message, MessageError::none);
  EXPECT_FALSE(await(asked.send_body({.bytes = "y"}, Deadline::never())));
  EXPECT_FALSE(connection().failure());
}

TEST_F(Http2Client, WindowsAreGivenBackAsTheBodyIsRead) {
  greet();
  Http2ClientStream& asked = ask();
  std::string frame(16384, 'x');
  std::string all = head(1, "200", false);
  for (int i = 0; i < 12; ++i) all += data(1, frame, false);
  say(all);
  EXPECT_EQ(ear().window_given(1), 0U);

  ASSERT_TRUE(read_head(asked));
  ASSERT_TRUE(await(asked.read_body(Deadline::after(engine().now(), 1s))));
  say(data(1, "end"));
  EXPECT_EQ(body(asked), "end");
  pass();

  EXPECT_GE(connection().streams(), 1U);
  EXPECT_TRUE(asked.response_is_complete());
}

// What is wrong with a response.

struct BadResponse {
  std::string_view name;
  std::string frames;
  MessageError error;
};

class Http2ClientBad : public Http2Client, public testing::WithParamInterface<BadResponse> {};

TEST_P(Http2ClientBad, ABadHeadIsRefused) {
  greet();
  Http2ClientStream& asked = ask();

  say(GetParam().frames);

  EXPECT_EQ(head_error(asked).message, GetParam().error);
  streams_.clear();
  pass();
  EXPECT_GE(ear().answer(1).reset, 0);
}

std::string head_of(const http2::FieldPairs& fields) { return http2::headers_frame(1, fields, 0); }

INSTANTIATE_TEST_SUITE_P(
    All, Http2ClientBad,
    testing::Values(
        BadResponse{"no_status", head_of({{"a", "b"}}), MessageError::bad_pseudo_field},
        BadResponse{"two_statuses", head_of({{":status", "200"}, {":status", "200"}}),
                    MessageError::bad_pseudo_field},
        BadResponse{"late_status", head_of({{"a", "b"}, {":status", "200"}}),
                    MessageError::bad_pseudo_field},
        BadResponse{"of_a_request", head_of({{":status", "200"}, {":path", "/"}}),
                    MessageError::bad_pseudo_field},
        BadResponse{"short_status", head_of({{":status", "20"}}), MessageError::bad_status_line},
        BadResponse{"no_number", head_of({{":status", "2xx"}}), MessageError::bad_status_line},
        BadResponse{"upper_case", head_of({{":status", "200"}, {"X-A", "b"}}),
                    MessageError::bad_field_name},
        BadResponse{"bad_value", head_of({{":status", "200"}, {"a", "b\r\nc"}}),
                    MessageError::bad_field_value},
        BadResponse{"connection", head_of({{":status", "200"}, {"connection", "close"}}),
                    MessageError::connection_field},
        BadResponse{"coding", head_of({{":status", "200"}, {"transfer-encoding", "chunked"}}),
                    MessageError::connection_field},
        BadResponse{"two_lengths",
                    head_of({{":status", "200"}, {"content-length", "1"}, {"content-length", "2"}}),
                    MessageError::bad_content_length},
        BadResponse{"upgrade", head_of({{":status", "101"}}), MessageError::unexpected_upgrade},
        BadResponse{"large",
                    http2::frame(http2::headers, 0, 1,
                                 http2::block({{":status", "200"},
                                               {"a", std::string(16000, 'x')},
                                               {"b", std::string(100, 'x')}})) +
                        http2::frame(http2::continuation, 0, 1,
                                     http2::block({{"c", std::string(16000, 'x')}})) +
                        http2::frame(http2::continuation, 0, 1,
                                     http2::block({{"d", std::string(16000, 'x')}})) +
                        http2::frame(http2::continuation, 0, 1,
                                     http2::block({{"e", std::string(16000, 'x')}})) +
                        http2::frame(http2::continuation, http2::end_headers, 1,
                                     http2::block({{"f", std::string(16000, 'x')}})),
                    MessageError::head_too_large}),
    [](const testing::TestParamInfo<BadResponse>& row) { return std::string(row.param.name); });

TEST_F(Http2Client, ABodyBeforeItsHeadIsAgainstTheRules) {
  greet();
  Http2ClientStream& asked = ask();

  say(data(1, "x"));

  EXPECT_EQ(head_error(asked).message, MessageError::http2_violation);
}

TEST_F(Http2Client, ABodyShorterThanItsLengthIsBrokenOff) {
  greet();
  Http2ClientStream& asked = ask();

  say(head(1, "200", false, {{"content-length", "9"}}) + data(1, "short"));

  ASSERT_TRUE(read_head(asked));
  EXPECT_EQ(body(asked), "short");
  EXPECT_EQ(body_error_.message, MessageError::ended_in_body);
}

TEST_F(Http2Client, ABodyLongerThanItsLengthIsRefused) {
  greet();
  Http2ClientStream& asked = ask();

  say(head(1, "200", false, {{"content-length", "2"}}) + data(1, "long"));

  ASSERT_TRUE(read_head(asked));
  body(asked);
  EXPECT_EQ(body_error_.message, MessageError::excess_bytes);
}

// Streams that end early.

TEST_F(Http2Client, ARefusedStreamWasNotLookedAt) {
  greet();
  Http2ClientStream& asked = ask();

  say(http2::reset_frame(1, refused_stream));

  StreamError error = head_error(asked);
  EXPECT_EQ(error.message, MessageError::stream_refused);
  EXPECT_EQ(error.io.number, static_cast<int>(refused_stream));
  EXPECT_TRUE(connection().may_begin());
}

TEST_F(Http2Client, AResetStreamSaysItsCode) {
  greet();
  Http2ClientStream& asked = ask();

  say(http2::reset_frame(1, internal_error));

  StreamError error = head_error(asked);
  EXPECT_EQ(error.message, MessageError::stream_reset);
  EXPECT_EQ(error.io.number, static_cast<int>(internal_error));
}

TEST_F(Http2Client, AGoawayBelowAStreamProvesThatItWasNotProcessed) {
  greet();
  Http2ClientStream& first = ask();
  Http2ClientStream& second = ask();

  say(goaway(1, 11));
  EXPECT_EQ(head_error(second).message, MessageError::goaway_unprocessed);
  EXPECT_FALSE(connection().may_begin());
  say(head(1, "200", true));

  EXPECT_EQ(read_head(first)->status, 200);
}

TEST_F(Http2Client, AGoawayEndsTheWaitOfARequestThatAsksFirst) {
  greet();
  Http2ClientStream& asking = stream(true);
  std::optional<Result<void, StreamError>> sent;
  begin(asking.send_head(get_, {}, Deadline::never()), sent);
  pass();

  say(goaway(0));

  ASSERT_TRUE(sent);
  ASSERT_FALSE(*sent);
  EXPECT_EQ(sent->error().message, MessageError::goaway_unprocessed);
  EXPECT_EQ(asking.bytes_written(), 0U);
}

TEST_F(Http2Client, AGoawayProvesNothingOfAStreamThatWasAnswered) {
  greet();
  ask();
  Http2ClientStream& begun = ask();
  say(head(3, "103", false));

  say(goaway(1, 11));

  ASSERT_EQ(read_head(begun)->status, 103);
  EXPECT_EQ(head_error(begun).message, MessageError::http2_violation);
}

TEST_F(Http2Client, AGracefulGoawayLetsStreamsFinish) {
  greet();
  Http2ClientStream& asked = ask();

  say(goaway(0x7fffffff) + goaway(1));
  EXPECT_TRUE(connection().is_retired());
  say(head(1, "200", true));

  EXPECT_EQ(read_head(asked)->status, 200);
}

TEST_F(Http2Client, AStreamThatIsGivenUpIsTakenBack) {
  greet();
  ask();

  streams_.clear();
  pass();

  EXPECT_EQ(ear().answer(1).reset, static_cast<std::int64_t>(cancel));
  EXPECT_FALSE(connection().failure());
}

TEST_F(Http2Client, TheEndOfTheConnectionIsEachStreamsOwnKindOfEnd) {
  greet();
  Http2ClientStream& waiting = ask();
  Http2ClientStream& answered = ask();
  Http2ClientStream& told = ask();
  say(head(3, "200", false) + head(5, "103", false));
  ASSERT_TRUE(read_head(answered));
  ASSERT_TRUE(read_head(told));

  peer().close();
  pass();

  EXPECT_EQ(head_error(waiting).message, MessageError::ended_before_head);
  body(answered);
  EXPECT_EQ(body_error_.message, MessageError::ended_in_body);
  EXPECT_EQ(head_error(told).message, MessageError::ended_in_head);
}

TEST_F(Http2Client, ARequestOfWhichNoByteLeftWasNotSent) {
  greet();
  Http2ClientStream& asked = stream();
  peer().reset();
  pass();

  await(asked.send_head(get_, {}, Deadline::never()));
  pass();

  EXPECT_EQ(asked.bytes_written(), 0U);
  EXPECT_EQ(head_error(asked).io.kind, IoError::Kind::reset);
}

}  // namespace
}  // namespace gg
