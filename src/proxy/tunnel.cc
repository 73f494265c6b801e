// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.h"

#include "engine/engine.h"

namespace gg {

Tunnel::Tunnel(Engine& engine, Stream& client, Stream& endpoint, Duration idle)
    : engine_(engine),
      client_(client),
      endpoint_(endpoint),
      idle_(idle),
      last_moved_(engine.now()),
      directions_(engine.ready()) {}

Task<TunnelEnd> Tunnel::run() {
  directions_.start(relay(client_, endpoint_, end_.from_client));
  directions_.start(relay(endpoint_, client_, end_.from_endpoint));
  co_await directions_.join();
  co_return end_;
}

Task<void> Tunnel::relay(Stream& from, Stream& to, std::uint64_t& passed_on) {
  for (;;) {
    Result<BodyPart, StreamError> part =
        co_await from.read_body(Deadline::after(last_moved_, idle_));
    if (!part) {
      bool timed_out = part.error().message == MessageError::none &&
                       part.error().io.kind == IoError::Kind::deadline;
      bool other_way_moved = engine_.now() < last_moved_ + idle_;
      if (timed_out && other_way_moved) continue;
      cut(part.error());
      co_return;
    }
    last_moved_ = engine_.now();
    Result<void, StreamError> sent = co_await to.send_body(
        *part, SendLimit::between_bytes(last_moved_, idle_, Deadline::never()));
    if (!sent) {
      cut(sent.error());
      co_return;
    }
    last_moved_ = engine_.now();
    passed_on += part->bytes.size();
    if (part->last) co_return;
  }
}

/// The first failure ends both directions, whether they read or wait for a reader; what the other
/// one then says is its consequence.
void Tunnel::cut(const StreamError& error) {
  if (!end_.clean) return;
  end_.clean = false;
  end_.error = error;
  client_.abort();
  endpoint_.abort();
}

}  // namespace gg
