// SPDX-License-Identifier: Apache-2.0
// Where the admin interface gets its facts and leaves its orders; gate/ implements it over the
// workers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/event_feed.h"
#include "admin/order.h"
#include "admin/status.h"
#include "report/metrics.h"
#include "task/task.h"

namespace gg {

class AdminSource {
 public:
  virtual Task<StatusReport> status() = 0;
  virtual std::string metrics(MetricsFormat format) = 0;
  /// The story of one request as JSON, or nothing if none with that id is known.
  virtual Task<std::optional<std::string>> record(std::string_view id) = 0;
  /// All incidents as JSON.
  virtual std::string incidents() = 0;
  /// One of them, or nothing if there is none with that id.
  virtual std::optional<std::string> incident(std::string_view id) = 0;
  /// The configuration in force, as JSON.
  virtual std::string config() = 0;
  /// How the last minutes went, second by second, as JSON.
  virtual std::string history() = 0;
  /// What happens. Outlives whoever asks.
  virtual EventFeed& events() = 0;
  virtual OrderOutcome carry_out(const Order& order) = 0;
  /// Should load balancers in front send traffic here?
  virtual bool is_ready() const = 0;

 protected:
  ~AdminSource() = default;
};

}  // namespace gg
