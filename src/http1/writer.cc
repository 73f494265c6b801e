// SPDX-License-Identifier: Apache-2.0
#include "http1/writer.h"

#include <charconv>
#include <cstring>

#include "base/assert.h"
#include "http1/scan.h"

namespace gg {
namespace {

constexpr std::string_view version = " HTTP/1.1";

/// Copies and returns the place behind the copy.
char* put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* put_field(char* at, std::string_view name, std::string_view value) {
  GG_ASSERT(!name.empty());
  at = put(put(at, name), ": ");
  return put(at, value);
}

std::size_t bytes_of(std::span<const Field> fields) {
  std::size_t total = 0;
  for (const Field& field : fields) total += field.name.size() + field.value.size() + 4;
  return total;
}

/// Each line has brought its own CR and LF; one control character more, and something would split.
void assert_whole_lines(const Chunk& chunk, std::size_t lines) {
  const char* first = chunk.data();
  GG_ASSERT(scan::has_no_more_controls(first, first + chunk.size(), 2 * lines));
}

}  // namespace

HeadWriter::HeadWriter(BufferPool& pool, std::size_t expected_bytes)
    : pool_(&pool), chunk_(pool.take(expected_bytes)) {}

/// Where the next `bytes` go; end_line() counts them.
char* HeadWriter::room_for(std::size_t bytes) {
  if (chunk_.spare().size() < bytes) {
    Chunk larger = pool_->take(2 * chunk_.size() + bytes);
    larger.append(chunk_.view());
    chunk_ = std::move(larger);
  }
  return chunk_.spare().data();
}

void HeadWriter::end_line(char* at) {
  at = put(at, "\r\n");
  chunk_.extend(static_cast<std::size_t>(at - chunk_.spare().data()));
  ++lines_;
}

void HeadWriter::request_line(std::string_view method, std::string_view target) {
  GG_ASSERT(!method.empty() && !target.empty());
  char* at = room_for(method.size() + target.size() + version.size() + 3);
  at = put(put(at, method), " ");
  end_line(put(put(at, target), version));
}

void HeadWriter::status_line(int status, std::string_view reason) {
  GG_ASSERT(status >= 100 && status <= 999);
  char* at = put(room_for(reason.size() + 15), "HTTP/1.1 ");
  at = std::to_chars(at, at + 3, status).ptr;
  end_line(put(put(at, " "), reason));
}

void HeadWriter::field(std::string_view name, std::string_view value) {
  end_line(put_field(room_for(name.size() + value.size() + 4), name, value));
}

void HeadWriter::fields(std::span<const Field> fields) {
  std::span<char> spare = chunk_.spare();
  char* at = spare.data();
  std::size_t left = spare.size();
  for (const Field& field : fields) {
    std::size_t size = field.name.size() + field.value.size() + 4;
    if (size > left) {
      chunk_.extend(static_cast<std::size_t>(at - chunk_.spare().data()));
      at = room_for(size);
      left = chunk_.spare().size();
    }
    at = put(put_field(at, field.name, field.value), "\r\n");
    left -= size;
  }
  chunk_.extend(static_cast<std::size_t>(at - chunk_.spare().data()));
  lines_ += fields.size();
}

void HeadWriter::field(std::string_view name, std::uint64_t value) {
  char digits[20];
  std::to_chars_result written = std::to_chars(digits, digits + sizeof digits, value);
  field(name, std::string_view(digits, static_cast<std::size_t>(written.ptr - digits)));
}

void HeadWriter::field(std::string_view name, std::span<const std::string_view> value_parts) {
  std::size_t size = name.size() + 4;
  for (std::string_view part : value_parts) size += part.size();
  char* at = put_field(room_for(size), name, "");
  for (std::string_view part : value_parts) at = put(at, part);
  end_line(at);
}

Chunk HeadWriter::finish() {
  end_line(room_for(2));
  assert_whole_lines(chunk_, lines_);
  lines_ = 0;
  return std::move(chunk_);
}

Chunk write_request_head(std::string_view method, std::string_view target,
                         std::span<const Field> fields, std::span<const Field> extra,
                         BufferPool& pool) {
  std::size_t line = method.size() + target.size() + 16;
  HeadWriter writer(pool, line + bytes_of(fields) + bytes_of(extra));
  writer.request_line(method, target);
  writer.fields(fields);
  writer.fields(extra);
  return writer.finish();
}

Chunk write_response_head(int status, std::string_view reason, std::span<const Field> fields,
                          std::span<const Field> extra, BufferPool& pool) {
  HeadWriter writer(pool, reason.size() + 20 + bytes_of(fields) + bytes_of(extra));
  writer.status_line(status, reason);
  writer.fields(fields);
  writer.fields(extra);
  return writer.finish();
}

ChunkHeader chunk_header(std::uint64_t payload) {
  GG_ASSERT(payload > 0);
  ChunkHeader header;
  char* first = header.bytes.data();
  char* end = std::to_chars(first, first + 16, payload, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  header.size = static_cast<std::uint8_t>(end - first);
  return header;
}

Chunk write_last_chunk(std::span<const Field> trailers, BufferPool& pool) {
  Chunk chunk = pool.take(bytes_of(trailers) + last_chunk.size());
  char* at = put(chunk.spare().data(), "0\r\n");
  for (const Field& field : trailers) at = put(put_field(at, field.name, field.value), "\r\n");
  at = put(at, "\r\n");
  chunk.extend(static_cast<std::size_t>(at - chunk.spare().data()));
  assert_whole_lines(chunk, trailers.size() + 2);
  return chunk;
}

}  // namespace gg
