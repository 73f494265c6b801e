// SPDX-License-Identifier: Apache-2.0
#include "http2/memory.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "task/frame_pool.h"

namespace gg {
namespace {

/// In front of each block stands its size, which releasing it takes.
constexpr std::size_t prefix = alignof(std::max_align_t);

void* take(std::size_t size, void* /*unused*/) {
  auto* block = static_cast<char*>(allocate_frame(size + prefix));
  std::memcpy(block, &size, sizeof size);
  return block + prefix;
}

std::size_t size_of(const void* memory) {
  std::size_t size = 0;
  std::memcpy(&size, static_cast<const char*>(memory) - prefix, sizeof size);
  return size;
}

void release(void* memory, void* /*unused*/) {
  if (memory == nullptr) return;
  release_frame(static_cast<char*>(memory) - prefix, size_of(memory) + prefix);
}

void* take_zeroed(std::size_t count, std::size_t size, void* /*unused*/) {
  void* memory = take(count * size, nullptr);
  std::memset(memory, 0, count * size);
  return memory;
}

void* take_anew(void* memory, std::size_t size, void* /*unused*/) {
  void* larger = take(size, nullptr);
  if (memory == nullptr) return larger;
  std::memcpy(larger, memory, std::min(size, size_of(memory)));
  release(memory, nullptr);
  return larger;
}

}  // namespace

nghttp2_mem* http2_memory() {
  static nghttp2_mem memory = {nullptr, take, release, take_zeroed, take_anew};
  return &memory;
}

}  // namespace gg
