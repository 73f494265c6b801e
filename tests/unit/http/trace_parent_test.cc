// SPDX-License-Identifier: Apache-2.0
#include "http/trace_parent.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gg {
namespace {

constexpr std::string_view example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string written(const TraceParent& parent) {
  std::array<char, TraceParent::size> text{};
  write_trace_parent(parent, text);
  return {text.data(), text.size()};
}

std::string example_with(std::size_t position, std::string_view text) {
  std::string changed(example);
  changed.replace(position, text.size(), text);
  return changed;
}

TEST(TraceParent, IsReadFromItsField) {
  std::optional<TraceParent> parent = parse_trace_parent(example);

  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->trace_high, 0x4bf92f3577b34da6U);
  EXPECT_EQ(parent->trace_low, 0xa3ce929d0e0e4736U);
  EXPECT_EQ(parent->span, 0x00f067aa0ba902b7U);
  EXPECT_TRUE(parent->is_sampled);
}

TEST(TraceParent, IsWrittenAsItWasRead) {
  EXPECT_EQ(written(*parse_trace_parent(example)), example);
  std::string unsampled = example_with(53, "00");
  EXPECT_EQ(written(*parse_trace_parent(unsampled)), unsampled);
}

TEST(TraceParent, OfTheFlagsOnlyTheKnownOneIsKept) {
  EXPECT_EQ(written(*parse_trace_parent(example_with(53, "ff"))), example);
  EXPECT_FALSE(parse_trace_parent(example_with(53, "fe"))->is_sampled);
}

TEST(TraceParent, OfALaterVersionMayBeLonger) {
  EXPECT_TRUE(parse_trace_parent(example_with(0, "cc")));
  EXPECT_TRUE(parse_trace_parent(example_with(0, "cc") + "-what-comes"));
  EXPECT_FALSE(parse_trace_parent(example_with(0, "cc") + "x"));
  EXPECT_FALSE(parse_trace_parent(std::string(example) + "-more"));
}

TEST(TraceParent, IsNotWhatIsMalformed) {
  const std::string bad[] = {"",
                             "00",
                             std::string(example.substr(1)),
                             example_with(0, "ff"),
                             example_with(0, "0G"),
                             example_with(2, "_"),
                             example_with(35, "_"),
                             example_with(52, "_"),
                             example_with(10, "F"),
                             example_with(40, "g"),
                             example_with(53, "0g"),
                             example_with(3, std::string(32, '0')),
                             example_with(36, std::string(16, '0'))};
  for (const std::string& value : bad) EXPECT_FALSE(parse_trace_parent(value)) << value;
}

}  // namespace
}  // namespace gg
