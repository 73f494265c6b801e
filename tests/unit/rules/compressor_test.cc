// SPDX-License-Identifier: Apache-2.0
#include "rules/compressor.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/rng.h"

namespace gg {
namespace {

using Then = Compressor::Then;

/// As much as can be read of what was written so far.
std::string unzipped(const std::string& packed) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string text(4 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  inflate(&stream, Z_SYNC_FLUSH);
  text.resize(text.size() - stream.avail_out);
  inflateEnd(&stream);
  return text;
}

std::string unzstd(const std::string& packed) {
  std::string text(4 << 20, '\0');
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  ZSTD_outBuffer out{text.data(), text.size(), 0};
  while (in.pos < in.size) {
    std::size_t before = in.pos + out.pos;
    if (ZSTD_isError(ZSTD_decompressStream(context, &out, &in)) != 0) break;
    if (in.pos + out.pos == before) break;
  }
  ZSTD_freeDCtx(context);
  text.resize(out.pos);
  return text;
}

std::string unpacked(Coding coding, const std::string& packed) {
  return coding == Coding::zstd ? unzstd(packed) : unzipped(packed);
}

/// Half of it noise, so that it does not vanish.
std::string long_text() {
  Rng rng(7);
  std::string text;
  while (text.size() < 300'000) {
    text += "the same words again and again, ";
    for (int i = 0; i < 32; ++i) text += static_cast<char>('a' + rng.below(26));
  }
  return text;
}

class EveryCoding : public testing::TestWithParam<Coding> {};

TEST_P(EveryCoding, GivesBackWhatWentInInManyPieces) {
  std::string text = long_text();
  std::unique_ptr<Compressor> compressor = Compressor::make(GetParam());
  std::string packed;

  for (std::size_t i = 0; i < text.size(); i += 7001) {
    ASSERT_TRUE(compressor->write(std::string_view(text).substr(i, 7001), Then::go_on, packed));
  }
  ASSERT_TRUE(compressor->write({}, Then::finish, packed));

  EXPECT_LT(packed.size(), text.size());
  EXPECT_TRUE(unpacked(GetParam(), packed) == text);
}

TEST_P(EveryCoding, WhatIsFlushedCanBeReadAtOnce) {
  std::unique_ptr<Compressor> compressor = Compressor::make(GetParam());
  std::string packed;

  ASSERT_TRUE(compressor->write("first", Then::flush, packed));
  EXPECT_EQ(unpacked(GetParam(), packed), "first");
  ASSERT_TRUE(compressor->write(", second", Then::flush, packed));
  EXPECT_EQ(unpacked(GetParam(), packed), "first, second");
}

TEST_P(EveryCoding, AnEmptyBodyIsSomethingToo) {
  std::unique_ptr<Compressor> compressor = Compressor::make(GetParam());
  std::string packed;

  ASSERT_TRUE(compressor->write({}, Then::finish, packed));

  EXPECT_FALSE(packed.empty());
  EXPECT_EQ(unpacked(GetParam(), packed), "");
}

// Brotli has no reader here: curl reads it in tests/wire/compression_test.py.
INSTANTIATE_TEST_SUITE_P(Readable, EveryCoding, testing::Values(Coding::gzip, Coding::zstd));

}  // namespace
}  // namespace gg
