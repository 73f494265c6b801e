// SPDX-License-Identifier: Apache-2.0
// Exhaustive: every Content-Length x Transfer-Encoding x version x method x status of the tables
// below, against the rules said once more in plain words.
#include "http/framing.h"

#include <gtest/gtest.h>

#include <string>

#include "vectors/make_head.h"

namespace gg {
namespace {

using Kind = Framing::Kind;
using Persistence = Framing::Persistence;

struct LengthCase {
  std::vector<std::string_view> lines;
  MessageError error;
  std::uint64_t value;
};

const std::vector<LengthCase> length_cases = {
    {{}, MessageError::none, 0},
    {{"0"}, MessageError::none, 0},
    {{"5"}, MessageError::none, 5},
    {{"003"}, MessageError::none, 3},
    {{"9223372036854775807"}, MessageError::none, 9223372036854775807U},
    {{"9223372036854775808"}, MessageError::bad_content_length, 0},
    {{"18446744073709551616"}, MessageError::bad_content_length, 0},
    {{""}, MessageError::bad_content_length, 0},
    {{"-1"}, MessageError::bad_content_length, 0},
    {{"+5"}, MessageError::bad_content_length, 0},
    {{"5 5"}, MessageError::bad_content_length, 0},
    {{"0x5"}, MessageError::bad_content_length, 0},
    {{"5.0"}, MessageError::bad_content_length, 0},
    {{"5,"}, MessageError::bad_content_length, 0},
    {{",5"}, MessageError::bad_content_length, 0},
    {{"5, 6"}, MessageError::bad_content_length, 0},
    {{"5, 5"}, MessageError::repeated_content_length, 0},
    {{"5,5,5"}, MessageError::repeated_content_length, 0},
    {{"5, 5, 6"}, MessageError::bad_content_length, 0},
    {{"5", "5"}, MessageError::repeated_content_length, 0},
    {{"5", "6"}, MessageError::bad_content_length, 0},
    {{"5", "x"}, MessageError::bad_content_length, 0},
    {{"x", "5"}, MessageError::bad_content_length, 0},
};

struct CodingCase {
  std::vector<std::string_view> lines;
  MessageError error;
};

const std::vector<CodingCase> coding_cases = {
    {{}, MessageError::none},
    {{"chunked"}, MessageError::none},
    {{"CHUNKED"}, MessageError::none},
    {{""}, MessageError::bad_transfer_coding},
    {{",chunked"}, MessageError::bad_transfer_coding},
    {{"chunked,"}, MessageError::bad_transfer_coding},
    {{"chunked, chunked"}, MessageError::bad_transfer_coding},
    {{"chunked", "chunked"}, MessageError::bad_transfer_coding},
    {{"chunked, gzip"}, MessageError::bad_transfer_coding},
    {{"chunked", "identity"}, MessageError::bad_transfer_coding},
    {{"chunked;q=1"}, MessageError::bad_transfer_coding},
    {{"chunked;"}, MessageError::bad_transfer_coding},
    {{"chun ked"}, MessageError::bad_transfer_coding},
    {{"\"chunked\""}, MessageError::bad_transfer_coding},
    {{"\xa0"
      "chunked"},
     MessageError::bad_transfer_coding},
    {{"gzip, chunked"}, MessageError::unsupported_transfer_coding},
    {{"gzip", "chunked"}, MessageError::unsupported_transfer_coding},
    {{"gzip;level=1, chunked"}, MessageError::unsupported_transfer_coding},
    {{"identity"}, MessageError::unsupported_transfer_coding},
    {{"xchunked"}, MessageError::unsupported_transfer_coding},
    {{"chunkedchunked"}, MessageError::unsupported_transfer_coding},
};

Fields make_framing_fields(BufferPool& pool, const LengthCase& length, const CodingCase& coding) {
  Chunk chunk = pool.take(8 * sizeof(Field));
  auto* array = reinterpret_cast<Field*>(chunk.spare().data());
  std::size_t count = 0;
  for (std::string_view line : length.lines) {
    new (&array[count++]) Field{"Content-Length", line, FieldName::content_length};
  }
  for (std::string_view line : coding.lines) {
    new (&array[count++]) Field{"Transfer-Encoding", line, FieldName::transfer_encoding};
  }
  chunk.extend(count * sizeof(Field));
  Fields fields;
  fields.adopt(std::move(chunk), {array, count});
  return fields;
}

/// What is wrong with the two fields whatever message they stand in.
MessageError expected_error(const LengthCase& length, const CodingCase& coding,
                            HttpVersion version) {
  if (!length.lines.empty() && !coding.lines.empty()) return MessageError::length_and_coding;
  if (length.error != MessageError::none) return length.error;
  if (coding.lines.empty()) return MessageError::none;
  return version == HttpVersion::http10 ? MessageError::bad_transfer_coding : coding.error;
}

Result<Framing, MessageError> expected_request(std::string_view method, HttpVersion version,
                                               const LengthCase& length, const CodingCase& coding) {
  MessageError error = expected_error(length, coding, version);
  if (error != MessageError::none) return Failure(error);
  bool has_content = !coding.lines.empty() || length.value > 0;
  if ((method == "TRACE" || method == "CONNECT") && has_content) {
    return Failure(MessageError::body_not_allowed);
  }
  Framing framing;
  framing.persistence =
      version == HttpVersion::http10 ? Persistence::close : Persistence::keep_alive;
  framing.kind = !coding.lines.empty()  ? Kind::chunked
                 : length.lines.empty() ? Kind::none
                                        : Kind::length;
  framing.length = length.value;
  return framing;
}

Result<Framing, MessageError> expected_response(Method method, int status, HttpVersion version,
                                                const LengthCase& length,
                                                const CodingCase& coding) {
  MessageError error = expected_error(length, coding, version);
  if (error != MessageError::none) return Failure(error);
  bool has_content = !coding.lines.empty() || length.value > 0;
  if ((status < 200 || status == 204) && has_content) {
    return Failure(MessageError::body_not_allowed);
  }
  Persistence usual = version == HttpVersion::http10 ? Persistence::close : Persistence::keep_alive;
  if (status == 101 || (method == Method::connect && status >= 200 && status <= 299)) {
    return Framing{.kind = Kind::tunnel, .persistence = Persistence::close};
  }
  if (status < 200 || status == 204 || status == 304 || method == Method::head) {
    return Framing{.kind = Kind::none, .persistence = usual};
  }
  if (!coding.lines.empty()) return Framing{.kind = Kind::chunked, .persistence = usual};
  if (length.lines.empty()) {
    return Framing{.kind = Kind::until_close, .persistence = Persistence::close};
  }
  return Framing{.kind = Kind::length, .persistence = usual, .length = length.value};
}

TEST(Framing, OfEveryRequest) {
  BufferPool pool;
  int cases = 0;
  for (std::string_view method :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "BREW"}) {
    for (HttpVersion version : {HttpVersion::http10, HttpVersion::http11}) {
      for (const LengthCase& length : length_cases) {
        for (const CodingCase& coding : coding_cases) {
          RequestHead head = testing::make_request(pool, method, version, {});
          head.fields = make_framing_fields(pool, length, coding);

          ASSERT_EQ(decide_request_framing(head), expected_request(method, version, length, coding))
              << method << " length case " << (&length - length_cases.data()) << " coding case "
              << (&coding - coding_cases.data());
          ++cases;
        }
      }
    }
  }
  EXPECT_EQ(cases, 10 * 2 * 23 * 21);
}

TEST(Framing, OfEveryResponse) {
  BufferPool pool;
  int cases = 0;
  for (Method method : {Method::get, Method::head, Method::post, Method::connect}) {
    for (int status : {100, 101, 103, 199, 200, 204, 205, 206, 299, 300, 304, 404, 502, 999}) {
      for (HttpVersion version : {HttpVersion::http10, HttpVersion::http11}) {
        for (const LengthCase& length : length_cases) {
          for (const CodingCase& coding : coding_cases) {
            ResponseHead head = testing::make_response(pool, status, version, {});
            head.fields = make_framing_fields(pool, length, coding);

            ASSERT_EQ(decide_response_framing(method, head),
                      expected_response(method, status, version, length, coding))
                << static_cast<int>(method) << " " << status << " length case "
                << (&length - length_cases.data()) << " coding case "
                << (&coding - coding_cases.data());
            ++cases;
          }
        }
      }
    }
  }
  EXPECT_EQ(cases, 4 * 14 * 2 * 23 * 21);
}

Persistence persistence(HttpVersion version, testing::FieldList fields) {
  BufferPool pool;
  return decide_request_framing(testing::make_request(pool, "GET", version, fields))->persistence;
}

TEST(Persistence, FollowsVersionAndOptions) {
  EXPECT_EQ(persistence(HttpVersion::http11, {}), Persistence::keep_alive);
  EXPECT_EQ(persistence(HttpVersion::http11, {{"Connection", "Close"}}), Persistence::close);
  EXPECT_EQ(persistence(HttpVersion::http11, {{"Connection", "x, close, keep-alive"}}),
            Persistence::close);
  EXPECT_EQ(persistence(HttpVersion::http10, {}), Persistence::close);
  EXPECT_EQ(persistence(HttpVersion::http10, {{"Connection", "Keep-Alive"}}),
            Persistence::keep_alive);
  EXPECT_EQ(
      persistence(HttpVersion::http10, {{"Connection", "keep-alive"}, {"Connection", "close"}}),
      Persistence::close);
  EXPECT_EQ(persistence(HttpVersion::http10, {{"Proxy-Connection", "keep-alive"}}),
            Persistence::close);
}

TEST(Framing, TooManyConnectionOptionsAreRefused) {
  BufferPool pool;
  std::string options = "a";
  for (int i = 0; i < 64; ++i) options += ",a";
  RequestHead request =
      testing::make_request(pool, "GET", HttpVersion::http11, {{"Connection", options}});
  ResponseHead response =
      testing::make_response(pool, 200, HttpVersion::http11, {{"Connection", options}});

  EXPECT_EQ(decide_request_framing(request).error(), MessageError::bad_field_value);
  EXPECT_EQ(decide_response_framing(Method::get, response).error(), MessageError::bad_field_value);
}

TEST(Framing, SaysWhetherThereIsABody) {
  EXPECT_FALSE(Framing{}.has_body());
  EXPECT_FALSE((Framing{.kind = Kind::length}).has_body());
  EXPECT_FALSE((Framing{.kind = Kind::tunnel}).has_body());
  EXPECT_TRUE((Framing{.kind = Kind::length, .length = 1}).has_body());
  EXPECT_TRUE((Framing{.kind = Kind::chunked}).has_body());
  EXPECT_TRUE((Framing{.kind = Kind::until_close}).has_body());
}

}  // namespace
}  // namespace gg
