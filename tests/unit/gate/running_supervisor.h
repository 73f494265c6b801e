// SPDX-License-Identifier: Apache-2.0
// A supervisor in a process of its own, with a stand-in for the worker process that answers every
// connection with who it is. For the tests of this folder.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gate/control.h"
#include "gate/supervisor.h"

namespace gg::testing {

using Clock = std::chrono::steady_clock;

/// What the stand-in does beside answering is the first word of Config::name:
///   "fails"    ends with status 3 before it is ready
///   "crashes"  dies of a signal before it is ready
///   "stuck"    never ends by itself
///   "slow"     takes 300 ms to end
inline int stand_in(WorkerProcessSettings settings) {
  std::string name = settings.config->name;
  if (name.starts_with("fails")) return 3;
  if (name.starts_with("crashes")) kill(getpid(), SIGKILL);
  send_control(settings.control_descriptor, WorkerReport::ready);

  std::vector<pollfd> watched = {{settings.control_descriptor, POLLIN, 0}};
  for (const ListeningSocket& listening : settings.listeners) {
    watched.push_back({listening.descriptor, POLLIN, 0});
  }
  while (watched[0].revents == 0) {
    poll(watched.data(), watched.size(), -1);
    for (std::size_t i = 1; i < watched.size(); ++i) {
      int client = accept4(watched[i].fd, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      std::string answer = name + " " + std::to_string(getpid());
      static_cast<void>(write(client, answer.data(), answer.size()));
      close(client);
    }
  }
  if (name.starts_with("stuck")) pause();
  if (name.starts_with("slow")) usleep(300'000);
  return 0;
}

/// A configuration with one listener on a port of the kernel's choice and no admin interface.
inline Config small_config(std::string name) {
  Config config;
  config.name = std::move(name);
  config.listeners.push_back({.address = {.host = "127.0.0.1", .port = 0, .path = {}}});
  config.upstreams.push_back({.name = "app", .endpoints = {{}}});
  config.admin.address.reset();
  config.timeouts.drain = std::chrono::seconds(1);
  return config;
}

/// Gives what is in a list, one after the other; an empty text there means "this is wrong".
class ListedConfigs final : public ConfigSource {
 public:
  explicit ListedConfigs(std::vector<Config> configs) : configs_(std::move(configs)) {}

  Result<std::shared_ptr<const Config>, std::string> load() override {
    if (next_ == configs_.size()) return Failure(std::string("goodgate.yaml:1:1: it is wrong"));
    return std::make_shared<const Config>(configs_[next_++]);
  }

 private:
  std::vector<Config> configs_;
  std::size_t next_ = 0;
};

/// A temporary folder that goes with its contents.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    char name[] = "/tmp/goodgate-test-XXXXXX";
    path_ = mkdtemp(name);
    chmod(name, 0755);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string at(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class RunningSupervisor {
 public:
  /// `later`: what reloads find. `environment`: further NAME=value.
  explicit RunningSupervisor(Config config, std::vector<Config> later = {},
                             std::vector<std::string> environment = {}) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    std::fflush(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      setenv("RUNTIME_DIRECTORY", folder_.path().c_str(), 1);
      for (std::string& variable : environment) putenv(variable.data());
      ListedConfigs source(std::move(later));
      std::exit(run_supervisor({.config = std::make_shared<const Config>(std::move(config)),
                                .config_path = {},
                                .source = &source,
                                .worker = stand_in}));
    }
    close(ends[1]);
    output_ = ends[0];
  }
  ~RunningSupervisor() {
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      exit_status();
    }
    close(output_);
  }

  /// Reads on until `text` has been said since the last call; what was said is returned. Empty
  /// after ten seconds without it.
  std::string wait_for(const std::string& text) {
    Clock::time_point until = Clock::now() + std::chrono::seconds(10);
    while (Clock::now() < until) {
      std::size_t found = said_.find(text, looked_at_);
      std::size_t end = found == std::string::npos ? found : said_.find('\n', found);
      if (end != std::string::npos) {
        std::string line = said_.substr(looked_at_, end - looked_at_);
        looked_at_ = end + 1;
        return line;
      }
      if (!read_some()) return {};
    }
    return {};
  }

  /// Everything said, up to the end of the process. -1 if it did not end within fifteen seconds
  /// (then it is killed), 256 and more for a signal.
  int exit_status() {
    if (pid_ <= 0) return status_;
    Clock::time_point until = Clock::now() + std::chrono::seconds(15);
    int wait_status = 0;
    while (waitpid(pid_, &wait_status, WNOHANG) == 0) {
      if (Clock::now() > until) kill(pid_, SIGKILL);
      usleep(2000);
    }
    pid_ = -1;
    while (read_some()) {
    }
    status_ = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 256 + WTERMSIG(wait_status);
    return status_;
  }

  void send(int signal_number) const { kill(pid_, signal_number); }
  pid_t pid() const { return pid_; }
  const std::string& said() const { return said_; }
  const TemporaryFolder& folder() const { return folder_; }

  /// The port behind "listening on 127.0.0.1:" of a ready or reloaded line.
  static std::uint16_t port_in(const std::string& line) {
    std::size_t at = line.find("127.0.0.1:");
    return at == std::string::npos ? std::uint16_t{0}
                                   : static_cast<std::uint16_t>(std::atoi(line.c_str() + at + 10));
  }

 private:
  bool read_some() {
    pollfd watched{output_, POLLIN, 0};
    if (poll(&watched, 1, 200) == 0) return pid_ > 0;
    char piece[4096];
    ssize_t got = read(output_, piece, sizeof piece);
    if (got <= 0) return false;
    said_.append(piece, static_cast<std::size_t>(got));
    return true;
  }

  TemporaryFolder folder_;
  pid_t pid_ = -1;
  int output_ = -1;
  int status_ = -1;
  std::string said_;
  std::size_t looked_at_ = 0;
};

/// One connection: what the stand-in said, or which errno stopped it.
struct Visit {
  std::string answer;
  int error = 0;

  std::string name() const { return answer.substr(0, answer.rfind(' ')); }
  pid_t worker() const { return std::atoi(answer.c_str() + answer.rfind(' ') + 1); }
};

inline Visit visit(const sockaddr* address, socklen_t size) {
  Visit result;
  int client = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  char piece[256];
  ssize_t got = -1;
  if (connect(client, address, size) == 0) got = read(client, piece, sizeof piece);
  if (got < 0) result.error = errno;
  if (got > 0) result.answer.assign(piece, static_cast<std::size_t>(got));
  close(client);
  return result;
}

inline Visit visit(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return visit(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

inline Visit visit_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return visit(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

}  // namespace gg::testing
