// SPDX-License-Identifier: Apache-2.0
// Heads that come in pieces, and the vector code against its scalar twin.
#include <gtest/gtest.h>

#include <string>

#include "base/rng.h"
#include "http1/head_parser.h"
#include "http1/scan.h"
#include "vectors/message_reader.h"

namespace gg {
namespace {

using State = HeadOutcome::State;

TEST(HeadWalk, AsksForMoreUntilTheLastByte) {
  std::string bytes = "\r\nGET /some/path HTTP/1.1\r\nHost: a\r\nX-Some: thing \r\n\r\n";
  BufferPool pool;
  HeadProgress progress;
  RequestHead head;

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    HeadOutcome outcome =
        parse_request_head(std::string_view(bytes).substr(0, size), {}, progress, pool, head);
    ASSERT_EQ(outcome.state, State::need_more) << size;
    ASSERT_EQ(pool.bytes_lent(), 0U);
  }
  HeadOutcome outcome = parse_request_head(bytes, {}, progress, pool, head);

  ASSERT_EQ(outcome.state, State::complete);
  EXPECT_EQ(outcome.consumed, bytes.size());
  EXPECT_EQ(head.fields.all()[1].value, "thing");
}

TEST(HeadWalk, LooksAtEachByteOfADribbledLineOnce) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1000, 'x');
  BufferPool pool;
  HeadProgress progress;
  RequestHead head;

  ASSERT_EQ(parse_request_head(bytes, {}, progress, pool, head).state, State::need_more);

  EXPECT_EQ(progress.line_start, 25U);
  EXPECT_EQ(progress.scanned, bytes.size());
  EXPECT_EQ(progress.fields, 1U);
}

TEST(HeadWalk, SaysTheSameHoweverTheBytesAreCut) {
  std::string bytes =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;a=\"b\\\"\";c\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\nVary: x\r\n\r\n"
      "GET /y HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
      "PUT /z HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n";
  std::string whole = testing::read_whole(testing::Side::requests, bytes);
  ASSERT_NE(whole.find("error bad_field_name at 20"), std::string::npos) << whole;

  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    ASSERT_EQ(testing::read_in_pieces(testing::Side::requests, bytes, piece), whole) << piece;
  }
}

TEST(HeadWalk, TellsAnotherProtocolThoughItsFirstByteWasRight) {
  EXPECT_EQ(testing::read_in_pieces(testing::Side::responses, "H1 204 No", 1),
            "error not_http at 1\n");
}

TEST(HeadWalk, SaysTheSameOfALimitHoweverTheBytesAreCut) {
  std::string bytes = "HTTP/1.1 200 OK\r\nX: " + std::string(40000, 'x') + "\r\nY: \x01\r\n\r\n";
  std::string whole = testing::read_whole(testing::Side::responses, bytes);
  ASSERT_EQ(whole, "error head_too_large at 32787\n");

  EXPECT_EQ(testing::read_in_pieces(testing::Side::responses, bytes, 1000), whole);
  EXPECT_EQ(testing::read_in_pieces(testing::Side::responses, bytes, 7), whole);
}

/// Bytes that are mostly of the class under test, so that runs are long enough for vectors.
std::string make_bytes(Rng& rng, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) {
    bool is_any = rng.chance(0.02);
    bytes += is_any ? static_cast<char>(rng.below(256)) : "aZ09-_.x"[rng.below(8)];
  }
  return bytes;
}

TEST(Scan, VectorsAndScalarsAgreeOnEveryByteAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at < 40; ++at) {
      std::string bytes(40, 'a');
      bytes[at] = static_cast<char>(byte);
      const char* first = bytes.data();
      const char* end = first + bytes.size();

      ASSERT_EQ(scan::skip_value(first, end), scan::skip_scalar<CharacterClass::value>(first, end));
      ASSERT_EQ(scan::skip_token(first, end), scan::skip_scalar<CharacterClass::token>(first, end));
      ASSERT_EQ(scan::skip_target(first, end),
                scan::skip_scalar<CharacterClass::target>(first, end));
      ASSERT_EQ(scan::count_controls(first, end), scan::count_controls_scalar(first, end));
    }
  }
}

TEST(Scan, VectorsAndScalarsAgreeOnRandomBytes) {
  Rng rng(1);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = make_bytes(rng, rng.below(200));
    const char* first = bytes.data();
    const char* end = first + bytes.size();

    ASSERT_EQ(scan::skip_value(first, end), scan::skip_scalar<CharacterClass::value>(first, end));
    ASSERT_EQ(scan::skip_token(first, end), scan::skip_scalar<CharacterClass::token>(first, end));
    ASSERT_EQ(scan::skip_target(first, end), scan::skip_scalar<CharacterClass::target>(first, end));
    ASSERT_EQ(scan::count_controls(first, end), scan::count_controls_scalar(first, end));
  }
}

TEST(Scan, FindsEveryControlBeyondThoseThatAreKnown) {
  for (std::size_t size : {1U, 15U, 16U, 17U, 31U, 32U, 47U, 48U, 64U, 200U, 5000U}) {
    for (std::size_t at = 0; at < size; at += 1 + size / 50) {
      std::string bytes(size, 'a');
      auto has_none_but = [&bytes](std::size_t known) {
        return scan::has_no_more_controls(bytes.data(), bytes.data() + bytes.size(), known);
      };
      for (char tab : {'a', '\t'}) {
        bytes[size / 2] = tab;
        ASSERT_TRUE(has_none_but(0)) << size;
      }
      for (char control : {'\0', '\n', '\r', '\x1f', '\x7f'}) {
        bytes[at] = control;
        ASSERT_FALSE(has_none_but(0)) << size << ' ' << at;
        ASSERT_TRUE(has_none_but(1)) << size << ' ' << at;
      }
    }
  }
}

TEST(Scan, CountsControlsInLongTexts) {
  std::string bytes(100000, '\n');

  EXPECT_EQ(scan::count_controls(bytes.data(), bytes.data() + bytes.size()), 100000U);
}

}  // namespace
}  // namespace gg
