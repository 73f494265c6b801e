// SPDX-License-Identifier: Apache-2.0
// co_await where a value decides: if, while, switch, ?:, && and ||, the range of a for.
#include <vector>

#include "check.h"

namespace check {
namespace {

Task<bool> is_below(Counted a, Counted b) { co_return a.value() < b.value(); }

Task<std::vector<int>> list() { co_return std::vector<int>{1, 2, 3}; }

Task<int> decides() {
  int score = 0;
  if (co_await is_below(Counted(1), Counted(2))) score += 1;
  if (bool below = co_await is_below(Counted(2), Counted(1)); !below) score += 10;

  int i = 0;
  while (co_await is_below(Counted(i), Counted(3))) ++i;
  score += i * 100;

  switch (co_await number(2)) {
    case 2:
      score += 1000;
      break;
    default:
      co_return -1;
  }

  score += co_await is_below(Counted(1), Counted(2)) ? co_await number(10000) : co_await number(0);

  bool both =
      co_await is_below(Counted(2), Counted(1)) && co_await is_below(Counted(0), Counted(1));
  bool either =
      co_await is_below(Counted(2), Counted(1)) || co_await is_below(Counted(0), Counted(1));
  if (!both && either) score += 100000;

  for (int each : co_await list()) score += each * 1000000;
  co_return score;
}

}  // namespace

bool conditions() {
  Task<int> task = decides();
  return task.run() && task.result() == 6111311 && Counted::alive() == 0;
}

}  // namespace check
