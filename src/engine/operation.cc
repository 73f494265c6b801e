// SPDX-License-Identifier: Apache-2.0
#include "engine/operation.h"

#include "base/assert.h"
#include "engine/engine.h"

namespace gg {

Operation::~Operation() { GG_ASSERT(state_ != State::waiting); }

void Send::add(std::string_view bytes) {
  if (bytes.empty()) return;
  GG_ASSERT(count_ < parts_max);
  // iovec has no const variant; a send only reads.
  parts_[count_++] = {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  left_ += bytes.size();
}

void Send::advance(std::size_t count, Instant now) {
  GG_ASSERT(count <= left_);
  if (count > 0) limit_.taken(now);
  sent_ += count;
  left_ -= count;
  while (count > 0) {
    iovec& part = parts_[first_];
    if (count < part.iov_len) {
      part.iov_base = static_cast<char*>(part.iov_base) + count;
      part.iov_len -= count;
      return;
    }
    count -= part.iov_len;
    ++first_;
  }
}

bool Accept::start() { return engine_->submit(*this); }

void Accept::complete(SocketPtr socket, const Address& peer) {
  socket_ = std::move(socket);
  peer_ = peer;
  set_done();
}

Result<Accepted, IoError> Accept::take_result() {
  if (error_) return Failure(*error_);
  return Accepted{.socket = std::move(socket_), .peer = peer_};
}

bool Connect::start() { return engine_->submit(*this); }

Result<SocketPtr, IoError> Connect::take_result() {
  if (!error_) return std::move(socket_);
  socket_.reset();
  return Failure(*error_);
}

bool Sleep::start() { return engine_->submit(*this); }

}  // namespace gg
