// SPDX-License-Identifier: Apache-2.0
// What RFC 9113 says a server must do about a client's mistake, each sentence by its section: the
// whole gateway is told the wrong frames and must answer with the right error, or none.
#include <gtest/gtest.h>

#include "unit/gate/http2_fixture.h"

namespace gg {
namespace {

using namespace http2;

/// What must become of it.
struct Verdict {
  enum class Kind : std::uint8_t { connection, stream, neither };
  Kind kind = Kind::neither;
  std::int64_t code = -1;
};
constexpr Verdict connection_error(std::int64_t code) { return {Verdict::Kind::connection, code}; }
constexpr Verdict stream_error(std::int64_t code) { return {Verdict::Kind::stream, code}; }
constexpr Verdict fine = {Verdict::Kind::neither, -1};

struct Mistake {
  const char* section;
  const char* what;
  std::string bytes;  // behind the hello; stream 1 is the one that counts
  Verdict verdict;
};

std::string post(std::uint32_t stream) { return headers_frame(stream, request("POST", "/"), 0); }
FieldPairs with(FieldPairs more) {
  FieldPairs all = request("GET", "/");
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
std::string long_text(std::size_t size) { return std::string(size, 'x'); }

std::vector<Mistake> mistakes() {
  constexpr std::int64_t protocol = NGHTTP2_PROTOCOL_ERROR;
  constexpr std::int64_t size = NGHTTP2_FRAME_SIZE_ERROR;
  constexpr std::int64_t flow = NGHTTP2_FLOW_CONTROL_ERROR;
  constexpr std::int64_t closed = NGHTTP2_STREAM_CLOSED;
  constexpr std::int64_t compression = NGHTTP2_COMPRESSION_ERROR;
  const std::string priority_5 = std::string("\0\0\0\0\x10", 5);
  const std::string request_block = block(request("GET", "/"));
  return {
      {"4.1", "an unknown frame is ignored", frame(0x16, 0xff, 0, "12345678") + get_frame(1, "/"),
       fine},
      {"4.1", "undefined flags are ignored", frame(ping, 0x16, 0, "12345678"), fine},
      {"4.1", "the reserved bit is ignored", frame(ping, 0, 0x80000000, "12345678"), fine},
      {"4.2", "a DATA frame above the size", post(1) + frame(data, 0, 1, long_text(16385)),
       connection_error(size)},
      {"4.2", "a HEADERS frame above the size", frame(headers, 5, 1, long_text(16385)),
       connection_error(size)},
      {"4.3", "a block that cannot be decoded", frame(headers, 5, 1, "\xff\xff\xff\xff\xff\xff"),
       connection_error(compression)},
      {"4.3", "an index that does not exist", frame(headers, 5, 1, "\xbf\x7f"),
       connection_error(compression)},
      {"4.3", "another frame within a block",
       frame(headers, 1, 1, request_block) + frame(ping, 0, 0, "12345678"),
       connection_error(protocol)},
      {"4.3", "another stream's frame within a block",
       frame(headers, 1, 1, request_block) + frame(continuation, end_headers, 3, ""),
       connection_error(protocol)},
      {"5.1", "DATA on an idle stream", frame(data, 0, 1, "x"), connection_error(protocol)},
      {"5.1", "RST_STREAM on an idle stream", reset_frame(1, 8), connection_error(protocol)},
      {"5.1", "WINDOW_UPDATE on an idle stream", window_frame(1, 8), connection_error(protocol)},
      {"5.1", "CONTINUATION on an idle stream", frame(continuation, end_headers, 1, ""),
       connection_error(protocol)},
      {"5.1", "PRIORITY on an idle stream", frame(priority, 0, 5, priority_5) + get_frame(7, "/"),
       fine},
      {"5.1", "DATA behind END_STREAM", get_frame(1, "/") + frame(data, 0, 1, "x"),
       connection_error(closed)},
      {"5.1", "HEADERS behind END_STREAM", get_frame(1, "/") + get_frame(1, "/"),
       connection_error(closed)},
      {"5.1.1", "an even stream number", get_frame(2, "/"), connection_error(protocol)},
      {"5.1.1", "a stream number below the last", get_frame(5, "/") + get_frame(3, "/"),
       connection_error(protocol)},
      {"5.5", "a GREASE setting is ignored", settings_frame(setting(0x1a1a, 77)), fine},
      {"6.1", "DATA on stream 0", frame(data, 0, 0, "x"), connection_error(protocol)},
      {"6.1", "more padding than payload", post(1) + frame(data, padded, 1, "\x05xx"),
       connection_error(protocol)},
      {"6.2", "HEADERS on stream 0", frame(headers, 5, 0, request_block),
       connection_error(protocol)},
      {"6.2", "more padding than a block", frame(headers, 5 | padded, 1, "\x7fxx"),
       connection_error(protocol)},
      {"6.3", "PRIORITY on stream 0", frame(priority, 0, 0, priority_5),
       connection_error(protocol)},
      {"6.3", "PRIORITY of the wrong length", post(1) + frame(priority, 0, 1, "1234"),
       connection_error(size)},
      {"6.4", "RST_STREAM on stream 0", reset_frame(0, 8), connection_error(protocol)},
      {"6.4", "RST_STREAM of the wrong length", post(1) + frame(rst_stream, 0, 1, "123"),
       connection_error(size)},
      {"6.5", "SETTINGS ACK with a payload", frame(settings, ack, 0, setting(3, 1)),
       connection_error(size)},
      {"6.5", "SETTINGS on a stream", frame(settings, 0, 1, setting(3, 1)),
       connection_error(protocol)},
      {"6.5", "SETTINGS of the wrong length", frame(settings, 0, 0, "12345"),
       connection_error(size)},
      {"6.5.2", "ENABLE_PUSH of 2", settings_frame(setting(2, 2)), connection_error(protocol)},
      {"6.5.2", "INITIAL_WINDOW_SIZE above the most", settings_frame(setting(4, 0x80000000)),
       connection_error(flow)},
      {"6.5.2", "MAX_FRAME_SIZE below the least", settings_frame(setting(5, 16383)),
       connection_error(protocol)},
      {"6.5.2", "MAX_FRAME_SIZE above the most", settings_frame(setting(5, 1 << 24)),
       connection_error(protocol)},
      {"6.6", "PUSH_PROMISE from a client",
       post(1) + frame(push_promise, end_headers, 1, number(2, 4) + request_block),
       connection_error(protocol)},
      {"6.7", "PING on a stream", frame(ping, 0, 1, "12345678"), connection_error(protocol)},
      {"6.7", "PING of the wrong length", frame(ping, 0, 0, "1234567"), connection_error(size)},
      {"6.8", "GOAWAY on a stream", frame(goaway, 0, 1, "12345678"), connection_error(protocol)},
      {"6.9", "WINDOW_UPDATE of 0", window_frame(0, 0), connection_error(protocol)},
      // Asked for is the end of the stream at least.
      {"6.9", "WINDOW_UPDATE of 0 on a stream", post(1) + window_frame(1, 0),
       connection_error(protocol)},
      {"6.9", "WINDOW_UPDATE of the wrong length", frame(window_update, 0, 0, "123"),
       connection_error(size)},
      {"6.9.1", "a connection window above the most", window_frame(0, 0x7fffffff),
       connection_error(flow)},
      {"6.9.1", "a stream's window above the most", post(1) + window_frame(1, 0x7fffffff),
       stream_error(flow)},
      {"6.9.2", "a window above the most by a setting",
       post(1) + window_frame(1, 0x7fff0000 - 65535) + settings_frame(setting(4, 0x7fffffff)),
       stream_error(flow)},  // docs/http2.md says why not the connection's
      {"6.10", "CONTINUATION behind END_HEADERS", post(1) + frame(continuation, end_headers, 1, ""),
       connection_error(protocol)},
      {"6.10", "CONTINUATION on stream 0",
       frame(headers, 1, 1, request_block) + frame(continuation, end_headers, 0, ""),
       connection_error(protocol)},
      {"8.1", "a second block without END_STREAM", post(1) + headers_frame(1, {{"a", "b"}}, 0),
       stream_error(protocol)},
      {"8.1", "pseudo-fields in trailers", post(1) + headers_frame(1, {{":path", "/"}}),
       stream_error(protocol)},
      {"8.1.1", "less than content-length",
       headers_frame(1, with({{"content-length", "2"}}), 0) + frame(data, end_stream, 1, "x"),
       stream_error(protocol)},
      {"8.1.1", "more than content-length",
       headers_frame(1, with({{"content-length", "2"}}), 0) + frame(data, end_stream, 1, "xyz"),
       stream_error(protocol)},
      {"8.1.1", "content-length without a body", headers_frame(1, with({{"content-length", "2"}})),
       stream_error(protocol)},
      {"8.1.1", "content-length of two values",
       headers_frame(1, with({{"content-length", "2"}, {"content-length", "3"}}), 0),
       stream_error(protocol)},
      {"8.2", "an upper case name", headers_frame(1, with({{"A", "b"}})), stream_error(protocol)},
      {"8.2.1", "a line feed in a value", headers_frame(1, with({{"a", "b\nc"}})),
       stream_error(protocol)},
      {"8.2.1", "space around a value", headers_frame(1, with({{"a", " b"}})),
       stream_error(protocol)},
      {"8.2.2", "connection", headers_frame(1, with({{"connection", "close"}})),
       stream_error(protocol)},
      {"8.2.2", "transfer-encoding", headers_frame(1, with({{"transfer-encoding", "chunked"}}), 0),
       stream_error(protocol)},
      {"8.2.2", "te of more than trailers", headers_frame(1, with({{"te", "gzip"}})),
       stream_error(protocol)},
      {"8.2.2", "te: trailers", headers_frame(1, with({{"te", "trailers"}})), fine},
      {"8.3", "an unknown pseudo-field", headers_frame(1, with({{":x", "y"}})),
       stream_error(protocol)},
      {"8.3", "a pseudo-field behind others",
       headers_frame(1, {{":method", "GET"}, {":scheme", "http"}, {"a", "b"}, {":path", "/"}}),
       stream_error(protocol)},
      {"8.3", "a repeated pseudo-field", headers_frame(1, with({{":path", "/"}})),
       stream_error(protocol)},
      {"8.3.1", "an empty path",
       headers_frame(1,
                     {{":method", "GET"}, {":scheme", "http"}, {":authority", "h"}, {":path", ""}}),
       stream_error(protocol)},
      {"8.3.1", "no method",
       headers_frame(1, {{":scheme", "http"}, {":authority", "h"}, {":path", "/"}}),
       stream_error(protocol)},
      {"8.3.1", "no scheme",
       headers_frame(1, {{":method", "GET"}, {":authority", "h"}, {":path", "/"}}),
       stream_error(protocol)},
      {"8.3.1", "no path",
       headers_frame(1, {{":method", "GET"}, {":scheme", "http"}, {":authority", "h"}}),
       stream_error(protocol)},
      {"8.3.1", "Host says another", headers_frame(1, with({{"host", "other"}})),
       stream_error(protocol)},
      {"8.4", "a client's PUSH_PROMISE on stream 0",
       frame(push_promise, end_headers, 0, number(2, 4) + request_block),
       connection_error(protocol)},
      {"8.5", "CONNECT with a path", headers_frame(1, request("CONNECT", "/")),
       stream_error(protocol)},
  };
}

class Http2Conformance : public Http2Fixture, public testing::WithParamInterface<Mistake> {};

TEST_P(Http2Conformance, AMistakeHasTheEndThatTheStandardGivesIt) {
  const Mistake& mistake = GetParam();
  hello();
  say(mistake.bytes, 3s);
  say(frame(ping, 0, 0, "are you?"), 3s);
  switch (mistake.verdict.kind) {
    case Verdict::Kind::connection:
      EXPECT_EQ(ear().goaway(), mistake.verdict.code);
      EXPECT_TRUE(client().saw_end());
      break;
    case Verdict::Kind::stream:
      EXPECT_EQ(answer(1).reset, mistake.verdict.code);
      EXPECT_EQ(ear().goaway(), -1);
      EXPECT_GE(ear().pongs(), 1);
      break;
    case Verdict::Kind::neither:
      EXPECT_EQ(answer(1).reset, -1);
      EXPECT_EQ(ear().goaway(), -1);
      EXPECT_GE(ear().pongs(), 1);
      break;
  }
}

std::string name_of_case(const testing::TestParamInfo<Mistake>& info) {
  std::string name = "S" + std::string(info.param.section) + "_" + info.param.what;
  for (char& c : name) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_plain) c = '_';
  }
  return name + "_" + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(All, Http2Conformance, testing::ValuesIn(mistakes()), name_of_case);

class Http2Beginnings : public Http2Fixture {};

TEST_F(Http2Beginnings, APrefaceThatGoesWrongEndsTheConnection) {
  say("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + settings_frame(), 3s);
  EXPECT_FALSE(client().is_open());
}

TEST_F(Http2Beginnings, TheFirstFrameMustBeSettings) {
  say(std::string(preface) + get_frame(1, "/"), 3s);
  EXPECT_EQ(ear().goaway(), NGHTTP2_PROTOCOL_ERROR);
  EXPECT_FALSE(client().is_open());
}

}  // namespace
}  // namespace gg
