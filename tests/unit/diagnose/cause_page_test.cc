// SPDX-License-Identifier: Apache-2.0
#include "diagnose/advice/cause_page.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(CausePage, SaysWhatItIsHowItLooksHowToProveAndHowToMendIt) {
  std::string page = cause_page(Fault::connect_refused);

  EXPECT_TRUE(page.starts_with("# N1 `connect_refused`\n"));
  for (const char* part :
       {"## How it looks", "- **nginx**: `connect() failed (111", "## How to prove it", "ss -ltn",
        "## How to mend it", "- **HAProxy**: ", "[All causes](../causes.md)"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
}

TEST(CausePage, OfAClientThatLeftPromisesNoStatus) {
  EXPECT_EQ(cause_page(Fault::client_gone_while_waiting).find("status 499"), std::string::npos);
}

}  // namespace
}  // namespace gg
