// SPDX-License-Identifier: Apache-2.0
#include "gate/supervisor.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/version.h"
#include "engine/epoll/process_clock.h"
#include "gate/control.h"
#include "gate/descriptors.h"
#include "gate/supervising.h"
#include "gate/supervisor_text.h"

namespace gg {

int Supervisor::run() {
  now_ = process_now();
  write_file();
  start_serving();
  while (!is_over()) wait_for_events();
  if (predecessor_.is_open()) {
    listeners_.leave_to_other();
    if (file_) file_->leave_to_other();
  }
  return state_ == State::failed ? 1 : last_status_;
}

bool Supervisor::is_over() const {
  switch (state_) {
    case State::failed:
      return true;
    case State::stopping:
      return children_.empty();
    case State::succeeded:
      return children_.empty() && !keeps_;
    case State::starting:
    case State::ready:
      break;
  }
  return false;
}

// Events ------------------------------------------------------------------------------------------

void Supervisor::wait_for_events() {
  std::vector<pollfd> watched = {{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0}};
  for (const WorkerChild& child : children_) {
    watched.push_back({.fd = child.control.number(), .events = POLLIN, .revents = 0});
  }
  std::size_t own = watched.size();
  if (successor_ && successor_->report.is_open()) {
    watched.push_back({.fd = successor_->report.number(), .events = POLLIN, .revents = 0});
  }
  Deadline deadline = next_deadline();
  int wait = -1;
  if (!deadline.is_never()) {
    // Rounded up, else the last millisecond would be spent looking.
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.time_left(process_now()));
    wait = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
  }
  poll(watched.data(), watched.size(), wait);
  now_ = process_now();

  // Reports before deaths: a child may have said something last. Neither order of the list nor
  // its size changes in this loop.
  for (std::size_t i = 1; i < own; ++i) {
    if (watched[i].revents != 0) take_report(children_[i - 1]);
  }
  if (watched.size() > own && watched[own].revents != 0) take_successor_report();
  for (WorkerChild& child : children_) {
    if (child.role == Role::next && child.ready) {
      commit_reload();
      break;
    }
  }
  take_signals();
  act_on_time();
}

void Supervisor::take_report(WorkerChild& child) {
  ControlMessage message = receive_control(child.control.number());
  switch (message.kind) {
    case ControlMessage::Kind::none:
      return;
    case ControlMessage::Kind::end:
      child.control.reset();
      return;
    case ControlMessage::Kind::message:
      break;
  }
  bool says_ready = message.text == static_cast<char>(WorkerReport::ready);
  if (says_ready && !child.ready && child.role != Role::draining) child_is_ready(child);
}

void Supervisor::take_signals() {
  while (std::optional<int> number = signals_.next()) take_signal(*number);
}

void Supervisor::take_signal(int number) {
  if (number == SIGCHLD) {
    reap();
    return;
  }
  if (number == SIGUSR1) {
    for (const WorkerChild& child : children_) {
      send_control(child.control.number(), WorkerCommand::reopen);
    }
  }
  if (state_ == State::succeeded) {
    pass_on(number);
    return;
  }
  switch (number) {
    case SIGHUP:
      reload();
      return;
    case SIGUSR2:
      upgrade();
      return;
    case SIGINT:
    case SIGTERM:
      if (state_ != State::stopping) {
        begin_stop(number);
      } else if (number == SIGINT) {
        stop_at_once();
      }
      return;
    default:
      return;
  }
}

Deadline Supervisor::next_deadline() const {
  Deadline next = restart_at_;
  if (successor_) next = next.or_earlier(successor_->end_by);
  for (const WorkerChild& child : children_) next = next.or_earlier(child.end_by);
  return next;
}

void Supervisor::act_on_time() {
  if (restart_at_.has_passed(now_)) start_serving();
  for (WorkerChild& child : children_) {
    if (!child.end_by.has_passed(now_)) continue;
    say("worker process " + std::to_string(child.pid) +
        (child.role == Role::draining ? " did not end in time" : " did not get ready in time") +
        ", killing it");
    child.end_by = Deadline::never();
    kill(child.pid, SIGKILL);
  }
  if (successor_ && successor_->end_by.has_passed(now_)) {
    say("the new process " + std::to_string(successor_->pid) +
        " did not get ready in time, killing it");
    successor_->end_by = Deadline::never();
    kill(successor_->pid, SIGKILL);
  }
}

// Worker processes
// ---------------------------------------------------------------------------------

bool Supervisor::fork_child(Role role, const std::shared_ptr<const Config>& config) {
  WorkerProcessSettings worker{.config = config,
                               .config_path = settings_.config_path,
                               .listeners = listeners_.for_worker(*config),
                               .admin_descriptor = listeners_.admin_descriptor(*config),
                               .health = health_.board(),
                               .members = health_.members(),
                               .tickets = tickets_};
  bool changes_directory = role == Role::next && next_directory_;
  const StateDirectory& directory = changes_directory ? *next_directory_ : directory_;
  worker.state_directory = directory.path();
  worker.state_problem = directory.problem();
  if (role == Role::next) {
    worker.beginning = Change::Kind::reload;
    worker.why_it_began = reload_text(*config_, *config, files_, stamps_of(*config));
  } else if (!last_death_.empty()) {
    worker.beginning = Change::Kind::restart;
    worker.why_it_began = last_death_ + ", and another one took over";
  } else if (predecessor_.is_open()) {
    worker.beginning = Change::Kind::upgrade;
    worker.why_it_began = "goodgate " + std::string(version()) + " took over (upgrade)";
  }
  Result<WorkerChild, int> child = fork_worker(settings_.worker, std::move(worker), now_);
  if (!child) {
    say(std::string("cannot start a worker process: ") + std::strerror(child.error()));
    return false;
  }
  child->role = role;
  child->end_by = Deadline::at(now_ + start_time_max);
  children_.push_back(std::move(*child));
  return true;
}

void Supervisor::start_serving() {
  restart_at_ = Deadline::never();
  if (!fork_child(Role::serving, config_)) restart_after(restart_policy_.after_death({}));
}

void Supervisor::restart_after(Duration delay) {
  // Even at once it goes by the loop, so that a stop that came meanwhile is seen first.
  restart_at_ = Deadline::at(now_ + delay);
}

void Supervisor::reap() {
  int wait_status = 0;
  pid_t pid = 0;
  while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
    auto found = std::ranges::find(children_, pid, &WorkerChild::pid);
    if (found != children_.end()) {
      WorkerChild child = std::move(*found);
      children_.erase(found);
      child_ended(std::move(child), wait_status);
    } else if (successor_ && successor_->pid == pid) {
      successor_ended(wait_status);
    } else {
      last_status_ = exit_status(wait_status);
    }
  }
  // Those that took over from our successor have become our children, so none are left now.
  if (pid < 0) keeps_ = false;
}

void Supervisor::child_ended(WorkerChild child, int wait_status) {
  switch (child.role) {
    case Role::serving:
      serving_ended(child, wait_status);
      return;
    case Role::next:
      abandon_reload("the worker process with the new configuration " + ending_text(wait_status) +
                     " before it was ready");
      return;
    case Role::draining:
      if (wait_status != 0) {
        say("worker process " + std::to_string(child.pid) + " " + ending_text(wait_status) +
            " while it drained");
      }
      return;
  }
}

void Supervisor::serving_ended(const WorkerChild& child, int wait_status) {
  std::string what = "worker process " + std::to_string(child.pid) + " " + ending_text(wait_status);
  bool gave_up = WIFEXITED(wait_status) && !child.ready;
  if (state_ == State::starting && gave_up) {
    say(what + " before it was ready; giving up");
    state_ = State::failed;
    return;
  }
  Duration worked = child.ready ? now_ - *child.ready : Duration::zero();
  last_death_ = what;
  Duration delay = restart_policy_.after_death(worked);
  say(restart_text(what, delay, restart_policy_.young_deaths()));
  if (!without_worker_since_) without_worker_since_ = now_;
  restart_after(delay);
}

void Supervisor::child_is_ready(WorkerChild& child) {
  child.ready = now_;
  child.end_by = Deadline::never();
  if (child.role != Role::serving) return;
  if (state_ == State::starting) {
    state_ = State::ready;
    announce_ready();
  } else if (without_worker_since_) {
    auto away =
        std::chrono::duration_cast<std::chrono::milliseconds>(now_ - *without_worker_since_);
    say("worker process " + std::to_string(child.pid) + " serves, " + std::to_string(away.count()) +
        " ms after the other one ended");
  }
  without_worker_since_.reset();
}

void Supervisor::drain(WorkerChild& child, WorkerCommand how) {
  child.role = Role::draining;
  send_control(child.control.number(), how);
  Duration time = config_->timeouts.drain;
  bool bounded = how == WorkerCommand::drain && time > Duration::zero();
  child.end_by = bounded ? Deadline::at(now_ + time + drain_grace) : Deadline::never();
}

WorkerChild* Supervisor::find(Role role) {
  auto found = std::ranges::find(children_, role, &WorkerChild::role);
  return found == children_.end() ? nullptr : &*found;
}

// Beginning and end
// --------------------------------------------------------------------------------

void Supervisor::announce_ready() {
  write_file();  // first: who reads "ready" may look for the file
  say("ready: " + serving_text(listeners_, *config_));
  if (predecessor_.is_open()) {
    listeners_.keep_only(*config_);
    send_control(predecessor_.number(), WorkerReport::ready);
    predecessor_.reset();
  }
  notifier_.tell(ready_assignments(listeners_, *config_));
}

void Supervisor::begin_stop(int signal_number) {
  state_ = State::stopping;
  restart_at_ = Deadline::never();
  Duration time = config_->timeouts.drain;
  say(stopping_text(signal_number, time));
  notifier_.tell(stopping_assignments(time > Duration::zero() ? time + drain_grace : time));
  write_file();
  for (WorkerChild& child : children_) drain(child, WorkerCommand::drain);
  if (successor_) kill(successor_->pid, SIGKILL);
  if (predecessor_.is_open()) {
    listeners_.leave_to_other();
  } else {
    listeners_.close_all();
  }
}

void Supervisor::stop_at_once() {
  say("ending at once");
  for (const WorkerChild& child : children_) kill(child.pid, SIGKILL);
}

void Supervisor::write_file() {
  bool is_anothers = predecessor_.is_open() && state_ != State::ready;
  if (!file_ || is_anothers) return;
  std::string_view state = state_ == State::starting ? "starting"
                           : state_ == State::ready  ? "ready"
                                                     : "stopping";
  file_->write({.pid = getpid(),
                .config_path = settings_.config_path,
                .admin = listeners_.admin_address(*config_),
                .state = std::string(state),
                .reloads_asked = reloads_,
                .reload_problem = reload_problem_,
                .file = {}});
}

namespace {

Result<RuntimeFile, std::string> runtime_file(const std::optional<Handover>& inherited) {
  if (!inherited || inherited->runtime_file < 0) return RuntimeFile::create();
  set_close_on_exec(inherited->runtime_file);
  return RuntimeFile::adopt(Descriptor(inherited->runtime_file), inherited->runtime_path);
}

StateDirectory state_directory(const Config& config, const std::optional<Account>& account,
                               const std::optional<Handover>& inherited) {
  std::string wanted = state_directory_of(config.state);
  Descriptor lock(inherited ? inherited->state_lock : -1);
  if (lock.is_open()) set_close_on_exec(lock.number());
  if (lock.is_open() && wanted == inherited->state_path)
    return StateDirectory::adopt(wanted, std::move(lock));
  return open_and_say(wanted, account);
}

/// Says why the process cannot go on.
int cannot_start(const std::string& why) {
  say(why);
  return 1;
}

}  // namespace

int run_supervisor(SupervisorSettings settings) {
  const Config& config = *settings.config;
  Result<std::uint64_t, std::string> limit = raise_descriptor_limit();
  if (!limit) say("cannot raise the limit on descriptors: " + limit.error());
  std::string shortage = descriptor_shortage_text(config, descriptor_limit());
  if (!shortage.empty()) say(shortage);

  Result<std::optional<Account>, std::string> account = find_account(config.user, config.group);
  if (!account) return cannot_start(account.error());
  Result<std::optional<Handover>, std::string> inherited = take_handover();
  if (!inherited) return cannot_start(inherited.error());
  Listeners listeners;
  if (*inherited) listeners.adopt((*inherited)->sockets);
  Result<RuntimeFile, std::string> file = runtime_file(*inherited);
  if (!file) say(file.error());
  auto give_up = [&](const std::string& why) {
    if (*inherited) listeners.leave_to_other();
    if (*inherited && file) file->leave_to_other();
    return cannot_start(why);
  };
  Result<void, std::string> bound = listeners.add(config, *account);
  if (!bound) return give_up(bound.error());
  StateDirectory state = state_directory(config, *account, *inherited);
  Result<void, std::string> dropped = drop_privileges(*account);
  if (!dropped) return give_up(dropped.error());
  Result<SignalReader, int> signals = SignalReader::make();
  if (!signals) return give_up(std::string("no signals: ") + std::strerror(signals.error()));

  std::optional<RuntimeFile> kept_file;
  if (file) kept_file.emplace(std::move(*file));
  return Supervisor(std::move(settings), *account, std::move(listeners), std::move(*signals),
                    std::move(kept_file), std::move(state), *inherited)
      .run();
}

}  // namespace gg
