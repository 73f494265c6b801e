// SPDX-License-Identifier: Apache-2.0
// In steady state a request asks the system for no memory at all: every malloc of this program is
// counted while a worker serves.
#include <execinfo.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include "cost/one_worker.h"
#include "task/frame_pool.h"

namespace {

/// What malloc and its kin were asked for while counting.
struct Allocations {
  static constexpr std::size_t kept = 4;
  struct Place {
    std::array<void*, 24> frames;
    int depth;
    std::size_t bytes;
  };
  std::size_t count = 0;
  std::array<Place, kept> places;
};

Allocations* counting = nullptr;  // absent: nobody counts

void note_allocation(std::size_t bytes) {
  if (counting == nullptr) return;
  Allocations& into = *std::exchange(counting, nullptr);  // backtrace() may allocate
  if (into.count < Allocations::kept) {
    Allocations::Place& place = into.places[into.count];
    place.bytes = bytes;
    place.depth = backtrace(place.frames.data(), static_cast<int>(place.frames.size()));
  }
  ++into.count;
  counting = &into;
}

}  // namespace

// The C library's own names for what is replaced here; operator new ends there too.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  note_allocation(size);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  note_allocation(count * size);
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  note_allocation(size);
  return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  note_allocation(size);
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  note_allocation(size);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  note_allocation(size);
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}

namespace gg {

namespace {

/// Counts from its beginning until it is asked.
class Counting {
 public:
  Counting() {
    void* frame = nullptr;
    backtrace(&frame, 1);  // loads what it needs, now
    counting = &allocations_;
  }
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;
  ~Counting() { counting = nullptr; }

  /// How many there were. If more than `allowed`, says on standard error where the first came from.
  std::size_t stop(std::size_t allowed) {
    counting = nullptr;
    if (allocations_.count <= allowed) return allocations_.count;
    for (std::size_t i = 0; i < std::min(allocations_.count, Allocations::kept); ++i) {
      Allocations::Place& place = allocations_.places[i];
      dprintf(STDERR_FILENO,
              "allocation of %zu bytes, here (llvm-symbolizer-19 names the places):\n",
              place.bytes);
      backtrace_symbols_fd(place.frames.data(), place.depth, STDERR_FILENO);
    }
    return allocations_.count;
  }

 private:
  Allocations allocations_;
};

/// Warm: the pools have what `exchange` needs, and the counters, the log and the clock have seen
/// it.
class SteadyState : public testing::Test {
 protected:
  static constexpr int warm_up = 500;

  bool ask(PlainSocket& client, const CostExchange& exchange, int times) {
    bool all_answered = true;
    for (int i = 0; i < times; ++i) all_answered = gate_.ask(client, exchange) && all_answered;
    return all_answered;
  }
  bool ask_on_new_connections(const CostExchange& exchange, int times) {
    bool all_answered = true;
    for (int i = 0; i < times; ++i) {
      PlainSocket client = gate_.connect();
      all_answered = gate_.ask(client, exchange) && all_answered;
    }
    return gate_.run_until_sessions(0) && all_answered;
  }

  OneWorker gate_;
  CostExchange small_get_ = CostExchange::small_get();
  CostExchange post_ = CostExchange::post_64k();
};

TEST_F(SteadyState, TheCountSeesEveryWayToAllocate) {
  Counting count;
  void* volatile kept = ::operator new(40);
  ::operator delete(kept);
  kept = std::malloc(41);
  std::free(kept);
  kept = std::calloc(2, 21);
  kept = std::realloc(kept, 4300);
  std::free(kept);
  kept = ::operator new(64, std::align_val_t(64));
  ::operator delete(kept, std::align_val_t(64));
  auto* text = new std::string(100, 'x');
  delete text;

  EXPECT_GE(count.stop(100), 6U);
}

TEST_F(SteadyState, AThousandKeepAliveGetsAllocateNothing) {
  PlainSocket client = gate_.connect();
  ASSERT_TRUE(ask(client, small_get_, warm_up));
  std::size_t frames = frame_counters().system_allocations;
  std::size_t buffers = gate_.engine().buffers().system_allocations();

  Counting count;
  bool all_answered = ask(client, small_get_, 1000);

  EXPECT_EQ(count.stop(0), 0U);
  EXPECT_TRUE(all_answered);
  EXPECT_EQ(frame_counters().system_allocations, frames);
  EXPECT_EQ(gate_.engine().buffers().system_allocations(), buffers);
}

TEST_F(SteadyState, AHundredPostsAllocateNothing) {
  PlainSocket client = gate_.connect();
  // A POST rides a connection only where requests that can be sent again have shown that it works.
  ASSERT_TRUE(ask(client, small_get_, warm_up));
  ASSERT_TRUE(ask(client, post_, warm_up));
  std::size_t frames = frame_counters().system_allocations;
  std::size_t buffers = gate_.engine().buffers().system_allocations();

  Counting count;
  bool all_answered = ask(client, post_, 100);

  EXPECT_EQ(count.stop(0), 0U);
  EXPECT_TRUE(all_answered);
  EXPECT_EQ(frame_counters().system_allocations, frames);
  EXPECT_EQ(gate_.engine().buffers().system_allocations(), buffers);
}

TEST_F(SteadyState, ANewClientConnectionAllocatesItsStreamAndNoMore) {
  ASSERT_TRUE(ask_on_new_connections(small_get_, warm_up));
  std::size_t frames = frame_counters().system_allocations;
  std::size_t buffers = gate_.engine().buffers().system_allocations();

  Counting count;
  bool all_answered = ask_on_new_connections(small_get_, 100);

  // A queue that has never held anything may grow once, too.
  constexpr std::size_t allowed = 100 + 2;
  EXPECT_LE(count.stop(allowed), allowed);
  EXPECT_TRUE(all_answered);
  EXPECT_EQ(frame_counters().system_allocations, frames);
  EXPECT_EQ(gate_.engine().buffers().system_allocations(), buffers);
}

}  // namespace

}  // namespace gg
