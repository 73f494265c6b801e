// SPDX-License-Identifier: Apache-2.0
// Whole configurations, plain ones and well-tuned ones.
#include "diagnose/settings/remark.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/golden.h"

namespace gg {
namespace {

std::string folder() { return std::string(GG_SOURCE_DIR) + "/tests/unit/diagnose/settings/"; }

SettingsVerdict examine(const std::string& path) {
  DiskFiles files;
  Result<SettingsVerdict, std::string> verdict = examine_settings(path, files);
  EXPECT_TRUE(verdict) << path << (verdict ? "" : verdict.error());
  return verdict ? *verdict : SettingsVerdict{};
}

/// The text with the folder's own path taken out, which differs from checkout to checkout.
std::string text_without_folder(const SettingsVerdict& verdict) {
  std::string text = remarks_text(verdict, false);
  for (std::size_t at = text.find(folder()); at != std::string::npos; at = text.find(folder())) {
    text.erase(at, folder().size());
  }
  return text;
}

TEST(Settings, APlainNginxHasManyTrapsEachWithAMend) {
  EXPECT_TRUE(matches_file(text_without_folder(examine(folder() + "plain_nginx.conf")),
                           "tests/unit/diagnose/golden/settings_nginx.txt"));
}

TEST(Settings, APlainHaproxyToo) {
  EXPECT_TRUE(matches_file(text_without_folder(examine(folder() + "plain_haproxy.cfg")),
                           "tests/unit/diagnose/golden/settings_haproxy.txt"));
}

TEST(Settings, AWellTunedOneIsLeftInPeace) {
  for (const char* name : {"tuned_nginx.conf", "tuned_haproxy.cfg"}) {
    SettingsVerdict verdict = examine(folder() + name);
    EXPECT_TRUE(verdict.remarks.empty()) << remarks_text(verdict, false);
  }
}

TEST(Settings, OtherFilesAreNeither) {
  DiskFiles files;

  EXPECT_EQ(examine_settings(folder() + "neither.txt", files).error(),
            "it is neither of nginx nor of HAProxy");
  EXPECT_EQ(examine_settings("/does/not/exist", files).error(), "No such file or directory");
}

TEST(Settings, JsonHasFileLineAndMend) {
  std::string json = remarks_json(examine(folder() + "plain_haproxy.cfg"));

  EXPECT_NE(json.find("\"product\": \"HAProxy\""), std::string::npos);
  EXPECT_NE(json.find("\"mend\": \"option redispatch 1\""), std::string::npos);
}

}  // namespace
}  // namespace gg
