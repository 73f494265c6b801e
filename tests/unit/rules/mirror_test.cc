// SPDX-License-Identifier: Apache-2.0
#include "rules/mirror.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace gg {
namespace {

TEST(Mirror, OnlySafeMethodsAreCopiedUnlessAsked) {
  MirrorConfig config;
  Mirror careful(config);
  MirrorConfig bold_config;
  bold_config.unsafe_methods = true;
  Mirror bold(bold_config);

  for (Method method : {Method::get, Method::head, Method::options}) {
    EXPECT_TRUE(careful.wants(method, 0, 0));
  }
  for (Method method : {Method::post, Method::put, Method::delete_, Method::patch, Method::other}) {
    EXPECT_FALSE(careful.wants(method, 0, 0));
    EXPECT_TRUE(bold.wants(method, 0, 0));
  }
}

TEST(Mirror, ItsShareIsWhatIsCopied) {
  MirrorConfig config;
  config.share = Share{10};
  Mirror mirror(config);
  Rng rng(1);
  int copied = 0;
  for (int i = 0; i < 100'000; ++i) {
    if (mirror.wants(Method::get, 0, rng.next())) ++copied;
  }

  EXPECT_NEAR(copied, 10'000, 500);
}

TEST(Mirror, AllMeansEachAndNoneMeansNone) {
  MirrorConfig config;
  EXPECT_TRUE(Mirror(config).wants(Method::get, 0, UINT64_MAX));
  config.share = Share{0};
  EXPECT_FALSE(Mirror(config).wants(Method::get, 0, 0));
}

TEST(Mirror, LongBodiesAreLeftOut) {
  MirrorConfig config;
  config.unsafe_methods = true;
  config.body = Bytes{100};
  Mirror mirror(config);

  EXPECT_TRUE(mirror.wants(Method::post, 100, 0));
  EXPECT_FALSE(mirror.wants(Method::post, 101, 0));
}

TEST(Mirror, SoManyAreInFlightAndNoMore) {
  MirrorConfig config;
  config.requests = 2;
  Mirror mirror(config);

  EXPECT_TRUE(mirror.enter());
  EXPECT_TRUE(mirror.enter());
  EXPECT_FALSE(mirror.enter());
  mirror.leave();
  EXPECT_TRUE(mirror.enter());
}

}  // namespace
}  // namespace gg
