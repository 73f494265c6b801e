// SPDX-License-Identifier: Apache-2.0
// std::expected through coroutines, with and without exceptions; exceptions where they are on.
#include <expected>
#include <string>

#include "check.h"

namespace check {
namespace {

enum class Error { refused, cut };

Task<std::expected<std::string, Error>> reads(int step) {
  if (step == 2) co_return std::unexpected(Error::cut);
  co_return std::string(40, 'x');
}

Task<std::expected<int, Error>> reads_twice(int from, Counted passenger) {
  std::expected<std::string, Error> first = co_await reads(from);
  if (!first) co_return std::unexpected(first.error());
  std::expected<std::string, Error> second = co_await reads(from + 1);
  if (!second) co_return std::unexpected(second.error());
  co_return static_cast<int>(first->size() + second->size()) + passenger.value();
}

#ifdef __cpp_exceptions
Task<int> catches(Counted passenger) {
  int result = 0;
  try {
    Counted local(1);
    int got = co_await number(3);
    if (got == 3) throw got;
  } catch (int thrown) {
    result = thrown + passenger.value();
  }
  co_return result;
}
#endif

}  // namespace

bool results() {
  bool right = true;
  {
    Task<std::expected<int, Error>> good = reads_twice(5, Counted(2));
    right = right && good.run() && good.result() == 82;
    Task<std::expected<int, Error>> bad = reads_twice(1, Counted(2));
    right = right && bad.run() && bad.result() == std::unexpected(Error::cut);
#ifdef __cpp_exceptions
    Task<int> thrower = catches(Counted(4));
    right = right && thrower.run() && thrower.result() == 7;
#endif
  }
  return right && Counted::alive() == 0;
}

}  // namespace check
