// SPDX-License-Identifier: Apache-2.0
#include "report/log_layout.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "unit/report/example_record.h"

namespace gg {
namespace {

std::string line_of(const LogLayout& format, const ExchangeRecord& record) {
  LogTime time;
  std::string room(LogLayout::longest_line, '\0');
  room.resize(format.write(room, {record, time}));
  return room;
}

std::string line_of(std::string_view format, const ExchangeRecord& record) {
  Result<LogLayout, LogLayoutError> compiled = LogLayout::compile(format);
  return compiled ? line_of(*compiled, record) : compiled.error().problem;
}

TEST(LogLayout, AGoodRequestAsJson) {
  BufferPool pool;

  EXPECT_EQ(line_of("json", plain_record(pool)),
            R"({"time":"2026-08-01T12:34:56.000789Z","id":"0123456789abcdeffedcba9876543210",)"
            R"("client":"192.0.2.7","listener":":8080","method":"GET","scheme":"http",)"
            R"("host":"shop.example","target":"/cart?id=7","version":"HTTP/1.1","status":200,)"
            R"("bytes_in":0,"bytes_out":4096,"head_bytes_in":86,"head_bytes_out":120,"ms":1.750,)"
            R"("head_ms":0.012,"first_byte_ms":1.500,"client_connection":17,"client_request":3,)"
            R"("route":"shop","upstream":"app","attempt_count":1,"user_agent":"curl/7.88.1",)"
            R"("attempts":[{"endpoint":"10.0.0.1:3000","send_ms":0.020,"first_byte_ms":1.400,)"
            R"("ms":1.700,"connection":41,"request_number":9,"reused":true,"idle_ms":250.000,)"
            R"("bytes_written":180,"bytes_read":4210,"status":200}]})"
            "\n");
}

TEST(LogLayout, AFailedRequestAsJsonTellsEveryAttemptAndWhyItEnded) {
  BufferPool pool;

  const nlohmann::json line = nlohmann::json::parse(line_of("json", failed_record(pool)));

  EXPECT_EQ(line["fault"], "not_http");
  EXPECT_EQ(line["fault_id"], "H7");
  EXPECT_EQ(line["blame"], "operator");
  EXPECT_EQ(line["retry"], "no_budget_left");
  EXPECT_EQ(line["peer"], "10.1.1.1");
  EXPECT_EQ(line["queue_ms"], 3.0);
  EXPECT_EQ(line["attempts"].dump(),
            R"([{"blame":"upstream","bytes_read":0,"bytes_written":0,"delivery":"not_sent",)"
            R"("endpoint":"10.0.0.1:3000","errno":111,"fault":"connect_refused",)"
            R"("fault_id":"N1","ms":0.3,"retry":"yes"},{"at_ms":0.4,"blame":"operator",)"
            R"("bytes_read":7,"bytes_written":180,"connect_ms":0.15,"connection":42,)"
            R"("delivery":"answered","endpoint":"10.0.0.2:3000","fault":"not_http",)"
            R"("fault_id":"H7","first_byte_ms":0.2,)"
            R"("first_bytes":"\u0015\u0003\u0001\u0000\u0002\u0002F",)"
            R"("message_error":"not_http","ms":0.5,"request_number":1,)"
            R"("retry":"no_budget_left","reused":false,"send_ms":0.02}])");
}

TEST(LogLayout, ARescuedRequestNamesWhatItWasRescuedFrom) {
  BufferPool pool;
  ExchangeRecord record;
  record.add_attempt(pool).fault = Fault::keep_alive_race;
  record.add_attempt(pool).status = 200;

  const nlohmann::json line = nlohmann::json::parse(line_of("json", record));

  EXPECT_EQ(line["rescued"], "keep_alive_race");
  EXPECT_FALSE(line.contains("fault"));
}

TEST(LogLayout, AnEmptyRecordIsStillALine) {
  const nlohmann::json line = nlohmann::json::parse(line_of("json", ExchangeRecord()));

  EXPECT_EQ(line["attempt_count"], 0);
  EXPECT_FALSE(line.contains("status"));
  EXPECT_FALSE(line.contains("attempts"));
}

TEST(LogLayout, AnyBytesMakeValidJsonOnOneLine) {
  std::string hostile;
  for (int i = 0; i < 256; ++i) hostile += static_cast<char>(i);
  ExchangeRecord record;
  record.method = record.host = record.target = record.user_agent = record.referer = hostile;

  const std::string text = line_of("json", record);
  const nlohmann::json line = nlohmann::json::parse(text);

  EXPECT_EQ(text.find('\n'), text.size() - 1);
  std::string decoded;
  for (std::size_t i = 0; i < 128; ++i) decoded += static_cast<char>(i);
  EXPECT_EQ(line["target"].get<std::string>().substr(0, 128), decoded);
}

TEST(LogLayout, NoLineIsLongerThanPromised) {
  BufferPool pool;
  const std::string hostile(100'000, '\x01');
  ExchangeRecord record;
  record.id = RequestId::copy_of(std::string(39, 'x'));
  record.client_address = record.peer_address = record.listener = record.method = hostile;
  record.peer_address = record.peer_address.substr(1);
  record.scheme = record.host = record.target = record.user_agent = record.referer = hostile;
  record.route = record.upstream = hostile;
  record.fault = Fault::tls_client_certificate_rejected;
  record.verdict = Retry::no_request_may_have_run;
  record.message_error = MessageError::too_many_interim_responses;
  for (int i = 0; i < 4; ++i) {
    AttemptRecord& attempt = record.add_attempt(pool);
    attempt.endpoint = hostile;
    attempt.fault = Fault::tls_client_certificate_rejected;
    attempt.message_error = MessageError::unsupported_transfer_coding;
    attempt.connect = attempt.tls = attempt.send = attempt.first_byte = Duration::max();
    attempt.total = attempt.idle_age = attempt.started = Duration::max();
    attempt.connection_id = attempt.bytes_read = attempt.bytes_written = ~std::uint64_t{0};
    attempt.reused = true;
    record.keep_first_bytes(record.last_attempt(), hostile, pool);
  }

  const std::string line = line_of("json", record);

  ASSERT_FALSE(line.empty());
  EXPECT_GT(line.size(), LogLayout::longest_line * 8 / 10);
  EXPECT_TRUE(nlohmann::json::accept(line));
  EXPECT_FALSE(line_of("combined", record).empty());
}

TEST(LogLayout, TheCombinedFormat) {
  BufferPool pool;

  EXPECT_EQ(line_of("combined", plain_record(pool)),
            "192.0.2.7 - - [01/Aug/2026:12:34:56 +0000] \"GET /cart?id=7 HTTP/1.1\" 200 4096 "
            "\"-\" \"curl/7.88.1\"\n");
  EXPECT_EQ(line_of("combined", failed_record(pool)),
            "192.0.2.7 - - [01/Aug/2026:12:34:56 +0000] \"GET /cart?id=7 HTTP/1.1\" 502 4096 "
            "\"https://shop.example/\" \"curl/7.88.1\"\n");
}

TEST(LogLayout, NoClientCanForgeACombinedLine) {
  ExchangeRecord record;
  record.client_address = "192.0.2.7";
  record.method = "GET";
  record.target = "/\" 200 1 \"-\" \"-\"\n203.0.113.9 - - [";

  const std::string line = line_of("combined", record);

  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_NE(line.find(R"(/\x22 200 1 \x22-\x22 \x22-\x22\x0a203)"), std::string::npos);
}

TEST(LogLayout, ATemplateNamesTheFieldsItWants) {
  BufferPool pool;

  EXPECT_EQ(line_of("{status} {fault}/{fault_id} {{{ms}}} {endpoint}", failed_record(pool)),
            "502 not_http/H7 {1.750} 10.0.0.2:3000\n");
  EXPECT_EQ(line_of("{fault}{rescued} end", plain_record(pool)), "-- end\n");
}

TEST(LogLayout, EveryFieldHasItsFormInATemplateOrSaysThatItHasNone) {
  BufferPool pool;
  const ExchangeRecord record = failed_record(pool);
  for (const LogField& field : log_fields()) {
    const std::string line = line_of("{" + std::string(field.name) + "}", record);
    const bool says_so = line.find("has no form outside JSON") != std::string::npos;
    EXPECT_EQ(says_so, field.use == LogFieldUse::json_only) << field.name;
    EXPECT_EQ(line.find('"'), std::string::npos) << field.name;
  }
}

LogLayoutError error_of(std::string_view format) {
  Result<LogLayout, LogLayoutError> compiled = LogLayout::compile(format);
  return compiled ? LogLayoutError{999, "it compiles", ""} : compiled.error();
}

TEST(LogLayout, AnUnknownFieldIsAnErrorWithTheNearestName) {
  const LogLayoutError error = error_of("{client} {ststus}");

  EXPECT_EQ(error.position, 9u);
  EXPECT_EQ(error.problem, "no field is called {ststus}");
  EXPECT_EQ(error.remedy, "did you mean {status}?");
  EXPECT_EQ(error_of("{weather}").remedy, "docs/access-log.md lists the fields");
}

TEST(LogLayout, ABraceAloneIsAnError) {
  EXPECT_EQ(error_of("a {").problem, "a brace stands alone");
  EXPECT_EQ(error_of("a {").position, 2u);
  EXPECT_EQ(error_of("}").problem, "a brace stands alone");
  EXPECT_EQ(error_of("{status").problem, "a brace stands alone");
  EXPECT_EQ(error_of("{}").problem, "no field is called {}");
  EXPECT_EQ(error_of("").problem, "the format is empty");
}

TEST(LogLayout, AFieldOfManyPartsHasNoFormOutsideJson) {
  EXPECT_EQ(error_of("{attempts}").problem, "{attempts} has no form outside JSON");
}

TEST(LogLayout, WhatDoesNotFitIsNotWrittenAtAll) {
  BufferPool pool;
  const ExchangeRecord record = plain_record(pool);
  LogTime time;
  std::string room(100, '\0');

  EXPECT_EQ(LogLayout::json().write(room, {record, time}), 0u);
}

}  // namespace
}  // namespace gg
