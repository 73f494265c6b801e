// SPDX-License-Identifier: Apache-2.0
#include "gate/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace gg {
namespace {

std::string system_text(const char* what) {
  return std::string(what) + " failed: " + std::strerror(errno);
}

/// Sets uid, primary group and name from the password file, or only the uid for a bare number.
bool fill_user(const std::string& user, Account& account) {
  const passwd* entry = getpwnam(user.c_str());
  std::optional<std::uint64_t> number = parse_number(user);
  if (entry == nullptr && number && *number < UINT32_MAX) {
    account.uid = static_cast<uid_t>(*number);
    account.gid = static_cast<gid_t>(*number);
    entry = getpwuid(account.uid);
    if (entry == nullptr) return true;
  }
  if (entry == nullptr) return false;
  account.uid = entry->pw_uid;
  account.gid = entry->pw_gid;
  account.user = entry->pw_name;
  return true;
}

bool fill_group(const std::string& group, Account& account) {
  const struct group* entry = getgrnam(group.c_str());
  std::optional<std::uint64_t> number = parse_number(group);
  if (entry != nullptr) {
    account.gid = entry->gr_gid;
    return true;
  }
  if (!number || *number >= UINT32_MAX) return false;
  account.gid = static_cast<gid_t>(*number);
  return true;
}

/// Changing the uid away from root clears them; this is for a program that was given some by
/// itself (setcap) and for a uid that stays.
bool drop_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct none[2] = {};
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return syscall(SYS_capset, &header, none) == 0;
}

Result<void, std::string> change_ids(const Account& account) {
  int grouped =
      account.user.empty() ? setgroups(0, nullptr) : initgroups(account.user.c_str(), account.gid);
  if (grouped != 0) return Failure(system_text("setgroups"));
  if (setresgid(account.gid, account.gid, account.gid) != 0) {
    return Failure(system_text("setgid"));
  }
  if (setresuid(account.uid, account.uid, account.uid) != 0) {
    return Failure(system_text("setuid"));
  }
  if (account.uid != 0 && setuid(0) == 0) {
    return Failure(std::string("root could be had again after giving it up"));
  }
  return {};
}

}  // namespace

Result<std::optional<Account>, std::string> find_account(const std::string& user,
                                                         const std::string& group) {
  if (user.empty() && group.empty()) return std::nullopt;

  Account account{.uid = geteuid(), .gid = getegid(), .user = {}};
  if (!user.empty() && !fill_user(user, account)) {
    return Failure("user \"" + user + "\" does not exist on this machine\n  create it (useradd " +
                   "--system " + user + ") or name another one as user: in the configuration");
  }
  if (!group.empty() && !fill_group(group, account)) {
    return Failure("group \"" + group + "\" does not exist on this machine\n  create it " +
                   "(groupadd --system " + group +
                   ") or name another one as group: in the configuration");
  }
  bool is_us = account.uid == geteuid() && account.gid == getegid();
  if (geteuid() != 0 && !is_us) {
    return Failure("only root can become user \"" + (user.empty() ? group : user) +
                   "\"\n  start as root, or leave user: and group: out of the configuration");
  }
  return account;
}

Result<void, std::string> drop_privileges(const std::optional<Account>& account) {
  bool was_root = geteuid() == 0;
  if (account && was_root) {
    Result<void, std::string> changed = change_ids(*account);
    if (!changed) return changed;
  }
  if (geteuid() == 0) return {};

  if (!drop_capabilities()) return Failure(system_text("giving up capabilities"));
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // Changing the uid made the process undumpable: no core, and /proc/self belongs to root.
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  return {};
}

}  // namespace gg
