// SPDX-License-Identifier: Apache-2.0
#include "gate/control.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "gate/descriptors.h"

namespace gg {
namespace {

TEST(Control, TheEndOfTheOtherSideIsSeenAfterItsLastMessage) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  Descriptor worker(ends[0]);
  Descriptor supervisor(ends[1]);

  EXPECT_EQ(receive_control(supervisor.number()).kind, ControlMessage::Kind::none);
  EXPECT_TRUE(send_control(worker.number(), WorkerReport::ready));
  worker.reset();

  EXPECT_EQ(receive_control(supervisor.number()).text, 'r');
  EXPECT_EQ(receive_control(supervisor.number()).kind, ControlMessage::Kind::end);
  EXPECT_FALSE(send_control(supervisor.number(), WorkerCommand::drain));
}

}  // namespace
}  // namespace gg
