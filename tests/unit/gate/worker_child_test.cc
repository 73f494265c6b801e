// SPDX-License-Identifier: Apache-2.0
#include "gate/worker_child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "gate/control.h"

namespace gg {
namespace {

constexpr int all_right = 7;

/// Sees its own control socket and the admin descriptor, and no other of the parent's.
int look_around(WorkerProcessSettings settings) {
  bool has_control = fcntl(settings.control_descriptor, F_GETFD) >= 0;
  bool has_admin = fcntl(settings.admin_descriptor, F_GETFD) >= 0;
  int others = 0;
  for (int number = 3; number < 256; ++number) {
    bool named = number == settings.control_descriptor || number == settings.admin_descriptor;
    others += !named && fcntl(number, F_GETFD) >= 0 ? 1 : 0;
  }
  return has_control && has_admin && others == 0 ? all_right : 1;
}

TEST(WorkerChild, HasTheDescriptorsThatItIsGivenAndNoOther) {
  Descriptor admin(open("/dev/null", O_RDONLY | O_CLOEXEC));
  Descriptor secret(open("/dev/null", O_RDONLY | O_CLOEXEC));

  Result<WorkerChild, int> child =
      fork_worker(look_around, {.admin_descriptor = admin.number()}, Instant{});
  ASSERT_TRUE(child.has_value());
  int wait_status = -1;
  waitpid(child->pid, &wait_status, 0);

  EXPECT_EQ(ending_text(wait_status), "ended with status 7");
  EXPECT_EQ(receive_control(child->control.number()).kind, ControlMessage::Kind::end);
}

int die(WorkerProcessSettings /*settings*/) { return kill(getpid(), SIGKILL); }

TEST(WorkerChild, ADeathBySignalIsToldByName) {
  Result<WorkerChild, int> child = fork_worker(die, {}, Instant{});
  ASSERT_TRUE(child.has_value());
  int wait_status = -1;
  waitpid(child->pid, &wait_status, 0);

  EXPECT_EQ(ending_text(wait_status), "was killed by signal 9 (Killed)");
}

}  // namespace
}  // namespace gg
