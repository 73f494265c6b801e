// SPDX-License-Identifier: Apache-2.0
// Parameters are copied into the frame once and destroyed once, on every way out.
#include <memory>
#include <string>

#include "check.h"

namespace check {
namespace {

Task<int> by_value(Counted a, Counted b) {
  int sum = a.value() + b.value();
  co_return sum;
}

Task<int> move_only(std::unique_ptr<Counted> owned, std::string text) {
  co_return owned->value() + static_cast<int>(text.size());
}

Task<int> forwards(Counted a) {
  int first = co_await by_value(a, Counted(2));
  int second = co_await by_value(std::move(a), Counted(3));
  int third =
      co_await move_only(std::make_unique<Counted>(4), "a text too long for the short form");
  co_return first + second + third;
}

Task<int> leaves_early(Counted a, bool early) {
  if (early) co_return -1;
  int got = co_await number(1);
  co_return got + a.value();
}

struct Settings {
  std::string name;
  Counted weight;
};

Task<int> aggregate(Settings settings) {
  co_return settings.weight.value() + static_cast<int>(settings.name.size());
}

Task<int> calls_with_aggregate() {
  int sum = co_await aggregate({.name = std::string(40, 'x'), .weight = Counted(2)});
  co_return sum;
}

}  // namespace

bool parameters() {
  bool right = true;
  {
    Task<int> task = forwards(Counted(1));
    right = right && task.run() && task.result() == 3 + 4 + 38;
    Task<int> early = leaves_early(Counted(1), true);
    right = right && early.run() && early.result() == -1;
    Task<int> late = leaves_early(Counted(1), false);
    right = right && late.run() && late.result() == 2;
    Task<int> with_aggregate = calls_with_aggregate();
    right = right && with_aggregate.run() && with_aggregate.result() == 42;
    Task<int> never_started = by_value(Counted(1), Counted(2));
  }
  return right && Counted::alive() == 0;
}

}  // namespace check
