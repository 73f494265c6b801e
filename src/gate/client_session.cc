// SPDX-License-Identifier: Apache-2.0
#include "gate/client_session.h"

#include "fault/catalogue.h"
#include "fault/classify.h"
#include "gate/http2_session.h"

namespace gg {

namespace {

BodyPlan plan_of(const Framing& framing) {
  switch (framing.kind) {
    case Framing::Kind::length:
      return {.kind = BodyPlan::Kind::length, .length = framing.length};
    case Framing::Kind::chunked:
      return {.kind = BodyPlan::Kind::unknown, .length = {}};
    case Framing::Kind::none:
    case Framing::Kind::until_close:
    case Framing::Kind::tunnel:
      break;
  }
  return {};
}

}  // namespace

std::string_view peer_text_of(const Address& peer, std::array<char, 48>& text) {
  if (peer.family == AddressFamily::unix_path) return "unix";
  return {text.data(), write_ip(peer, text)};
}

ClientSession::ClientSession(const SessionContext& context, std::unique_ptr<ByteStream> bytes,
                             const ClientFacts& facts)
    : context_(context),
      facts_(facts),
      connection_(std::move(bytes), context.snapshot.http1_server()) {
  facts_.peer_text = peer_text_of(facts.peer, peer_text_);
  facts_.is_trusted_proxy = context.snapshot.trusts(facts.peer);
}

/// An idle connection waits here, with no more in memory than this frame and the wait. A client
/// that closes between two requests, or idles for too long, has made no request: nothing to answer
/// and nothing to record.
Task<void> ClientSession::serve() {
  do {
    if (!connection_.request_has_begun()) {
      context_.counters.client_connections_idle.add(1);
      Result<void, StreamError> begun = co_await connection_.wait_for_request();
      context_.counters.client_connections_idle.add(-1);
      if (!begun) break;
    }
    context_.counters.requests_active.add(1);
    co_await serve_request();
    context_.counters.requests_active.add(-1);
  } while (connection_.may_serve_again());
  if (speaks_http2_) co_return;
  co_await connection_.close_gracefully();
}

Task<void> ClientSession::serve_request() {
  Exchange exchange(context_.snapshot, connection_, facts_);
  std::optional<StreamError> unreadable;
  {
    Result<RequestHead, StreamError> head = co_await connection_.read_head();
    if (head) {
      exchange.head = std::move(*head);
    } else {
      unreadable = head.error();
    }
  }
  if (unreadable && facts_.may_speak_http2 && begins_http2(*unreadable)) {
    speaks_http2_ = true;
    co_return;
  }
  exchange.record.started_at = connection_.head_began();
  exchange.record.client_request_number = ++requests_;
  if (unreadable) {
    co_await refuse(exchange, *unreadable);
    co_return;
  }
  exchange.body = plan_of(connection_.request_framing());
  exchange.record.request_head_bytes = connection_.head_bytes();
  if (draining_) connection_.close_after_response();
  exchange_ = &exchange;
  co_await context_.proxy.handle(exchange);
  exchange_ = nullptr;
}

/// The preface (RFC 9113 3.4) begins with what looks like a request line, and is none.
bool ClientSession::begins_http2(const StreamError& error) const {
  return error.message == MessageError::not_http && requests_ == 0 &&
         connection_.unread().starts_with("PRI * HTTP/2.0\r\n");
}

std::unique_ptr<Http2Session> ClientSession::become_http2() {
  auto [bytes, first] = connection_.hand_over();
  return std::make_unique<Http2Session>(context_, std::move(bytes), std::move(first), facts_);
}

/// A head that could not be read.
Task<void> ClientSession::refuse(Exchange& exchange, const StreamError& error) {
  bool is_message = error.message != MessageError::none;
  Fault fault =
      is_message ? classify_request(error.message) : classify_client(Stage::request_head, error.io);
  connection_.close_after_response();
  return context_.proxy.refuse(exchange, fault, error.message);
}

void ClientSession::retire() {
  draining_ = true;
  connection_.close_after_response();
}

void ClientSession::drain() {
  retire();
  connection_.interrupt_idling();
}

void ClientSession::cut() {
  bool may_still_be_told = exchange_ != nullptr && !exchange_->committed;
  if (!may_still_be_told) {
    bool says_so = exchange_ != nullptr && exchange_->go_away();
    says_so ? drain() : abort();
    return;
  }
  drain();
  exchange_->cut();
}

void ClientSession::abort() {
  connection_.end_now();
  if (exchange_ != nullptr) exchange_->abandon();
}

}  // namespace gg
