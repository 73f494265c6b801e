// SPDX-License-Identifier: Apache-2.0
// Temporaries in a co_await expression live to its end, die there, and die once.
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"

namespace check {
namespace {

Task<int> borrows(const Counted& a, std::string_view text) {
  int before = co_await number(1);
  co_return before + a.value() + static_cast<int>(text.size());
}

Task<int> sums(std::vector<Counted> all) {
  int sum = 0;
  for (const Counted& one : all) sum += one.value();
  co_return sum;
}

Task<Counted> makes(int value) { co_return Counted(value); }

Task<int> uses() {
  int a = co_await borrows(Counted(5), std::string(30, 'x'));
  if (Counted::alive() != 0) co_return -1;

  int b = co_await sums({Counted(1), Counted(2), Counted(3)});
  if (Counted::alive() != 0) co_return -2;

  int c = (co_await makes(7)).value();
  if (Counted::alive() != 0) co_return -3;

  int d = co_await borrows(co_await makes(2), std::string(20, 'y') + std::string(20, 'z'));
  if (Counted::alive() != 0) co_return -4;

  Counted kept = co_await makes(9);
  if (Counted::alive() != 1) co_return -5;
  co_return a + b + c + d + kept.value();
}

}  // namespace

bool temporaries() {
  Task<int> task = uses();
  bool right = task.run() && task.result() == 36 + 6 + 7 + 43 + 9;
  return right && Counted::alive() == 0;
}

}  // namespace check
