// SPDX-License-Identifier: Apache-2.0
// Where finished records go. Called by proxy/ exactly once per request; implemented by counters,
// the access log and whatever else learns from records.
#pragma once

#include <cstddef>
#include <vector>

#include "base/assert.h"
#include "record/exchange_record.h"

namespace gg {

/// Takes finished records on the worker's thread. Must not block, and must not keep views.
class RecordSink {
 public:
  RecordSink() = default;
  RecordSink(const RecordSink&) = delete;
  RecordSink& operator=(const RecordSink&) = delete;
  virtual ~RecordSink() = default;

  /// `record` is complete, and dead or reused as soon as this returns.
  virtual void finished(const ExchangeRecord& record) = 0;
};

/// Hands each record to several sinks, in the order they were added. Does not own them.
class RecordSinks final : public RecordSink {
 public:
  void add(RecordSink& sink) { sinks_.push_back(&sink); }

  void finished(const ExchangeRecord& record) override {
    for (RecordSink* sink : sinks_) sink->finished(record);
  }

 private:
  std::vector<RecordSink*> sinks_;
};

}  // namespace gg
