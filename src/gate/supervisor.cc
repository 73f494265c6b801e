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

#include "engine/epoll/process_clock.h"
#include "gate/control.h"
#include "gate/descriptors.h"
#include "gate/health_memory.h"
#include "gate/listeners.h"
#include "gate/notify.h"
#include "gate/privileges.h"
#include "gate/restart_policy.h"
#include "gate/runtime_file.h"
#include "gate/signals.h"
#include "gate/supervisor_text.h"

namespace gg {
namespace {

using Role = WorkerChild::Role;

/// A worker process keeps the drain time itself; this is for one that no longer can.
constexpr Duration drain_grace = 3s;
/// How long one may take from its fork to ready.
constexpr Duration start_time_max = 30s;
/// Reloads in quick succession leave worker processes that drain; each costs memory.
constexpr std::ptrdiff_t draining_max = 8;

class Supervisor {
 public:
  Supervisor(SupervisorSettings settings, std::optional<Account> account, Listeners listeners,
             SignalReader signals, std::optional<RuntimeFile> file)
      : settings_(std::move(settings)),
        config_(std::exchange(settings_.config, nullptr)),
        account_(std::move(account)),
        listeners_(std::move(listeners)),
        signals_(std::move(signals)),
        notifier_(Notifier::from_environment()),
        file_(std::move(file)) {}

  int run();

 private:
  enum class State : std::uint8_t { starting, ready, stopping, failed };

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
  void commit_reload();
  void abandon_reload(const std::string& why);
  void reload_ended(const std::string& problem);

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
  HealthMemory health_;
  const TicketKeys::Secret tickets_ = TicketKeys::random_secret();

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
};

int Supervisor::run() {
  now_ = process_now();
  write_file();
  start_serving();
  while (state_ != State::failed && !(state_ == State::stopping && children_.empty())) {
    wait_for_events();
  }
  return state_ == State::failed ? 1 : 0;
}

// Events ------------------------------------------------------------------------------------------

void Supervisor::wait_for_events() {
  std::vector<pollfd> watched = {{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0}};
  for (const WorkerChild& child : children_) {
    watched.push_back({.fd = child.control.number(), .events = POLLIN, .revents = 0});
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
  for (std::size_t i = 1; i < watched.size(); ++i) {
    if (watched[i].revents != 0) take_report(children_[i - 1]);
  }
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
  switch (number) {
    case SIGCHLD:
      reap();
      return;
    case SIGHUP:
      reload();
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
}

// Worker processes
// ---------------------------------------------------------------------------------

bool Supervisor::fork_child(Role role, const std::shared_ptr<const Config>& config) {
  WorkerProcessSettings worker{.config = config,
                               .config_path = settings_.config_path,
                               .listeners = listeners_.for_worker(*config),
                               .admin_descriptor = listeners_.admin_descriptor(*config),
                               .health = health_.board(),
                               .tickets = tickets_};
  if (role == Role::next) {
    worker.beginning = Change::Kind::reload;
    worker.why_it_began = "the configuration was read again";
  } else if (!last_death_.empty()) {
    worker.beginning = Change::Kind::restart;
    worker.why_it_began = last_death_ + ", and another one took over";
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
  while (pid_t pid = waitpid(-1, &wait_status, WNOHANG)) {
    if (pid < 0) return;
    auto found = std::ranges::find(children_, pid, &WorkerChild::pid);
    if (found == children_.end()) continue;
    WorkerChild child = std::move(*found);
    children_.erase(found);
    child_ended(std::move(child), wait_status);
  }
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
  bool bounded = time > Duration::zero();
  child.end_by = bounded ? Deadline::at(now_ + time + drain_grace) : Deadline::never();
}

WorkerChild* Supervisor::find(Role role) {
  auto found = std::ranges::find(children_, role, &WorkerChild::role);
  return found == children_.end() ? nullptr : &*found;
}

// Reload
// -------------------------------------------------------------------------------------------

void Supervisor::reload() {
  if (state_ == State::stopping) return;
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
  if (std::ranges::count(children_, Role::draining, &WorkerChild::role) >= draining_max) {
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

  next_config_ = *loaded;
  if (!fork_child(Role::next, next_config_)) return "no process could be made for it";
  return {};
}

/// The new worker process accepts: the old one may stop.
void Supervisor::commit_reload() {
  if (WorkerChild* old = find(Role::serving)) drain(*old, WorkerCommand::retire);
  find(Role::next)->role = Role::serving;
  config_ = std::exchange(next_config_, nullptr);
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
  listeners_.keep_only(*config_);
  say(why);
  say("not reloaded: the configuration from before stays in force");
  reload_ended(why);
}

void Supervisor::reload_ended(const std::string& problem) {
  ++reloads_;
  reload_problem_ = problem;
  write_file();
  notifier_.tell(ready_assignments(listeners_, *config_));
  if (std::exchange(reload_again_, false)) reload();
}

// Beginning and end
// --------------------------------------------------------------------------------

void Supervisor::announce_ready() {
  write_file();  // first: who reads "ready" may look for the file
  say("ready: " + serving_text(listeners_, *config_));
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
  listeners_.close_all();
}

void Supervisor::stop_at_once() {
  say("ending at once");
  for (const WorkerChild& child : children_) kill(child.pid, SIGKILL);
}

void Supervisor::write_file() {
  if (!file_) return;
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
  Listeners listeners;
  Result<void, std::string> bound = listeners.add(config, *account);
  if (!bound) return cannot_start(bound.error());
  Result<RuntimeFile, std::string> file = RuntimeFile::create();
  if (!file) say(file.error());
  Result<void, std::string> dropped = drop_privileges(*account);
  if (!dropped) return cannot_start(dropped.error());
  Result<SignalReader, int> signals = SignalReader::make();
  if (!signals) return cannot_start(std::string("no signals: ") + std::strerror(signals.error()));

  std::optional<RuntimeFile> kept_file;
  if (file) kept_file.emplace(std::move(*file));
  return Supervisor(std::move(settings), *account, std::move(listeners), std::move(*signals),
                    std::move(kept_file))
      .run();
}

}  // namespace gg
