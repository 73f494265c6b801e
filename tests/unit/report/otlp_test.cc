// SPDX-License-Identifier: Apache-2.0
// Of what is encoded, that it says the right things; tests/wire/traces_test.py holds every field
// against the published schema.
#include "report/otlp.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "report/trace_recorder.h"
#include "unit/report/example_record.h"

namespace gg {
namespace {

struct DecodedField {
  std::uint64_t number;
  std::uint64_t value;     // of a number
  std::string_view bytes;  // of the others
};

std::uint64_t take_number(std::string_view& text) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    auto byte = static_cast<unsigned char>(text.at(0));
    text.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return value;
  }
  ADD_FAILURE() << "a number without an end";
  return 0;
}

std::uint64_t take_fixed(std::string_view& text, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i > 0; --i) {
    value = value << 8 | static_cast<unsigned char>(text.at(i - 1));
  }
  text.remove_prefix(size);
  return value;
}

std::vector<DecodedField> fields_of(std::string_view message) {
  std::vector<DecodedField> fields;
  while (!message.empty()) {
    std::uint64_t tag = take_number(message);
    DecodedField field{.number = tag >> 3, .value = 0, .bytes = {}};
    switch (tag & 7) {
      case 0:
        field.value = take_number(message);
        break;
      case 1:
        field.value = take_fixed(message, 8);
        break;
      case 5:
        field.value = take_fixed(message, 4);
        break;
      default: {
        std::uint64_t size = take_number(message);
        field.bytes = message.substr(0, size);
        EXPECT_EQ(field.bytes.size(), size);
        message.remove_prefix(field.bytes.size());
      }
    }
    fields.push_back(field);
  }
  return fields;
}

std::vector<std::string_view> all(std::string_view message, std::uint64_t number) {
  std::vector<std::string_view> found;
  for (const DecodedField& field : fields_of(message)) {
    if (field.number == number) found.push_back(field.bytes);
  }
  return found;
}

std::string_view one(std::string_view message, std::uint64_t number) {
  std::vector<std::string_view> found = all(message, number);
  EXPECT_EQ(found.size(), 1u) << number;
  return found.empty() ? std::string_view{} : found.front();
}

std::uint64_t number_of(std::string_view message, std::uint64_t number) {
  for (const DecodedField& field : fields_of(message)) {
    if (field.number == number) return field.value;
  }
  return 0;
}

/// Attributes by name; numbers and truths in digits.
std::map<std::string, std::string> attributes_of(std::string_view message, std::uint64_t number) {
  std::map<std::string, std::string> found;
  for (std::string_view pair : all(message, number)) {
    DecodedField value = fields_of(one(pair, 2)).at(0);
    std::string text = value.number == 1 ? std::string(value.bytes) : std::to_string(value.value);
    found.emplace(one(pair, 1), text);
  }
  return found;
}

std::string hex_of(std::string_view bytes) {
  std::string text;
  for (char byte : bytes) {
    std::array<char, 16> digits{};
    write_hex(static_cast<unsigned char>(byte), digits.data());
    text.append(digits.data() + 14, 2);
  }
  return text;
}

TraceRecord trace_of(ExchangeRecord& record, bool is_sampled = true) {
  record.trace = std::make_unique<TraceContext>(TraceContext{.trace_high = 0x0102030405060708,
                                                             .trace_low = 0x090a0b0c0d0e0f10,
                                                             .span = 0x1112131415161718,
                                                             .parent = 0x2122232425262728,
                                                             .state = "a=b",
                                                             .is_sampled = is_sampled});
  TraceRecorder recorder(1);
  recorder.finished(record);
  const TraceRecord* kept = recorder.ring().front();
  GG_ASSERT(kept != nullptr);
  return *kept;
}

/// The Span messages of a request.
std::vector<std::string> spans_of(const TraceRecord& trace) {
  std::string encoded;
  otlp::append_spans(encoded, trace);
  std::vector<std::string> spans;
  for (std::string_view span : all(encoded, 2)) spans.emplace_back(span);
  return spans;
}

TEST(Otlp, ARequestIsAServersSpan) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  std::string span = spans_of(trace_of(record)).at(0);

  EXPECT_EQ(hex_of(one(span, 1)), "0102030405060708090a0b0c0d0e0f10");
  EXPECT_EQ(hex_of(one(span, 2)), "1112131415161718");
  EXPECT_EQ(one(span, 3), "a=b");
  EXPECT_EQ(hex_of(one(span, 4)), "2122232425262728");
  EXPECT_EQ(one(span, 5), "GET shop");
  EXPECT_EQ(number_of(span, 6), 2u);
  EXPECT_EQ(number_of(span, 7), 1'785'587'696'000'789'000u);
  EXPECT_EQ(number_of(span, 8) - number_of(span, 7), 1'750'000u);
  EXPECT_TRUE(all(span, 15).empty());
  EXPECT_EQ(number_of(span, 16), 0x301u);
}

TEST(Otlp, ItsAttributesHaveTheNamesOfTheConventions) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  record.host = "shop.example:8443";
  std::string span = spans_of(trace_of(record)).at(0);
  const std::map<std::string, std::string> expected = {
      {"client.address", "192.0.2.7"},
      {"goodgate.attempts", "1"},
      {"goodgate.request.id", "0123456789abcdeffedcba9876543210"},
      {"goodgate.upstream", "app"},
      {"http.request.method", "GET"},
      {"http.response.body.size", "4096"},
      {"http.response.status_code", "200"},
      {"http.route", "shop"},
      {"network.peer.address", "192.0.2.7"},
      {"network.protocol.version", "1.1"},
      {"server.address", "shop.example"},
      {"server.port", "8443"},
      {"url.path", "/cart"},
      {"url.query", "id=…"},
      {"url.scheme", "http"},
      {"user_agent.original", "curl/7.88.1"},
  };
  EXPECT_EQ(attributes_of(span, 9), expected);
}

TEST(Otlp, AnAttemptIsAClientsSpanBelowIt) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  TraceRecord trace = trace_of(record);
  std::vector<std::string> spans = spans_of(trace);
  ASSERT_EQ(spans.size(), 2u);
  const std::string& span = spans[1];

  EXPECT_EQ(one(span, 1), one(spans[0], 1));
  EXPECT_NE(one(span, 2), one(spans[0], 2));
  EXPECT_EQ(one(span, 4), one(spans[0], 2));
  EXPECT_EQ(one(span, 5), "GET");
  EXPECT_EQ(number_of(span, 6), 3u);
  const std::map<std::string, std::string> expected = {
      {"goodgate.connection.id", "41"}, {"goodgate.connection.reused", "1"},
      {"http.request.method", "GET"},   {"http.response.status_code", "200"},
      {"server.address", "10.0.0.1"},   {"server.port", "3000"},
  };
  EXPECT_EQ(attributes_of(span, 9), expected);
}

TEST(Otlp, AFailureNamesItsCause) {
  BufferPool pool;
  ExchangeRecord record = failed_record(pool);
  std::vector<std::string> spans = spans_of(trace_of(record, false));
  ASSERT_EQ(spans.size(), 3u);

  EXPECT_EQ(attributes_of(spans[0], 9).at("error.type"), "not_http");
  EXPECT_EQ(attributes_of(spans[1], 9).at("error.type"), "connect_refused");
  EXPECT_EQ(attributes_of(spans[2], 9).at("error.type"), "not_http");
  EXPECT_EQ(attributes_of(spans[2], 9).at("http.request.resend_count"), "1");
  EXPECT_EQ(number_of(one(spans[0], 15), 3), 2u);
  EXPECT_NE(one(one(spans[1], 15), 2), "");
  EXPECT_EQ(number_of(spans[0], 16), 0x300u);
}

TEST(Otlp, ARescueIsNoErrorOfTheRequestAndSaysFromWhat) {
  BufferPool pool;
  ExchangeRecord record = failed_record(pool);
  record.status = 200;
  record.fault = Fault::none;
  record.last_attempt().fault = Fault::none;
  std::vector<std::string> spans = spans_of(trace_of(record, false));

  EXPECT_TRUE(all(spans.at(0), 15).empty());
  EXPECT_EQ(attributes_of(spans[0], 9).at("goodgate.rescued_from"), "connect_refused");
  EXPECT_EQ(all(spans.at(1), 15).size(), 1u);
  EXPECT_TRUE(all(spans.at(2), 15).empty());
}

TEST(Otlp, WhatAClientDidWrongIsNoErrorOfTheServer) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  record.status = 403;
  record.fault = Fault::access_denied;
  std::string span = spans_of(trace_of(record)).at(0);
  EXPECT_TRUE(all(span, 15).empty());
  EXPECT_FALSE(attributes_of(span, 9).contains("error.type"));
}

TEST(Otlp, AMethodThatAClientMadeUpIsNotItsSpansName) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  record.method = "BREW";
  std::string span = spans_of(trace_of(record)).at(0);
  EXPECT_EQ(one(span, 5), "HTTP shop");
  EXPECT_EQ(attributes_of(span, 9).at("http.request.method"), "_OTHER");
  EXPECT_EQ(attributes_of(span, 9).at("http.request.method_original"), "BREW");
}

TEST(Otlp, TextsAreUtf8WhateverClientsSend) {
  auto read = [](std::string_view text) {
    std::string out;
    otlp::append_utf8(out, text);
    return out;
  };
  EXPECT_EQ(read("plain"), "plain");
  EXPECT_EQ(read("\u00e9\u20ac\U0001f600"), "\u00e9\u20ac\U0001f600");
  EXPECT_EQ(read("a\xff"
                 "b"),
            "a\ufffd"
            "b");
  EXPECT_EQ(read("\xe2\x82"), "\ufffd\ufffd");
  EXPECT_EQ(read("\xc0\x80"), "\ufffd\ufffd");
  EXPECT_EQ(read("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(read("\xf4\x90\x80\x80"), "\ufffd\ufffd\ufffd\ufffd");
}

TEST(Otlp, ARequestToTheCollectorSaysWhoSpeaks) {
  std::string request = otlp::request_of(
      {.service = "edge", .version = "1.2", .host = "a", .process = 42}, "\x12\x01x");
  std::string_view resource_spans = one(request, 1);
  const std::map<std::string, std::string> expected = {{"host.name", "a"},
                                                       {"process.pid", "42"},
                                                       {"service.instance.id", "a:42"},
                                                       {"service.name", "edge"},
                                                       {"service.version", "1.2"}};
  EXPECT_EQ(attributes_of(one(resource_spans, 1), 1), expected);
  std::string_view scope_spans = one(resource_spans, 2);
  EXPECT_EQ(one(one(scope_spans, 1), 1), "goodgate");
  EXPECT_EQ(one(scope_spans, 2), "x");
}

TEST(Otlp, ReadsHowManySpansWereNotTaken) {
  using namespace std::string_view_literals;
  EXPECT_EQ(otlp::rejected_spans(""), 0u);
  EXPECT_EQ(otlp::rejected_spans("\x0a\x00"sv), 0u);
  EXPECT_EQ(otlp::rejected_spans("\x0a\x03\x08\xac\x02"sv), 300u);
  EXPECT_EQ(otlp::rejected_spans("\x0a\x02\x12\x00"sv), 0u);
  EXPECT_EQ(otlp::rejected_spans("{\"partialSuccess\":{}}"), 0u);
}

}  // namespace
}  // namespace gg
