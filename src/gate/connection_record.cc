// SPDX-License-Identifier: Apache-2.0
#include "gate/connection_record.h"

namespace gg {
namespace {

/// There is no request that could be answered.
class NobodyThere final : public ServerStream {
 public:
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

}  // namespace

Task<void> record_connection(const SessionContext& context, const ClientFacts& facts,
                             std::uint32_t request_number, HttpVersion version, Fault fault) {
  NobodyThere nobody;
  Exchange exchange(context.snapshot, nobody, facts);
  exchange.head.version = version;
  exchange.record.started_at = context.proxy.engine().now();
  exchange.record.client_request_number = request_number;
  co_await context.proxy.refuse(exchange, fault, MessageError::none);
}

}  // namespace gg
