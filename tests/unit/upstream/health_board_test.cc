// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/health_board.h"

#include <gtest/gtest.h>

#include <array>

namespace gg {
namespace {

TEST(HealthBoard, TheSameEndpointHasTheSameCell) {
  std::array<HealthCell, 8> cells;
  HealthBoard board(cells);

  HealthBoard::Found first = board.find("app", "10.0.0.1:80");
  HealthBoard::Found again = board.find("app", "10.0.0.1:80");

  EXPECT_TRUE(first.is_new);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(first.cell, again.cell);
}

TEST(HealthBoard, AnEndpointOfTwoUpstreamsHasTwoCells) {
  std::array<HealthCell, 8> cells;
  HealthBoard board(cells);

  EXPECT_NE(board.find("app", "10.0.0.1:80").cell, board.find("api", "10.0.0.1:80").cell);
}

TEST(HealthBoard, NamesDoNotRunIntoEachOther) {
  EXPECT_NE(HealthBoard::key_of("ab", "c"), HealthBoard::key_of("a", "bc"));
}

TEST(HealthBoard, WhenItIsFullWhatIsThereIsStillFound) {
  std::array<HealthCell, 2> cells;
  HealthBoard board(cells);
  board.find("app", "1");
  HealthBoard::Found second = board.find("app", "2");

  EXPECT_EQ(board.find("app", "3").cell, nullptr);
  EXPECT_EQ(board.find("app", "2").cell, second.cell);
}

}  // namespace
}  // namespace gg
