// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/demo.h"

#include <gtest/gtest.h>

#include <array>

#include "cli/command.h"

namespace gg {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

TEST(DemoCommand, ALengthWithoutAUnitIsMisuse) {
  std::array<const char*, 3> arguments = {"demo", "--for", "10"};

  CaptureStderr();
  int status = demo_command(arguments);

  EXPECT_EQ(status, exit_used_wrongly);
  EXPECT_NE(GetCapturedStderr().find("goodgate: --for: "), std::string::npos);
}

TEST(DemoCommand, NothingCanBeSeenInLessThanASecond) {
  std::array<const char*, 3> arguments = {"demo", "--for", "10ms"};

  CaptureStderr();
  int status = demo_command(arguments);

  EXPECT_EQ(status, exit_used_wrongly);
  EXPECT_EQ(GetCapturedStderr(),
            "goodgate: --for: that is too short to see anything\n  write 1s or more\n");
}

TEST(DemoCommand, AnAddressThatIsNoneIsMisuse) {
  std::array<const char*, 3> arguments = {"demo", "--listen", "nonsense"};

  CaptureStderr();
  int status = demo_command(arguments);

  EXPECT_EQ(status, exit_used_wrongly);
  EXPECT_NE(GetCapturedStderr().find("goodgate: --listen: "), std::string::npos);
}

}  // namespace
}  // namespace gg
