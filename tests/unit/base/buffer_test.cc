// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"

namespace gg {

namespace {

TEST(Buffers, AChunkGrowsShrinksAndShowsItsBytes) {
  BufferPool pool;
  Chunk chunk = pool.take(100);
  EXPECT_TRUE(chunk.empty());
  EXPECT_GE(chunk.spare().size(), 100U);

  chunk.append("hello, ");
  std::memcpy(chunk.spare().data(), "world!", 6);
  chunk.extend(6);
  chunk.remove_prefix(7);
  chunk.truncate(5);

  EXPECT_EQ(chunk.view(), "world");
  EXPECT_EQ(chunk.size(), 5U);
}

TEST(Buffers, MovingMovesOwnershipAndNotBytes) {
  BufferPool pool;
  Chunk first = pool.copy("abc");
  const char* where = first.data();

  Chunk second = std::move(first);
  Chunk third;
  third = std::move(second);

  EXPECT_EQ(third.data(), where);
  EXPECT_EQ(third.view(), "abc");
  EXPECT_EQ(pool.bytes_lent(), BufferPool::smallest_block);
}

TEST(Buffers, AssigningGivesTheOldBlockBack) {
  BufferPool pool;
  Chunk chunk = pool.take(5000);
  EXPECT_EQ(pool.bytes_lent(), 8192U);

  chunk = pool.copy("short");

  EXPECT_EQ(pool.bytes_lent(), BufferPool::smallest_block);
  EXPECT_EQ(pool.bytes_idle(), 8192U);
}

TEST(Buffers, AnEmptyChunkIsHarmless) {
  Chunk chunk;

  chunk.reset();

  EXPECT_TRUE(chunk.empty());
  EXPECT_EQ(chunk.view(), "");
  EXPECT_EQ(chunk.spare().size(), 0U);
  EXPECT_EQ(chunk.writable().size(), 0U);
}

TEST(Buffers, TheLastReturnedBlockIsLentFirst) {
  BufferPool pool;
  Chunk cold = pool.copy("cold");
  Chunk hot = pool.copy("hot");
  const char* where = hot.data();
  cold.reset();
  hot.reset();

  Chunk next = pool.copy("next");

  EXPECT_EQ(next.data(), where);
}

TEST(Buffers, SteadyStateAsksTheSystemForNothing) {
  BufferPool pool;
  pool.take(16384).reset();
  std::size_t before = pool.system_allocations();

  for (int i = 0; i < 1000; ++i) pool.take(16384).reset();

  EXPECT_EQ(pool.system_allocations(), before);
}

TEST(Buffers, TrimmingReturnsIdleBlocks) {
  BufferPool pool;
  {
    Chunk small = pool.take(300);
    Chunk big = pool.take(BufferPool::largest_block);
  }
  EXPECT_EQ(pool.bytes_idle(), 512U + BufferPool::largest_block);

  pool.trim(512);
  EXPECT_EQ(pool.bytes_idle(), 512U);
  pool.trim(0);

  EXPECT_EQ(pool.bytes_idle(), 0U);
}

TEST(Buffers, IdleBlocksAreBounded) {
  BufferPool pool;
  std::vector<Chunk> chunks;
  for (int i = 0; i < 100; ++i) chunks.push_back(pool.take(BufferPool::largest_block));

  chunks.clear();

  EXPECT_EQ(pool.bytes_lent(), 0U);
  EXPECT_LE(pool.bytes_idle(), std::size_t{64} << 20);
}

TEST(Buffers, ManyChunksNeverShareBytes) {
  BufferPool pool;
  Rng rng(5);
  std::vector<std::pair<Chunk, std::string>> lent;
  for (int i = 0; i < 5000; ++i) {
    if (!lent.empty() && rng.chance(0.5)) {
      std::size_t victim = rng.below(lent.size());
      ASSERT_EQ(lent[victim].first.view(), lent[victim].second);
      std::swap(lent[victim], lent.back());
      lent.pop_back();
    } else {
      std::string bytes(rng.below(3000), static_cast<char>('a' + i % 26));
      lent.emplace_back(pool.copy(bytes), bytes);
    }
  }
  lent.clear();

  EXPECT_EQ(pool.bytes_lent(), 0U);
}

#if __has_feature(address_sanitizer)
TEST(BuffersDeath, ReadingAReturnedChunkIsSeenByTheSanitizer) {
  BufferPool pool;
  Chunk chunk = pool.copy("gone");
  const char* dangling = chunk.data();
  chunk.reset();

  EXPECT_DEATH(
      {
        volatile char byte = *dangling;
        static_cast<void>(byte);
      },
      "use-after-poison");
}
#endif

TEST(BuffersDeath, APoolMustNotDieBeforeItsChunks) {
  EXPECT_DEATH(
      {
        Chunk chunk;
        BufferPool pool;
        chunk = pool.copy("left behind");
      },
      "bytes_lent_ == 0");
}

}  // namespace
}  // namespace gg
