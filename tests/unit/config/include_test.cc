// SPDX-License-Identifier: Apache-2.0
#include "config/include.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/load.h"
#include "config/origins.h"

namespace gg {
namespace {

namespace fs = std::filesystem;

class Include : public testing::Test {
 protected:
  Include() {
    std::string pattern = (fs::temp_directory_path() / "goodgate-include-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Include() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  /// goodgate.yaml with that text.
  LoadResult load(std::string_view text) {
    return load_config(text, (folder_ / "goodgate.yaml").string());
  }
  /// The complaints about it, with the folder's name left out.
  std::string complaints(std::string_view text) {
    LoadResult result = load(text);
    if (result) return "";
    std::string said = to_text(result.error());
    std::string folder = folder_.string() + "/";
    for (std::size_t at = said.find(folder); at != std::string::npos; at = said.find(folder)) {
      said.erase(at, folder.size());
    }
    return said;
  }

  fs::path folder_;
};

constexpr std::string_view main_file =
    "include: [routes/*.yaml, upstreams.yaml]\n"
    "listeners: [':8080']\n"
    "routes: [{ path: /first, to: app }]\n";

TEST_F(Include, ListsAndMapsGrowInTheOrderOfTheFilesNames) {
  write("routes/b.yaml", "routes: [{ path: /third, to: api }]\n");
  write("routes/a.yaml", "routes: [{ path: /second, to: app }]\n");
  write("upstreams.yaml", "upstreams: { app: 10.0.0.1:3000, api: 10.0.0.2:3000 }\n");

  LoadResult result = load(main_file);

  ASSERT_TRUE(result) << to_text(result.error());
  ASSERT_EQ(result->config->routes.size(), 3U);
  EXPECT_EQ(result->config->routes[0].path.text, "/first");
  EXPECT_EQ(result->config->routes[1].path.text, "/second");
  EXPECT_EQ(result->config->routes[2].path.text, "/third");
  EXPECT_EQ(result->config->upstreams.size(), 2U);
}

TEST_F(Include, AMistakeIsShownInTheFileWhereItStands) {
  write("upstreams.yaml", "upstreams:\n  app: 10.0.0.1:3000\n  api: { endpoint: x }\n");

  EXPECT_TRUE(complaints(main_file).contains(
      "upstreams.yaml:3:10: upstreams.api: unknown key \"endpoint\"\n"
      "    api: { endpoint: x }\n"));
}

TEST_F(Include, YamlThatCannotBeReadIsShownInItsFileToo) {
  write("upstreams.yaml", "upstreams: [\n");

  EXPECT_TRUE(complaints(main_file).contains("upstreams.yaml:2:1: this is not valid YAML"));
}

TEST_F(Include, NothingIsSaidTwice) {
  write("upstreams.yaml", "upstreams: { app: 10.0.0.1:3000 }\nthreads: 2\n");
  write("routes/a.yaml", "upstreams: { app: 10.0.0.2:3000 }\nthreads: 3\n");

  std::string said = complaints(main_file);

  EXPECT_TRUE(
      said.contains("upstreams.yaml:1:14: upstreams.app: \"app\" stands in routes/a.yaml:1"))
      << said;
  EXPECT_TRUE(said.contains("upstreams.yaml:2:1: threads: \"threads\" stands in routes/a.yaml:2"))
      << said;
}

TEST_F(Include, AFileThatIsNamedMustBeThereAndOneThatOnlyFitsNeedNot) {
  std::string said = complaints(main_file);

  EXPECT_TRUE(
      said.contains("goodgate.yaml:1:26: include: \"upstreams.yaml\" cannot be read: No such"))
      << said;
  EXPECT_FALSE(said.contains("routes/a"));
}

TEST_F(Include, AnIncludedFileIncludesOthersFromItsOwnFolder) {
  write("upstreams.yaml", "include: more/app.yaml\n");
  write("more/app.yaml", "include: api.yaml\nupstreams: { app: 10.0.0.1:3000 }\n");
  write("more/api.yaml", "upstreams: { api: 10.0.0.2:3000 }\n");

  LoadResult result = load(main_file);

  ASSERT_TRUE(result) << to_text(result.error());
  ASSERT_EQ(result->config->upstreams.size(), 2U);
  EXPECT_EQ(result->config->upstreams[0].name, "app");
}

TEST_F(Include, ACircleIsSaidWhereItCloses) {
  write("upstreams.yaml", "upstreams: { app: 10.0.0.1:3000 }\ninclude: more.yaml\n");
  write("more.yaml", "include: upstreams.yaml\n");

  std::string said = complaints(main_file);

  EXPECT_TRUE(said.contains("more.yaml:1:10: include: \"")) << said;
  EXPECT_TRUE(said.contains("upstreams.yaml\" includes itself this way")) << said;
}

TEST_F(Include, APatternThatFitsItsOwnFileMeansTheOthers) {
  write("goodgate.yaml", "include: '*.yaml'\nlisteners: [':8080']\n");
  write("upstreams.yaml", "include: '*.yaml'\nupstreams: { app: 10.0.0.1:3000 }\n");

  LoadResult result = load_config_file((folder_ / "goodgate.yaml").string());

  ASSERT_TRUE(result) << to_text(result.error());
  EXPECT_EQ(result->config->upstreams.size(), 1U);
}

TEST_F(Include, AFileThatIsNamedTwiceIsTakenOnce) {
  write("routes/a.yaml", "routes: [{ path: /second, to: app }]\n");
  write("upstreams.yaml",
        "upstreams: { app: 10.0.0.1:3000 }\ninclude: [routes/a.yaml, ./routes/a.yaml]\n");

  LoadResult result = load(main_file);

  ASSERT_TRUE(result) << to_text(result.error());
  EXPECT_EQ(result->config->routes.size(), 2U);
}

TEST_F(Include, FilesThatIncludeEachOtherTooDeeplyAreGivenUp) {
  for (int i = 0; i < 12; ++i) {
    write("f" + std::to_string(i) + ".yaml", "include: f" + std::to_string(i + 1) + ".yaml\n");
  }
  std::string said = complaints("include: f0.yaml\n");

  EXPECT_TRUE(said.contains("f7.yaml:1:10: include: more than 8 files include each other")) << said;
}

TEST_F(Include, WhatIsNoPlainFileIsNotWaitedFor) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);

  EXPECT_TRUE(complaints("include: pipe\n").contains("pipe\" cannot be read: it is no plain file"));
}

TEST_F(Include, WhatHoldsNoMapIsRefused) {
  write("upstreams.yaml", "- 10.0.0.1:3000\n");

  EXPECT_TRUE(complaints(main_file).contains(
      "upstreams.yaml:1:1: an included file is a map of keys and values"));
}

TEST_F(Include, TheKeyHoldsNames) {
  EXPECT_TRUE(complaints("include: [{ a: b }, '']\n")
                  .contains("goodgate.yaml:1:11: include: this is not the name of a file"));
}

TEST_F(Include, EachValueIsKnownByItsFileAndLine) {
  write("upstreams.yaml", "\nupstreams:\n  app: { endpoints: 10.0.0.1:3000, balance: random }\n");

  LoadResult result = load(main_file);

  ASSERT_TRUE(result) << to_text(result.error());
  const Origins& origins = *result->config->origins.all;
  EXPECT_EQ(origins.of("upstreams.app.balance.algorithm"),
            (folder_ / "upstreams.yaml").string() + ":3");
  EXPECT_EQ(origins.of("routes[0].path"), (folder_ / "goodgate.yaml").string() + ":3");
  EXPECT_EQ(origins.of("threads"), "");
}

TEST_F(Include, AnEmptyFileAddsNothing) {
  write("routes/a.yaml", "# nothing yet\n");
  write("upstreams.yaml", "upstreams: { app: 10.0.0.1:3000 }\n");

  EXPECT_TRUE(load(main_file));
}

TEST_F(Include, OneNameNeedsNoBrackets) {
  write("upstreams.yaml", "upstreams: { app: 10.0.0.1:3000 }\n");

  EXPECT_TRUE(load("include: upstreams.yaml\nlisteners: [':8080']\n"));
}

TEST_F(Include, ValuesOfTheEnvironmentStandInIncludedFilesToo) {
  write("upstreams.yaml", "upstreams: { app: '10.0.0.1:${GG_NO_SUCH_PORT:-3001}' }\n");

  LoadResult result = load("include: upstreams.yaml\nlisteners: [':8080']\n");

  ASSERT_TRUE(result) << to_text(result.error());
  EXPECT_EQ(result->config->upstreams[0].endpoints[0].url.port, 3001);
}

}  // namespace
}  // namespace gg
