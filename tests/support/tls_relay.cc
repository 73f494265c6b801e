// SPDX-License-Identifier: Apache-2.0
#include "support/tls_relay.h"

#include <openssl/ssl.h>

#include <utility>

namespace gg {

namespace {

constexpr Duration patience = 1h;

}  // namespace

struct SimTlsRelay::Link {
  std::unique_ptr<ByteStream> near;  // of who came
  std::unique_ptr<ByteStream> far;
  int pumps = 2;
};

SimTlsRelay::SimTlsRelay(SimWorld& world, const Address& at, const TlsServerContext& context,
                         const Address& to)
    : engine_(world),
      server_(&context),
      to_(to),
      listener_(std::move(*engine_.adopt_listener(-1, at))),
      scope_(engine_.ready()) {
  scope_.start(accept_all());
}

SimTlsRelay::SimTlsRelay(SimWorld& world, const Address& at, const TlsClientContext& context,
                         std::string name, const Address& to)
    : engine_(world),
      client_(&context),
      name_(std::move(name)),
      to_(to),
      listener_(std::move(*engine_.adopt_listener(-1, at))),
      scope_(engine_.ready()) {
  scope_.start(accept_all());
}

void SimTlsRelay::stop() {
  is_stopped_ = true;
  listener_.reset();
}

Task<void> SimTlsRelay::accept_all() {
  while (listener_ != nullptr) {
    Accept accept(engine_, *listener_);
    Result<Accepted, IoError> accepted = co_await accept;
    if (accepted) scope_.start(serve(std::move(accepted->socket)));
  }
}

Task<void> SimTlsRelay::serve(SocketPtr socket) {
  Link link;
  Deadline deadline = Deadline::after(engine_.now(), patience);
  TlsStream* tls = nullptr;
  if (server_ != nullptr) {
    std::unique_ptr<TlsStream> stream = server_->wrap(std::move(socket));
    tls = stream.get();
    link.near = std::move(stream);
  } else {
    link.near = std::make_unique<PlainStream>(std::move(socket));
  }
  if (server_ != nullptr) {
    TlsHandshake handshake(*tls, deadline);
    Result<void, TlsError> agreed = co_await handshake;
    if (!agreed) {
      last_error_ = agreed.error();
      co_return;
    }
  }
  Connect connect(engine_, to_, deadline);
  Result<SocketPtr, IoError> far = co_await connect;
  if (!far) {
    link.near->close(Closing::reset);
    co_return;
  }
  if (client_ != nullptr) {
    PlainStream plain(std::move(*far));
    if (!first_.empty()) {
      Send introduction = plain.send(first_, deadline);
      Result<void, IoError> sent = co_await introduction;
      ignore(sent, "the handshake meets the same trouble");
    }
    std::unique_ptr<TlsStream> stream = client_->wrap(plain.take_socket(), name_, &session_);
    tls = stream.get();
    link.far = std::move(stream);
    if (!offered_.empty()) {
      SSL_set_alpn_protos(tls->library(), reinterpret_cast<const unsigned char*>(offered_.data()),
                          static_cast<unsigned>(offered_.size()));
    }
    TlsHandshake handshake(*tls, deadline);
    Result<void, TlsError> agreed = co_await handshake;
    if (!agreed) {
      last_error_ = agreed.error();
      link.near->close(Closing::reset);
      co_return;
    }
  } else {
    link.far = std::make_unique<PlainStream>(std::move(*far));
  }
  ++handshakes_;
  if (tls->was_resumed()) ++resumed_;
  Scope pumps(engine_.ready());
  pumps.start(pump(link, *link.near, *link.far));
  pumps.start(pump(link, *link.far, *link.near));
  co_await pumps.join();
}

Task<void> SimTlsRelay::pump(Link& link, ByteStream& from, ByteStream& to) {
  bool has_ended = false;
  while (!has_ended) {
    Receive receive = from.receive(65536, Deadline::after(engine_.now(), patience));
    Result<Chunk, IoError> bytes = co_await receive;
    if (!bytes) break;
    has_ended = bytes->empty();
    if (has_ended) break;
    Send send = to.send(bytes->view(), Deadline::after(engine_.now(), patience));
    Result<void, IoError> sent = co_await send;
    if (!sent) break;
  }
  --link.pumps;
  if (!has_ended) {
    from.close(Closing::reset);
    to.close(Closing::reset);
    co_return;
  }
  if (says_goodbye_) {
    to.end_sending();
  } else if (to.is_open()) {
    engine_.end_sending(to.socket());
  }
  if (link.pumps == 0) {
    link.near->close(Closing::orderly);
    link.far->close(Closing::orderly);
  }
}

SimStub::SimStub(SimWorld& world, const Address& at, std::string answer, Then then)
    : engine_(world),
      answer_(std::move(answer)),
      then_(then),
      listener_(std::move(*engine_.adopt_listener(-1, at))),
      scope_(engine_.ready()) {
  scope_.start(accept_all());
}

Task<void> SimStub::accept_all() {
  while (listener_ != nullptr) {
    Accept accept(engine_, *listener_);
    Result<Accepted, IoError> accepted = co_await accept;
    if (accepted) scope_.start(serve(std::move(accepted->socket)));
  }
}

Task<void> SimStub::serve(SocketPtr socket) {
  PlainStream stream(std::move(socket));
  Deadline deadline = Deadline::after(engine_.now(), patience);
  Receive first = stream.receive(65536, deadline);
  Result<Chunk, IoError> bytes = co_await first;
  if (!bytes || bytes->empty()) co_return;
  if (!answer_.empty()) {
    Send send = stream.send(answer_, deadline);
    Result<void, IoError> sent = co_await send;
    if (!sent) co_return;
  }
  if (then_ == Then::closes) stream.end_sending();
  for (;;) {
    Receive more = stream.receive(65536, deadline);
    bytes = co_await more;
    if (!bytes || bytes->empty()) co_return;
  }
}

}  // namespace gg
