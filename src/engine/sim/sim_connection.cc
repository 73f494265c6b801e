// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/sim_connection.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "base/assert.h"
#include "engine/sim/sim_network.h"
#include "engine/sim/sim_socket.h"
#include "engine/sim/sim_world.h"

namespace gg {

namespace {

Duration draw(Rng& rng, Duration most) {
  if (most <= Duration::zero()) return Duration::zero();
  return Duration(static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(most.count()))));
}

/// Any magnitude is as likely as any other: faults near the start are the interesting ones.
std::uint64_t draw_magnitude(Rng& rng, std::uint64_t most) {
  std::uint64_t bits = rng.below(static_cast<std::uint64_t>(std::bit_width(most)) + 1);
  return std::min(most, rng.below(std::uint64_t{1} << bits));
}

}  // namespace

SimConnection::SimConnection(SimWorld& world, std::uint64_t number, const LinkSettings& link)
    : world_(world), number_(number), link_(link), own_delay_(draw(world.rng(), link.jitter)) {
  arm_random_cuts();
}

void SimConnection::arm_random_cuts() {
  struct Kind {
    double chance;
    Cut::How how;
  };
  const Kind kinds[] = {{link_.reset_chance, Cut::How::reset},
                        {link_.stall_chance, Cut::How::stall},
                        {link_.end_chance, Cut::How::end}};
  Rng& rng = world_.rng();
  for (const Kind& kind : kinds) {
    if (kind.chance <= 0 || !rng.chance(kind.chance)) continue;
    End from = rng.chance(0.5) ? End::connector : End::acceptor;
    std::uint64_t after = draw_magnitude(rng, link_.fault_within);
    cut(from, {.how = kind.how, .after = after, .stall_for = link_.stall_for});
  }
}

void SimConnection::note(SimTrace::What what, std::uint64_t amount) {
  world_.trace().note({.at = world_.now(), .what = what, .who = number_, .amount = amount});
}

Duration SimConnection::one_way() {
  return link_.latency + own_delay_ + draw(world_.rng(), link_.jitter);
}

void SimConnection::settle_connect(std::optional<IoError> error) {
  Side& connector = at(End::connector);
  if (connector.socket == nullptr) {  // given up meanwhile: the answer is answered with a reset
    if (!error) send_reset(End::connector);
    return;
  }
  // A reset from the listener's end may have overtaken the handshake.
  if (!error && connector.failure) error = connector.failure;
  if (error) {
    connector.socket->connect_error = error;
  } else {
    connector.socket->is_connected = true;
  }
  connector.socket->wake();
}

void SimConnection::give_up() {
  at(End::connector).state = State::closed;
  at(End::connector).socket = nullptr;
  retire_if_over();
}

void SimConnection::wake(End end) {
  if (at(end).socket != nullptr) at(end).socket->wake();
}

// Sending: from the application into the flight.

std::optional<IoError> SimConnection::write_error(End end) {
  Side& side = at(end);
  if (side.failure && !std::exchange(side.failure_told, true)) return side.failure;
  if (side.failure || side.is_killed || pipe(end).end_asked) return io_error_of(EPIPE);
  return std::nullopt;
}

std::size_t SimConnection::write_room(End end) const {
  const Pipe& out = pipe(end);
  std::size_t under_way = out.unsent() + out.flying;
  return under_way < link_.send_buffer ? link_.send_buffer - under_way : 0;
}

void SimConnection::write(End end, std::string_view bytes) {
  note(SimTrace::What::sent, bytes.size());
  world_.trace().fold(bytes);
  pipe(end).bytes.append(bytes);
  pump(end);
}

void SimConnection::end_sending(End end) {
  Pipe& out = pipe(end);
  if (out.end_asked) return;
  out.end_asked = true;
  pump(end);
}

void SimConnection::pump(End from) {
  Pipe& out = pipe(from);
  if (at(from).failure || out.reset_sent) return;
  while (out.unsent() > 0) {
    std::size_t taken = out.ready + out.flying;
    std::size_t window = taken < link_.receive_buffer ? link_.receive_buffer - taken : 0;
    std::size_t size = std::min(out.unsent(), link_.segment_max);
    // A little window is as good as none, or slow readers would be sent crumbs (RFC 9293 3.8.6.2).
    if (window < std::min(size, std::max<std::size_t>(link_.receive_buffer / 2, 1))) return;
    size = std::min(size, window);
    if (size > 1 && world_.rng().chance(link_.split)) size = 1 + world_.rng().below(size);
    out.flying += size;
    launch(from, {.kind = Segment::Kind::bytes, .size = size});
  }
  if (out.end_asked && !std::exchange(out.end_sent, true)) {
    note(SimTrace::What::end_sent);
    launch(from, {.kind = Segment::Kind::end});
  }
}

void SimConnection::launch(End from, const Segment& segment) {
  Pipe& out = pipe(from);
  Instant now = world_.now();
  if (link_.bytes_per_second > 0) {
    double seconds =
        static_cast<double>(segment.size) / static_cast<double>(link_.bytes_per_second);
    out.line_free =
        std::max(out.line_free, now) + Duration(static_cast<std::int64_t>(seconds * 1e9));
  }
  Instant leaves = std::max(now, out.line_free);
  // One after the other: TCP keeps the order, whatever the delays.
  out.last_arrival = std::max(out.last_arrival, leaves + one_way());
  out.flight.push_back(segment);
  SimNetwork& network = world_.network();
  world_.at(out.last_arrival, [&network, number = number_, from, sweeps = out.sweeps] {
    SimConnection* connection = network.find(number);
    if (connection != nullptr && connection->pipe(from).sweeps == sweeps) connection->arrive(from);
  });
}

void SimConnection::sweep(Pipe& pipe) {
  ++pipe.sweeps;
  pipe.flight.clear();
  pipe.flying = 0;
  pipe.held = 0;
}

// Arriving: from the flight to the other end's system.

void SimConnection::arrive(End from) {
  Pipe& in = pipe(from);
  GG_ASSERT(!in.flight.empty());
  if (in.stalled) {
    ++in.held;
    return;
  }
  Segment segment = in.flight.front();
  in.flight.pop_front();
  End to = other(from);
  switch (segment.kind) {
    case Segment::Kind::bytes:
      bytes_arrive(from, segment.size);
      break;
    case Segment::Kind::end:
      note(SimTrace::What::end_arrived);
      in.end_arrived = true;
      wake(to);
      break;
    case Segment::Kind::reset:
      reset_arrives(to);
      break;
  }
  retire_if_over();
}

void SimConnection::bytes_arrive(End from, std::size_t size) {
  Pipe& in = pipe(from);
  End to = other(from);
  bool nobody_there = at(to).state == State::closed || at(to).failure;
  if (nobody_there) {
    in.bytes.erase(in.ready, size);
    in.flying -= size;
    send_reset(to);
    return;
  }
  if (!happen(from, size)) deliver(from, size);
  wake(from);  // there is room to send again
  pump(from);
}

void SimConnection::deliver(End from, std::size_t size) {
  if (size == 0) return;
  Pipe& in = pipe(from);
  note(SimTrace::What::arrived, size);
  in.ready += size;
  in.flying -= size;
  in.arrived += size;
  wake(other(from));
}

bool SimConnection::happen(End from, std::size_t size) {
  Pipe& in = pipe(from);
  auto nearest = std::ranges::min_element(in.cuts, {}, &Cut::after);
  if (nearest == in.cuts.end() || nearest->after > in.arrived + size) return false;
  Cut cut = *nearest;
  in.cuts.erase(nearest);
  std::size_t before =
      cut.after > in.arrived ? static_cast<std::size_t>(cut.after - in.arrived) : 0;
  deliver(from, before);
  note(SimTrace::What::cut, before);
  switch (cut.how) {
    case Cut::How::reset:
      reset_arrives(other(from));
      reset_later(from);
      break;
    case Cut::How::end:
      cut_off(from);
      break;
    case Cut::How::stall:
      if (before < size) {
        in.flight.push_front({.kind = Segment::Kind::bytes, .size = size - before});
        ++in.held;
      }
      stall(from, cut.stall_for);
      break;
  }
  return true;
}

void SimConnection::cut_off(End from) {
  Pipe& out = pipe(from);
  sweep(out);
  out.bytes.truncate(out.ready);
  out.end_asked = out.end_sent = out.end_arrived = true;
  note(SimTrace::What::end_arrived);
  wake(other(from));
  kill(from, Closing::orderly);
}

void SimConnection::send_reset(End from) {
  Pipe& out = pipe(from);
  if (std::exchange(out.reset_sent, true)) return;
  note(SimTrace::What::reset_sent);
  out.bytes.truncate(out.ready + out.flying);
  launch(from, {.kind = Segment::Kind::reset});
}

void SimConnection::reset_later(End end) {
  SimNetwork& network = world_.network();
  world_.after(one_way(), [&network, number = number_, end] {
    if (SimConnection* connection = network.find(number)) connection->reset_arrives(end);
  });
}

void SimConnection::reset_arrives(End end) {
  if (at(end).failure) return;
  note(SimTrace::What::reset_arrived, static_cast<std::uint64_t>(end));
  Pipe& in = pipe(other(end));
  Pipe& out = pipe(end);
  // After the peer's orderly end only writing can fail: what reading shows stays true.
  at(end).failure = io_error_of(in.end_arrived ? EPIPE : ECONNRESET);
  bool loses_unread =
      at(end).state == State::closed || world_.rng().chance(link_.reset_loses_unread);
  std::size_t keep = loses_unread && !in.end_arrived ? 0 : in.ready;
  in.bytes.truncate(keep);
  in.ready = keep;
  sweep(in);
  // What this end has under way may still arrive, at an end that no longer cares.
  out.bytes.truncate(out.ready + out.flying);
  wake(end);
  retire_if_over();
}

// Reading, and the end.

bool SimConnection::is_readable(End end) const {
  const Pipe& in = pipe(other(end));
  return in.ready > 0 || in.end_arrived || at(end).failure || at(end).is_killed;
}

Result<std::size_t, IoError> SimConnection::read(End end, std::span<char> room) {
  Pipe& in = pipe(other(end));
  if (at(end).is_killed) return Failure(io_error_of(ECONNRESET));
  if (in.ready > 0) {
    std::size_t size = std::min(in.ready, room.size());
    std::memcpy(room.data(), in.bytes.front(size).data(), size);
    in.bytes.drop_front(size);
    in.ready -= size;
    note(SimTrace::What::received, size);
    pump(other(end));
    return size;
  }
  if (in.end_arrived) return std::size_t{0};
  GG_ASSERT(at(end).failure);
  at(end).failure_told = true;
  return Failure(*at(end).failure);
}

bool SimConnection::is_dead(End end) const {
  return at(end).failure || at(end).is_killed || (has_ended(end) && pipe(end).end_asked);
}

void SimConnection::close(End end, Closing how) {
  Side& side = at(end);
  Pipe& in = pipe(other(end));
  side.socket = nullptr;
  if (side.is_killed) {
    retire_if_over();
    return;
  }
  GG_ASSERT(side.state == State::open);
  note(SimTrace::What::closed, static_cast<std::uint64_t>(end));
  side.state = State::closed;
  bool abort = how == Closing::reset || in.ready > 0;
  in.bytes.drop_front(in.ready);
  in.ready = 0;
  if (!side.failure) {
    if (abort) {
      send_reset(end);
    } else {
      end_sending(end);
    }
  }
  retire_if_over();
}

bool SimConnection::is_over() const {
  bool closed = at(End::connector).state == State::closed && at(End::acceptor).state != State::open;
  bool held = at(End::connector).socket != nullptr || at(End::acceptor).socket != nullptr;
  return closed && !held && pipes_[0].flight.empty() && pipes_[1].flight.empty() &&
         (pipes_[0].unsent() == 0 || at(End::connector).failure) &&
         (pipes_[1].unsent() == 0 || at(End::acceptor).failure);
}

void SimConnection::retire_if_over() {
  if (retiring_ || !is_over()) return;
  retiring_ = true;
  SimNetwork& network = world_.network();
  world_.after(Duration::zero(), [&network, number = number_] {
    SimConnection* connection = network.find(number);
    if (connection == nullptr) return;
    // A killed process may still hold its socket: then it is over when that is closed.
    connection->retiring_ = false;
    if (connection->is_over()) network.retire(number);
  });
}

// Faults that tests ask for.

void SimConnection::cut(End from, const Cut& cut) { pipe(from).cuts.push_back(cut); }

void SimConnection::reset() {
  reset_arrives(End::connector);
  reset_arrives(End::acceptor);
}

void SimConnection::kill(End end, Closing how) {
  Side& side = at(end);
  if (side.state != State::open) return;
  SimSocket* socket = side.socket;
  close(end, how);
  side.is_killed = true;
  side.socket = socket;
  if (socket != nullptr) socket->wake();
}

void SimConnection::stall(End from, Duration wait) {
  Pipe& out = pipe(from);
  note(SimTrace::What::stalled, static_cast<std::uint64_t>(from));
  out.stalled = true;
  std::uint64_t which = ++out.stalls;
  if (wait == Duration::max()) return;
  SimNetwork& network = world_.network();
  world_.after(wait, [&network, number = number_, from, which] {
    SimConnection* connection = network.find(number);
    if (connection != nullptr && connection->pipe(from).stalls == which) connection->resume(from);
  });
}

void SimConnection::resume(End from) {
  Pipe& out = pipe(from);
  if (!std::exchange(out.stalled, false)) return;
  note(SimTrace::What::resumed, static_cast<std::uint64_t>(from));
  std::size_t arrivals = std::exchange(out.held, 0);
  std::uint64_t sweeps = out.sweeps;
  for (std::size_t i = 0; i < arrivals && out.sweeps == sweeps; ++i) arrive(from);
}

}  // namespace gg
