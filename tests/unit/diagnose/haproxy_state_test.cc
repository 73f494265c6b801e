// SPDX-License-Identifier: Apache-2.0
#include "diagnose/codes/haproxy_state.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(HaproxyState, ReadsAllFourLetters) {
  EXPECT_EQ(haproxy_state_meaning(*parse_haproxy_state("sHVN")),
            "The server's timeout expired while the response head was awaited; the client's cookie "
            "was valid; the server set no cookie.");
}

TEST(HaproxyState, TwoLettersSayNothingOfCookies) {
  EXPECT_EQ(haproxy_state_meaning(*parse_haproxy_state("CD")),
            "The client broke the connection during the transfer of data.");
}

TEST(HaproxyState, ANormalEndIsOne) {
  EXPECT_EQ(haproxy_state_meaning(*parse_haproxy_state("----")), "Normal end.");
}

TEST(HaproxyState, OtherWordsAreNone) {
  for (std::string_view text : {"sh", "SHX", "", "S", "XX", "SH??"}) {
    EXPECT_FALSE(parse_haproxy_state(text)) << text;
  }
}

}  // namespace
}  // namespace gg
