// SPDX-License-Identifier: Apache-2.0
#include "discovery/source.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Source, IsCalledByItsKindAndItsName) {
  EXPECT_EQ(source_text({.file = "/etc/app"}), "file /etc/app");
  EXPECT_EQ(source_text({.dns = "app.internal", .port = 80}), "dns app.internal");
  EXPECT_EQ(source_text({.srv = "_http._tcp.app"}), "srv _http._tcp.app");
  EXPECT_EQ(source_text({.etcd = "/app/"}), "etcd /app/");
}

}  // namespace
}  // namespace gg
