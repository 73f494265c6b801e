// SPDX-License-Identifier: Apache-2.0
#include "gate/http2_session.h"

#include <utility>

#include "fault/catalogue.h"
#include "fault/classify.h"
#include "gate/connection_record.h"

namespace gg {
namespace {

Fault fault_of(Http2Abuse abuse) {
  switch (abuse) {
    case Http2Abuse::violation:
      return Fault::client_http2_violation;
    case Http2Abuse::resets:
      return Fault::client_http2_resets;
    case Http2Abuse::frame_flood:
      return Fault::client_http2_frame_flood;
    case Http2Abuse::header_flood:
      return Fault::client_http2_header_flood;
    case Http2Abuse::slow_head:
      return Fault::client_head_timeout;
    case Http2Abuse::none:
      break;
  }
  return Fault::none;
}

}  // namespace

Http2Session::Http2Session(const SessionContext& context, std::unique_ptr<ByteStream> bytes,
                           Chunk first, const ClientFacts& facts)
    : context_(context),
      facts_(facts),
      connection_(std::move(bytes), std::move(first), context.snapshot.http2_server()),
      serving_(connection_.bytes().engine().ready()) {
  facts_.peer_text = peer_text_of(facts.peer, peer_text_);
  facts_.is_trusted_proxy = context.snapshot.trusts(facts.peer);
}

Task<void> Http2Session::serve() {
  context_.counters.client_connections_idle.add(1);
  co_await connection_.read_all(*this);
  co_await serving_.join();
  context_.counters.client_connections_idle.add(-1);
  if (connection_.abuse() != Http2Abuse::none) co_await record_abuse();
  co_await connection_.close_gracefully();
}

void Http2Session::begin(std::unique_ptr<Http2ServerStream> stream) {
  serving_.start(serve_stream(std::move(stream)));
}

Task<void> Http2Session::serve_stream(std::unique_ptr<Http2ServerStream> stream) {
  Counters& counters = context_.counters;
  counters.requests_active.add(1);
  if (served_now_++ == 0) counters.client_connections_idle.add(-1);
  Result<RequestHead, MessageError> head = stream->take_head();
  if (stream->is_gone()) {
    // Taken back before anybody began to serve it: it costs nobody anything more.
    co_await refuse(*stream, stream->head_began(), Fault::client_gone_while_waiting,
                    MessageError::none);
  } else if (head) {
    co_await serve_exchange(*stream, std::move(*head));
  } else {
    Fault fault = classify_request(head.error());
    if (fault == Fault::request_malformed) stream->refuse_rest();
    co_await refuse(*stream, stream->head_began(), fault, head.error());
  }
  stream.reset();
  if (--served_now_ == 0) counters.client_connections_idle.add(1);
  counters.requests_active.add(-1);
}

Task<void> Http2Session::serve_exchange(Http2ServerStream& stream, RequestHead head) {
  Exchange exchange(context_.snapshot, stream, facts_);
  exchange.head = std::move(head);
  exchange.body = stream.body_plan();
  exchange.record.started_at = stream.head_began();
  exchange.record.request_head_bytes = stream.head_bytes();
  exchange.record.client_request_number = ++requests_;
  UnderWay under_way(exchange, stream);
  under_way_.push_back(under_way);
  co_await context_.proxy.handle(exchange);
}

Task<void> Http2Session::refuse(ServerStream& stream, Instant began, Fault fault,
                                MessageError error) {
  Exchange exchange(context_.snapshot, stream, facts_);
  exchange.head.version = HttpVersion::http2;
  exchange.record.started_at = began;
  exchange.record.client_request_number = ++requests_;
  co_await context_.proxy.refuse(exchange, fault, error);
}

/// What a connection was ended for stands in the log like a request that could not be read.
Task<void> Http2Session::record_abuse() {
  co_await record_connection(context_, facts_, ++requests_, HttpVersion::http2,
                             fault_of(connection_.abuse()));
}

void Http2Session::cut() {
  bool somebody_may_be_told = false;
  under_way_.for_each([&somebody_may_be_told](UnderWay& one) {
    somebody_may_be_told |= !one.exchange.committed || one.exchange.go_away();
  });
  if (!somebody_may_be_told) {
    abort();
    return;
  }
  drain();
  under_way_.for_each([](UnderWay& one) {
    if (one.exchange.go_away()) return;
    if (one.exchange.committed) {
      one.stream.abort();
      one.exchange.abandon();
    } else {
      one.exchange.cut();
    }
  });
}

void Http2Session::abort() {
  connection_.end_now();
  under_way_.for_each([](UnderWay& one) { one.exchange.abandon(); });
}

}  // namespace gg
