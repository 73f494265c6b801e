// SPDX-License-Identifier: Apache-2.0
// What the goldens in tests/config cannot show because the file cannot say it yet.
#include "config/check.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

Config usable() {
  Config config;
  config.listeners.push_back({.address = {.host = "", .port = 8080, .path = ""}});
  UpstreamConfig upstream{.name = "app"};
  upstream.endpoints.push_back({.url = {.host = "10.0.0.1", .port = 3000}});
  config.upstreams.push_back(upstream);
  config.routes.push_back({.to = "app"});
  return config;
}

std::vector<Complaint> complaints_about(const Config& config) {
  ComplaintList complaints("f", "");
  check(config, Places(), complaints);
  return complaints.take();
}

TEST(Check, AUsableConfigurationHasNoComplaint) { EXPECT_TRUE(complaints_about(usable()).empty()); }

TEST(Check, AnAttemptMayNotTakeLongerThanTheWholeExchange) {
  Config config = usable();
  config.routes[0].timeout = 5s;
  config.routes[0].retry.timeout = 6s;

  std::vector<Complaint> complaints = complaints_about(config);

  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(to_text(complaints[0]),
            "f: routes[0].retry.timeout: one attempt may take 6s, but the whole exchange only 5s\n"
            "  write 5s or less, or raise the route's timeout\n");
}

TEST(Check, AnAttemptMayTakeAsLongAsItLikesInAnExchangeWithoutLimit) {
  Config config = usable();
  config.routes[0].retry.timeout = 1h;

  EXPECT_TRUE(complaints_about(config).empty());
}

TEST(Check, TheObviousTargetIsFilledIn) {
  Config config = usable();
  config.routes[0].to.clear();

  fill_in_the_obvious(config);

  EXPECT_EQ(config.routes[0].to, "app");
}

TEST(Check, WithSeveralUpstreamsNoTargetIsObvious) {
  Config config = usable();
  config.routes[0].to.clear();
  config.upstreams.push_back(config.upstreams[0]);
  config.upstreams[1].name = "api";

  fill_in_the_obvious(config);

  EXPECT_EQ(config.routes[0].to, "");
}

}  // namespace
}  // namespace gg
