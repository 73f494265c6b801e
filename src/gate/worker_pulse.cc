// SPDX-License-Identifier: Apache-2.0
#include "gate/worker_pulse.h"

#include <algorithm>

#include "engine/epoll/process_clock.h"

namespace gg {

/// Brings what a worker said to the control thread.
class WorkerPulse::Answer final : public Message {
 public:
  Answer(std::shared_ptr<Patient> patient, Duration lag, std::vector<std::uint64_t> budgets)
      : patient_(std::move(patient)), lag_(lag), budgets_(std::move(budgets)) {}

  void run() override {
    patient_->is_asked = false;
    patient_->lags[patient_->next++ % kept] = lag_;
    patient_->budgets = std::move(budgets_);
  }

 private:
  std::shared_ptr<Patient> patient_;
  Duration lag_;
  std::vector<std::uint64_t> budgets_;
};

void WorkerPulse::pump(Instant now) {
  if (now < next_look_) return;
  next_look_ = now + interval;
  while (patients_.size() < workers_.size()) patients_.push_back(std::make_shared<Patient>());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    std::shared_ptr<Patient> patient = patients_[i];
    if (patient->is_asked) continue;
    patient->is_asked = true;
    // The time as it is, not as this turn of the engine began.
    patient->asked_at = process_now();
    workers_[i]->run([&control = control_, patient, asked = patient->asked_at](Worker& worker) {
      Instant heard = process_now();
      std::vector<std::uint64_t> budgets;
      for (const std::unique_ptr<Upstream>& upstream : worker.upstreams().all()) {
        budgets.push_back(upstream->retry_budget().left(worker.engine().now()));
      }
      control.post(std::make_unique<Answer>(patient, heard - asked, std::move(budgets)));
    });
  }
}

std::vector<Duration> WorkerPulse::lags(Instant now) const {
  std::vector<Duration> all;
  for (const std::shared_ptr<Patient>& patient : patients_) {
    Duration longest = std::ranges::max(patient->lags);
    if (patient->is_asked) longest = std::max(longest, now - patient->asked_at);
    all.push_back(longest);
  }
  return all;
}

std::vector<std::uint64_t> WorkerPulse::budgets() const {
  std::vector<std::uint64_t> sums;
  for (const std::shared_ptr<Patient>& patient : patients_) {
    if (sums.size() < patient->budgets.size()) sums.resize(patient->budgets.size());
    for (std::size_t i = 0; i < patient->budgets.size(); ++i) sums[i] += patient->budgets[i];
  }
  return sums;
}

}  // namespace gg
