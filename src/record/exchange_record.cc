// SPDX-License-Identifier: Apache-2.0
#include "record/exchange_record.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>

#include "base/assert.h"
#include "base/text.h"

namespace gg {
namespace {

bool is_id_character(char c) {
  bool is_letter = ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
  constexpr std::string_view others = "._:=+/@-";
  return is_letter || is_digit(c) || others.find(c) != std::string_view::npos;
}

}  // namespace

RequestId RequestId::of(std::uint64_t high, std::uint64_t low) {
  RequestId id;
  write_hex(high, id.text_.data());
  write_hex(low, id.text_.data() + 16);
  id.length_ = 32;
  return id;
}

bool RequestId::is_usable(std::string_view text) {
  return !text.empty() && text.size() <= longest && std::ranges::all_of(text, is_id_character);
}

RequestId RequestId::copy_of(std::string_view text) {
  GG_ASSERT(is_usable(text));
  RequestId id;
  std::ranges::copy(text, id.text_.begin());
  id.length_ = static_cast<std::uint8_t>(text.size());
  return id;
}

/// What few exchanges need: the attempts after the first, the first bytes of bad responses, and how
/// things stood when an attempt failed.
struct ExchangeRecord::Overflow {
  std::array<AttemptRecord, attempts_kept - 1> more;
  std::array<std::array<char, first_bytes_kept>, attempts_kept> first_bytes;
  std::array<std::uint8_t, attempts_kept> first_byte_counts{};
  std::array<Circumstances, attempts_kept> circumstances{};
};

// A Chunk's bytes are aligned for this and need no destructor; moving the Chunk leaves it in place.
static_assert(std::is_trivially_destructible_v<AttemptRecord>);
static_assert(alignof(AttemptRecord) <= alignof(void*));

ExchangeRecord::Overflow* ExchangeRecord::overflow() {
  if (overflow_.empty()) return nullptr;
  return std::launder(reinterpret_cast<Overflow*>(overflow_.writable().data()));
}

const ExchangeRecord::Overflow* ExchangeRecord::overflow() const {
  if (overflow_.empty()) return nullptr;
  return std::launder(reinterpret_cast<const Overflow*>(overflow_.data()));
}

ExchangeRecord::Overflow& ExchangeRecord::make_overflow(BufferPool& pool) {
  if (overflow_.empty()) {
    overflow_ = pool.take(sizeof(Overflow));
    new (overflow_.spare().data()) Overflow();
    overflow_.extend(sizeof(Overflow));
  }
  return *overflow();
}

AttemptRecord& ExchangeRecord::add_attempt(BufferPool& pool) {
  ++attempts_made_;
  auto number = static_cast<std::uint8_t>(std::min(attempts_made_, std::uint32_t{255}));
  if (attempts_made_ == 1) {
    first_.number = number;
    return first_;
  }
  Overflow& room = make_overflow(pool);
  std::size_t place = attempts_recorded() - 1;
  room.more[place - 1] = AttemptRecord{};
  room.more[place - 1].number = number;
  room.first_byte_counts[place] = 0;
  room.circumstances[place] = {};
  return room.more[place - 1];
}

void ExchangeRecord::keep_first_bytes(const AttemptRecord& attempt, std::string_view bytes,
                                      BufferPool& pool) {
  GG_ASSERT(attempts_made_ > 0);
  if (bytes.empty()) return;
  Overflow& room = make_overflow(pool);
  std::size_t place = place_of(attempt, room);
  std::size_t count = std::min(bytes.size(), first_bytes_kept);
  std::memcpy(room.first_bytes[place].data(), bytes.data(), count);
  room.first_byte_counts[place] = static_cast<std::uint8_t>(count);
}

std::size_t ExchangeRecord::place_of(const AttemptRecord& attempt, const Overflow& room) const {
  std::size_t place =
      &attempt == &first_ ? 0 : static_cast<std::size_t>(&attempt - room.more.data()) + 1;
  GG_ASSERT(place < attempts_recorded());
  return place;
}

void ExchangeRecord::keep_circumstances(const AttemptRecord& attempt,
                                        const Circumstances& circumstances, BufferPool& pool) {
  GG_ASSERT(attempts_made_ > 0);
  Overflow& room = make_overflow(pool);
  room.circumstances[place_of(attempt, room)] = circumstances;
}

Circumstances ExchangeRecord::circumstances(std::size_t index) const {
  const Overflow* room = overflow();
  bool is_there = room != nullptr && index < attempts_recorded();
  return is_there ? room->circumstances[index] : Circumstances{};
}

const AttemptRecord& ExchangeRecord::attempt(std::size_t index) const {
  GG_ASSERT(index < attempts_recorded());
  return index == 0 ? first_ : overflow()->more[index - 1];
}

const AttemptRecord& ExchangeRecord::last_attempt() const {
  GG_ASSERT(attempts_made_ > 0);
  return attempt(attempts_recorded() - 1);
}

AttemptRecord& ExchangeRecord::last_attempt() {
  GG_ASSERT(attempts_made_ > 0);
  std::size_t place = attempts_recorded() - 1;
  return place == 0 ? first_ : overflow()->more[place - 1];
}

std::string_view ExchangeRecord::first_bytes(std::size_t index) const {
  const Overflow* room = overflow();
  if (room == nullptr || index >= attempts_recorded()) return {};
  return {room->first_bytes[index].data(), room->first_byte_counts[index]};
}

bool ExchangeRecord::was_rescued() const {
  return fault == Fault::none && attempts_made_ > 1 && first_.fault != Fault::none;
}

Fault ExchangeRecord::first_fault() const {
  bool first_attempt_failed = attempts_made_ > 0 && first_.fault != Fault::none;
  return first_attempt_failed ? first_.fault : fault;
}

bool ExchangeRecord::has_failed_attempt() const {
  for (std::size_t i = 0; i < attempts_recorded(); ++i) {
    if (attempt(i).fault != Fault::none) return true;
  }
  return false;
}

}  // namespace gg
