// SPDX-License-Identifier: Apache-2.0
#include "support/sim_talker.h"

#include "support/sim_http.h"

namespace gg {

namespace {

constexpr Duration patience = 1h;

}  // namespace

SimTalker::SimTalker(SimWorld& world, const Address& to, std::vector<Saying> sayings)
    : engine_(world), scope_(engine_.ready()) {
  scope_.start(run(to, std::move(sayings)));
}

Task<void> SimTalker::run(Address to, std::vector<Saying> sayings) {
  Connect connect(engine_, to, Deadline::after(engine_.now(), patience));
  Result<SocketPtr, IoError> socket = co_await connect;
  if (!socket) {
    talk_.error = socket.error();
    talk_.is_over = true;
    co_return;
  }
  socket_ = std::move(*socket);
  scope_.start(listen());
  for (const Saying& saying : sayings) {
    Sleep sleep(engine_, engine_.now() + saying.before);
    co_await sleep;
    if (talk_.is_over) co_return;
    Deadline deadline = Deadline::after(engine_.now(), patience);
    Result<void, IoError> sent = co_await send_all(engine_, *socket_, saying.bytes, deadline);
    if (!sent) co_return;
    if (saying.then == Saying::Then::ends_sending) engine_.end_sending(*socket_);
    if (saying.then == Saying::Then::resets) {
      engine_.close(*socket_.release(), Closing::reset);
      co_return;
    }
  }
}

Task<void> SimTalker::listen() {
  Instant began = engine_.now();
  PlainSink sink(engine_);
  for (;;) {
    Receive receive(sink, socket_.get(), 16384, Deadline::after(engine_.now(), patience));
    Result<Chunk, IoError> bytes = co_await receive;
    if (!bytes) {
      if (bytes.error().kind != IoError::Kind::cancelled) talk_.error = bytes.error();
      break;
    }
    if (bytes->empty()) break;
    talk_.heard += bytes->view();
  }
  talk_.lasted = engine_.now() - began;
  talk_.is_over = true;
  socket_.reset();
}

}  // namespace gg
