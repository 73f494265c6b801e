// SPDX-License-Identifier: Apache-2.0
// One simulated TCP connection: two byte pipes with delays, windows and faults. Tests hold it by
// reference to hurt it; the engines at its ends move bytes through it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/address.h"
#include "engine/io_error.h"
#include "engine/sim/byte_queue.h"
#include "engine/sim/sim_settings.h"
#include "engine/sim/sim_trace.h"
#include "engine/socket.h"

namespace gg {

class SimSocket;
class SimWorld;

/// Made by SimNetwork, which keeps it until both ends are closed and nothing is under way.
class SimConnection {
 public:
  SimConnection(SimWorld& world, std::uint64_t number, const LinkSettings& link);
  SimConnection(const SimConnection&) = delete;
  SimConnection& operator=(const SimConnection&) = delete;

  /// Counts up from 1 in the order of connecting.
  std::uint64_t number() const { return number_; }
  /// This connection's own copy; a change holds from now on (windows, delays, pieces).
  LinkSettings& link() { return link_; }
  /// Bytes from `from` that have reached the other end's system.
  std::uint64_t bytes_arrived(End from) const { return pipe(from).arrived; }
  /// What `end` was told when the connection failed, if it did.
  const std::optional<IoError>& failure(End end) const { return at(end).failure; }
  bool is_open(End end) const { return at(end).state == State::open; }

  // Faults. Each may be called at any moment, by a scheduled event or by a coroutine.

  /// Arms a fault for the bytes that `from` sends. Several may be armed; each happens once.
  void cut(End from, const Cut& cut);
  /// Resets both ends now, as a middlebox does.
  void reset();
  /// Nothing that `from` sends arrives for `wait` (Duration::max(): until resume()).
  void stall(End from, Duration wait);
  void resume(End from);
  /// The process at `end` dies: its system closes for it, and its socket is of no more use.
  void kill(End end, Closing how);

  // For SimNetwork and SimEngine.

  /// Tells the connecting socket how it went.
  void settle_connect(std::optional<IoError> error);
  /// The connecting socket goes before it is connected: an answer to it will be reset.
  void give_up();
  bool was_answered() const { return at(End::acceptor).state != State::absent; }
  void open(End end) { at(end).state = State::open; }
  void attach(End end, SimSocket* socket) { at(end).socket = socket; }
  /// Nothing the acceptor sends arrives before its answer to the connecting.
  void answer_arrives_at(Instant when) { pipe(End::acceptor).last_arrival = when; }
  /// A delay for what the network sends by itself: a handshake, a reset.
  Duration one_way();
  void wake(End end);

  bool is_readable(End end) const;
  /// At most `room.size()` bytes; 0 is the end. It is readable.
  Result<std::size_t, IoError> read(End end, std::span<char> room);
  std::size_t unread(End end) const { return pipe(other(end)).ready; }
  bool has_ended(End end) const { return pipe(other(end)).end_arrived; }
  /// A failure, or an end in both directions.
  bool is_dead(End end) const;

  std::optional<IoError> write_error(End end);
  std::size_t write_room(End end) const;
  void write(End end, std::string_view bytes);
  void end_sending(End end);
  /// With bytes unread, even an orderly close resets, as the system does.
  void close(End end, Closing how);

  bool is_over() const;

 private:
  enum class State : std::uint8_t { absent, open, closed };
  struct Side {
    State state = State::absent;
    SimSocket* socket = nullptr;
    std::optional<IoError> failure;
    bool failure_told = false;
    bool is_killed = false;
  };
  struct Segment {
    enum class Kind : std::uint8_t { bytes, end, reset };
    Kind kind = Kind::bytes;
    std::size_t size = 0;
  };
  /// What one side sends. `bytes` holds, in this order: ready to be read, flying, not sent yet.
  struct Pipe {
    ByteQueue bytes;
    std::size_t ready = 0;
    std::size_t flying = 0;
    std::uint64_t arrived = 0;
    std::deque<Segment> flight;
    bool end_asked = false;
    bool end_sent = false;
    bool end_arrived = false;
    bool reset_sent = false;
    bool stalled = false;
    std::uint64_t stalls = 0;
    std::uint64_t sweeps = 0;  // how often the flight was emptied: arrivals of before are void
    std::size_t held = 0;      // arrivals that wait for the stall to end
    Instant last_arrival;
    Instant line_free;
    std::vector<Cut> cuts;

    std::size_t unsent() const { return bytes.size() - ready - flying; }
  };

  Side& at(End end) { return sides_[static_cast<std::size_t>(end)]; }
  const Side& at(End end) const { return sides_[static_cast<std::size_t>(end)]; }
  Pipe& pipe(End from) { return pipes_[static_cast<std::size_t>(from)]; }
  const Pipe& pipe(End from) const { return pipes_[static_cast<std::size_t>(from)]; }

  void arm_random_cuts();
  void pump(End from);
  void launch(End from, const Segment& segment);
  static void sweep(Pipe& pipe);
  void arrive(End from);
  void bytes_arrive(End from, std::size_t size);
  /// Delivers as far as the nearest armed cut lets it; true if a cut has taken the rest.
  bool happen(End from, std::size_t size);
  void deliver(End from, std::size_t size);
  void cut_off(End from);
  void send_reset(End from);
  void reset_arrives(End end);
  void reset_later(End end);
  void retire_if_over();
  void note(SimTrace::What what, std::uint64_t amount = 0);

  SimWorld& world_;
  std::uint64_t number_;
  LinkSettings link_;
  Duration own_delay_{};  // of this connection, on top of the link's latency
  std::array<Side, 2> sides_;
  std::array<Pipe, 2> pipes_;
  bool retiring_ = false;
};

}  // namespace gg
