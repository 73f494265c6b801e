// SPDX-License-Identifier: Apache-2.0
// A response's body on its way from an endpoint to the client: its beginning is held back until it
// is known to be good enough, then everything is passed on. Used by Attempt.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/buffer.h"
#include "config/model.h"
#include "engine/engine.h"
#include "http/stream.h"
#include "rules/compressor.h"

namespace gg {

struct Exchange;

/// One response's. One thread.
class Relay {
 public:
  /// Who ended a relay too early, and how.
  struct End {
    enum class Side : std::uint8_t { nobody, endpoint, client };
    Side side = Side::nobody;
    StreamError error{};
  };

  /// `idle`: how long the endpoint may take for the next piece of a body.
  Relay(Engine& engine, Exchange& exchange, Duration idle)
      : engine_(engine), exchange_(exchange), idle_(idle) {}

  /// Reads what is there at once, then goes on until `most` bytes or the whole body have come or
  /// `time` is over. Nothing goes to the client. An error is the endpoint's.
  Task<Result<void, StreamError>> hold(Stream& endpoint, std::size_t most, Duration time);
  /// Has the whole body come?
  bool is_whole() const { return part_.last; }
  /// Copies what is still the endpoint stream's, so that this may serve others meanwhile. The body
  /// is whole, and there are no trailers.
  void keep_apart();
  /// From here on the client gets the body as `compressor` makes it. Before run().
  void compress(std::unique_ptr<Compressor> compressor);
  bool compresses() const { return packing_ != nullptr; }
  /// What hold() has of the body's beginning. Borrows until the next call.
  std::string_view beginning() const { return held_.empty() ? part_.bytes : held_.view(); }
  bool has_trailers() const { return part_.trailers != nullptr; }

  /// Commits: sends the head, what was held back and the rest. After a failure of the endpoint the
  /// client's stream is as it was before. `endpoint` may be null when all is kept apart.
  Task<End> run(Stream* endpoint, const OutgoingResponse& response);
  /// Passes on what this endpoint sends of a body whose beginning another one sent.
  GG_RARE Task<End> go_on(Stream& endpoint);

 private:
  Task<Result<void, StreamError>> hold_more(Stream& endpoint, std::size_t most, Duration time);
  void append(std::string_view bytes);
  struct Packing {
    std::unique_ptr<Compressor> compressor;
    std::string out;
  };
  /// What goes to the client instead of `part`; it lives until the next one. `more_is_here`: the
  /// next part follows at once.
  BodyPart packed(BodyPart part, bool more_is_here);

  Engine& engine_;
  Exchange& exchange_;
  Duration idle_;
  Chunk held_;                        // comes first
  std::unique_ptr<Packing> packing_;  // of a body that is compressed
  BodyPart part_;                     // then this, which is the endpoint stream's
};

/// May the beginning of this response wait for more of it? Event streams, gRPC and whoever says
/// `X-Accel-Buffering: no` want each piece at once.
bool may_be_held_back(const ResponseHead& head);

}  // namespace gg
