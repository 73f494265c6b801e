// SPDX-License-Identifier: Apache-2.0
#include "upstream/dialer.h"

#include <utility>

#include "fault/classify.h"

namespace gg {

void Dialer::stop() {
  is_stopped_ = true;
  if (connecting_ != nullptr) engine_.cancel(*connecting_);
  if (agreeing_ != nullptr) agreeing_->close(Closing::reset);
}

Task<Result<SocketPtr, Fault>> Dialer::connect(const EndpointUrl& server, Deadline deadline) {
  Result<Resolved, DnsError> found = co_await resolver_.resolve(server.host, deadline);
  if (!found) co_return Failure(classify(found.error()));
  Fault why = Fault::none;
  for (Address address : found->addresses) {
    if (is_stopped_) break;
    address.port = server.port;
    Connect connecting(engine_, address, deadline);
    connecting_ = &connecting;
    Result<SocketPtr, IoError> socket = co_await connecting;
    connecting_ = nullptr;
    if (socket) co_return std::move(*socket);
    why = classify(AttemptFacts{.stage = Stage::connect}, socket.error());
  }
  co_return Failure(why);
}

Task<Result<std::unique_ptr<ByteStream>, Fault>> Dialer::dial(const EndpointUrl& server,
                                                              const TlsClientContext* tls,
                                                              Deadline deadline) {
  Result<SocketPtr, Fault> socket = co_await connect(server, deadline);
  if (!socket) co_return Failure(socket.error());
  if (server.scheme != Scheme::https) {
    co_return std::make_unique<PlainStream>(std::move(*socket));
  }
  std::unique_ptr<TlsStream> stream =
      tls->wrap(std::move(*socket), server.host, nullptr, TlsOffer::http1);
  TlsHandshake handshake(*stream, deadline);
  agreeing_ = stream.get();
  Result<void, TlsError> agreed = co_await handshake;
  agreeing_ = nullptr;
  if (!agreed) co_return Failure(classify(AttemptFacts{.stage = Stage::tls}, agreed.error()));
  co_return stream;
}

std::unique_ptr<TlsClientContext> system_tls_for(const EndpointUrl& server) {
  if (server.scheme != Scheme::https) return nullptr;
  // Without files of its own there is nothing that can be wrong with it.
  Result<std::unique_ptr<TlsClientContext>, CertificateProblem> made =
      TlsClientContext::make(UpstreamTls{});
  GG_ASSERT(made.has_value());
  return std::move(*made);
}

Task<Result<ResponseHead, Fault>> ask_for_head(ClientStream& http, const OutgoingRequest& request,
                                               std::string_view body, Deadline deadline) {
  Result<void, StreamError> sent =
      co_await http.send_head(request, {.bytes = body, .last = true}, deadline);
  if (!sent) co_return Failure(fault_of(sent.error()));
  for (;;) {
    Result<ResponseHead, StreamError> head = co_await http.read_head(deadline);
    if (!head) co_return Failure(fault_of(head.error()));
    if (head->status >= 200) co_return std::move(*head);
  }
}

Fault fault_of(const StreamError& error) {
  AttemptFacts facts{.stage = Stage::response_head};
  bool is_message = error.message != MessageError::none;
  return is_message ? classify(facts, error.message) : classify(facts, error.io);
}

}  // namespace gg
