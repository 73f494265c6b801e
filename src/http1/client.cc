// SPDX-License-Identifier: Apache-2.0
#include "http1/client.h"

#include "http/status.h"
#include "http1/writer.h"

namespace gg {

namespace {

/// Large enough for a usual response with its body: one read instead of two.
constexpr std::size_t head_read_size = std::size_t{128} << 10;

std::size_t expected_size(const OutgoingRequest& request) {
  std::size_t size = 128 + request.target.size() + request.authority.size();
  for (const Field& field : request.fields) size += field.name.size() + field.value.size() + 4;
  for (const Field& field : request.more_fields) size += field.name.size() + field.value.size() + 4;
  return size;
}

}  // namespace

Task<Result<void, StreamError>> Http1ClientConnection::send_head(const OutgoingRequest& request,
                                                                 BodyPart first, SendLimit limit) {
  method_ = request.method;
  upgrade_wanted_ = !request.upgrade.empty();
  head_is_complete_ = false;
  interim_responses_ = 0;
  framing_ = {};
  wire_.reset_counts();
  wire_.expect_body({});

  HeadWriter writer(wire_.pool(), expected_size(request) + Http1Wire::room_for(first));
  writer.request_line(request.method_text, request.target);
  writer.field("Host", request.authority);
  writer.fields(request.fields);
  writer.fields(request.more_fields);
  if (request.expects_continue) writer.field("Expect", "100-continue");
  using Outgoing = Http1Wire::Outgoing;
  Outgoing kind = Outgoing::done;
  if (request.body.kind == BodyPlan::Kind::length) kind = Outgoing::length;
  if (request.body.kind == BodyPlan::Kind::unknown) kind = Outgoing::chunked;
  if (request.body.length) writer.field("Content-Length", *request.body.length);
  if (kind == Outgoing::chunked) writer.field("Transfer-Encoding", "chunked");
  if (upgrade_wanted_) {
    writer.field("Connection", "upgrade");
    writer.field("Upgrade", request.upgrade);
  }
  wire_.begin_body(kind, request.body.length.value_or(0));
  if (wire_.body_is_sent()) first = {.bytes = {}, .last = true};
  Result<void, StreamError> sent = co_await wire_.send(writer.finish(), first, limit);
  co_return sent;
}

Task<Result<void, StreamError>> Http1ClientConnection::send_body(BodyPart part, SendLimit limit) {
  return wire_.send({}, part, limit);
}

Result<bool, StreamError> Http1ClientConnection::parse_head(HeadProgress& progress,
                                                            ResponseHead& head) {
  HeadOutcome outcome = parse_response_head(wire_.unread(), limits_, progress, wire_.pool(), head);
  if (outcome.state == HeadOutcome::State::need_more) return false;
  if (outcome.state == HeadOutcome::State::failed)
    return Failure(StreamError::of(outcome.fault.error));
  Result<Framing, MessageError> framing = decide_response_framing(method_, head);
  if (!framing) return Failure(StreamError::of(framing.error()));
  if (head.status == 101 && !upgrade_wanted_)
    return Failure(StreamError::of(MessageError::unexpected_upgrade));
  wire_.consume(outcome.consumed);

  if (is_interim(head.status) && head.status != 101) {
    if (++interim_responses_ > interim_responses_max)
      return Failure(StreamError::of(MessageError::too_many_interim_responses));
    return true;
  }
  framing_ = *framing;
  head_is_complete_ = true;
  if (framing_.kind == Framing::Kind::tunnel) wire_.begin_body(Http1Wire::Outgoing::raw);
  wire_.expect_body(framing_);
  return true;
}

Task<Result<ResponseHead, StreamError>> Http1ClientConnection::read_head(Deadline deadline) {
  HeadProgress progress;
  ResponseHead head;
  for (;;) {
    bool begun = !wire_.unread().empty();
    if (begun) {
      Result<bool, StreamError> complete = parse_head(progress, head);
      if (!complete) co_return Failure(complete.error());
      if (*complete) co_return std::move(head);
    }

    wire_.compact();
    Receive receive = wire_.receive(head_read_size, deadline);
    reading_ = &receive;
    Result<Chunk, IoError> chunk = co_await receive;
    reading_ = nullptr;
    if (!chunk) co_return Failure(StreamError::of(chunk.error()));
    if (chunk->empty()) {
      // Between an interim and the final head counts as inside: something was answered.
      bool nothing_came = !begun && interim_responses_ == 0;
      co_return Failure(StreamError::of(nothing_came ? MessageError::ended_before_head
                                                     : MessageError::ended_in_head));
    }
    wire_.accept(std::move(*chunk));
  }
}

Task<Result<BodyPart, StreamError>> Http1ClientConnection::read_body(Deadline deadline) {
  return wire_.read_body(deadline);
}

void Http1ClientConnection::interrupt_reading() {
  wire_.interrupt_reading();
  if (reading_ != nullptr) wire_.bytes().cancel(*reading_);
}

void Http1ClientConnection::abort() {
  if (aborted_) return;
  aborted_ = true;
  wire_.bytes().close(Closing::reset);
}

bool Http1ClientConnection::is_reusable() const {
  return !aborted_ && response_is_complete() && wire_.body_is_sent() && wire_.unread().empty() &&
         framing_.persistence == Framing::Persistence::keep_alive &&
         framing_.kind != Framing::Kind::tunnel && framing_.kind != Framing::Kind::until_close;
}

}  // namespace gg
