// SPDX-License-Identifier: Apache-2.0
#include "gate/connection_record.h"

#include <utility>

namespace gg {
namespace {

/// There is no request that could be answered.
class NobodyThere final : public ServerStream {
 public:
  Address local_address() const override { return {}; }
  Task<Result<BodyPart, StreamError>> read_body(Deadline /*deadline*/) override {
    co_return Failure(gone());
  }
  void interrupt_reading() override {}
  bool body_is_ready() const override { return true; }
  Task<Result<void, StreamError>> send_interim(const OutgoingResponse& /*response*/,
                                               SendLimit /*limit*/) override {
    co_return Failure(gone());
  }
  Task<Result<void, StreamError>> send_head(const OutgoingResponse& /*response*/,
                                            BodyPart /*first*/, SendLimit /*limit*/) override {
    co_return Failure(gone());
  }
  Task<Result<void, StreamError>> send_body(BodyPart /*part*/, SendLimit /*limit*/) override {
    co_return Failure(gone());
  }
  void abort() override {}
  void release_part() override {}
  Task<bool> await_departure() override { co_return true; }
  void stop_awaiting_departure() override {}

 private:
  static StreamError gone() {
    return StreamError::of(IoError{.kind = IoError::Kind::reset, .number = 0});
  }
};

/// Of now, and tells `stream`.
Task<void> record_on(ServerStream& stream, const SessionContext& context, const ClientFacts& facts,
                     std::uint32_t request_number, HttpVersion version, Fault fault) {
  Exchange exchange(context.snapshot, stream, facts);
  exchange.head.version = version;
  exchange.record.started_at = context.proxy.engine().now();
  exchange.record.client_request_number = request_number;
  co_await context.proxy.refuse(exchange, fault, MessageError::none);
}

}  // namespace

Task<void> record_connection(const SessionContext& context, const ClientFacts& facts,
                             std::uint32_t request_number, HttpVersion version, Fault fault) {
  NobodyThere nobody;
  co_await record_on(nobody, context, facts, request_number, version, fault);
}

Task<void> refuse_connection(const SessionContext& context, ClientFacts facts,
                             std::unique_ptr<ByteStream> bytes, Fault fault) {
  std::array<char, 48> text;
  facts.peer_text = peer_text_of(facts.peer, text);
  if (bytes == nullptr) {
    co_await record_connection(context, facts, 1, HttpVersion::http11, fault);
    co_return;
  }
  Http1ServerConnection connection(std::move(bytes), context.snapshot.http1_server());
  connection.close_after_response();
  co_await record_on(connection, context, facts, 1, HttpVersion::http11, fault);
  co_await connection.close_gracefully();
}

}  // namespace gg
