// SPDX-License-Identifier: Apache-2.0
// Chunked bodies: any bytes. Checked: the same payload, trailers, end and error however they are
// cut; bytes framed by the writer come out as they went in.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "http1/chunked.h"
#include "http1/writer.h"

namespace gg {
namespace {

/// Small, so that the fuzzer reaches every limit.
constexpr ChunkedLimits limits{
    .extensions_max = {64}, .trailers_max = {256}, .trailer_fields_max = 8};

/// What a decoder made of the bytes, as text to compare.
std::string decode(std::string_view bytes, std::size_t piece) {
  BufferPool pool;
  ChunkedDecoder decoder(pool, limits);
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view view = bytes.substr(at, piece);
    while (!view.empty()) {
      ChunkedStep step = decoder.next(view);
      GG_ASSERT(step.consumed <= view.size() && step.data.size() <= step.consumed);
      text += step.data;
      if (step.state == ChunkedStep::State::failed) {
        return text + "|" + std::string(text_of(step.error));
      }
      view.remove_prefix(step.consumed);
      if (step.state != ChunkedStep::State::end) continue;
      std::size_t rest = view.size() + bytes.size() - std::min(at + piece, bytes.size());
      text += "|end, left " + std::to_string(rest);
      Fields trailers = decoder.take_trailers();
      Chunk written = write_last_chunk(trailers.all(), pool);
      return text + std::string(written.view());
    }
  }
  return text + "|unfinished";
}

void check_round_trip(std::string_view payload) {
  std::string framed;
  std::size_t size = 1;
  for (std::size_t at = 0; at < payload.size(); at += size) {
    size = std::min<std::size_t>(1 + static_cast<unsigned char>(payload[at]), payload.size() - at);
    framed += chunk_header(size).view();
    framed += payload.substr(at, size);
    framed += chunk_end;
  }
  framed += last_chunk;
  GG_ASSERT(decode(framed, framed.size()) == std::string(payload) + "|end, left 00\r\n\r\n");
}

}  // namespace
}  // namespace gg

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string whole = gg::decode(bytes, std::max<std::size_t>(size, 1));
  for (std::size_t piece : {1U, 2U, 3U, 7U, 16U}) GG_ASSERT(gg::decode(bytes, piece) == whole);
  gg::check_round_trip(bytes);
  return 0;
}
