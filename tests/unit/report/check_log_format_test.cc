// SPDX-License-Identifier: Apache-2.0
#include "report/check_log_format.h"

#include <gtest/gtest.h>

#include <string>

namespace gg {
namespace {

std::string complaint_about(std::string_view format) {
  std::string text =
      "listeners: [\":8080\"]\nupstreams: { app: \"http://10.0.0.1:3000\" }\nlog: { format: \"" +
      std::string(format) + "\" }\n";
  LoadResult loaded = load_config(text, "a.yaml", check_log_format);
  return loaded ? "" : to_text(loaded.error());
}

TEST(CheckLogFormat, HasNothingAgainstGoodFormats) {
  EXPECT_EQ(complaint_about("json"), "");
  EXPECT_EQ(complaint_about("{client} {status} {{{ms}}}"), "");
}

TEST(CheckLogFormat, SaysWhichFieldIsUnknownAndWhatWasMeant) {
  EXPECT_EQ(complaint_about("{client} {ststus}"),
            "a.yaml:3:16: log.format: no field is called {ststus}, at character 10 of the "
            "template\n  log: { format: \"{client} {ststus}\" }\n                 ^\n"
            "  did you mean {status}?\n");
}

TEST(CheckLogFormat, SaysWhereABraceStandsAlone) {
  EXPECT_NE(complaint_about("{client").find("a brace stands alone, at character 1"),
            std::string::npos);
}

}  // namespace
}  // namespace gg
