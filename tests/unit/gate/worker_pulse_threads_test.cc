// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/epoll/process_clock.h"
#include "gate/worker_pulse.h"
#include "unit/gate/worker_threads.h"

namespace gg {
namespace {

class WorkerPulseTest : public WorkerThreads {
 protected:
  /// Lets the control thread hear what workers have to say, until `condition`.
  template <class Condition>
  bool hears(Condition condition) {
    return comes_true([&] {
      control_->turn(1ms);
      return condition();
    });
  }

  std::unique_ptr<EpollEngine> control_ = *EpollEngine::make();
  WorkerPulse pulse_{*control_, workers()};
};

TEST_F(WorkerPulseTest, WorkersTellTheirBudgets) {
  add_worker().start({});

  pulse_.pump(control_->now());

  ASSERT_TRUE(hears([&] { return pulse_.budgets().size() == 1 && pulse_.budgets()[0] > 0; }));
  EXPECT_EQ(pulse_.lags(control_->now()).size(), 1U);
}

TEST_F(WorkerPulseTest, OneThatDoesNotAnswerIsAsLateAsItIs) {
  add_worker();

  pulse_.pump(control_->now());

  EXPECT_GE(pulse_.lags(process_now() + 30s).at(0), 30s);
  EXPECT_TRUE(pulse_.budgets().empty());
}

}  // namespace
}  // namespace gg
