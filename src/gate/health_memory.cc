// SPDX-License-Identifier: Apache-2.0
#include "gate/health_memory.h"

#include <sys/mman.h>

#include <new>

namespace gg {

namespace {
constexpr std::size_t memory_size = HealthMemory::endpoints_most * sizeof(HealthCell);
}  // namespace

HealthMemory::HealthMemory()
    : memory_(
          mmap(nullptr, memory_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
  if (memory_ == MAP_FAILED) return;
  auto* cells = static_cast<HealthCell*>(memory_);
  for (std::size_t i = 0; i < endpoints_most; ++i) new (cells + i) HealthCell;
  board_.emplace(std::span(cells, endpoints_most));
}

HealthMemory::~HealthMemory() {
  if (memory_ != MAP_FAILED) munmap(memory_, memory_size);
}

}  // namespace gg
