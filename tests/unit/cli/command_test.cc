// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <gtest/gtest.h>

#include <array>

namespace gg {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

constexpr Command commands[] = {
    {"version", "print the version", version_command},
    {"check", "say everything that is wrong with a configuration", check_command},
    {"stop", "end", stop_command},
};

/// What a run printed and how it ended.
struct Outcome {
  int status = 0;
  std::string out;
  std::string err;
};

template <class... Words>
Outcome run(Words... words) {
  std::array<const char*, 1 + sizeof...(words)> arguments = {"goodgate", words...};
  CaptureStdout();
  CaptureStderr();
  Outcome outcome;
  outcome.status = run_command_line(commands, arguments);
  outcome.out = GetCapturedStdout();
  outcome.err = GetCapturedStderr();
  return outcome;
}

TEST(CommandLine, HelpListsEveryCommand) {
  Outcome outcome = run("--help");

  EXPECT_EQ(outcome.status, exit_fine);
  EXPECT_NE(outcome.out.find("  check      say everything that is wrong"), std::string::npos);
}

TEST(CommandLine, NoCommandIsMisuseWithHelp) {
  Outcome outcome = run();

  EXPECT_EQ(outcome.status, exit_used_wrongly);
  EXPECT_NE(outcome.out.find("goodgate COMMAND [OPTIONS]"), std::string::npos);
}

TEST(CommandLine, AnUnknownCommandNamesTheNearest) {
  Outcome outcome = run("chekc");

  EXPECT_EQ(outcome.status, exit_used_wrongly);
  EXPECT_EQ(outcome.err, "goodgate: there is no command \"chekc\"\n  did you mean \"check\"?\n");
}

TEST(CommandLine, ACommandsHelpHasExamples) {
  Outcome outcome = run("check", "--help");

  EXPECT_EQ(outcome.status, exit_fine);
  EXPECT_NE(outcome.out.find("goodgate check --effective"), std::string::npos);
}

TEST(CommandLine, AnUnknownOptionIsMisuse) {
  Outcome outcome = run("check", "--jsom");

  EXPECT_EQ(outcome.status, exit_used_wrongly);
  EXPECT_NE(outcome.err.find("--jsom"), std::string::npos);
  EXPECT_NE(outcome.err.find("`goodgate check --help` shows how"), std::string::npos);
}

TEST(CommandLine, AFileThatIsMissingIsMisuse) {
  Outcome outcome = run("check", "-c", "/no/such.yaml");

  EXPECT_EQ(outcome.status, exit_used_wrongly);
  EXPECT_EQ(outcome.err, "goodgate: there is no file \"/no/such.yaml\"\n");
}

TEST(CommandLine, TheVersionIsPrintedEitherWay) {
  EXPECT_EQ(run("version").out, run("--version").out);
  EXPECT_TRUE(run("version").out.starts_with("goodgate 0."));
}

}  // namespace
}  // namespace gg
