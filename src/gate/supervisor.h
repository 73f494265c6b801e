// SPDX-License-Identifier: Apache-2.0
// The process that a person starts: holds the listening sockets, keeps one worker process serving
// from them, and changes it for another when the configuration changes. It has no request path.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/model.h"
#include "gate/successor.h"
#include "gate/worker_child.h"

namespace gg {

/// Where the configuration comes from, asked again at every reload. Outlives the supervisor.
class ConfigSource {
 public:
  virtual ~ConfigSource() = default;
  /// The configuration as of now, or everything that is wrong with it as text for a person.
  virtual Result<std::shared_ptr<const Config>, std::string> load() = 0;
};

struct SupervisorSettings {
  std::shared_ptr<const Config> config;
  std::string config_path;  // absolute; empty: there is no file
  ConfigSource* source = nullptr;
  WorkerMain worker = nullptr;
  Invocation invocation;  // to run another one after an upgrade
};

/// Binds, drops privileges, and supervises until SIGTERM or SIGINT; says what happens on standard
/// error and to the service manager. Returns the exit status: 0 after an orderly end, 1 when it
/// could not start (and said why). Call it on a process's only thread, once.
///
/// SIGTERM, SIGINT: drain, then end. SIGINT again: end at once. SIGHUP: reload. SIGUSR1: open
/// the log file anew, which has been moved away. SIGUSR2: run the
/// program anew, which is perhaps another version by now, and end when that one is ready and ours
/// have drained; without a service manager this process stays, to be seen and signalled by whoever
/// started it.
int run_supervisor(SupervisorSettings settings);

}  // namespace gg
