// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/gzip_check.h"

#include <zlib.h>

#include <array>

namespace gg {

void GzipCheck::Free::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

GzipCheck::GzipCheck() : stream_(new z_stream()) {
  constexpr int gzip_alone = 15 + 16;
  has_failed_ = inflateInit2(stream_.get(), gzip_alone) != Z_OK;
}

void GzipCheck::take(std::string_view piece) {
  std::array<Bytef, 16384> unpacked{};
  // zlib reads from there and never writes, whatever its type says.
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));  // NOLINT
  stream_->avail_in = static_cast<uInt>(piece.size());
  while (stream_->avail_in > 0 && !has_failed_) {
    if (has_ended_) {  // another member may follow (RFC 1952 2.2)
      has_failed_ = inflateReset(stream_.get()) != Z_OK;
      has_ended_ = false;
    }
    stream_->next_out = unpacked.data();
    stream_->avail_out = static_cast<uInt>(unpacked.size());
    int result = inflate(stream_.get(), Z_NO_FLUSH);
    has_ended_ = result == Z_STREAM_END;
    has_failed_ = result != Z_OK && result != Z_STREAM_END;
  }
}

}  // namespace gg
