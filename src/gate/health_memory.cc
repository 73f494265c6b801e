// SPDX-License-Identifier: Apache-2.0
#include "gate/health_memory.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>

namespace gg {

namespace {

using NoteHead = MemberNotes::Head;

// Cells, then heads of notes, then their texts.
constexpr std::size_t cells_size = HealthMemory::endpoints_most * sizeof(HealthCell);
constexpr std::size_t heads_size = MemberNotes::lists_most * sizeof(NoteHead);
constexpr std::size_t texts_size = MemberNotes::lists_most * MemberNotes::text_most;
constexpr std::size_t memory_size = cells_size + heads_size + texts_size;
static_assert(cells_size % alignof(NoteHead) == 0);

/// Has it just the size that this version makes it?
bool fits(const Descriptor& given, std::uint64_t layout) {
  struct stat there{};
  return given.is_open() && layout == HealthMemory::layout && fstat(given.number(), &there) == 0 &&
         there.st_size == off_t{memory_size};
}

Descriptor fresh_memory() {
  Descriptor memory(memfd_create("goodgate-health", MFD_CLOEXEC));
  bool has_size = memory.is_open() && ftruncate(memory.number(), off_t{memory_size}) == 0;
  return has_size ? std::move(memory) : Descriptor();
}

}  // namespace

HealthMemory::HealthMemory(Descriptor given, std::uint64_t given_layout) {
  bool is_inherited = fits(given, given_layout);
  descriptor_ = is_inherited ? std::move(given) : fresh_memory();
  int flags = descriptor_.is_open() ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS;
  memory_ = mmap(nullptr, memory_size, PROT_READ | PROT_WRITE, flags, descriptor_.number(), 0);
  if (memory_ == MAP_FAILED) return;
  auto* cells = static_cast<HealthCell*>(memory_);
  for (std::size_t i = 0; !is_inherited && i < endpoints_most; ++i) new (cells + i) HealthCell;
  board_.emplace(std::span(cells, endpoints_most));
  auto* bytes = static_cast<char*>(memory_) + cells_size;
  auto* heads = static_cast<NoteHead*>(static_cast<void*>(bytes));
  for (std::size_t i = 0; !is_inherited && i < MemberNotes::lists_most; ++i) {
    new (heads + i) NoteHead;
  }
  members_.emplace(std::span(heads, MemberNotes::lists_most),
                   std::span(bytes + heads_size, texts_size));
}

HealthMemory::~HealthMemory() {
  if (memory_ != MAP_FAILED) munmap(memory_, memory_size);
}

}  // namespace gg
