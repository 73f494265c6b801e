// SPDX-License-Identifier: Apache-2.0
// Its words; what it does is done by real sources and workers in tests/wire/discovery_test.py.
#include "gate/discovery_desk.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

std::vector<EndpointConfig> endpoints(std::size_t count) {
  std::vector<EndpointConfig> all;
  for (std::size_t i = 1; i <= count; ++i) {
    all.push_back({.url = {.scheme = Scheme::http,
                           .host = "10.0.0." + std::to_string(i),
                           .port = 80,
                           .path = {}}});
  }
  return all;
}

TEST(MembershipText, NamesWhoHasComeAndGone) {
  EXPECT_EQ(membership_text({.come = endpoints(1)}), "10.0.0.1:80 has come");
  EXPECT_EQ(membership_text({.come = endpoints(2), .gone = endpoints(1)}),
            "10.0.0.1:80 and 10.0.0.2:80 have come, 10.0.0.1:80 has gone");
  EXPECT_EQ(membership_text({.altered = endpoints(1)}),
            "10.0.0.1:80 has another weight, tier or zone");
}

TEST(MembershipText, SaysWhoIsDrainedAndWhoNoMore) {
  EXPECT_EQ(membership_text({.drained = endpoints(1)}), "10.0.0.1:80 is drained");
  EXPECT_EQ(membership_text({.undrained = endpoints(2)}),
            "10.0.0.1:80 and 10.0.0.2:80 are used again");
}

TEST(MembershipText, OfVeryManyTheFirstFew) {
  EXPECT_EQ(membership_text({.gone = endpoints(5)}),
            "10.0.0.1:80, 10.0.0.2:80, 10.0.0.3:80, 10.0.0.4:80 and 10.0.0.5:80 have gone");
  EXPECT_EQ(membership_text({.gone = endpoints(7)}),
            "10.0.0.1:80, 10.0.0.2:80, 10.0.0.3:80, 10.0.0.4:80, 10.0.0.5:80 and 2 more have gone");
}

}  // namespace
}  // namespace gg
