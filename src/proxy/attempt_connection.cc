// SPDX-License-Identifier: Apache-2.0
// How an attempt comes by its connection; a part of Attempt.
#include <algorithm>

#include "fault/classify.h"
#include "net/proxy_protocol.h"
#include "proxy/attempt.h"

namespace gg {
namespace {

/// Longer than any configured timeout.
constexpr Duration endless = 24h;
constexpr IoError cut_off{.kind = IoError::Kind::cancelled, .number = 0};
/// Others may be quicker once more.
constexpr int opened_again_most = 2;

/// Has what was opened no room for this request, because others use it already?
bool is_crowded(const OpenError& error) {
  return error.http2.message == MessageError::stream_refused;
}

}  // namespace

/// A request that cannot be sent again must not meet a connection that is about to close.
ConnectionNeed Attempt::need() const {
  if (kind_ == AttemptKind::retry) return ConnectionNeed::fresh;
  return exchange_.can_be_sent_again() ? ConnectionNeed::any : ConnectionNeed::proven;
}

Speech Attempt::speech() const {
  if (upstream_.settings().proxy_protocol != ProxyHeaderUse::off) return Speech::http1;
  bool may_choose = upstream_.settings().http2 != Http2Use::always;
  bool wants_upgrade = may_choose && exchange_.head.fields.has(FieldName::upgrade);
  return wants_upgrade ? Speech::http1 : Speech::any;
}

/// The PROXY header of the upstream's connections; empty: they have none.
std::string Attempt::introduction() const {
  switch (upstream_.settings().proxy_protocol) {
    case ProxyHeaderUse::v1:
      return proxy_header_v1(exchange_.facts.peer, exchange_.client.local_address());
    case ProxyHeaderUse::v2:
      return proxy_header_v2(exchange_.facts.peer, exchange_.client.local_address());
    case ProxyHeaderUse::off:
      break;
  }
  return {};
}

std::unique_ptr<UpstreamConnection> Attempt::take_idle() {
  bool is_introduced = upstream_.settings().proxy_protocol != ProxyHeaderUse::off;
  return is_introduced ? endpoint_.take_introduced(need(), introduction())
                       : endpoint_.take_idle(need(), speech());
}

/// The wait for a connection can be left and taken up again; what opens goes on opening.
Task<Fault> Attempt::connect(Duration patience) {
  for (int again = 0;; ++again) {
    if (opening_ == nullptr) {
      if (!endpoint_.reserve_connection(speech())) {
        co_return fail(Fault::connection_limit_reached, {});
      }
      opening_ = &endpoint_.open(within(upstream_.settings().timeouts.connect), exchange_.deadline,
                                 speech(), introduction());
    }
    if (!opening_->is_done()) {
      // It ends by its own deadline; this wait is only for those who want to leave earlier.
      Deadline leave = Deadline::after(began_, patience);
      Instant latest = engine_.now() + endless;
      Sleep wait(engine_, leave.is_never() ? latest : leave.when());
      opening_->waiter = &wait;
      co_await wait;
      opening_->waiter = nullptr;
      if (has_lost()) co_return Fault::none;
      if (was_cut_) co_return fail(StreamError::of(cut_off), Stage::connect);
      is_slow_ = !opening_->is_done();
      if (is_slow_) co_return Fault::none;
    }
    Opening& done = *std::exchange(opening_, nullptr);
    record_.tls = done.time_of_tls(engine_.now());
    record_.connect = engine_.now() - began_ - record_.tls;
    Result<std::unique_ptr<UpstreamConnection>, OpenError> opened = endpoint_.take(done);
    if (!opened && !(is_crowded(opened.error()) && again < opened_again_most)) {
      co_return fail_to_open(opened.error());
    }
    connection_ = opened ? std::move(*opened) : take_idle();
    record_.reused = !opened && connection_ != nullptr;
    if (connection_ != nullptr) co_return Fault::none;
  }
}

Fault Attempt::fail_to_open(const OpenError& error) {
  if (!error.first_bytes.empty() && !has_lost()) {
    exchange_.record.keep_first_bytes(record_, error.first_bytes.view(), engine_.buffers());
  }
  if (error.http2.message != MessageError::none) return fail(error.http2, Stage::connect);
  if (!error.tls) return fail(StreamError::of(error.io), Stage::connect);
  record_.protocol_code = error.tls->alert;
  record_.verify_code = error.tls->verify;
  StreamError of_connection = StreamError::of(error.tls->io);
  AttemptFacts facts{.stage = Stage::tls,
                     .exchange_time_is_up = is_exchange_deadline(of_connection)};
  return fail(classify(facts, *error.tls), of_connection);
}

}  // namespace gg
