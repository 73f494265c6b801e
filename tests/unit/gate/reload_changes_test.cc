// SPDX-License-Identifier: Apache-2.0
#include "gate/reload_changes.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace gg {
namespace {

Config config_with(const std::vector<std::string>& upstreams) {
  Config config;
  for (const std::string& name : upstreams) config.upstreams.emplace_back().name = name;
  return config;
}

std::string text(const Config& before, const Config& after, const FileStamps& files_before = {},
                 const FileStamps& files_after = {}) {
  return reload_text(before, after, files_before, files_after);
}

TEST(ReloadChanges, NothingChanged) {
  EXPECT_EQ(text(config_with({"app"}), config_with({"app"})),
            "the configuration was read again, as it was before");
}

TEST(ReloadChanges, WhatChangedIsNamed) {
  Config after = config_with({"app", "new"});
  after.upstreams[0].timeouts.connect = 7s;
  after.limits.fields = 9;
  after.routes.emplace_back();

  EXPECT_EQ(text(config_with({"app", "old"}), after),
            "the configuration was read again: routes, upstream app, new upstream new, upstream "
            "old (gone) and limits changed");
}

TEST(ReloadChanges, WhatHasNoWordOfItsOwnIsNoNews) {
  Config after = config_with({"app"});
  after.threads = 3;

  EXPECT_EQ(text(config_with({"app"}), after), "the configuration was read again");
}

TEST(ReloadChanges, OtherServersOfEtcdAreNamed) {
  Config after = config_with({"app"});
  after.etcd.emplace();

  EXPECT_EQ(text(config_with({"app"}), after), "the configuration was read again: etcd changed");
}

TEST(ReloadChanges, ManyAreCounted) {
  EXPECT_EQ(text(config_with({}), config_with({"a", "b", "c", "d", "e", "f", "g", "h"})),
            "the configuration was read again: new upstream a, new upstream b, new upstream c, new "
            "upstream d, new upstream e, new upstream f and 2 others changed");
}

TEST(ReloadChanges, AFileThatWasReplacedUnderItsNameIsNamed) {
  std::string file = testing::TempDir() + "goodgate-reload-changes.pem";
  Config config = config_with({"app"});
  config.upstreams[0].tls = UpstreamTls{.ca = file};
  std::ofstream(file) << "one";
  FileStamps before = stamps_of(config);
  std::ofstream(file) << "another";

  EXPECT_EQ(text(config, config, before, stamps_of(config)),
            "the configuration was read again: the file " + file + " changed");
  EXPECT_EQ(text(config, config, before, before),
            "the configuration was read again, as it was before");
  std::remove(file.c_str());
}

}  // namespace
}  // namespace gg
