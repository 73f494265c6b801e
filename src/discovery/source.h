// SPDX-License-Identifier: Apache-2.0
// What looks up the endpoints of one upstream, and who hears of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "config/model.h"

namespace gg {

/// Upstreams by their place in Config::upstreams. Control thread.
class SourceListener {
 public:
  virtual ~SourceListener() = default;
  /// All endpoints that the source names now, as it names them. `problem`, a part of a sentence,
  /// is about a part of its answer that cannot be understood and changes nothing; empty: none.
  virtual void answered(std::size_t upstream, std::vector<EndpointConfig> endpoints,
                        const std::string& problem) = 0;
  /// It cannot be asked, or what it says cannot be understood; `why` is a part of a sentence.
  virtual void failed(std::size_t upstream, const std::string& why) = 0;
};

/// Control thread.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  virtual void start() = 0;
  /// Ends within a moment: turn the engine until is_stopped().
  virtual void stop() {}
  virtual bool is_stopped() const { return true; }
  /// Called in every turn of the control thread.
  virtual void pump(Instant /*now*/) {}
  /// An endpoint of the upstream cannot be connected to since then: others may be in its place by
  /// now. Nothing: all of them can. Told whenever their health changes.
  virtual void doubt(std::optional<Instant> /*unreachable_since*/) {}
};

/// "file /etc/shop/app", for people.
std::string source_text(const DiscoverConfig& discover);
/// "file", "dns", "srv" or "etcd"; for metrics. Static.
std::string_view source_kind(const DiscoverConfig& discover);

}  // namespace gg
