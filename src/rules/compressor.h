// SPDX-License-Identifier: Apache-2.0
// Compresses one body piece by piece. The only place that knows zlib, brotli and zstd.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/rules_model.h"

namespace gg {

/// One body's. One thread. Holds up to 300 KiB while it lives.
class Compressor {
 public:
  enum class Then : std::uint8_t {
    go_on,   // more comes at once: what cannot be written yet may wait
    flush,   // the reader must be able to read all of it now
    finish,  // this was the last piece
  };

  virtual ~Compressor() = default;

  /// Appends to `out` what becomes of `bytes`; possibly nothing yet, but with finish never nothing.
  /// False: it has failed (no memory), and the body is lost.
  virtual bool write(std::string_view bytes, Then then, std::string& out) = 0;

  /// Null: no memory.
  static std::unique_ptr<Compressor> make(Coding coding);
};

}  // namespace gg
