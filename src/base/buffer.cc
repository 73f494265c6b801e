// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define GG_POISON(from, size) ASAN_POISON_MEMORY_REGION(from, size)
#define GG_UNPOISON(from, size) ASAN_UNPOISON_MEMORY_REGION(from, size)
#else
#define GG_POISON(from, size) static_cast<void>(0)
#define GG_UNPOISON(from, size) static_cast<void>(0)
#endif

namespace gg {

namespace {

/// Most bytes that free lists keep before blocks go back to the system at once.
constexpr std::size_t idle_bytes_max = std::size_t{64} << 20;

}  // namespace

void Chunk::append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::span<char> room = spare();
  GG_ASSERT(bytes.size() <= room.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  extend(bytes.size());
}

BufferPool::~BufferPool() {
  GG_ASSERT(bytes_lent_ == 0);
  trim(0);
}

Chunk BufferPool::take(std::size_t capacity) {
  GG_ASSERT(capacity <= largest_block);
  std::size_t size = std::bit_ceil(capacity < smallest_block ? smallest_block : capacity);
  auto size_class = static_cast<std::uint32_t>(std::countr_zero(size / smallest_block));

  Chunk::Block* block = free_[size_class];
  if (block != nullptr) {
    free_[size_class] = block->next;
    bytes_idle_ -= size;
    GG_UNPOISON(block->bytes(), size);
  } else {
    void* memory = std::malloc(sizeof(Chunk::Block) + size);
    GG_ASSERT(memory != nullptr);
    block = new (memory) Chunk::Block{this, nullptr, static_cast<std::uint32_t>(size), size_class};
    ++system_allocations_;
  }
  bytes_lent_ += size;
  return Chunk(block);
}

Chunk BufferPool::copy(std::string_view bytes) {
  Chunk chunk = take(bytes.size());
  chunk.append(bytes);
  return chunk;
}

void BufferPool::give_back(Chunk::Block* block) {
  bytes_lent_ -= block->capacity;
  if (bytes_idle_ + block->capacity > idle_bytes_max) {
    std::free(block);
    return;
  }
  bytes_idle_ += block->capacity;
  GG_POISON(block->bytes(), block->capacity);
  block->next = free_[block->size_class];
  free_[block->size_class] = block;
}

void BufferPool::trim(std::size_t keep) {
  for (std::size_t i = classes; i-- > 0;) {
    while (free_[i] != nullptr && bytes_idle_ > keep) {
      Chunk::Block* block = free_[i];
      free_[i] = block->next;
      bytes_idle_ -= block->capacity;
      GG_UNPOISON(block->bytes(), block->capacity);
      std::free(block);
    }
  }
}

}  // namespace gg
