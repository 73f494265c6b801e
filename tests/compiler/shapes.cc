// SPDX-License-Identifier: Apache-2.0
// Coroutines as members, as templates, as lambdas without captures; bindings of what they give.
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "check.h"

namespace check {
namespace {

Task<std::pair<Counted, std::string>> pair_of(int value) {
  co_return std::pair<Counted, std::string>(Counted(value), std::string(30, 'p'));
}

class Session {
 public:
  explicit Session(int id) : id_(id) {}

  Task<int> serve(Counted request) {
    auto [counted, text] = co_await pair_of(request.value());
    served_ += counted.value();
    int more = co_await repeat<3>(1);
    co_return id_ + served_ + more + static_cast<int>(text.size());
  }

  template <int times>
  Task<int> repeat(int step) {
    int sum = 0;
    for (int i = 0; i < times; ++i) {
      int got = co_await number(step);
      sum += got;
    }
    co_return sum;
  }

 private:
  Counted id_counted_{1};
  int id_;
  int served_ = 0;
};

Task<std::variant<int, std::string>> either(bool text) {
  if (text) co_return std::string(30, 'v');
  co_return 5;
}

Task<int> all_shapes() {
  Session session(100);
  int served = co_await session.serve(Counted(20));

  auto lambda = [](Counted value, int factor) -> Task<int> {
    int one = co_await number(factor);
    co_return value.value() * one;
  };
  int from_lambda = co_await lambda(Counted(2), 3);

  std::variant<int, std::string> text = co_await either(true);
  std::variant<int, std::string> plain = co_await either(false);
  co_return served + from_lambda + static_cast<int>(std::get<1>(text).size()) + std::get<0>(plain);
}

}  // namespace

bool shapes() {
  bool right = false;
  {
    Task<int> task = all_shapes();
    right = task.run() && task.result() == 153 + 6 + 30 + 5;
  }
  return right && Counted::alive() == 0;
}

}  // namespace check
