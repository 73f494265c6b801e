// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/origins.h"

#include <algorithm>
#include <cstring>

namespace gg {

namespace {

/// How often the origins look at the schedule.
constexpr Duration interval = 20ms;

}  // namespace

Result<std::unique_ptr<DemoOrigins>, std::string> DemoOrigins::make(Engine& engine,
                                                                    DemoSchedule schedule,
                                                                    Instant began) {
  std::unique_ptr<DemoOrigins> origins(new DemoOrigins(engine, schedule, began));
  for (std::size_t number = 1; number <= demo_origin_count; ++number) {
    Result<std::unique_ptr<DemoOrigin>, int> origin = DemoOrigin::make(engine, number);
    if (!origin) {
      return Failure(std::string("no port of 127.0.0.1 for the built-in origins: ") +
                     std::strerror(origin.error()));
    }
    origins->origins_.push_back(std::move(*origin));
  }
  return origins;
}

DemoOrigins::DemoOrigins(Engine& engine, DemoSchedule schedule, Instant began)
    : engine_(engine), schedule_(schedule), began_(began), tasks_(engine.ready()) {}

std::vector<std::string> DemoOrigins::addresses() const {
  std::vector<std::string> all;
  for (const std::unique_ptr<DemoOrigin>& origin : origins_) {
    all.push_back(to_text(origin->address()));
  }
  return all;
}

void DemoOrigins::start() {
  behave();
  tasks_.start(follow_schedule());
}

void DemoOrigins::behave() {
  DemoTurn turn = schedule_.at(std::max(engine_.now() - began_, Duration::zero()));
  for (std::size_t i = 0; i < origins_.size(); ++i) origins_[i]->behave(turn.of(i));
}

Task<void> DemoOrigins::follow_schedule() {
  for (;;) {
    Sleep wait(engine_, engine_.now() + interval);
    co_await wait;
    if (stopping_) co_return;
    behave();
  }
}

void DemoOrigins::stop() {
  stopping_ = true;
  for (const std::unique_ptr<DemoOrigin>& origin : origins_) origin->stop();
}

bool DemoOrigins::is_stopped() const {
  return tasks_.running() == 0 &&
         std::ranges::all_of(origins_, [](const auto& origin) { return origin->is_stopped(); });
}

}  // namespace gg
