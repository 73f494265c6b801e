// SPDX-License-Identifier: Apache-2.0
#include "dns/fixed_resolver.h"

#include <gtest/gtest.h>

#include "unit/dns/fixed_resolver_fixture.h"

namespace gg {
namespace {

TEST_F(FixedResolverTest, SaysWhatItWasTold) {
  fixed_.set("App.test", one_address("10.0.0.1", 30s));
  fixed_.fail("broken.test", DnsError::server_failure);

  EXPECT_EQ(resolve(fixed_, "app.TEST"), "10.0.0.1");
  EXPECT_EQ(resolve(fixed_, "broken.test"), "server_failure");
  EXPECT_EQ(resolve(fixed_, "other.test"), "no_such_name");
  EXPECT_EQ(resolve(fixed_, "192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(fixed_.lookups(), 4U);
}

TEST_F(FixedResolverTest, TakesItsTimeAndKeepsDeadlines) {
  fixed_.set("app.test", one_address("10.0.0.1", 30s));
  fixed_.set_delay(30ms);
  Instant begun = engine_->now();

  EXPECT_EQ(resolve(fixed_, "app.test"), "10.0.0.1");
  EXPECT_GE(engine_->now() - begun, 30ms);
  EXPECT_EQ(resolve(fixed_, "app.test", Deadline::at(engine_->now() + 5ms)), "timeout");
}

TEST_F(FixedResolverTest, FailsOnceStopped) {
  fixed_.set("app.test", one_address("10.0.0.1", 30s));

  fixed_.stop();

  EXPECT_EQ(resolve(fixed_, "app.test"), "timeout");
}

}  // namespace
}  // namespace gg
