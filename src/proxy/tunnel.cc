// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.h"

#include <utility>

#include "engine/engine.h"

namespace gg {
namespace {

constexpr std::uint16_t going_away = 1001;
/// For both sides to answer a Close.
constexpr Duration last_words_time = 1s;

bool is(const StreamError& error, IoError::Kind kind) {
  return error.message == MessageError::none && error.io.kind == kind;
}

}  // namespace

Tunnel::Tunnel(Engine& engine, Stream& client, Stream& endpoint, TunnelLimits limits, Speech speech)
    : engine_(engine),
      limits_(limits),
      last_moved_(engine.now()),
      life_(Deadline::after(engine.now(), limits.life)),
      is_websocket_(speech == Speech::websocket),
      from_client_{
          .from = client, .to = endpoint, .passed_on = end_.from_client, .is_masked = true},
      from_endpoint_{
          .from = endpoint, .to = client, .passed_on = end_.from_endpoint, .is_masked = false},
      directions_(engine.ready()) {}

Task<TunnelEnd> Tunnel::run() {
  directions_.start(relay(from_client_));
  directions_.start(relay(from_endpoint_));
  co_await directions_.join();
  co_return end_;
}

bool Tunnel::go_away() {
  bool may_speak =
      is_websocket_ && !from_client_.frames.is_unknown() && !from_endpoint_.frames.is_unknown();
  if (!may_speak || is_leaving_) return may_speak;
  is_leaving_ = true;
  leave_by_ = Deadline::after(engine_.now(), last_words_time);
  directions_.start(end_by_force());
  for (Way* way : {&from_client_, &from_endpoint_}) {
    way->is_interrupted = true;
    way->from.interrupt_reading();
  }
  return true;
}

/// Where neither side reads, no deadline of ours that reads would end it.
Task<void> Tunnel::end_by_force() {
  if (ways_open_ == 0) co_return;
  Sleep wait(engine_, leave_by_.when());
  last_moment_ = &wait;
  bool is_up = co_await wait;
  last_moment_ = nullptr;
  constexpr IoError too_late{.kind = IoError::Kind::deadline, .number = 0};
  if (is_up) cut(StreamError::of(too_late));
}

Deadline Tunnel::read_deadline() const {
  if (is_leaving_) return leave_by_;
  return Deadline::after(last_moved_, limits_.idle).or_earlier(life_);
}

Task<void> Tunnel::relay(Way& way) {
  co_await relay_to_its_end(way);
  --ways_open_;
  if (ways_open_ == 0 && last_moment_ != nullptr) engine_.cancel(*last_moment_);
}

/// A WebSocket that is to go ends with the Close of who sends here, and what came before it and was
/// not yet passed on is dropped: we have said Close already.
Task<void> Tunnel::relay_to_its_end(Way& way) {
  for (;;) {
    bool is_due = is_leaving_ && !way.has_said_close && way.frames.is_between_frames();
    if (is_due) {
      bool is_said = co_await say_close(way);
      if (!is_said) co_return;
    }
    Result<BodyPart, StreamError> part = co_await way.from.read_body(read_deadline());
    if (!part) {
      if (goes_on_after(way, part.error())) continue;
      cut(part.error());
      co_return;
    }
    bool goes_on = co_await pass_on(way, *part);
    if (!goes_on) co_return;
  }
}

bool Tunnel::goes_on_after(Way& way, const StreamError& error) {
  bool was_us = is(error, IoError::Kind::cancelled) && std::exchange(way.is_interrupted, false);
  if (was_us) return end_.clean;
  if (!is(error, IoError::Kind::deadline)) return false;
  Instant now = engine_.now();
  if (is_leaving_) return !leave_by_.has_passed(now);
  if (life_.has_passed(now)) return go_away();
  return now < last_moved_ + limits_.idle;  // the other way has moved
}

/// False: this direction is over.
Task<bool> Tunnel::pass_on(Way& way, BodyPart part) {
  last_moved_ = engine_.now();
  std::string_view rest;
  if (is_leaving_) {
    std::size_t wanted = way.has_said_close ? 0 : way.frames.left_of_frame(part.bytes);
    rest = part.bytes.substr(wanted);
    part.bytes = part.bytes.substr(0, wanted);
  }
  if (is_websocket_) way.frames.pass(part.bytes);
  bool is_nothing = part.bytes.empty() && !part.last;
  if (!is_nothing) {
    bool is_sent = co_await send(way, part);
    if (is_sent) way.passed_on += part.bytes.size();
    if (!is_sent || part.last) co_return false;
  }
  if (!is_leaving_) co_return true;
  bool is_due = !way.has_said_close && way.frames.is_between_frames();
  if (is_due) {
    bool is_said = co_await say_close(way);
    if (!is_said) co_return false;
  }
  way.frames.pass(rest);
  // An endpoint ends its connection itself then; a client waits for us to do so.
  bool is_over = way.is_masked && way.frames.has_closed();
  if (!is_over) co_return true;
  Result<void, StreamError> ended =
      co_await way.to.send_body({.bytes = {}, .last = true}, SendLimit(leave_by_));
  ignore(ended, "it was the last thing to say");
  co_return false;
}

Task<bool> Tunnel::send(Way& way, BodyPart part) {
  Result<void, StreamError> sent = co_await way.to.send_body(
      part, SendLimit::between_bytes(engine_.now(), limits_.idle, leave_by_));
  if (!sent) {
    cut(sent.error());
    co_return false;
  }
  last_moved_ = engine_.now();
  co_return true;
}

Task<bool> Tunnel::say_close(Way& way) {
  way.has_said_close = true;
  if (!way.frames.may_interpose()) co_return true;  // the other side closes by itself
  auto mask = static_cast<std::uint32_t>(engine_.rng().next());
  std::string close =
      way.is_masked ? websocket_close(going_away, mask) : websocket_close(going_away);
  bool is_said = co_await send(way, {.bytes = close});
  co_return is_said;
}

/// The first failure ends both directions, whether they read or wait for a reader; what the other
/// one then says is its consequence.
void Tunnel::cut(const StreamError& error) {
  if (!end_.clean) return;
  end_.clean = false;
  end_.error = error;
  from_client_.from.abort();
  from_endpoint_.from.abort();
}

}  // namespace gg
