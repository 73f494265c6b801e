// SPDX-License-Identifier: Apache-2.0
#include "rules/compressor.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <array>

namespace gg {
namespace {

// Levels for answers that are made while somebody waits: each is about where more time gains
// little.
constexpr int gzip_level = 4;
constexpr int zstd_level = 3;
constexpr std::uint32_t brotli_quality = 4;
constexpr std::uint32_t brotli_window = 18;
constexpr int zstd_window = 18;

using Room = std::array<char, 16384>;

class GzipCompressor final : public Compressor {
 public:
  GzipCompressor() {
    constexpr int window = 15;
    constexpr int as_gzip = 16;
    constexpr int memory = 8;
    is_open_ = deflateInit2(&stream_, gzip_level, Z_DEFLATED, window + as_gzip, memory,
                            Z_DEFAULT_STRATEGY) == Z_OK;
  }
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;
  ~GzipCompressor() override {
    if (is_open_) deflateEnd(&stream_);
  }
  bool is_open() const { return is_open_; }

  bool write(std::string_view bytes, Then then, std::string& out) override {
    Room room;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // NOLINT: reads
    stream_.avail_in = static_cast<uInt>(bytes.size());
    int mode = then == Then::finish ? Z_FINISH : then == Then::flush ? Z_SYNC_FLUSH : Z_NO_FLUSH;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = room.size();
      int result = deflate(&stream_, mode);
      bool is_fine = result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
      if (!is_fine) return false;
      out.append(room.data(), room.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return true;
  }

 private:
  z_stream stream_{};
  bool is_open_ = false;
};

class BrotliCompressor final : public Compressor {
 public:
  BrotliCompressor() : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) return;
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, brotli_quality);
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, brotli_window);
  }
  BrotliCompressor(const BrotliCompressor&) = delete;
  BrotliCompressor& operator=(const BrotliCompressor&) = delete;
  ~BrotliCompressor() override { BrotliEncoderDestroyInstance(state_); }
  bool is_open() const { return state_ != nullptr; }

  bool write(std::string_view bytes, Then then, std::string& out) override {
    BrotliEncoderOperation mode = then == Then::finish  ? BROTLI_OPERATION_FINISH
                                  : then == Then::flush ? BROTLI_OPERATION_FLUSH
                                                        : BROTLI_OPERATION_PROCESS;
    const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    do {
      std::size_t none = 0;
      if (BrotliEncoderCompressStream(state_, mode, &left, &next, &none, nullptr, nullptr) == 0) {
        return false;
      }
      std::size_t size = 0;
      const std::uint8_t* made = BrotliEncoderTakeOutput(state_, &size);
      out.append(reinterpret_cast<const char*>(made), size);
    } while (left > 0 || BrotliEncoderHasMoreOutput(state_) != 0);
    return true;
  }

 private:
  BrotliEncoderState* state_;
};

class ZstdCompressor final : public Compressor {
 public:
  ZstdCompressor() : context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) return;
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, zstd_level);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_windowLog, zstd_window);
  }
  ZstdCompressor(const ZstdCompressor&) = delete;
  ZstdCompressor& operator=(const ZstdCompressor&) = delete;
  ~ZstdCompressor() override { ZSTD_freeCCtx(context_); }
  bool is_open() const { return context_ != nullptr; }

  bool write(std::string_view bytes, Then then, std::string& out) override {
    Room room;
    ZSTD_EndDirective mode = then == Then::finish  ? ZSTD_e_end
                             : then == Then::flush ? ZSTD_e_flush
                                                   : ZSTD_e_continue;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool is_done = false;
    while (!is_done) {
      ZSTD_outBuffer made{room.data(), room.size(), 0};
      std::size_t left = ZSTD_compressStream2(context_, &made, &in, mode);
      if (ZSTD_isError(left) != 0) return false;
      out.append(room.data(), made.pos);
      is_done = in.pos == in.size && (then == Then::go_on || left == 0);
    }
    return true;
  }

 private:
  ZSTD_CCtx* context_;
};

template <class Kind>
std::unique_ptr<Compressor> opened() {
  auto made = std::make_unique<Kind>();
  if (!made->is_open()) return nullptr;
  return made;
}

}  // namespace

std::unique_ptr<Compressor> Compressor::make(Coding coding) {
  switch (coding) {
    case Coding::gzip:
      return opened<GzipCompressor>();
    case Coding::brotli:
      return opened<BrotliCompressor>();
    case Coding::zstd:
      return opened<ZstdCompressor>();
  }
  return nullptr;
}

}  // namespace gg
