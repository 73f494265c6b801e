// SPDX-License-Identifier: Apache-2.0
#include "gate/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "gate/supervisor_text.h"

namespace gg {

namespace {

/// For whoever the gateway becomes; nothing to do where it stays who it is.
bool give_to(const char* path, const std::optional<Account>& account) {
  bool may = account && geteuid() == 0;
  return !may || lchown(path, account->uid, account->gid) == 0;
}

}  // namespace

std::string state_directory_of(const StateConfig& state) {
  switch (state.kind) {
    case StateConfig::Kind::off:
      return {};
    case StateConfig::Kind::directory:
      return state.path;
    case StateConfig::Kind::automatic:
      break;
  }
  const char* given = std::getenv("STATE_DIRECTORY");
  std::string all = given == nullptr ? "" : given;
  return all.substr(0, all.find(':'));
}

StateDirectory StateDirectory::open(const std::string& path,
                                    const std::optional<Account>& account) {
  StateDirectory made;
  made.path_ = path;
  if (path.empty()) return made;
  auto failed = [&](const std::string& what) {
    made.problem_ = what + ": " + std::strerror(errno);
    return std::move(made);
  };
  if (mkdir(path.c_str(), 0750) == 0) {
    if (!give_to(path.c_str(), account)) return failed("cannot give " + path + " away");
  } else if (errno != EEXIST) {
    return failed("cannot make " + path);
  }
  std::string lock = path + "/lock";
  Descriptor file(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return failed("cannot write in " + path);
  if (flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed("cannot lock " + lock);
    made.problem_ = "another gateway uses " + path;
    return made;
  }
  if (!give_to(lock.c_str(), account)) return failed("cannot give " + lock + " away");
  made.lock_ = std::move(file);
  return made;
}

StateDirectory StateDirectory::adopt(std::string path, Descriptor lock) {
  StateDirectory adopted;
  adopted.path_ = std::move(path);
  adopted.lock_ = std::move(lock);
  return adopted;
}

StateDirectory open_and_say(const std::string& path, const std::optional<Account>& account) {
  StateDirectory directory = StateDirectory::open(path, account);
  if (!directory.problem().empty())
    say("incidents are kept in memory only: " + directory.problem());
  return directory;
}

}  // namespace gg
