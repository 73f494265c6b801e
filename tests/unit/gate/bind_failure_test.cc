// SPDX-License-Identifier: Apache-2.0
#include "gate/bind_failure.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace gg {
namespace {

TEST(BindFailure, ALowPortSaysWhatWouldAllowIt) {
  std::string text = explain_bind_failure(Address::v4({0, 0, 0, 0}, 80), EACCES);

  EXPECT_TRUE(text.starts_with("cannot listen on 0.0.0.0:80: ports this low need a privilege\n"));
  EXPECT_NE(text.find("sudo setcap cap_net_bind_service=+ep /"), std::string::npos);
  EXPECT_NE(text.find("start as root and name a user: in the configuration"), std::string::npos);
}

TEST(BindFailure, AMissingFamilyIsSaidInPlainWords) {
  EXPECT_EQ(explain_bind_failure(*parse_ip("::1", 80), EAFNOSUPPORT),
            "cannot listen on [::1]:80: IPv6 is switched off on this machine\n"
            "  use an IPv4 address");
}

TEST(BindFailure, AnUnseenHolderIsSaidToBeOne) {
  EXPECT_TRUE(explain_bind_failure(Address::v4({127, 0, 0, 1}, 1), EADDRINUSE)
                  .starts_with("cannot listen on 127.0.0.1:1: it is in use by a process that this "
                               "user may not see\n"));
}

}  // namespace
}  // namespace gg
