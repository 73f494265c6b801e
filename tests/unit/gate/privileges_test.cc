// SPDX-License-Identifier: Apache-2.0
#include "gate/privileges.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace gg {
namespace {

TEST(Privileges, NoUserAndNoGroupMeansStay) {
  Result<std::optional<Account>, std::string> account = find_account("", "");

  ASSERT_TRUE(account.has_value());
  EXPECT_FALSE(account->has_value());
}

TEST(Privileges, AnUnknownUserIsNamedWithARemedy) {
  Result<std::optional<Account>, std::string> account = find_account("no-such-user", "");

  ASSERT_FALSE(account.has_value());
  EXPECT_EQ(account.error(),
            "user \"no-such-user\" does not exist on this machine\n"
            "  create it (useradd --system no-such-user) or name another one as user: in the "
            "configuration");
}

TEST(Privileges, AnUnknownGroupIsNamedWithARemedy) {
  Result<std::optional<Account>, std::string> account = find_account("", "no-such-group");

  ASSERT_FALSE(account.has_value());
  EXPECT_NE(account.error().find("groupadd --system no-such-group"), std::string::npos);
}

TEST(Privileges, AUserBringsItsGroupUnlessOneIsNamed) {
  if (geteuid() != 0) GTEST_SKIP() << "naming another user needs root";

  EXPECT_EQ(**find_account("nobody", ""), (Account{.uid = 65534, .gid = 65534, .user = "nobody"}));
  EXPECT_EQ(**find_account("nobody", "daemon"),
            (Account{.uid = 65534, .gid = 1, .user = "nobody"}));
  EXPECT_EQ(**find_account("54321", ""), (Account{.uid = 54321, .gid = 54321, .user = ""}));
}

/// The line of /proc/self/status with that name, without the name.
std::string status_line(const std::string& name) {
  std::ifstream file("/proc/self/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(name + ":")) return line.substr(line.find('\t') + 1);
  }
  return {};
}

/// In a child, which can give up what this process still needs: 0 when everything is gone.
int give_up_everything() {
  Result<std::optional<Account>, std::string> account = find_account("nobody", "");
  if (!account || !drop_privileges(*account)) return 1;
  if (getuid() != 65534 || geteuid() != 65534 || getgid() != 65534) return 2;
  if (setuid(0) == 0 || seteuid(0) == 0) return 3;
  if (status_line("CapPrm") != "0000000000000000") return 4;
  if (status_line("CapEff") != "0000000000000000") return 5;
  if (status_line("Groups").find("0 ") == 0) return 6;
  if (status_line("NoNewPrivs") != "1") return 7;
  return prctl(PR_GET_DUMPABLE) == 1 ? 0 : 8;
}

TEST(Privileges, RootBecomesTheUserForGoodWithoutAnyCapability) {
  if (geteuid() != 0) GTEST_SKIP() << "dropping privileges needs root";
  std::fflush(nullptr);
  pid_t child = fork();
  if (child == 0) _exit(give_up_everything());
  int wait_status = -1;
  waitpid(child, &wait_status, 0);

  EXPECT_TRUE(WIFEXITED(wait_status));
  EXPECT_EQ(WEXITSTATUS(wait_status), 0);
}

}  // namespace
}  // namespace gg
