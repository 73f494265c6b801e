// SPDX-License-Identifier: Apache-2.0
#include "gate/health_news.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "admin/event_feed.h"
#include "gate/discovery_desk.h"
#include "gate/flight_desk.h"
#include "gate/name_watch.h"
#include "upstream/checks/health_checks.h"
#include "upstream/health/health_text.h"

namespace gg {

std::string HealthLog::line_for(std::string text, Instant now) {
  std::string line;
  if (now - second_began_ >= 1s) {
    if (left_out_ > 0) line = "and " + std::to_string(left_out_) + " more changes of health; ";
    second_began_ = now;
    lines_ = 0;
    left_out_ = 0;
  }
  if (++lines_ > lines_per_second) {
    ++left_out_;
    return line;
  }
  return line + std::move(text);
}

class HealthNews::News final : public Message {
 public:
  News(HealthNews& to, const HealthEvent& event) : to_(to), event_(event) {}

  void run() override {
    std::string line = to_.log_.line_for(event_text(event_), event_.now);
    if (!line.empty()) std::fprintf(stderr, "goodgate: %s\n", line.c_str());
    if (to_.flights_ != nullptr) {
      Engine& engine = *to_.control_;
      to_.flights_->note(event_, {.now = engine.now(), .wall = engine.wall_now()});
    }
    if (to_.events_ != nullptr) {
      to_.events_->tell({.at = {},
                         .kind = "health",
                         .upstream = std::string(event_.upstream),
                         .endpoint = std::string(event_.endpoint),
                         .text = event_text(event_)});
    }
    if (to_.checks_ != nullptr) to_.checks_->wake();
    if (to_.names_ != nullptr) to_.names_->wake();
    if (to_.discovery_ != nullptr) to_.discovery_->wake();
  }

 private:
  HealthNews& to_;
  HealthEvent event_;  // whose texts live as long as the configuration
};

void HealthNews::health_changed(const HealthEvent& event) {
  if (control_ == nullptr) return;
  control_->post(std::make_unique<News>(*this, event));
}

}  // namespace gg
