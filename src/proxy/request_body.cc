// SPDX-License-Identifier: Apache-2.0
#include "proxy/request_body.h"

#include <algorithm>
#include <utility>

namespace gg {

namespace {

constexpr std::size_t kept_block = std::size_t{64} << 10;

}  // namespace

void RequestBody::keep(std::uint64_t most, KeptBodies& room, BufferPool& pool) {
  if (received_ > 0) return;  // too late: what was read is gone
  pool_ = &pool;
  most_ = most;
  room_ = &room;
}

std::string RequestBody::copy() const {
  std::string all;
  all.reserve(static_cast<std::size_t>(kept_bytes_));
  for (const Chunk& chunk : kept_) all += chunk.view();
  return all;
}

bool RequestBody::is_ready(const Cursor& cursor) const {
  return cursor.position < kept_bytes_ || whole_ || client_.body_is_ready();
}

Task<Result<BodyPart, StreamError>> RequestBody::read(Cursor& cursor, Deadline deadline) {
  if (cursor.position < received_ || whole_) co_return replay(cursor);
  Result<BodyPart, StreamError> part = co_await client_.read_body(deadline);
  if (!part) {
    bool may_go_on = part.error().message == MessageError::none &&
                     (part.error().io.kind == IoError::Kind::cancelled ||
                      part.error().io.kind == IoError::Kind::deadline);
    if (!may_go_on) failed_ = true;
    co_return part;
  }
  note(*part, cursor);
  co_return part;
}

void RequestBody::release(Cursor& cursor) {
  if (std::exchange(cursor.is_lent, false)) client_.release_part();
}

BodyPart RequestBody::replay(Cursor& cursor) {
  cursor.is_lent = false;
  GG_ASSERT(can_be_replayed());
  if (cursor.position == kept_bytes_) {
    cursor.ended = true;
    return {.bytes = {}, .last = true, .trailers = trailers_};
  }
  if (cursor.offset == kept_[cursor.chunk].size()) {
    ++cursor.chunk;
    cursor.offset = 0;
  }
  std::string_view bytes = kept_[cursor.chunk].view().substr(cursor.offset);
  cursor.position += bytes.size();
  cursor.offset += bytes.size();
  bool last = whole_ && cursor.position == kept_bytes_ && trailers_ == nullptr;
  cursor.ended = last;
  return {.bytes = bytes, .last = last};
}

/// What came from the client: counted, and kept if it may be needed again.
void RequestBody::note(const BodyPart& part, Cursor& cursor) {
  if (room_ != nullptr) keep_bytes(part.bytes);
  received_ += part.bytes.size();
  cursor.position = received_;
  cursor.is_lent = true;
  if (!kept_.empty()) {
    cursor.chunk = kept_.size() - 1;
    cursor.offset = kept_.back().size();
  }
  if (!part.last) return;
  whole_ = true;
  trailers_ = part.trailers;
  cursor.ended = true;
}

void RequestBody::keep_bytes(std::string_view bytes) {
  bool fits = kept_bytes_ + bytes.size() <= most_ && room_->used + bytes.size() <= room_->most;
  if (!fits) {
    drop();
    return;
  }
  kept_bytes_ += bytes.size();
  room_->used += bytes.size();
  while (!bytes.empty()) {
    if (kept_.empty() || kept_.back().spare().empty()) {
      kept_.push_back(pool_->take(std::min(std::max(bytes.size(), std::size_t{4096}), kept_block)));
    }
    std::size_t count = std::min(bytes.size(), kept_.back().spare().size());
    kept_.back().append(bytes.substr(0, count));
    bytes.remove_prefix(count);
  }
}

void RequestBody::drop() {
  if (room_ == nullptr) return;
  room_->used -= static_cast<std::size_t>(kept_bytes_);
  room_ = nullptr;
  kept_bytes_ = 0;
  kept_.clear();
}

}  // namespace gg
