// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_client.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(AdminClient, TakesTheBodyOfAWholeAnswer) {
  EXPECT_EQ(*body_of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "{}");
  EXPECT_EQ(*body_of("HTTP/1.1 200 OK\r\ncontent-length:3\r\nX: y\r\n\r\n{}\n"), "{}\n");
}

TEST(AdminClient, RefusesWhatIsNotWholeOrNotFine) {
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}").error(),
            "its answer was cut short");
  EXPECT_EQ(body_of("HTTP/1.1 503 Service Unavailable\r\n\r\n").error(),
            "it answered 503 Service Unavailable");
  EXPECT_EQ(body_of("SSH-2.0-x\r\n\r\n").error(), "what answers there is no admin interface");
  EXPECT_EQ(body_of("").error(), "what answers there is no admin interface");
}

TEST(AdminClient, APageThatIsNotThereIsToldApart) {
  EXPECT_TRUE(is_not_found(body_of("HTTP/1.1 404 Not Found\r\n\r\n").error()));
  EXPECT_FALSE(is_not_found(body_of("HTTP/1.1 503 x\r\n\r\n").error()));
}

TEST(AdminClient, SaysWhyItCannotConnect) {
  EXPECT_EQ(fetch_page("127.0.0.1:1", "/").error(), "Connection refused");
  EXPECT_EQ(fetch_page("unix:/no/such.sock", "/").error(), "No such file or directory");
  EXPECT_FALSE(fetch_page("nonsense", "/").has_value());
}

}  // namespace
}  // namespace gg
