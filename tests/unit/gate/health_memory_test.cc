// SPDX-License-Identifier: Apache-2.0
#include "gate/health_memory.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gg {
namespace {

TEST(HealthMemory, WhatOneChildLeavesTheNextFinds) {
  HealthMemory memory;
  ASSERT_NE(memory.board(), nullptr);

  pid_t child = fork();
  if (child == 0) {
    memory.board()->find("app", "10.0.0.1:80").cell->word.store(42);
    _exit(0);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);

  HealthBoard::Found found = memory.board()->find("app", "10.0.0.1:80");
  EXPECT_FALSE(found.is_new);
  EXPECT_EQ(found.cell->word.load(), 42U);
}

TEST(HealthMemory, KeepsMembersFromOneChildToTheNextToo) {
  HealthMemory memory;
  EndpointConfig member{
      .url = {.scheme = Scheme::http, .host = "10.0.0.1", .port = 80, .path = {}}};
  ASSERT_NE(memory.members(), nullptr);

  pid_t child = fork();
  if (child == 0) {
    memory.members()->note("app", "etcd /app/", std::span(&member, 1));
    _exit(0);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);

  EXPECT_EQ(memory.members()->recall("app", "etcd /app/"), std::vector{member});
}

}  // namespace
}  // namespace gg
