// SPDX-License-Identifier: Apache-2.0
// HTTP/1 heads and chunk frames as bytes: the one place that writes them. Used by both connection
// kinds; it never invents fields.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "http/head.h"

namespace gg {

/// Builds one head in one chunk. finish() asserts that nothing it was given holds a control
/// character, so nothing can end a line or the head early: what came from a parser never does, and
/// what we make ourselves must not. Names, methods and targets are not empty.
class HeadWriter {
 public:
  /// `expected_bytes` sizes the first block; more is taken when it does not suffice.
  explicit HeadWriter(BufferPool& pool, std::size_t expected_bytes = 1024);

  /// Always says HTTP/1.1 (RFC 9110 6.2: the version is the sender's own).
  void request_line(std::string_view method, std::string_view target);
  /// `status` is 100 to 999. An empty `reason` is written as empty.
  void status_line(int status, std::string_view reason);
  /// `value` has no whitespace at its ends.
  void field(std::string_view name, std::string_view value);
  void field(std::string_view name, std::uint64_t value);
  void field(const Field& field) { this->field(field.name, field.value); }
  void fields(std::span<const Field> fields);
  /// A value in parts, written one after the other: for lists that grow by an element.
  void field(std::string_view name, std::span<const std::string_view> value_parts);
  /// The empty line. The writer is empty afterwards.
  Chunk finish();

 private:
  char* room_for(std::size_t bytes);
  void end_line(char* at);

  BufferPool* pool_;
  Chunk chunk_;
  std::size_t lines_ = 0;
};

/// The whole of a head at once: `fields`, then `extra`.
Chunk write_request_head(std::string_view method, std::string_view target,
                         std::span<const Field> fields, std::span<const Field> extra,
                         BufferPool& pool);
Chunk write_response_head(int status, std::string_view reason, std::span<const Field> fields,
                          std::span<const Field> extra, BufferPool& pool);

/// A chunk's size line, on the stack of whoever sends it.
struct ChunkHeader {
  std::array<char, 18> bytes;
  std::uint8_t size = 0;

  std::string_view view() const { return {bytes.data(), size}; }
};

/// `payload` is the byte count of the chunk, at least 1: zero would end the body.
ChunkHeader chunk_header(std::uint64_t payload);
/// Follows each chunk's payload.
inline constexpr std::string_view chunk_end = "\r\n";
/// Ends a body without trailers.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";
/// Ends a body with trailers.
Chunk write_last_chunk(std::span<const Field> trailers, BufferPool& pool);

}  // namespace gg
