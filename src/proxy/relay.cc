// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay.h"

#include <algorithm>

#include "base/text.h"
#include "proxy/exchange.h"

namespace gg {

namespace {

/// Bytes were there, but not yet enough of them to be a part of the body.
bool is_not_there_yet(const StreamError& error) {
  return error.message == MessageError::none && error.io.kind == IoError::Kind::deadline;
}

bool starts_with_type(std::string_view value, std::string_view type) {
  return value.size() >= type.size() && equal_ignoring_case(value.substr(0, type.size()), type);
}

}  // namespace

bool may_be_held_back(const ResponseHead& head) {
  if (head.status == 101) return false;
  const Field* type = head.fields.find(FieldName::content_type);
  if (type != nullptr && (starts_with_type(type->value, "text/event-stream") ||
                          starts_with_type(type->value, "application/grpc"))) {
    return false;
  }
  const Field* buffering = head.fields.find("X-Accel-Buffering");
  return buffering == nullptr || !equal_ignoring_case(buffering->value, "no");
}

Task<Result<void, StreamError>> Relay::hold(Stream& endpoint, std::size_t most, Duration time) {
  if (endpoint.body_is_ready()) {
    Result<BodyPart, StreamError> ready = co_await endpoint.read_body(Deadline::at(engine_.now()));
    if (ready) part_ = *ready;
    if (!ready && !is_not_there_yet(ready.error())) co_return Failure(ready.error());
  }
  bool is_enough = part_.last || part_.bytes.size() >= most || time <= Duration::zero();
  if (is_enough) co_return Result<void, StreamError>();
  co_return co_await hold_more(endpoint, most, time);
}

Task<Result<void, StreamError>> Relay::hold_more(Stream& endpoint, std::size_t most,
                                                 Duration time) {
  Deadline until = Deadline::after(engine_.now(), time).or_earlier(exchange_.deadline);
  while (held_.size() + part_.bytes.size() < most) {
    append(part_.bytes);
    part_ = {};
    Result<BodyPart, StreamError> next = co_await endpoint.read_body(until);
    if (!next && is_not_there_yet(next.error())) break;
    if (!next) co_return Failure(next.error());
    part_ = *next;
    if (part_.last) break;
  }
  co_return Result<void, StreamError>();
}

void Relay::append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (held_.spare().size() < bytes.size()) {
    constexpr std::size_t least = 4096;
    Chunk larger = engine_.buffers().take(std::max(2 * held_.size() + bytes.size(), least));
    if (!held_.empty()) larger.append(held_.view());
    held_ = std::move(larger);
  }
  held_.append(bytes);
}

void Relay::keep_apart() {
  GG_ASSERT(part_.last && part_.trailers == nullptr);
  append(part_.bytes);
  part_ = {.bytes = {}, .last = true};
}

void Relay::compress(std::unique_ptr<Compressor> compressor) {
  packing_ = std::make_unique<Packing>(Packing{.compressor = std::move(compressor), .out = {}});
}

/// What is compressed but cannot be written yet waits only while more comes at once: a client must
/// be able to read all that the endpoint has said.
BodyPart Relay::packed(BodyPart part, bool more_is_here) {
  packing_->out.clear();
  Compressor::Then then = Compressor::Then::flush;
  if (part.last) then = Compressor::Then::finish;
  if (!part.last && more_is_here) then = Compressor::Then::go_on;
  // Only memory can be missing, and then all is lost anyway: an operator new would end the process.
  bool is_written = packing_->compressor->write(part.bytes, then, packing_->out);
  GG_ASSERT(is_written);
  part.bytes = packing_->out;
  return part;
}

Task<Relay::End> Relay::run(Stream* endpoint, const OutgoingResponse& response) {
  ServerStream& client = exchange_.client;
  ExchangeRecord& record = exchange_.record;
  Duration gap = exchange_.snapshot.config().timeouts.send;
  bool is_all_held = part_.last && part_.bytes.empty() && part_.trailers == nullptr;
  BodyPart first = part_;
  if (!held_.empty()) first = {.bytes = held_.view(), .last = is_all_held};

  if (packing_ != nullptr) first = packed(first, endpoint != nullptr && endpoint->body_is_ready());
  exchange_.committed = true;
  record.committed = engine_.now() - record.started_at;
  record.response_body_bytes += first.bytes.size();
  Result<void, StreamError> sent = co_await client.send_head(
      response, first, SendLimit::between_bytes(engine_.now(), gap, exchange_.deadline));
  if (!sent) co_return End{End::Side::client, sent.error()};
  if (response.status == 101 || first.last) co_return End{};

  bool part_is_left = !held_.empty() && (part_.last || !part_.bytes.empty());
  held_.reset();
  for (;;) {
    if (!part_is_left) {
      Deadline deadline = Deadline::after(engine_.now(), idle_).or_earlier(exchange_.deadline);
      Result<BodyPart, StreamError> next = co_await endpoint->read_body(deadline);
      if (!next) co_return End{End::Side::endpoint, next.error()};
      part_ = *next;
    }
    part_is_left = false;
    if (packing_ != nullptr) {
      part_ = packed(part_, !part_.last && endpoint->body_is_ready());
      bool is_kept_for_later = part_.bytes.empty() && !part_.last;
      if (is_kept_for_later) continue;
    }
    record.response_body_bytes += part_.bytes.size();
    sent = co_await client.send_body(
        part_, SendLimit::between_bytes(engine_.now(), gap, exchange_.deadline));
    if (!sent) co_return End{End::Side::client, sent.error()};
    if (part_.last) co_return End{};
  }
}

Task<Relay::End> Relay::go_on(Stream& endpoint) {
  Duration gap = exchange_.snapshot.config().timeouts.send;
  while (!part_.last) {
    Deadline deadline = Deadline::after(engine_.now(), idle_).or_earlier(exchange_.deadline);
    Result<BodyPart, StreamError> next = co_await endpoint.read_body(deadline);
    if (!next) co_return End{End::Side::endpoint, next.error()};
    part_ = *next;
    exchange_.record.response_body_bytes += part_.bytes.size();
    Result<void, StreamError> sent = co_await exchange_.client.send_body(
        part_, SendLimit::between_bytes(engine_.now(), gap, exchange_.deadline));
    if (!sent) co_return End{End::Side::client, sent.error()};
  }
  co_return End{};
}

}  // namespace gg
