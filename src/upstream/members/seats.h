// SPDX-License-Identifier: Apache-2.0
// Which place each member has among an upstream's endpoints: places are what workers, health and
// checks know an endpoint by, so nobody is moved, and one that is left is only given away once no
// worker uses it. Pure; part of member_desk.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gg {

class Seats {
 public:
  /// The first `configured` are taken for ever by what the configuration lists. `most`: in all.
  Seats(std::size_t configured, std::size_t most);

  struct Taken {
    std::size_t seat = 0;
    bool is_return = false;  // it had this seat and has not quite left it
  };
  /// For who comes: its own one if it is just leaving that, else the first free one, else another
  /// at the end. Nothing: all are taken or being left.
  std::optional<Taken> take(std::string_view key);
  /// Of a member.
  std::optional<std::size_t> find(std::string_view key) const;
  /// The member goes; others may have the seat after release().
  void leave(std::size_t seat);
  /// Nobody uses what was there. `turn` is what turn() said when that was asked: a seat that was
  /// taken again since is left alone. Returns whether it is free now.
  bool release(std::size_t seat, std::uint32_t turn);
  /// Grows whenever the seat is taken or left.
  std::uint32_t turn(std::size_t seat) const { return seats_[seat].turn; }
  /// Those that are being left.
  std::vector<std::size_t> leaving() const;
  /// That were ever taken.
  std::size_t size() const { return seats_.size(); }

 private:
  enum class State : std::uint8_t { free, taken, leaving };
  struct Seat {
    std::string key;  // of who has it or had it last
    State state = State::free;
    std::uint32_t turn = 0;
  };

  Taken give(std::size_t seat, std::string_view key);

  std::size_t configured_;
  std::size_t most_;
  std::vector<Seat> seats_;
};

}  // namespace gg
