// SPDX-License-Identifier: Apache-2.0
#include "http1/wire.h"

#include <algorithm>

#include "http1/writer.h"

namespace gg {

namespace {

constexpr std::string_view end_of_chunk_and_body = "\r\n0\r\n\r\n";
/// Bodies up to here are copied behind their head: one run of bytes is sent for less than two.
constexpr std::size_t copied_behind_head = 2048;
/// Unread input below this does not keep a block four times its size through a wait.
constexpr std::size_t compact_below = 16 * 1024;

}  // namespace

void Http1Wire::consume(std::size_t count) {
  return_lent();
  input_.remove_prefix(count);
  if (input_.empty()) input_.reset();
}

void Http1Wire::return_lent() {
  if (lent_ == 0) return;
  input_.remove_prefix(lent_);
  lent_ = 0;
  if (input_.empty()) input_.reset();
}

void Http1Wire::accept(Chunk chunk) {
  return_lent();
  bytes_read_ += chunk.size();
  if (input_.empty()) {
    input_ = std::move(chunk);
    return;
  }
  if (input_.spare().size() < chunk.size()) {
    // Blocks come in powers of two, so growing by what is needed still takes few steps.
    Chunk larger = pool_->take(input_.size() + chunk.size());
    larger.append(input_.view());
    input_ = std::move(larger);
  }
  input_.append(chunk.view());
}

void Http1Wire::compact() {
  return_lent();
  if (input_.empty() || input_.size() >= compact_below) return;
  if (input_.size() + input_.spare().size() < 4 * input_.size()) return;
  input_ = pool_->copy(input_.view());
}

/// A body of known length is read in as few pieces as the largest read allows.
std::size_t Http1Wire::next_read_size() const {
  if (incoming_ != Incoming::length) return read_size_;
  std::uint64_t wanted = std::max<std::uint64_t>(incoming_left_, body_read_first / 4);
  return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, body_read_most));
}

void Http1Wire::expect_body(const Framing& framing) {
  body_read_ = 0;
  chunked_.reset();
  switch (framing.kind) {
    case Framing::Kind::none:
      incoming_ = Incoming::done;
      break;
    case Framing::Kind::length:
      incoming_ = framing.length > 0 ? Incoming::length : Incoming::done;
      incoming_left_ = framing.length;
      break;
    case Framing::Kind::chunked:
      incoming_ = Incoming::chunked;
      chunked_ = std::make_unique<ChunkedBody>(*pool_);
      break;
    case Framing::Kind::until_close:
    case Framing::Kind::tunnel:
      incoming_ = Incoming::until_close;
      break;
  }
}

BodyPart Http1Wire::lend(std::size_t count, bool last) {
  BodyPart part{.bytes = input_.view().substr(0, count), .last = last};
  lent_ = count;
  body_read_ += count;
  if (last) incoming_ = Incoming::done;
  return part;
}

Result<std::optional<BodyPart>, StreamError> Http1Wire::next_part() {
  if (incoming_ == Incoming::done) return BodyPart{.bytes = {}, .last = true};
  if (input_.empty()) return std::nullopt;
  switch (incoming_) {
    case Incoming::length: {
      auto count = static_cast<std::size_t>(std::min<std::uint64_t>(incoming_left_, input_.size()));
      incoming_left_ -= count;
      return lend(count, incoming_left_ == 0);
    }
    case Incoming::until_close:
      return lend(input_.size(), false);
    case Incoming::chunked:
      return next_chunked_part();
    case Incoming::done:
      break;
  }
  GG_UNREACHABLE("a body of no framing");
}

Result<std::optional<BodyPart>, StreamError> Http1Wire::next_chunked_part() {
  while (!input_.empty()) {
    ChunkedStep step = chunked_->decoder.next(input_.view());
    switch (step.state) {
      case ChunkedStep::State::need_more:
        input_.reset();
        break;
      case ChunkedStep::State::data: {
        lent_ = step.consumed;
        body_read_ += step.data.size();
        return BodyPart{.bytes = step.data, .last = false};
      }
      case ChunkedStep::State::end:
        consume(step.consumed);
        chunked_->trailers = chunked_->decoder.take_trailers();
        incoming_ = Incoming::done;
        return BodyPart{.bytes = {},
                        .last = true,
                        .trailers = chunked_->trailers.size() > 0 ? &chunked_->trailers : nullptr};
      case ChunkedStep::State::failed:
        return Failure(StreamError::of(step.error));
    }
  }
  return std::nullopt;
}

Task<Result<BodyPart, StreamError>> Http1Wire::read_body(Deadline deadline) {
  return_lent();
  for (;;) {
    Result<std::optional<BodyPart>, StreamError> part = next_part();
    if (!part) co_return Failure(part.error());
    if (*part) co_return **part;

    std::size_t most = next_read_size();
    Receive receive = bytes_->receive(most, deadline);
    reading_ = &receive;
    Result<Chunk, IoError> chunk = co_await receive;
    reading_ = nullptr;
    if (!chunk) co_return Failure(StreamError::of(chunk.error()));
    if (chunk->empty()) {
      bool may_be_the_end = incoming_ == Incoming::until_close && !bytes_->was_cut_off();
      if (!may_be_the_end) co_return Failure(StreamError::of(MessageError::ended_in_body));
      incoming_ = Incoming::done;
      co_return BodyPart{.bytes = {}, .last = true};
    }
    if (chunk->size() == most) read_size_ = std::min(2 * most, body_read_most);
    accept(std::move(*chunk));
  }
}

void Http1Wire::interrupt_reading() {
  if (reading_ != nullptr) bytes_->cancel(*reading_);
}

void Http1Wire::interrupt_sending() {
  if (sending_ != nullptr) bytes_->cancel(*sending_);
}

void Http1Wire::begin_body(Outgoing kind, std::uint64_t length) {
  body_sent_ = 0;
  bool nothing_to_come = kind == Outgoing::length && length == 0;
  outgoing_ = nothing_to_come ? Outgoing::done : kind;
  outgoing_left_ = length;
}

std::size_t Http1Wire::room_for(const BodyPart& first) {
  return first.bytes.size() <= copied_behind_head ? first.bytes.size() : 0;
}

Task<Result<void, StreamError>> Http1Wire::send(Chunk head, BodyPart part, SendLimit limit) {
  bool joined = outgoing_ != Outgoing::chunked && !head.empty() &&
                part.bytes.size() <= std::min(copied_behind_head, head.spare().size());
  if (joined) head.append(part.bytes);
  Send send = bytes_->send(limit);
  send.add(head.view());
  ChunkHeader size_line;
  Chunk last_chunk_with_trailers;
  switch (outgoing_) {
    case Outgoing::done:
      GG_ASSERT(part.bytes.empty());
      break;
    case Outgoing::length:
      GG_ASSERT(part.bytes.size() <= outgoing_left_);
      outgoing_left_ -= part.bytes.size();
      GG_ASSERT(part.last == (outgoing_left_ == 0));
      if (!joined) send.add(part.bytes);
      break;
    case Outgoing::raw:
      if (!joined) send.add(part.bytes);
      break;
    case Outgoing::chunked:
      if (!part.bytes.empty()) {
        size_line = chunk_header(part.bytes.size());
        send.add(size_line.view());
        send.add(part.bytes);
      }
      if (part.last && part.trailers != nullptr) {
        GG_ASSERT(part.bytes.empty());
        last_chunk_with_trailers = write_last_chunk(part.trailers->all(), *pool_);
        send.add(last_chunk_with_trailers.view());
      } else if (part.last) {
        send.add(part.bytes.empty() ? last_chunk : end_of_chunk_and_body);
      } else if (!part.bytes.empty()) {
        send.add(chunk_end);
      }
      break;
  }
  body_sent_ += part.bytes.size();

  if (send.left() > 0) {
    sending_ = &send;
    Result<void, IoError> sent = co_await send;
    sending_ = nullptr;
    bytes_written_ += send.sent();
    if (!sent) co_return Failure(StreamError::of(sent.error()));
  }
  if (part.last && outgoing_ == Outgoing::raw) bytes_->end_sending();
  if (part.last) outgoing_ = Outgoing::done;
  co_return Result<void, StreamError>();
}

}  // namespace gg
