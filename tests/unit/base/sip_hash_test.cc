// SPDX-License-Identifier: Apache-2.0
#include "base/sip_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gg {
namespace {

/// The key 00 01 … 0f of the authors' own test vectors.
constexpr SipKey counting{.low = 0x0706050403020100, .high = 0x0f0e0d0c0b0a0908};

std::string counting_text(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(i);
  return text;
}

TEST(SipHash, IsTheOneOfThePaper) {
  EXPECT_EQ(sip_hash(counting, counting_text(0)), 0x726fdb47dd0e0e31U);
  EXPECT_EQ(sip_hash(counting, counting_text(1)), 0x74f839c593dc67fdU);
  EXPECT_EQ(sip_hash(counting, counting_text(8)), 0x93f5f5799a932462U);
  EXPECT_EQ(sip_hash(counting, counting_text(15)), 0xa129ca6149be45e5U);
}

TEST(SipHash, DiffersByKeyAndByText) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t key = 0; key < 30; ++key) {
    for (std::size_t size = 0; size < 30; ++size) {
      hashes.insert(sip_hash({.low = key, .high = 0}, std::string(size, '\0')));
    }
  }

  EXPECT_EQ(hashes.size(), 900U);
}

}  // namespace
}  // namespace gg
