// SPDX-License-Identifier: Apache-2.0
#include "cli/record_text.h"

#include <gtest/gtest.h>

#include "admin/record_json.h"
#include "cli/explain_request.h"
#include "unit/report/example_record.h"

namespace gg {
namespace {

std::string text_of(const ExchangeRecord& record) {
  FlightRecord kept;
  keep(record, 2, kept);
  return *record_text(to_json(kept), Coloring::plain);
}

TEST(RecordText, TellsTheStoryOfAFailureInOrder) {
  BufferPool pool;

  EXPECT_EQ(text_of(failed_record(pool)),
            R"(request 0123456789abcdeffedcba9876543210
502: not_http at 10.0.0.2:3000

  GET http://shop.example/cart?id=…
  at 2026-08-01T12:34:56.000789Z from 192.0.2.7 to :8080, route shop, upstream app
  1.75 ms in all: head read in 0.01 ms, queued for 3.00 ms, first byte to the client after 1.50 ms
  body: 0 bytes in, 4096 out

attempt 1 at 10.0.0.1:3000: connect_refused (N1)
  began after 0.00 ms, took 0.30 ms
  The endpoint's machine is up but refuses connections on this port.
  - the kernel said ECONNREFUSED (Connection refused)
  - no connection came about
  so another attempt was made

attempt 2 at 10.0.0.2:3000: not_http (H7)
  began after 0.40 ms, took 0.50 ms: connect 0.15 ms, send 0.02 ms, first byte after 0.20 ms
  What the endpoint sent is not HTTP.
  - what is wrong with the response: not_http
  - the first bytes were "\x15\x03\x01\x00\x02\x02F"
  - connection 42 was new
  - 180 bytes written, 7 read
  no other attempt: the retry budget was spent (retry_budget of the upstream)

cause   not_http (H7): What the endpoint sent is not HTTP.
whose   operator
what to do
  Compare the first bytes in the record with the port and scheme of the endpoint.
)");
}

TEST(RecordText, ARequestThatWentWellHasNoCause) {
  BufferPool pool;
  std::string text = text_of(plain_record(pool));

  EXPECT_NE(text.find("attempt 1 at 10.0.0.1:3000: answered 200\n"), std::string::npos);
  EXPECT_NE(text.find("  connection 41, a kept one; 180 bytes written, 4210 read\n"),
            std::string::npos);
  EXPECT_EQ(text.find("cause"), std::string::npos);
}

TEST(RecordText, ColoursAreForTerminals) {
  BufferPool pool;
  FlightRecord kept;
  keep(failed_record(pool), 1, kept);

  EXPECT_NE(record_text(to_json(kept), Coloring::colored)->find("\033[31m502"), std::string::npos);
}

TEST(RecordText, WhatIsNoRecordIsRefused) {
  for (std::string_view text : {"", "{}", "[]", "{\"id\": 7}", "<html>"}) {
    EXPECT_FALSE(record_text(text, Coloring::plain).has_value()) << text;
  }
}

TEST(ExplainRequest, KnowsTheLookOfItsOwnIds) {
  EXPECT_TRUE(looks_like_request_id("0123456789abcdeffedcba9876543210"));
  EXPECT_TRUE(looks_like_request_id("01234567"));
  EXPECT_FALSE(looks_like_request_id("0123456"));
  EXPECT_FALSE(looks_like_request_id("connect_refused"));
  EXPECT_FALSE(looks_like_request_id("502"));
}

}  // namespace
}  // namespace gg
