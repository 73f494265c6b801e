// SPDX-License-Identifier: Apache-2.0
#include "upstream/members/member_notes.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

EndpointConfig endpoint(const std::string& host) {
  return {.url = {.scheme = Scheme::http, .host = host, .port = 80, .path = {}}};
}

class MemberNotesTest : public testing::Test {
 protected:
  using Members = std::vector<EndpointConfig>;

  MemberNotes notes() { return {heads_, texts_}; }
  std::span<MemberNotes::Head> heads() { return heads_; }
  std::span<char> texts() { return texts_; }

 private:
  std::array<MemberNotes::Head, 2> heads_;
  std::vector<char> texts_ = std::vector<char>(2 * MemberNotes::text_most);
};

TEST_F(MemberNotesTest, WhatWasNotedLastIsRecalledByAnother) {
  EndpointConfig second = endpoint("b");
  second.weight = 7;
  second.tier = 2;
  second.zone = "z";
  second.drains = true;
  notes().note("app", "etcd /app/", Members{endpoint("c")});
  notes().note("app", "etcd /app/", Members{endpoint("a"), second});

  EXPECT_EQ(notes().recall("app", "etcd /app/"), (Members{endpoint("a"), second}));
}

TEST_F(MemberNotesTest, OtherUpstreamsAndOtherSourcesAreOthers) {
  notes().note("app", "etcd /app/", Members{endpoint("a")});

  EXPECT_EQ(notes().recall("api", "etcd /app/"), Members{});
  EXPECT_EQ(notes().recall("app", "etcd /other/"), Members{});
}

TEST_F(MemberNotesTest, BeyondItsRoomNothingIsKept) {
  for (const char* upstream : {"one", "two", "three"}) {
    notes().note(upstream, "etcd", Members{endpoint(upstream)});
  }

  EXPECT_EQ(notes().recall("one", "etcd"), Members{endpoint("one")});
  EXPECT_EQ(notes().recall("two", "etcd"), Members{endpoint("two")});
  EXPECT_EQ(notes().recall("three", "etcd"), Members{});
}

TEST_F(MemberNotesTest, OfAVeryLongListTheFirstAreKept) {
  Members many(3000, endpoint("a-host-with-quite-a-long-name.internal"));
  notes().note("app", "etcd", many);

  EXPECT_GT(notes().recall("app", "etcd").size(), 1000U);
  EXPECT_LT(notes().recall("app", "etcd").size(), 3000U);
}

TEST_F(MemberNotesTest, WhatWasGarbledIsAsIfItWereNotThere) {
  notes().note("app", "etcd", Members{endpoint("a")});
  std::size_t place = heads()[0].key != 0 ? 0 : 1;

  texts()[place * MemberNotes::text_most + 7] = 'b';
  EXPECT_EQ(notes().recall("app", "etcd"), Members{});

  heads()[place].size = UINT64_MAX;
  EXPECT_EQ(notes().recall("app", "etcd"), Members{});
}

}  // namespace
}  // namespace gg
