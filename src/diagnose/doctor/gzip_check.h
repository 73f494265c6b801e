// SPDX-License-Identifier: Apache-2.0
// Is a body that says to be gzip one? Piece by piece, in bounded memory; what it unpacks to is
// thrown away.
#pragma once

#include <memory>
#include <string_view>

struct z_stream_s;

namespace gg {

class GzipCheck {
 public:
  GzipCheck();

  void take(std::string_view piece);
  /// Everything that came was gzip, up to its end.
  bool is_whole() const { return has_ended_ && !has_failed_; }

 private:
  struct Free {
    void operator()(z_stream_s* stream) const;
  };

  std::unique_ptr<z_stream_s, Free> stream_;
  bool has_ended_ = false;
  bool has_failed_ = false;
};

}  // namespace gg
