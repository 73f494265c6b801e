// SPDX-License-Identifier: Apache-2.0
#include "gate/descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace gg {
namespace {

bool is_open(int number) { return fcntl(number, F_GETFD) >= 0; }

TEST(Descriptors, TheLimitIsRaisedToWhatIsAllowed) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = 64;
  setrlimit(RLIMIT_NOFILE, &limit);

  Result<std::uint64_t, std::string> raised = raise_descriptor_limit();

  ASSERT_TRUE(raised.has_value());
  EXPECT_EQ(*raised, limit.rlim_max);
}

TEST(Descriptors, ThreeQuartersOfThoseLeftAreForClients) {
  EXPECT_EQ(clients_that_fit(20'000, 1'048'576), 20'000);
  EXPECT_EQ(clients_that_fit(20'000, RLIM_INFINITY), 20'000);
  EXPECT_EQ(clients_that_fit(20'000, 1024), 732);
  EXPECT_EQ(clients_that_fit(100, 1024), 100);
  EXPECT_EQ(clients_that_fit(100, 20), 1);
}

TEST(Descriptors, OnlyThoseThatAreKeptStayOpen) {
  std::fflush(nullptr);
  pid_t child = fork();
  if (child == 0) {
    std::array<int, 4> made{};
    for (int& number : made) number = open("/dev/null", O_RDONLY);
    std::array kept = {made[2], made[0], -1};
    close_descriptors_but(kept);
    bool right = is_open(made[0]) && !is_open(made[1]) && is_open(made[2]) && !is_open(made[3]) &&
                 is_open(0) && is_open(2);
    _exit(right ? 0 : 1);
  }
  int wait_status = -1;
  waitpid(child, &wait_status, 0);

  EXPECT_TRUE(WIFEXITED(wait_status));
  EXPECT_EQ(WEXITSTATUS(wait_status), 0);
}

TEST(Descriptors, AMovedOneIsClosedOnce) {
  Descriptor first(open("/dev/null", O_RDONLY | O_CLOEXEC));
  int number = first.number();
  {
    Descriptor second = std::move(first);
    EXPECT_TRUE(is_open(number));
  }

  EXPECT_FALSE(is_open(number));
}

}  // namespace
}  // namespace gg
