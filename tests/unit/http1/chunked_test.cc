// SPDX-License-Identifier: Apache-2.0
#include "http1/chunked.h"

#include <gtest/gtest.h>

#include <string>

namespace gg {
namespace {

/// What a decoder makes of bytes in pieces: payload, how it ended, and what it left.
struct Decoded {
  std::string payload;
  ChunkedStep::State state = ChunkedStep::State::need_more;
  MessageError error = MessageError::none;
  std::string rest;
  std::string trailers;
};

Decoded decode(std::string_view bytes, std::size_t piece, const ChunkedLimits& limits = {}) {
  BufferPool pool;
  ChunkedDecoder decoder(pool, limits);
  Decoded decoded;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view view = bytes.substr(at, piece);
    while (!view.empty()) {
      ChunkedStep step = decoder.next(view);
      decoded.payload += step.data;
      decoded.state = step.state;
      decoded.error = step.error;
      view.remove_prefix(step.consumed);
      if (step.state == ChunkedStep::State::failed) return decoded;
      if (step.state != ChunkedStep::State::end) continue;
      decoded.rest =
          std::string(view) + std::string(bytes.substr(std::min(at + piece, bytes.size())));
      Fields trailers = decoder.take_trailers();
      for (const Field& field : trailers.all()) {
        decoded.trailers += std::string(field.name) + "=" + std::string(field.value) + ";";
      }
      return decoded;
    }
  }
  return decoded;
}

MessageError error_of(std::string_view bytes, const ChunkedLimits& limits = {}) {
  Decoded whole = decode(bytes, bytes.size(), limits);
  Decoded dribbled = decode(bytes, 1, limits);
  EXPECT_EQ(whole.error, dribbled.error);
  EXPECT_EQ(whole.payload, dribbled.payload);
  return whole.error;
}

TEST(Chunked, IsDecodedAlikeHoweverItIsCut) {
  std::string bytes =
      "5\r\nhello\r\n00A;x=y;z = \"a\\\"\t;\" ; w\r\n0123456789\r\n0\r\nX-Sum: 1 \r\nX-End: "
      "2\r\n\r\nGET";

  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    Decoded decoded = decode(bytes, piece);
    ASSERT_EQ(decoded.state, ChunkedStep::State::end) << piece;
    ASSERT_EQ(decoded.payload, "hello0123456789");
    ASSERT_EQ(decoded.trailers, "X-Sum=1;X-End=2;");
    ASSERT_EQ(decoded.rest, "GET");
  }
}

TEST(Chunked, LendsPayloadWithoutCopyingIt) {
  BufferPool pool;
  ChunkedDecoder decoder(pool);
  std::string_view bytes = "5\r\nhello\r\n0\r\n\r\n";

  ChunkedStep step = decoder.next(bytes);

  EXPECT_EQ(step.state, ChunkedStep::State::data);
  EXPECT_EQ(step.data.data(), bytes.data() + 3);
  EXPECT_EQ(step.consumed, 8U);
  EXPECT_EQ(pool.system_allocations(), 0U);
}

TEST(Chunked, PayloadMayGoPastTheDecoder) {
  BufferPool pool;
  ChunkedDecoder decoder(pool);
  decoder.next("100\r\n");
  ASSERT_EQ(decoder.chunk_left(), 256U);

  decoder.skip(256);

  EXPECT_EQ(decoder.chunk_left(), 0U);
  EXPECT_EQ(decoder.next("\r\n0\r\n\r\n").state, ChunkedStep::State::end);
}

TEST(Chunked, AnEmptyBodyIsOnlyTheLastChunk) {
  EXPECT_EQ(decode("0\r\n\r\n", 5).state, ChunkedStep::State::end);
  EXPECT_EQ(decode("000;x\r\n\r\n", 1).state, ChunkedStep::State::end);
}

TEST(Chunked, SizesMustBeHexAndNotOverflow) {
  EXPECT_EQ(error_of("g\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("-1\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("0x5\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of(" 5\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("5_\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("7fffffffffffffff\r\n"), MessageError::none);
  EXPECT_EQ(error_of("8000000000000000\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("10000000000000000\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of(std::string(32, '0') + "\r\n"), MessageError::none);
  EXPECT_EQ(error_of(std::string(33, '0') + "\r\n"), MessageError::bad_chunk_size);
}

TEST(Chunked, LinesMustEndInCrLf) {
  EXPECT_EQ(error_of("5\nhello\r\n"), MessageError::bad_line_end);
  EXPECT_EQ(error_of("5\rhello"), MessageError::bad_line_end);
  EXPECT_EQ(error_of("5\r\r\n"), MessageError::bad_line_end);
  EXPECT_EQ(error_of("5;a\nhello"), MessageError::bad_line_end);
  EXPECT_EQ(error_of("5;a=\"\r\n\""), MessageError::bad_line_end);
  EXPECT_EQ(error_of("\n"), MessageError::bad_line_end);
}

TEST(Chunked, DataMustBeFollowedByCrLf) {
  EXPECT_EQ(error_of("5\r\nhelloX"), MessageError::bad_chunk_end);
  EXPECT_EQ(error_of("5\r\nhello\n"), MessageError::bad_chunk_end);
  EXPECT_EQ(error_of("5\r\nhello\rX"), MessageError::bad_chunk_end);
  EXPECT_EQ(error_of("5\r\nhello0\r\n\r\n"), MessageError::bad_chunk_end);
}

TEST(Chunked, ExtensionsMustBeWellFormed) {
  EXPECT_EQ(error_of("5;\r\n"), MessageError::bad_line_end);
  EXPECT_EQ(error_of("5 \r\n"), MessageError::bad_line_end);
  EXPECT_EQ(error_of("5 x\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("5;a=\r\n"), MessageError::bad_line_end);
  EXPECT_EQ(error_of("5;a=b=c\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("5;a=\"b\"c\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("5;a b\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("5;a \r\n"), MessageError::bad_line_end);
  EXPECT_EQ(error_of("5;a=\"\x01\"\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("5;;\r\n"), MessageError::bad_chunk_size);
  EXPECT_EQ(error_of("5\t; a = b ;c\r\n"), MessageError::none);
}

TEST(Chunked, ExtensionsAreBoundedOverTheWholeBody) {
  ChunkedLimits limits{.extensions_max = {8}};
  EXPECT_EQ(error_of("1;a=b\r\nx\r\n1;a=b\r\nx\r\n0\r\n\r\n", limits), MessageError::none);
  EXPECT_EQ(error_of("1;a=b\r\nx\r\n1;a=bc\r\nx\r\n0\r\n\r\n", limits),
            MessageError::chunk_extension_too_long);
}

TEST(Chunked, TrailersMustBeWellFormedFields) {
  EXPECT_EQ(error_of("0\r\nX : 1\r\n\r\n"), MessageError::bad_trailer);
  EXPECT_EQ(error_of("0\r\n X: 1\r\n\r\n"), MessageError::bad_trailer);
  EXPECT_EQ(error_of("0\r\nX: 1\n\r\n"), MessageError::bad_trailer);
  EXPECT_EQ(error_of("0\r\n\rX"), MessageError::bad_trailer);
  EXPECT_EQ(error_of("0\r\n\n"), MessageError::bad_trailer);
  EXPECT_EQ(error_of("0\r\nContent-Length: 5\r\n\r\n"), MessageError::bad_trailer);
  EXPECT_EQ(error_of("0\r\ntransfer-encoding: chunked\r\n\r\n"), MessageError::bad_trailer);
}

TEST(Chunked, TrailersThatOnlyAHeadMaySayAreDropped) {
  EXPECT_EQ(decode("0\r\nVary: *\r\nX-Sum: 1\r\nContent-Type: x\r\n\r\n", 1).trailers, "X-Sum=1;");
}

TEST(Chunked, TrailersAreBounded) {
  ChunkedLimits limits{.trailers_max = {12}, .trailer_fields_max = 2};
  EXPECT_EQ(error_of("0\r\nX: 12345\r\n\r\n", limits), MessageError::none);
  EXPECT_EQ(error_of("0\r\nX: 123456\r\n\r\n", limits), MessageError::trailers_too_large);
  EXPECT_EQ(error_of("0\r\nX: 1234567890", limits), MessageError::trailers_too_large);
  EXPECT_EQ(error_of("0\r\nA:\r\nB:\r\n\r\n", limits), MessageError::none);
  ChunkedLimits few{.trailer_fields_max = 2};
  EXPECT_EQ(error_of("0\r\nA:\r\nB:\r\nC:\r\n\r\n", few), MessageError::trailers_too_large);
}

}  // namespace
}  // namespace gg
