// SPDX-License-Identifier: Apache-2.0
// Pooled memory: blocks come from per-thread free lists and go back when their Chunk dies.
// The most recently returned block is lent first, so that a hot one serves most reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/assert.h"

namespace gg {

class BufferPool;

/// Sole owner of a run of bytes inside one pooled block. Moving moves the ownership, never the
/// bytes. An empty Chunk owns nothing. Must die on the thread of its pool, before the pool.
class Chunk {
 public:
  Chunk() = default;
  Chunk(Chunk&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)) {}
  Chunk& operator=(Chunk&& other) noexcept {
    if (this != &other) {
      reset();
      block_ = std::exchange(other.block_, nullptr);
      begin_ = std::exchange(other.begin_, 0);
      end_ = std::exchange(other.end_, 0);
    }
    return *this;
  }
  ~Chunk() { reset(); }

  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  const char* data() const;
  /// Borrows from this chunk: dead when it is.
  std::string_view view() const;
  std::span<char> writable();

  /// Forgets the first `count` bytes. `count` is at most size().
  void remove_prefix(std::size_t count) {
    GG_ASSERT(count <= size());
    begin_ += static_cast<std::uint32_t>(count);
  }
  /// Keeps only the first `count` bytes.
  void truncate(std::size_t count) {
    GG_ASSERT(count <= size());
    end_ = begin_ + static_cast<std::uint32_t>(count);
  }

  /// The unused bytes behind the content, up to the block's end.
  std::span<char> spare();
  /// Counts `count` bytes just written to spare() as content.
  void extend(std::size_t count);
  /// Copies `bytes` behind the content. They must fit into spare().
  void append(std::string_view bytes);

  /// Gives the block back now.
  void reset();

 private:
  friend class BufferPool;
  struct Block;

  explicit Chunk(Block* block) : block_(block) {}

  Block* block_ = nullptr;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
};

/// Free lists of blocks in power-of-two sizes. One per engine; one thread.
class BufferPool {
 public:
  static constexpr std::size_t smallest_block = 256;
  static constexpr std::size_t largest_block = std::size_t{1} << 20;

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  /// All chunks must be dead.
  ~BufferPool();

  /// An empty chunk with at least `capacity` spare bytes. `capacity` is at most largest_block.
  Chunk take(std::size_t capacity);
  /// A chunk with a copy of `bytes`.
  Chunk copy(std::string_view bytes);

  /// Bytes in blocks that live chunks own.
  std::size_t bytes_lent() const { return bytes_lent_; }
  /// Bytes that wait in the free lists.
  std::size_t bytes_idle() const { return bytes_idle_; }
  /// Blocks ever asked of the system; steady state means that it stands still.
  std::size_t system_allocations() const { return system_allocations_; }
  /// Returns idle blocks to the system until at most `keep` bytes are idle.
  void trim(std::size_t keep);

 private:
  friend class Chunk;
  static constexpr std::size_t classes = 13;  // 256 B, 512 B … 1 MiB

  void give_back(Chunk::Block* block);

  std::array<Chunk::Block*, classes> free_{};
  std::size_t bytes_lent_ = 0;
  std::size_t bytes_idle_ = 0;
  std::size_t system_allocations_ = 0;
};

struct Chunk::Block {
  BufferPool* pool;
  Block* next;  // in the free list
  std::uint32_t capacity;
  std::uint32_t size_class;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
};

inline const char* Chunk::data() const { return block_ ? block_->bytes() + begin_ : nullptr; }
inline std::string_view Chunk::view() const { return {data(), size()}; }
inline std::span<char> Chunk::writable() {
  return block_ ? std::span<char>(block_->bytes() + begin_, size()) : std::span<char>();
}
inline std::span<char> Chunk::spare() {
  return block_ ? std::span<char>(block_->bytes() + end_, block_->capacity - end_)
                : std::span<char>();
}
inline void Chunk::extend(std::size_t count) {
  GG_ASSERT(block_ != nullptr && count <= block_->capacity - end_);
  end_ += static_cast<std::uint32_t>(count);
}
inline void Chunk::reset() {
  if (block_ == nullptr) return;
  Block* block = std::exchange(block_, nullptr);
  begin_ = end_ = 0;
  block->pool->give_back(block);
}

}  // namespace gg
