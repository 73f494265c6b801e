// SPDX-License-Identifier: Apache-2.0
#include "report/process_facts.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace gg {
namespace {

TEST(ProcessFacts, AreOfThisProcess) {
  ProcessFacts before = read_process_facts();
  int descriptor = dup(STDIN_FILENO);
  ProcessFacts after = read_process_facts();
  close(descriptor);

  EXPECT_GT(before.resident_bytes, 1U << 20);
  EXPECT_EQ(after.descriptors, before.descriptors + 1);
  EXPECT_GT(before.descriptors_most, before.descriptors);
  EXPECT_GT(after.cpu, Duration::zero());
}

TEST(ProcessFacts, ResidentPagesAreTheSecondNumber) {
  EXPECT_EQ(resident_bytes_in("5000 1200 300 1 0 400 0\n", 4096), 1200U * 4096);
  EXPECT_EQ(resident_bytes_in("5000", 4096), 0U);
  EXPECT_EQ(resident_bytes_in("", 4096), 0U);
}

}  // namespace
}  // namespace gg
