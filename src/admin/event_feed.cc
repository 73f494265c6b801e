// SPDX-License-Identifier: Apache-2.0
#include "admin/event_feed.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/json_text.h"
#include "report/log_time.h"

namespace gg {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Event& event) {
  LogTime time;
  Json json = {{"id", event.id}, {"time", time.rfc3339(event.at)}, {"kind", event.kind}};
  if (!event.upstream.empty()) json["upstream"] = event.upstream;
  if (!event.endpoint.empty()) json["endpoint"] = event.endpoint;
  json["text"] = event.text;
  return json;
}

}  // namespace

void EventFeed::tell(Event event) {
  if (event.at.microseconds == 0) event.at = engine_.wall_now();
  // Of the time, so that one who knew the process before this one asks for the right ones here.
  auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(event.at.microseconds, 0));
  event.id = last_id_ = std::max(last_id_ + 1, now);
  kept_.push_back(std::move(event));
  if (kept_.size() > kept_most) kept_.pop_front();
  ring();
}

void EventFeed::ring() {
  while (!waiting_.empty()) {
    EventWait& wait = waiting_.front();
    wait.unlink();
    engine_.cancel(wait.sleep);
  }
}

std::string EventFeed::stream_after(std::uint64_t& last) const {
  std::string out;
  for (const Event& event : kept_) {
    if (event.id <= last) continue;
    out += stream_message(event.kind, json_line_text(json_of(event)), event.id);
  }
  last = std::max(last, last_id_);
  return out;
}

std::string EventFeed::to_json() const {
  Json events = Json::array();
  for (auto event = kept_.rbegin(); event != kept_.rend(); ++event) {
    events.push_back(json_of(*event));
  }
  Json json = {{"events", std::move(events)}};
  return json_page_text(json);
}

std::string stream_message(std::string_view event, std::string_view data, std::uint64_t id) {
  std::string out;
  if (id != 0) out += "id: " + std::to_string(id) + "\n";
  out += "event: ";
  out += event;
  out += '\n';
  while (!data.empty()) {
    std::size_t end = std::min(data.find('\n'), data.size());
    out += "data: ";
    out += data.substr(0, end);
    out += '\n';
    data.remove_prefix(std::min(end + 1, data.size()));
  }
  return out + "\n";
}

}  // namespace gg
