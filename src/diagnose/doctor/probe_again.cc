// SPDX-License-Identifier: Apache-2.0
// Second looks: what else a server may have meant that ended a connection or talked nonsense.
#include "diagnose/doctor/probe.h"
#include "net/proxy_protocol.h"

namespace gg {

namespace {

/// What servers answer to a PROXY header that they take for a request.
constexpr int status_of_refused_request = 400;

}  // namespace

/// A handshake failed: what can be seen without minding the certificate, or without TLS.
Task<void> AddressProbe::look_behind_refusal() {
  TlsFacts& tls = *facts_.tls;
  if (tls.error->failure == TlsFailure::not_tls) co_await try_plain();
  if (tls.error->failure == TlsFailure::closed) co_await try_other_introduction();
  if (tls.certificate || tls.error->verify == 0) co_return;
  Connect connecting(engine_, facts_.address, Deadline::after(engine_.now(), settings_.connect));
  Result<SocketPtr, IoError> socket = co_await connecting;
  if (!socket) co_return;
  std::unique_ptr<TlsStream> stream =
      lenient_->wrap(std::move(*socket), target_.endpoint.host, nullptr);
  stream->introduce(introduction());
  TlsHandshake handshake(*stream, Deadline::after(engine_.now(), settings_.tls));
  Result<void, TlsError> agreed = co_await handshake;
  ignore(agreed, "the certificate may have been shown in either case");
  tls.certificate = peer_certificate_of(*stream);
}

/// A second look at what the first one could not explain.
Task<void> AddressProbe::find_out_why() {
  if (facts_.talks.empty()) co_return;
  const TalkFacts& last = facts_.talks.back();
  bool ended_in_silence = last.fault == Fault::closed_before_head && !last.was_reused;
  bool is_puzzled =
      target_.proxy_protocol != ProxyHeaderUse::off && last.status == status_of_refused_request;
  if (ended_in_silence || is_puzzled) co_await try_other_introduction();
  bool may_be_tls = last.fault == Fault::not_http && !target_.is_tls();
  if (may_be_tls) co_await try_tls();
}

/// With a PROXY header where none is to be sent, without where one is.
Task<void> AddressProbe::try_other_introduction() {
  bool is_bare = target_.proxy_protocol != ProxyHeaderUse::off;
  std::string header = is_bare ? std::string() : proxy_header_v1({}, {});
  bool went_well = co_await has_answer_to(header);
  (is_bare ? facts_.answers_without_proxy_header : facts_.answers_proxy_header) = went_well;
}

/// Does a connection that begins with `header` get further?
Task<bool> AddressProbe::has_answer_to(std::string_view header) {
  Connect connecting(engine_, facts_.address, Deadline::after(engine_.now(), settings_.connect));
  Result<SocketPtr, IoError> socket = co_await connecting;
  if (!socket) co_return false;
  if (target_.is_tls()) {
    std::unique_ptr<TlsStream> stream =
        lenient_->wrap(std::move(*socket), target_.endpoint.host, nullptr);
    stream->introduce(header);
    TlsHandshake handshake(*stream, Deadline::after(engine_.now(), settings_.tls));
    Result<void, TlsError> agreed = co_await handshake;
    co_return agreed.has_value();
  }
  auto stream = std::make_unique<PlainStream>(std::move(*socket));
  if (!header.empty()) {
    Send sending = stream->send(header, Deadline::after(engine_.now(), settings_.head));
    Result<void, IoError> sent = co_await sending;
    if (!sent) co_return false;
  }
  Http1ClientConnection http(std::move(stream), limits_);
  TalkFacts talk;
  Stage stage = Stage::send;
  Result<void, StreamError> done = co_await exchange(http, talk, stage);
  co_return done.has_value() && talk.status != status_of_refused_request;
}

Task<void> AddressProbe::try_tls() {
  if (lenient_ == nullptr) co_return;
  Connect connecting(engine_, facts_.address, Deadline::after(engine_.now(), settings_.connect));
  Result<SocketPtr, IoError> socket = co_await connecting;
  if (!socket) co_return;
  std::unique_ptr<TlsStream> stream =
      lenient_->wrap(std::move(*socket), target_.endpoint.host, nullptr);
  TlsHandshake handshake(*stream, Deadline::after(engine_.now(), settings_.tls));
  Result<void, TlsError> agreed = co_await handshake;
  facts_.speaks_tls = agreed.has_value();
}

Task<void> AddressProbe::try_plain() {
  Connect connecting(engine_, facts_.address, Deadline::after(engine_.now(), settings_.connect));
  Result<SocketPtr, IoError> socket = co_await connecting;
  if (!socket) co_return;
  Http1ClientConnection http(std::make_unique<PlainStream>(std::move(*socket)), limits_);
  TalkFacts talk;
  Stage stage = Stage::send;
  Result<void, StreamError> done = co_await exchange(http, talk, stage);
  facts_.tls->answers_plain = done.has_value();
}

}  // namespace gg
