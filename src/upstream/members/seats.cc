// SPDX-License-Identifier: Apache-2.0
#include "upstream/members/seats.h"

#include "base/assert.h"

namespace gg {

Seats::Seats(std::size_t configured, std::size_t most) : configured_(configured), most_(most) {
  GG_ASSERT(configured <= most);
  seats_.resize(configured, Seat{.key = {}, .state = State::taken});
}

std::optional<Seats::Taken> Seats::take(std::string_view key) {
  std::optional<std::size_t> free;
  for (std::size_t i = configured_; i < seats_.size(); ++i) {
    Seat& seat = seats_[i];
    if (seat.state == State::leaving && seat.key == key) {
      seat.state = State::taken;
      ++seat.turn;
      return Taken{.seat = i, .is_return = true};
    }
    if (seat.state == State::free && !free) free = i;
  }
  if (free) return give(*free, key);
  if (seats_.size() >= most_) return std::nullopt;
  seats_.emplace_back();
  return give(seats_.size() - 1, key);
}

Seats::Taken Seats::give(std::size_t seat, std::string_view key) {
  seats_[seat].key = key;
  seats_[seat].state = State::taken;
  ++seats_[seat].turn;
  return {.seat = seat};
}

std::optional<std::size_t> Seats::find(std::string_view key) const {
  for (std::size_t i = configured_; i < seats_.size(); ++i) {
    if (seats_[i].state == State::taken && seats_[i].key == key) return i;
  }
  return std::nullopt;
}

void Seats::leave(std::size_t seat) {
  GG_ASSERT(seat >= configured_ && seats_[seat].state == State::taken);
  seats_[seat].state = State::leaving;
  ++seats_[seat].turn;
}

bool Seats::release(std::size_t seat, std::uint32_t turn) {
  if (seats_[seat].turn != turn || seats_[seat].state != State::leaving) return false;
  seats_[seat].state = State::free;
  return true;
}

std::vector<std::size_t> Seats::leaving() const {
  std::vector<std::size_t> found;
  for (std::size_t i = configured_; i < seats_.size(); ++i) {
    if (seats_[i].state == State::leaving) found.push_back(i);
  }
  return found;
}

}  // namespace gg
