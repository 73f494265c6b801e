// SPDX-License-Identifier: Apache-2.0
#include "http1/writer.h"

#include <charconv>

#include "base/assert.h"
#include "http1/scan.h"

namespace gg {
namespace {

constexpr std::string_view version_and_end = " HTTP/1.1\r\n";

bool is_value(std::string_view text) {
  const char* end = text.data() + text.size();
  return scan::skip_value(text.data(), end) == end;
}

bool is_name(std::string_view text) {
  const char* end = text.data() + text.size();
  return !text.empty() && scan::skip_token(text.data(), end) == end;
}

bool is_target(std::string_view text) {
  const char* end = text.data() + text.size();
  return !text.empty() && scan::skip_target(text.data(), end) == end;
}

std::size_t bytes_of(std::span<const Field> fields) {
  std::size_t total = 0;
  for (const Field& field : fields) total += field.name.size() + field.value.size() + 4;
  return total;
}

}  // namespace

HeadWriter::HeadWriter(BufferPool& pool, std::size_t expected_bytes)
    : pool_(&pool), chunk_(pool.take(expected_bytes)) {}

void HeadWriter::reserve(std::size_t bytes) {
  if (chunk_.spare().size() >= bytes) return;
  Chunk larger = pool_->take(2 * chunk_.size() + bytes);
  larger.append(chunk_.view());
  chunk_ = std::move(larger);
}

void HeadWriter::request_line(std::string_view method, std::string_view target) {
  GG_ASSERT(is_name(method) && is_target(target));
  reserve(method.size() + 1 + target.size() + version_and_end.size());
  put(method);
  put(" ");
  put(target);
  put(version_and_end);
}

void HeadWriter::status_line(int status, std::string_view reason) {
  GG_ASSERT(status >= 100 && status <= 999 && is_value(reason));
  char digits[3];
  std::to_chars(digits, digits + 3, status);
  reserve(15 + reason.size());
  put("HTTP/1.1 ");
  put({digits, 3});
  put(" ");
  put(reason);
  put("\r\n");
}

void HeadWriter::field(std::string_view name, std::string_view value) {
  GG_ASSERT(is_name(name) && is_value(value));
  reserve(name.size() + value.size() + 4);
  put(name);
  put(": ");
  put(value);
  put("\r\n");
}

void HeadWriter::field(std::string_view name, std::uint64_t value) {
  char digits[20];
  std::to_chars_result written = std::to_chars(digits, digits + sizeof digits, value);
  field(name, std::string_view(digits, static_cast<std::size_t>(written.ptr - digits)));
}

void HeadWriter::field(std::string_view name, std::span<const std::string_view> value_parts) {
  GG_ASSERT(is_name(name));
  reserve(name.size() + 2);
  put(name);
  put(": ");
  for (std::string_view part : value_parts) {
    GG_ASSERT(is_value(part));
    reserve(part.size());
    put(part);
  }
  reserve(2);
  put("\r\n");
}

Chunk HeadWriter::finish() {
  reserve(2);
  put("\r\n");
  return std::move(chunk_);
}

Chunk write_request_head(std::string_view method, std::string_view target,
                         std::span<const Field> fields, std::span<const Field> extra,
                         BufferPool& pool) {
  std::size_t line = method.size() + target.size() + 16;
  HeadWriter writer(pool, line + bytes_of(fields) + bytes_of(extra));
  writer.request_line(method, target);
  for (const Field& field : fields) writer.field(field);
  for (const Field& field : extra) writer.field(field);
  return writer.finish();
}

Chunk write_response_head(int status, std::string_view reason, std::span<const Field> fields,
                          std::span<const Field> extra, BufferPool& pool) {
  HeadWriter writer(pool, reason.size() + 20 + bytes_of(fields) + bytes_of(extra));
  writer.status_line(status, reason);
  for (const Field& field : fields) writer.field(field);
  for (const Field& field : extra) writer.field(field);
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
  chunk.append("0\r\n");
  for (const Field& field : trailers) {
    GG_ASSERT(is_name(field.name) && is_value(field.value));
    chunk.append(field.name);
    chunk.append(": ");
    chunk.append(field.value);
    chunk.append("\r\n");
  }
  chunk.append("\r\n");
  return chunk;
}

}  // namespace gg
