// SPDX-License-Identifier: Apache-2.0
// Another configuration, or another version of the program, in the place of the one before.
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "gate/control.h"
#include "gate/supervising.h"
#include "gate/supervisor_text.h"

namespace gg {
namespace {

/// A worker process lives as long as its longest stream. Of more than so many the one that was
/// retired first has to end within the drain time; each costs memory.
constexpr std::ptrdiff_t retired_max = 8;
/// Reloads in quick succession, faster than those end.
constexpr std::ptrdiff_t ending_max = 2 * retired_max;

}  // namespace

// Reload
// -------------------------------------------------------------------------------------------

void Supervisor::reload() {
  if (state_ == State::stopping) return;
  if (successor_) {
    reload_ended("an upgrade is under way; try again when it is over");
    return;
  }
  if (next_config_) {
    reload_again_ = true;  // the file may have changed since it was read
    return;
  }
  notifier_.tell(reloading_assignments(now_));
  std::string problem = prepare_reload();
  if (!problem.empty()) abandon_reload(problem);
}

/// Gets a worker process with the new configuration under way, or says why not.
std::string Supervisor::prepare_reload() {
  std::ptrdiff_t ending = std::ranges::count(children_, Role::draining, &WorkerChild::role);
  if (ending >= retired_max) hurry_the_oldest();
  if (ending >= ending_max) {
    return "the worker processes of earlier reloads have not ended yet; try again later";
  }
  Result<std::shared_ptr<const Config>, std::string> loaded = settings_.source->load();
  if (!loaded) return loaded.error();
  const Config& wanted = **loaded;
  if (wanted.user != config_->user || wanted.group != config_->group) {
    return "user: and group: cannot change in a running gateway; restart it";
  }
  Result<void, std::string> bound = listeners_.add(wanted, account_);
  if (!bound) return bound.error();

  std::string directory = state_directory_of(wanted.state);
  bool is_worth_a_try = directory != directory_.path() || !directory_.problem().empty();
  if (is_worth_a_try) next_directory_ = open_and_say(directory, account_);
  next_config_ = *loaded;
  if (!fork_child(Role::next, next_config_)) return "no process could be made for it";
  return {};
}

void Supervisor::hurry_the_oldest() {
  auto oldest = std::ranges::find_if(children_, [](const WorkerChild& child) {
    return child.role == Role::draining && child.end_by.is_never();
  });
  if (oldest != children_.end()) drain(*oldest, WorkerCommand::drain);
}

/// The new worker process accepts: the old one may stop.
void Supervisor::commit_reload() {
  if (WorkerChild* old = find(Role::serving)) drain(*old, WorkerCommand::retire);
  find(Role::next)->role = Role::serving;
  config_ = std::exchange(next_config_, nullptr);
  files_ = stamps_of(*config_);
  if (next_directory_) directory_ = std::move(*next_directory_);
  next_directory_.reset();
  restart_at_ = Deadline::never();
  without_worker_since_.reset();
  // At once, not when the old one has ended: it closes its own too, so that clients of a listener
  // that is gone are refused instead of waiting for an accept that never comes.
  listeners_.keep_only(*config_);
  if (state_ == State::starting) {
    state_ = State::ready;
    announce_ready();
  } else {
    say("reloaded: " + serving_text(listeners_, *config_));
  }
  reload_ended({});
}

void Supervisor::abandon_reload(const std::string& why) {
  next_config_.reset();
  next_directory_.reset();
  listeners_.keep_only(*config_);
  say(why);
  say("not reloaded: the configuration from before stays in force");
  reload_ended(why);
}

void Supervisor::reload_ended(const std::string& problem) {
  note_outcome(problem);
  notifier_.tell(ready_assignments(listeners_, *config_));
  if (std::exchange(reload_again_, false)) reload();
}

// Upgrade
// ------------------------------------------------------------------------------------------

void Supervisor::upgrade() {
  std::string problem = prepare_upgrade();
  if (!problem.empty()) abandon_upgrade(problem);
}

/// Gets a process that is to take over under way, or says why not.
std::string Supervisor::prepare_upgrade() {
  if (state_ != State::ready) return "this is no time for an upgrade";
  if (successor_) return "an upgrade is under way already";
  if (next_config_) return "a reload is under way; try again when it is over";
  Handover handover{.runtime_file = file_ ? file_->descriptor() : -1,
                    .runtime_path = file_ ? file_->path() : "",
                    .health = health_.descriptor(),
                    .health_layout = HealthMemory::layout,
                    .state_lock = directory_.lock(),
                    .state_path = directory_.path(),
                    .is_kept = is_kept_ || !notifier_.is_heard(),
                    .sockets = listeners_.to_hand_over(),
                    .tickets = tickets_};
  Result<Successor, std::string> started =
      start_successor(settings_.invocation, std::move(handover));
  if (!started) return started.error();
  successor_ = std::move(*started);
  successor_->end_by = Deadline::at(now_ + start_time_max);
  return {};
}

void Supervisor::take_successor_report() {
  ControlMessage message = receive_control(successor_->report.number());
  bool says_ready = message.kind == ControlMessage::Kind::message &&
                    message.text == static_cast<char>(WorkerReport::ready);
  if (message.kind == ControlMessage::Kind::end) successor_->report.reset();
  if (says_ready && state_ == State::ready) commit_upgrade();
}

/// It accepts from the same sockets: ours may stop.
void Supervisor::commit_upgrade() {
  say("process " + std::to_string(successor_->pid) + " has taken over");
  notifier_.tell("MAINPID=" + std::to_string(successor_->pid));
  state_ = State::succeeded;
  successor_->is_ready = true;
  successor_->end_by = Deadline::never();
  restart_at_ = Deadline::never();
  for (WorkerChild& child : children_) {
    if (child.role != Role::draining) drain(child, WorkerCommand::retire);
  }
  listeners_.leave_to_other();
  if (file_) file_->leave_to_other();
  directory_ = StateDirectory();
  // A terminal, a script or a container waits for this process: it stays until nobody is left, and
  // inherits those that take over later.
  keeps_ = !is_kept_ && !notifier_.is_heard();
  if (keeps_) prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void Supervisor::successor_ended(int wait_status) {
  bool was_ready = successor_->is_ready;
  successor_.reset();
  if (was_ready) {
    last_status_ = exit_status(wait_status);
  } else if (state_ != State::stopping) {
    abandon_upgrade("the new process " + ending_text(wait_status) + " before it was ready");
  }
}

void Supervisor::abandon_upgrade(const std::string& why) {
  say(why);
  say("not upgraded: this process goes on");
  note_outcome(why);
}

/// For whoever asked for a reload or an upgrade, and waits.
void Supervisor::note_outcome(const std::string& problem) {
  ++reloads_;
  reload_problem_ = problem;
  write_file();
}

/// What whoever started us wants is for the one that is in charge. A terminal's interrupt came to
/// that one too.
void Supervisor::pass_on(int signal_number) {
  if (signal_number == SIGTERM || signal_number == SIGINT) {
    for (WorkerChild& child : children_) drain(child, WorkerCommand::drain);
  }
  if (!keeps_ || signal_number == SIGINT) return;
  for (pid_t child : own_children()) {
    bool is_worker = std::ranges::find(children_, child, &WorkerChild::pid) != children_.end();
    if (!is_worker) kill(child, signal_number);
  }
}

}  // namespace gg
