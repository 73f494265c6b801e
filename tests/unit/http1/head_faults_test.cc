// SPDX-License-Identifier: Apache-2.0
// Bad heads: which error, which limit, at which byte.
#include <gtest/gtest.h>

#include <string>

#include "http1/head_parser.h"

namespace gg {
namespace {

/// "error@offset", with the limit behind it if one was broken.
std::string describe(const HeadOutcome& outcome) {
  if (outcome.state == HeadOutcome::State::complete) return "complete";
  if (outcome.state == HeadOutcome::State::need_more) return "need more";
  static constexpr std::string_view limits[] = {"", " target", " line", " fields", " section"};
  return std::string(text_of(outcome.fault.error)) + "@" + std::to_string(outcome.fault.offset) +
         std::string(limits[static_cast<int>(outcome.fault.limit)]);
}

std::string request(std::string_view bytes, const HeadLimits& limits = {}) {
  BufferPool pool;
  HeadProgress progress;
  RequestHead head;
  return describe(parse_request_head(bytes, limits, progress, pool, head));
}

std::string response(std::string_view bytes, const HeadLimits& limits = {}) {
  BufferPool pool;
  HeadProgress progress;
  ResponseHead head;
  return describe(parse_response_head(bytes, limits, progress, pool, head));
}

std::string field(std::string line) {
  return request("GET / HTTP/1.1\r\n" + line + "Host: a\r\n\r\n");
}

TEST(RequestLine, MustHaveATokenForAMethod) {
  EXPECT_EQ(request("G(T / HTTP/1.1\r\n"), "bad_method@1");
  EXPECT_EQ(request("(ET"), "bad_method@0");
  EXPECT_EQ(request(" GET / HTTP/1.1\r\n"), "bad_method@0");
  EXPECT_EQ(request("GET\t/ HTTP/1.1\r\n"), "bad_method@3");
  EXPECT_EQ(request(std::string(33, 'A') + " / HTTP/1.1\r\n"), "bad_method@32");
  EXPECT_EQ(request(std::string(32, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n"), "complete");
}

TEST(RequestLine, MustHaveATargetOfVisibleAscii) {
  EXPECT_EQ(request("GET\r\n"), "bad_target@3");
  EXPECT_EQ(request("GET  / HTTP/1.1\r\n"), "bad_target@4");
  EXPECT_EQ(request("GET /a\tb HTTP/1.1\r\n"), "bad_target@6");
  EXPECT_EQ(request(std::string_view("GET /\0 HTTP/1.1\r\n", 17)), "bad_target@5");
  EXPECT_EQ(request("GET /\x7f HTTP/1.1\r\n"), "bad_target@5");
  EXPECT_EQ(request("GET /caf\xc3\xa9 HTTP/1.1\r\n"), "bad_target@8");
  EXPECT_EQ(request("GET /a#b HTTP/1.1\r\n"), "bad_target@6");
  EXPECT_EQ(request("GET a HTTP/1.1\r\n"), "bad_target@4");
  EXPECT_EQ(request("GET /\"<>\\^`{|}?\"<>\\^`{|} HTTP/1.1\r\nHost: a\r\n\r\n"), "complete");
}

TEST(RequestLine, MustEndInAKnownVersion) {
  EXPECT_EQ(request("GET /\r\n"), "bad_version@5");
  EXPECT_EQ(request("GET /a b HTTP/1.1\r\n"), "bad_version@7");
  EXPECT_EQ(request("GET / http/1.1\r\n"), "bad_version@6");
  EXPECT_EQ(request("GET / HTTP/1.\r\n"), "bad_version@6");
  EXPECT_EQ(request("GET / HTTP/1.10\r\n"), "bad_version@14");
  EXPECT_EQ(request("GET / HTTP/1.1 \r\n"), "bad_version@14");
  EXPECT_EQ(request("GET / RTSP/1.0\r\n"), "bad_version@6");
  EXPECT_EQ(request("GET / HTTP/1.2\r\n"), "unsupported_version@6");
  EXPECT_EQ(request("GET / HTTP/0.9\r\n"), "unsupported_version@6");
  EXPECT_EQ(request("GET / HTTP/2.0\r\n"), "unsupported_version@6");
}

TEST(RequestLine, MustEndInCrLf) {
  EXPECT_EQ(request("GET / HTTP/1.1\nHost: a\r\n\r\n"), "bad_line_end@14");
  EXPECT_EQ(request("GET / HTTP/1.1\rHost: a\r\n\r\n"), "bad_line_end@14");
  EXPECT_EQ(request("GET /\rHTTP/1.1\r\n"), "bad_line_end@5");
  EXPECT_EQ(request("GET /\n"), "bad_line_end@5");
  EXPECT_EQ(request("GET\n"), "bad_line_end@3");
  EXPECT_EQ(request("\nGET / HTTP/1.1\r\n"), "bad_line_end@0");
  EXPECT_EQ(request("\r\n\nGET / HTTP/1.1\r\n"), "bad_line_end@2");
}

TEST(RequestLine, TellsOtherProtocolsAtOnce) {
  EXPECT_EQ(request("\x16\x03\x01"), "not_http@0");
  EXPECT_EQ(request("\x80"), "not_http@0");
  EXPECT_EQ(request(std::string_view("\0", 1)), "not_http@0");
  EXPECT_EQ(request(std::string_view("\r\n\r\n\0\r\nQUIT\n", 12)), "not_http@4");
  EXPECT_EQ(request("SSH-2.0-OpenSSH_9.2\r\n"), "not_http@0");
  EXPECT_EQ(request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "not_http@0");
  EXPECT_EQ(request("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), "not_http@0");
}

TEST(FieldLine, MustHaveATokenAndAColon) {
  EXPECT_EQ(field("X : a\r\n"), "bad_field_name@17");
  EXPECT_EQ(field("X\t: a\r\n"), "bad_field_name@17");
  EXPECT_EQ(field(": a\r\n"), "bad_field_name@16");
  EXPECT_EQ(field("\x01X: a\r\n"), "bad_field_name@16");
  EXPECT_EQ(field("Tran\xc5\xbf: a\r\n"), "bad_field_name@20");
  EXPECT_EQ(field("X(: a\r\n"), "bad_field_name@17");
  EXPECT_EQ(field("X Y: a\r\n"), "bad_field_name@17");
  EXPECT_EQ(field("X\r\n"), "no_colon@17");
  EXPECT_EQ(field("!#$%&'*+-.^_`|~09azAZ: a\r\n"), "complete");
}

TEST(FieldLine, MustNotBeFolded) {
  EXPECT_EQ(field("X: a\r\n b\r\n"), "obsolete_folding@22");
  EXPECT_EQ(field("X: a\r\n\tb\r\n"), "obsolete_folding@22");
  EXPECT_EQ(field(" X: a\r\n"), "obsolete_folding@16");
}

TEST(FieldLine, MustHaveAValueWithoutControls) {
  EXPECT_EQ(field(std::string("X: a\0b\r\n", 8)), "bad_field_value@20");
  EXPECT_EQ(field("X: a\x0c\r\n"), "bad_field_value@20");
  EXPECT_EQ(field("X: a\x7f\r\n"), "bad_field_value@20");
  EXPECT_EQ(field("X: a\x1f and more than sixteen bytes\r\n"), "bad_field_value@20");
  EXPECT_EQ(field("X: a\tb\xff\r\n"), "complete");
}

TEST(FieldLine, MustEndInCrLf) {
  EXPECT_EQ(field("X: a\nY: b\r\n"), "bad_line_end@20");
  EXPECT_EQ(field("X: a\rY: b\r\n"), "bad_line_end@20");
  EXPECT_EQ(field("X:\rY: b\r\n"), "bad_line_end@18");
  EXPECT_EQ(field("X\rY: b\r\n"), "bad_line_end@17");
  EXPECT_EQ(field("X\nY: b\r\n"), "bad_line_end@17");
  EXPECT_EQ(field("X: a\r\r\n"), "bad_line_end@20");
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\n\n"), "bad_line_end@25");
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\n\r \n"), "bad_line_end@25");
}

TEST(Host, MustStandOnceAndBeValid) {
  EXPECT_EQ(request("GET / HTTP/1.1\r\n\r\n"), "no_host@18");
  EXPECT_EQ(request("GET http://a/ HTTP/1.1\r\n\r\n"), "no_host@26");
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"), "repeated_host@25");
  EXPECT_EQ(request("GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n"), "repeated_host@25");
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), "bad_host@22");
  EXPECT_EQ(request("GET / HTTP/1.0\r\nHost: a/b\r\n\r\n"), "bad_host@22");
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), "bad_host@22");
  EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: :80\r\n\r\n"), "bad_host@22");
}

TEST(StatusLine, MustBeHttp) {
  EXPECT_EQ(response("\x16\x03\x01"), "not_http@0");
  EXPECT_EQ(response("HTP/1.1 200 OK\r\n"), "not_http@2");
  EXPECT_EQ(response("HTTPER/1.1 200 OK\r\n"), "not_http@4");
  EXPECT_EQ(response("SSH-2.0-x\r\n"), "not_http@0");
  EXPECT_EQ(response("ICY 200 OK\r\n"), "not_http@0");
  EXPECT_EQ(response("http/1.1 200 OK\r\n"), "not_http@0");
  EXPECT_EQ(response(std::string_view("\0\0\x12\4\0", 5)), "not_http@0");
  EXPECT_EQ(response("<html>"), "not_http@0");
  EXPECT_EQ(response("\r\nHTTP/1.1 200 OK\r\n\r\n"), "bad_status_line@0");
}

TEST(StatusLine, MustHaveAKnownVersionAndThreeDigits) {
  EXPECT_EQ(response("HTTP/01.1 200 OK\r\n"), "bad_version@5");
  EXPECT_EQ(response("HTTP/1.01 200 OK\r\n"), "bad_version@5");
  EXPECT_EQ(response("HTTP/1 200 OK\r\n"), "bad_version@5");
  EXPECT_EQ(response("HTTP/2 200\r\n"), "bad_version@5");
  EXPECT_EQ(response("HTTP/2.0 200 OK\r\n"), "unsupported_version@5");
  EXPECT_EQ(response("HTTP/0.9 200 OK\r\n"), "unsupported_version@5");
  EXPECT_EQ(response("HTTP/1.1\t200 OK\r\n"), "bad_status_line@8");
  EXPECT_EQ(response("HTTP/1.1  200 OK\r\n"), "bad_status_line@8");
  EXPECT_EQ(response("HTTP/1.1 20 OK\r\n"), "bad_status_line@8");
  EXPECT_EQ(response("HTTP/1.1 099 OK\r\n"), "bad_status_line@8");
  EXPECT_EQ(response("HTTP/1.1 2000 OK\r\n"), "bad_status_line@12");
  EXPECT_EQ(response("HTTP/1.1 200-OK\r\n"), "bad_status_line@12");
  EXPECT_EQ(response("HTTP/1.1 200 O\x01K\r\n"), "bad_status_line@14");
  EXPECT_EQ(response("HTTP/1.1 200 OK\nX: y\r\n"), "bad_line_end@15");
  EXPECT_EQ(response("HTTP/1.1 200 OK\rX: y\r\n"), "bad_line_end@15");
  EXPECT_EQ(response("HTTP/1.1 200\n"), "bad_line_end@12");
  EXPECT_EQ(response("HTTP/1.1 200\r\r\n"), "bad_line_end@12");
  EXPECT_EQ(response("HTTP/\r\n"), "bad_version@5");
}

constexpr HeadLimits small{
    .target_max = {10}, .line_max = {20}, .section_max = {100}, .fields_max = 3};

TEST(Limits, OfTheTarget) {
  EXPECT_EQ(request("GET /234567890 HTTP/1.1\r\nHost: a\r\n\r\n", small), "complete");
  EXPECT_EQ(request("GET /2345678901 HTTP/1.1\r\nHost: a\r\n\r\n", small),
            "target_too_long@14 target");
  EXPECT_EQ(request("GET /" + std::string(50, 'x'), small), "target_too_long@54 target");
  EXPECT_EQ(request(std::string(60, 'x'), small), "bad_method@33");
}

TEST(Limits, OfALine) {
  std::string start = "HTTP/1.1 200 OK\r\n";
  std::string value(17, 'v');
  EXPECT_EQ(response(start + "N: " + value + "\r\n\r\n", small), "complete");
  EXPECT_EQ(response(start + "N: " + value + "v\r\n\r\n", small), "head_too_large@39 line");
  EXPECT_EQ(response(start + "N: " + value + "v\r", small), "head_too_large@39 line");
  EXPECT_EQ(response(start + "N: " + value + "\r", small), "need more");
  EXPECT_EQ(response("HTTP/1.1 200 12345678\r\n\r\n", small), "head_too_large@22 line");
}

TEST(Limits, OfTheNumberOfFields) {
  EXPECT_EQ(response("HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\n\r\n", small), "complete");
  EXPECT_EQ(response("HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n", small),
            "too_many_fields@29 fields");
}

TEST(Limits, OfTheSection) {
  HeadLimits limits{.section_max = {40}};
  std::string start = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(response(start + "N: " + std::string(16, 'v') + "\r\n\r\n", limits), "complete");
  EXPECT_EQ(response(start + "N: " + std::string(17, 'v') + "\r\n\r\n", limits),
            "head_too_large@40 section");
  EXPECT_EQ(response(start + std::string(22, 'v'), limits), "need more");
  EXPECT_EQ(response(start + std::string(23, 'v'), limits), "head_too_large@40 section");
}

}  // namespace
}  // namespace gg
