// SPDX-License-Identifier: Apache-2.0
#include "gate/client_handshake.h"

#include <cstring>

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

/// An IPv4 address is written as one, however a proxy of two families has passed it on.
Address without_mapping(const Address& address) {
  constexpr unsigned char prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  bool is_mapped = address.family == AddressFamily::v6 &&
                   std::memcmp(address.ip.data(), prefix, sizeof prefix) == 0;
  if (!is_mapped) return address;
  const auto& ip = address.ip;
  return Address::v4({ip[12], ip[13], ip[14], ip[15]}, address.port);
}

void append(Chunk& to, const Chunk& more, BufferPool& pool) {
  Chunk joined = pool.take(to.size() + more.size());
  joined.append(to.view());
  joined.append(more.view());
  to = std::move(joined);
}

}  // namespace

ClientHandshake::ClientHandshake(SocketPtr socket, Deadline deadline)
    : bytes(std::make_unique<PlainStream>(std::move(socket))), deadline_(deadline) {}

Task<Result<void, Fault>> ClientHandshake::hear_proxy(Address& client) {
  for (;;) {
    Receive receive = bytes->receive(proxy_header_max, deadline_);
    Result<Chunk, IoError> came = co_await receive;
    if (!came || came->empty()) {
      bool is_late = !came && came.error().kind == IoError::Kind::deadline;
      bool was_silent = unread.empty() && !is_late;
      bool is_ours = ended_by_ != EndedBy::itself;
      co_return Failure(was_silent || is_ours ? Fault::none : Fault::client_proxy_header_missing);
    }
    append(unread, *came, bytes->engine().buffers());
    Result<std::optional<ProxyHeader>, ProxyHeaderError> parsed = parse_proxy_header(unread.view());
    if (!parsed) co_return Failure(Fault::client_proxy_header_missing);
    if (!*parsed) continue;
    const ProxyHeader& header = **parsed;
    if (header.kind == ProxyHeader::Kind::proxied) client = without_mapping(header.source);
    unread.remove_prefix(header.size);
    if (unread.empty()) unread.reset();
    co_return Result<void, Fault>();
  }
}

Task<Result<void, TlsError>> ClientHandshake::shake_hands(const TlsServerContext& context) {
  std::unique_ptr<TlsStream> stream =
      context.wrap(static_cast<PlainStream&>(*bytes).take_socket(), std::move(unread));
  tls = stream.get();
  bytes = std::move(stream);
  TlsHandshake handshake(*tls, deadline_);
  Result<void, TlsError> agreed = co_await handshake;
  if (agreed) tls->keep_identity(client_identity_of(*tls));
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
  bool is_http = error.failure == TlsFailure::not_tls && looks_like_http(tls->unread());
  if (is_http && tls->is_open()) {
    PlainStream plain(tls->take_socket());
    Send answer = plain.send(speak_tls, Deadline::after(plain.engine().now(), 1s));
    Result<void, IoError> sent = co_await answer;
    ignore(sent, "a courtesy");
  }
  bytes.reset();
}

void ClientHandshake::end(EndedBy by) {
  ended_by_ = by;
  if (bytes != nullptr) bytes->close(Closing::reset);
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
