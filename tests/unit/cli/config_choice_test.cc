// SPDX-License-Identifier: Apache-2.0
#include "cli/config_choice.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace gg {
namespace {

/// A file that goes with its folder.
class TemporaryFile {
 public:
  explicit TemporaryFile(const char* text) {
    char name[] = "/tmp/goodgate-test-XXXXXX";
    folder_ = mkdtemp(name);
    std::ofstream(path()) << text;
  }
  ~TemporaryFile() { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/goodgate.yaml"; }

 private:
  std::string folder_;
};

constexpr const char* small_file =
    "listeners: [\"127.0.0.1:8081\"]\n"
    "upstreams:\n"
    "  app: [http://127.0.0.1:3000]\n";

TEST(ConfigChoice, EndpointsAloneMakeAGatewayOnPort8080) {
  ChosenConfig source({.to = {"127.0.0.1:3001", "127.0.0.1:3002"}}, "");

  Result<std::shared_ptr<const Config>, std::string> config = source.load();

  ASSERT_TRUE(config.has_value()) << config.error();
  EXPECT_EQ((*config)->listeners.front().address.port, 8080);
  EXPECT_EQ((*config)->upstreams.front().endpoints.size(), 2U);
}

TEST(ConfigChoice, OptionsChangeWhatTheFileSaysAtEveryLoad) {
  TemporaryFile file(small_file);
  ChosenConfig source({.listen = {":9"}, .threads = 3, .admin = "off"}, file.path());

  Result<std::shared_ptr<const Config>, std::string> first = source.load();
  Result<std::shared_ptr<const Config>, std::string> second = source.load();

  ASSERT_TRUE(first.has_value()) << first.error();
  EXPECT_EQ((*first)->listeners.size(), 1U);
  EXPECT_EQ((*first)->listeners.front().address.port, 9);
  EXPECT_EQ((*first)->threads, 3U);
  EXPECT_FALSE((*first)->admin.address.has_value());
  EXPECT_EQ(**first, **second);
}

TEST(ConfigChoice, AWrongFileGivesItsComplaints) {
  TemporaryFile file("listeners: [\":8081\"]\nupstreems: {}\n");
  ChosenConfig source({}, file.path());

  Result<std::shared_ptr<const Config>, std::string> config = source.load();

  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().find("goodgate.yaml:2:1"), std::string::npos);
  EXPECT_NE(config.error().find("did you mean \"upstreams\"?"), std::string::npos);
}

TEST(ConfigChoice, MisuseIsFoundBeforeAnythingIsLoaded) {
  EXPECT_FALSE(misuse_of({.listen = {":8080"}, .to = {"http://10.0.0.1:1"}}).has_value());
  EXPECT_TRUE(misuse_of({.file = "a.yaml", .to = {"10.0.0.1:1"}}).has_value());
  EXPECT_TRUE(misuse_of({.threads = 0}).has_value());
  EXPECT_TRUE(misuse_of({.threads = 1025}).has_value());
  EXPECT_TRUE(misuse_of({.admin = "nonsense"}).has_value());
  EXPECT_TRUE(misuse_of({.listen = {"nonsense"}})->starts_with("--listen: "));
  EXPECT_TRUE(misuse_of({.to = {"ftp://10.0.0.1"}})->starts_with("--to: "));
}

TEST(ConfigChoice, AFileIsFoundByItsWholeName) {
  TemporaryFile file(small_file);

  EXPECT_EQ(find_config_file(file.path()), file.path());
  EXPECT_FALSE(find_config_file(file.path() + ".missing").has_value());
}

}  // namespace
}  // namespace gg
