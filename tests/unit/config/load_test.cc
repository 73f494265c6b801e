// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "config/print.h"
#include "golden.h"

namespace gg {
namespace {

namespace fs = std::filesystem;

/// What a person is shown: the complaints, or the warnings and the configuration in force.
std::string outcome_of(const LoadResult& result) {
  if (!result) return to_text(result.error());
  return to_text(result->warnings) + "---\n" + to_text(*result->config);
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(source_folder() / "tests/config")) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

class LoadGolden : public testing::TestWithParam<std::string> {};

TEST_P(LoadGolden, SaysThisAboutTheFile) {
  fs::path folder = source_folder() / "tests/config";
  std::string text = read_whole(folder / (GetParam() + ".yaml"));

  std::string outcome = outcome_of(load_config(text, GetParam() + ".yaml"));

  expect_golden(folder / (GetParam() + ".expected"), outcome);
}

TEST_P(LoadGolden, AcceptsExactlyTheFilesNamedGood) {
  std::string text = read_whole(source_folder() / "tests/config" / (GetParam() + ".yaml"));

  LoadResult result = load_config(text, GetParam());

  EXPECT_EQ(result.has_value(), GetParam().starts_with("good_"));
}

INSTANTIATE_TEST_SUITE_P(Files, LoadGolden, testing::ValuesIn(golden_names()),
                         [](const auto& tested) { return tested.param; });

TEST(Load, ARouteForEverythingIsMadeWhenThereIsNone) {
  LoadResult result = load_config("listeners: [':8080']\nupstreams: { app: 10.0.0.1:3000 }\n", "f");

  ASSERT_TRUE(result);
  ASSERT_EQ(result->config->routes.size(), 1U);
  EXPECT_EQ(result->config->routes[0].to, "app");
  EXPECT_EQ(result->config->routes[0].path, (PathMatch{PathMatch::Kind::prefix, "/"}));
}

TEST(Load, ThousandsOfRoutesAndEndpointsLoadInMoments) {
  std::string text = "listeners: [':8080']\nroutes:\n";
  for (int i = 0; i < 1000; ++i) text += "- { path: /r" + std::to_string(i) + ", to: app }\n";
  text += "upstreams:\n  app:\n";
  for (int i = 1; i <= 10'000; ++i) text += "  - http://10.0.0.1:" + std::to_string(i) + "\n";

  LoadResult result = load_config(text, "goodgate.yaml");

  ASSERT_TRUE(result);
  EXPECT_EQ(result->config->routes.size(), 1000U);
  EXPECT_EQ(result->config->upstreams[0].endpoints.size(), 10'000U);
}

TEST(Load, TheExampleThatIsInstalledHasNoProblem) {
  LoadResult result = load_config_file((source_folder() / "contrib/goodgate.yaml").string());

  EXPECT_TRUE(result) << outcome_of(result);
  EXPECT_TRUE(result && result->warnings.empty()) << outcome_of(result);
}

TEST(Load, AFileThatIsNotThereIsNamedWithTheSystemsReason) {
  LoadResult result = load_config_file("/nowhere/goodgate.yaml");

  ASSERT_FALSE(result);
  EXPECT_EQ(to_text(result.error()),
            "/nowhere/goodgate.yaml: cannot be read: No such file or directory\n"
            "  check the name and the permissions, or give another file with -c FILE\n");
}

TEST(Load, AFolderIsNoFile) {
  LoadResult result = load_config_file("/");

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error()[0].problem, "cannot be read: Is a directory");
}

TEST(Load, AFileThatNeverEndsIsGivenUp) {
  LoadResult result = load_config_file("/dev/zero");

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error()[0].problem, "is larger than 16MiB");
}

TEST(Load, ABinaryFileIsNotText) {
  LoadResult result = load_config(std::string_view("\x7f"
                                                   "ELF\0\0",
                                                   6),
                                  "goodgate.yaml");

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error()[0].problem, "this is not a text file: it contains a NUL byte");
}

TEST(Load, TheCommandLineAloneMakesAWholeConfiguration) {
  std::vector<std::string> listen = {":8080"};
  std::vector<std::string> to = {"127.0.0.1:3001", "http://localhost:3002"};

  LoadResult result = config_from_command_line(listen, to);

  ASSERT_TRUE(result) << outcome_of(result);
  const Config& config = *result->config;
  EXPECT_EQ(config.listeners[0].address.port, 8080);
  ASSERT_EQ(config.upstreams[0].endpoints.size(), 2U);
  EXPECT_EQ(config.upstreams[0].endpoints[1].url.host, "localhost");
  EXPECT_EQ(config.routes[0].to, "app");
  EXPECT_EQ(config.upstreams[0].timeouts, UpstreamTimeouts{});
}

TEST(Load, EveryProblemOfTheCommandLineIsNamed) {
  std::vector<std::string> listen = {"8080x"};
  std::vector<std::string> to = {"ftp://a", "http://b:99999"};

  LoadResult result = config_from_command_line(listen, to);

  ASSERT_FALSE(result);
  EXPECT_EQ(to_text(result.error()),
            "--listen: \"8080x\" is not an IP address of this machine\n"
            "  write an address such as 127.0.0.1:8080, or :8080 for all\n"
            "\n"
            "--to: \"99999\" is not a port\n"
            "  allowed: 1 to 65535\n"
            "\n"
            "--to: \"ftp://a\" has the unknown scheme \"ftp\"\n"
            "  write http://host:port\n");
}

TEST(Load, ACommandLineWithNothingOnItSaysWhatIsMissing) {
  LoadResult result = config_from_command_line({}, {});

  ASSERT_FALSE(result);
  EXPECT_EQ(to_text(result.error()),
            "--listen: there is nothing to listen on\n"
            "  add --listen :8080\n"
            "\n"
            "--to: there is no endpoint to send requests to\n"
            "  add --to 127.0.0.1:3000\n");
}

TEST(Load, ACommandLineThatForwardsToItselfIsRefused) {
  std::vector<std::string> listen = {":8080"};
  std::vector<std::string> to = {"127.0.0.1:8080"};

  LoadResult result = config_from_command_line(listen, to);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error()[0].problem, "http://127.0.0.1:8080 is this gateway's own listener");
}

}  // namespace
}  // namespace gg
