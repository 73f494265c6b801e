// SPDX-License-Identifier: Apache-2.0
// The inside of the supervisor: supervisor.cc has its life and its worker processes,
// supervisor_changes.cc what it is told to become.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gate/handover.h"
#include "gate/health_memory.h"
#include "gate/listeners.h"
#include "gate/notify.h"
#include "gate/privileges.h"
#include "gate/reload_changes.h"
#include "gate/restart_policy.h"
#include "gate/runtime_file.h"
#include "gate/signals.h"
#include "gate/state_directory.h"
#include "gate/supervisor.h"

namespace gg {

/// A worker process keeps the drain time itself; this is for one that no longer can.
inline constexpr Duration drain_grace = 3s;
/// How long one may take from its fork to ready.
inline constexpr Duration start_time_max = 30s;

/// One event after another on the process's only thread.
class Supervisor {
 public:
  Supervisor(SupervisorSettings settings, std::optional<Account> account, Listeners listeners,
             SignalReader signals, std::optional<RuntimeFile> file, StateDirectory state,
             const std::optional<Handover>& inherited)
      : settings_(std::move(settings)),
        config_(std::exchange(settings_.config, nullptr)),
        account_(std::move(account)),
        listeners_(std::move(listeners)),
        signals_(std::move(signals)),
        notifier_(Notifier::from_environment()),
        file_(std::move(file)),
        directory_(std::move(state)),
        predecessor_(inherited ? inherited->report : -1),
        is_kept_(inherited && inherited->is_kept),
        health_(Descriptor(inherited ? inherited->health : -1),
                inherited ? inherited->health_layout : HealthMemory::layout),
        tickets_(inherited ? inherited->tickets : TicketKeys::random_secret()) {}

  int run();

 private:
  using Role = WorkerChild::Role;
  enum class State : std::uint8_t {
    starting,
    ready,
    stopping,
    succeeded,  // by another process, which is in charge now
    failed
  };

  void wait_for_events();
  void take_signals();
  void take_signal(int number);
  void take_report(WorkerChild& child);
  void act_on_time();
  Deadline next_deadline() const;

  bool fork_child(Role role, const std::shared_ptr<const Config>& config);
  void start_serving();
  void restart_after(Duration delay);
  void reap();
  void child_ended(WorkerChild child, int wait_status);
  void serving_ended(const WorkerChild& child, int wait_status);
  void child_is_ready(WorkerChild& child);
  void drain(WorkerChild& child, WorkerCommand how);
  WorkerChild* find(Role role);

  void reload();
  std::string prepare_reload();
  void hurry_the_oldest();
  void commit_reload();
  void abandon_reload(const std::string& why);
  void reload_ended(const std::string& problem);

  void upgrade();
  std::string prepare_upgrade();
  void take_successor_report();
  void commit_upgrade();
  void successor_ended(int wait_status);
  void abandon_upgrade(const std::string& why);
  void note_outcome(const std::string& problem);
  void pass_on(int signal_number);
  bool is_over() const;

  void announce_ready();
  void begin_stop(int signal_number);
  void stop_at_once();
  void write_file();

  SupervisorSettings settings_;
  std::shared_ptr<const Config> config_;       // in force
  std::shared_ptr<const Config> next_config_;  // while a reload is under way
  std::optional<Account> account_;
  Listeners listeners_;
  SignalReader signals_;
  Notifier notifier_;
  std::optional<RuntimeFile> file_;
  FileStamps files_ = stamps_of(*config_);  // that the configuration in force names
  StateDirectory directory_;
  std::optional<StateDirectory> next_directory_;  // while a reload changes it
  Descriptor predecessor_;                        // that waits for us to be ready
  bool is_kept_;                                  // a parent waits for whoever is in charge
  HealthMemory health_;
  const TicketKeys::Secret tickets_;

  State state_ = State::starting;
  Instant now_;
  std::vector<WorkerChild> children_;
  RestartPolicy restart_policy_;
  Deadline restart_at_ = Deadline::never();
  std::optional<Instant> without_worker_since_;
  std::string last_death_;  // of a worker process, in words
  bool reload_again_ = false;
  std::uint64_t reloads_ = 0;
  std::string reload_problem_;
  std::optional<Successor> successor_;  // until it has ended
  bool keeps_ = false;                  // waits for others that are in charge
  int last_status_ = 0;                 // of the last of those
};

}  // namespace gg
