// SPDX-License-Identifier: Apache-2.0
#include "gate/client_handshake.h"

#include "http/method.h"

namespace gg {

namespace {

constexpr std::string_view speak_tls =
    "HTTP/1.1 400 Bad Request\r\n"
    "Content-Type: text/plain\r\n"
    "Content-Length: 61\r\n"
    "Connection: close\r\n\r\n"
    "This port speaks TLS. Use https:// in place of http:// here.\n";

bool looks_like_http(std::string_view bytes) {
  std::size_t space = bytes.find(' ');
  return space != std::string_view::npos && method_of(bytes.substr(0, space)) != Method::other;
}

}  // namespace

Task<Result<void, TlsError>> ClientHandshake::run(Duration patience) {
  TlsHandshake handshake(*stream, Deadline::after(stream->engine().now(), patience));
  Result<void, TlsError> agreed = co_await handshake;
  if (agreed) stream->keep_identity(client_identity_of(*stream));
  co_return agreed;
}

void ClientHandshake::count(const TlsError& error, Counters& counters) const {
  switch (ended_by_) {
    case EndedBy::itself:
      counters.client_tls_failures[static_cast<std::size_t>(error.failure)].add();
      return;
    case EndedBy::crowd:
      counters.client_tls_crowded_out.add();
      return;
    case EndedBy::drain:
      return;
  }
}

Task<void> ClientHandshake::explain(const TlsError& error) {
  bool is_http = error.failure == TlsFailure::not_tls && looks_like_http(stream->unread());
  if (is_http && stream->is_open()) {
    PlainStream plain(stream->take_socket());
    Send answer = plain.send(speak_tls, Deadline::after(plain.engine().now(), 1s));
    Result<void, IoError> sent = co_await answer;
    ignore(sent, "a courtesy");
  }
  stream.reset();
}

void ClientHandshake::end(EndedBy by) {
  ended_by_ = by;
  stream->close(Closing::reset);
}

void ClientHandshakes::add(ClientHandshake& handshake) {
  all_.push_back(handshake);
  if (++count_ > most) {
    ClientHandshake& oldest = all_.front();
    oldest.unlink();
    oldest.end(ClientHandshake::EndedBy::crowd);
  }
}

void ClientHandshakes::remove(ClientHandshake& handshake) {
  handshake.unlink();
  --count_;
}

void ClientHandshakes::end_all() {
  all_.for_each([](ClientHandshake& handshake) {
    handshake.unlink();
    handshake.end(ClientHandshake::EndedBy::drain);
  });
}

}  // namespace gg
