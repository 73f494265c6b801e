// SPDX-License-Identifier: Apache-2.0
#include "gate/runtime_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace gg {
namespace {

constexpr std::string_view file_suffix = ".pid";
constexpr std::size_t file_bytes_max = 256 * 1024;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Where a gateway of this user keeps its file, best first.
std::vector<std::string> own_directories() {
  std::vector<std::string> directories;
  std::string given = environment("RUNTIME_DIRECTORY");
  if (!given.empty()) directories.push_back(given.substr(0, given.find(':')));
  if (geteuid() == 0) directories.emplace_back("/run/goodgate");
  std::string session = environment("XDG_RUNTIME_DIR");
  if (!session.empty()) directories.push_back(session + "/goodgate");
  directories.push_back("/tmp/goodgate-" + std::to_string(geteuid()));
  return directories;
}

/// Makes the directory if need be; false unless it is one that nobody but its owner, who is us or
/// root, can write to.
bool is_trustworthy(const std::string& directory) {
  struct stat there{};
  if (lstat(directory.c_str(), &there) != 0 || !S_ISDIR(there.st_mode)) return false;
  bool ours = there.st_uid == geteuid() || there.st_uid == 0;
  // A service's own directory belongs to its user, and root asks from outside.
  bool asked_by_root = geteuid() == 0 && directory == "/run/goodgate";
  return (ours || asked_by_root) && (there.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool is_usable(const std::string& directory) {
  if (mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return false;
  return is_trustworthy(directory);
}

bool is_locked(int file) {
  if (flock(file, LOCK_SH | LOCK_NB) == 0) {
    flock(file, LOCK_UN);
    return false;
  }
  return errno == EWOULDBLOCK;
}

/// May the owner of the file signal the process that it names? Else root could be made to, by
/// asking it to stop a gateway.
bool may_name(int file, pid_t pid) {
  struct stat written{};
  struct stat process{};
  if (fstat(file, &written) != 0) return false;
  if (stat(("/proc/" + std::to_string(pid)).c_str(), &process) != 0) return false;
  return written.st_uid == 0 || written.st_uid == process.st_uid;
}

/// The gateway behind a file, if it lives.
std::optional<RunningGateway> read_running(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open() || !is_locked(file.number())) return std::nullopt;
  std::string text(file_bytes_max, '\0');
  ssize_t size = pread(file.number(), text.data(), text.size(), 0);
  if (size <= 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  std::optional<RunningGateway> gateway = parse_running_gateway(text);
  if (!gateway || !may_name(file.number(), gateway->pid)) return std::nullopt;
  gateway->file = path;
  return gateway;
}

template <class Visit>
void visit_files(const std::string& directory, Visit visit) {
  DIR* entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  while (const dirent* entry = readdir(entries)) {
    std::string name = entry->d_name;
    if (name.ends_with(file_suffix)) visit(directory + "/" + name);
  }
  closedir(entries);
}

/// What was killed before it could remove its file left one without a lock.
void remove_if_stale(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.is_open() && flock(file.number(), LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
}

/// Open, locked and still there: another process may take a file for stale until it is locked.
Descriptor make_locked(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  struct stat made{};
  bool ours = file.is_open() && flock(file.number(), LOCK_EX | LOCK_NB) == 0 &&
              fstat(file.number(), &made) == 0 && made.st_nlink > 0;
  return ours ? std::move(file) : Descriptor();
}

void find_in(const std::string& directory, std::vector<RunningGateway>& found) {
  if (!is_trustworthy(directory)) return;
  visit_files(directory, [&](const std::string& path) {
    std::optional<RunningGateway> gateway = read_running(path);
    if (gateway) found.push_back(std::move(*gateway));
  });
}

}  // namespace

std::string to_text(const RunningGateway& gateway) {
  return "pid " + std::to_string(gateway.pid) + "\nconfig " + gateway.config_path + "\nadmin " +
         gateway.admin + "\nstate " + gateway.state + "\nreloads " +
         std::to_string(gateway.reloads_asked) + "\nproblem " + gateway.reload_problem;
}

std::optional<RunningGateway> parse_running_gateway(std::string_view text) {
  auto take = [&text](std::string_view key) -> std::string_view {
    if (!text.starts_with(key)) return {};
    text.remove_prefix(key.size());
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view value = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return value;
  };
  RunningGateway gateway;
  std::optional<std::uint64_t> pid = parse_number(take("pid "));
  gateway.config_path = take("config ");
  gateway.admin = take("admin ");
  gateway.state = take("state ");
  std::optional<std::uint64_t> reloads = parse_number(take("reloads "));
  if (!pid || *pid < 2 || *pid > INT32_MAX || !reloads || !text.starts_with("problem ")) {
    return std::nullopt;
  }
  gateway.pid = static_cast<pid_t>(*pid);
  gateway.reloads_asked = *reloads;
  gateway.reload_problem = text.substr(std::strlen("problem "));
  return gateway;
}

Result<RuntimeFile, std::string> RuntimeFile::create() {
  std::string name = "/" + std::to_string(getpid()) + std::string(file_suffix);
  for (const std::string& directory : own_directories()) {
    if (!is_usable(directory)) continue;
    std::string path = directory + name;
    visit_files(directory, remove_if_stale);
    Descriptor file = make_locked(path);
    if (!file.is_open()) file = make_locked(path);
    if (file.is_open()) return RuntimeFile(std::move(file), path);
  }
  return Failure(
      std::string("no directory for a runtime file could be used, so `goodgate stop`, `reload` and "
                  "`status`\n  will not find this process; set RUNTIME_DIRECTORY to one"));
}

RuntimeFile::~RuntimeFile() {
  if (!file_.is_open()) return;
  // A directory of root's keeps it after privileges were dropped; without a lock it means nothing.
  unlink(path_.c_str());
}

void RuntimeFile::write(const RunningGateway& gateway) {
  std::string text = to_text(gateway);
  text.resize(std::min(text.size(), file_bytes_max));
  ssize_t size = pwrite(file_.number(), text.data(), text.size(), 0);
  if (size < 0 || ftruncate(file_.number(), size) != 0) return;
}

std::vector<RunningGateway> find_running_gateways() {
  std::vector<std::string> directories = own_directories();
  directories.emplace_back("/run/goodgate");
  std::ranges::sort(directories);
  auto repeated = std::ranges::unique(directories);
  directories.erase(repeated.begin(), repeated.end());

  std::vector<RunningGateway> found;
  for (const std::string& directory : directories) find_in(directory, found);
  return found;
}

std::optional<RunningGateway> look_again(const RunningGateway& gateway) {
  return read_running(gateway.file);
}

}  // namespace gg
