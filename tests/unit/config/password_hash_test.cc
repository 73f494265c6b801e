// SPDX-License-Identifier: Apache-2.0
#include "config/password_hash.h"

#include <gtest/gtest.h>

#include <string>

namespace gg {
namespace {

std::string problem_of(std::string_view text) {
  std::optional<Misreading> misread = misread_password_hash(text);
  return misread ? misread->problem : "";
}

TEST(PasswordHash, ThoseOfCryptThatTakeTheirTimeAreGood) {
  EXPECT_EQ(problem_of("$2y$05$" + std::string(53, 'x')), "");
  EXPECT_EQ(problem_of("$2b$12$" + std::string(53, 'x')), "");
  EXPECT_EQ(problem_of("$5$saltsaltsaltsalt$" + std::string(43, 'x')), "");
  EXPECT_EQ(problem_of("$6$rounds=5000$saltsalt$" + std::string(86, '.')), "");
  EXPECT_EQ(problem_of("$y$j9T$saltsaltsaltsaltsaltsa$" + std::string(43, '/')), "");
}

TEST(PasswordHash, OneThatIsCutOffIsNoticed) {
  EXPECT_TRUE(problem_of("$2y$05$" + std::string(52, 'x')).contains("missing"));
  EXPECT_TRUE(problem_of("$6$saltsalt$" + std::string(86, ' ')).contains("missing"));
}

TEST(PasswordHash, FastOnesAreRefusedByName) {
  EXPECT_TRUE(problem_of("$apr1$salt$" + std::string(22, 'x')).contains("too weak"));
  EXPECT_TRUE(problem_of("{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=").contains("too weak"));
}

TEST(PasswordHash, WhatIsSaidNamesNoPartOfAPassword) {
  std::string problem = problem_of("hunter2");

  EXPECT_EQ(problem, "this is not the hash of a password");
  EXPECT_FALSE(problem_of("$2y$hunter2").contains("hunter2"));
}

}  // namespace
}  // namespace gg
