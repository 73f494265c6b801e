// SPDX-License-Identifier: Apache-2.0
#include "diagnose/advice/advice.h"

#include <gtest/gtest.h>

#include "fault/catalogue.h"

namespace gg {
namespace {

TEST(Advice, EachRowIsThatOfItsCause) {
  for (const FaultRow& row : catalogue().subspan(1)) {
    EXPECT_EQ(advice_on(row.fault).fault, row.fault) << row.name;
  }
}

TEST(Advice, TheRemedyIsInTheProductsOwnWordsWhereThereAreSome) {
  EXPECT_NE(remedy_for(Fault::head_too_large, Product::nginx).find("proxy_buffer_size"),
            std::string_view::npos);
  EXPECT_EQ(remedy_for(Fault::head_too_large, Product::goodgate),
            row_of(Fault::head_too_large).remedy);
  EXPECT_EQ(remedy_for(Fault::head_incomplete, Product::nginx),
            row_of(Fault::head_incomplete).remedy);
}

}  // namespace
}  // namespace gg
