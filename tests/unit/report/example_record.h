// SPDX-License-Identifier: Apache-2.0
// Records for the tests of report/.
#pragma once

#include "record/exchange_record.h"

namespace gg {

/// A request that went well at once.
inline ExchangeRecord plain_record(BufferPool& pool) {
  ExchangeRecord record;
  record.id = RequestId::of(0x0123456789abcdef, 0xfedcba9876543210);
  record.started = {1'785'587'696'000'789};
  record.head_read = 12us;
  record.committed = 1500us;
  record.total = 1750us;
  record.client_address = "192.0.2.7";
  record.peer_address = "192.0.2.7";
  record.listener = ":8080";
  record.method = "GET";
  record.scheme = "http";
  record.host = "shop.example";
  record.target = "/cart?id=7";
  record.user_agent = "curl/7.88.1";
  record.route = "shop";
  record.upstream = "app";
  record.status = 200;
  record.request_head_bytes = 86;
  record.response_head_bytes = 120;
  record.response_body_bytes = 4096;
  record.client_connection_id = 17;
  record.client_request_number = 3;
  AttemptRecord& attempt = record.add_attempt(pool);
  attempt.endpoint = "10.0.0.1:3000";
  attempt.connection_id = 41;
  attempt.send = 20us;
  attempt.first_byte = 1400us;
  attempt.total = 1700us;
  attempt.idle_age = 250ms;
  attempt.bytes_written = 180;
  attempt.bytes_read = 4210;
  attempt.request_number = 9;
  attempt.status = 200;
  attempt.delivery = Delivery::answered;
  attempt.reused = true;
  return record;
}

/// A request whose first endpoint refused and whose second spoke TLS, given up for lack of budget.
inline ExchangeRecord failed_record(BufferPool& pool) {
  ExchangeRecord record = plain_record(pool);
  record.status = 502;
  record.fault = Fault::not_http;
  record.verdict = Retry::no_budget_left;
  record.queued = 3ms;
  record.peer_address = "10.1.1.1";
  record.referer = "https://shop.example/";
  AttemptRecord& first = record.last_attempt();
  first = {.endpoint = "10.0.0.1:3000"};
  first.total = 300us;
  first.error_number = 111;
  first.fault = Fault::connect_refused;
  first.verdict = Retry::yes;
  AttemptRecord& second = record.add_attempt(pool);
  second.endpoint = "10.0.0.2:3000";
  second.connection_id = 42;
  second.started = 400us;
  second.connect = 150us;
  second.send = 20us;
  second.first_byte = 200us;
  second.total = 500us;
  second.bytes_written = 180;
  second.bytes_read = 7;
  second.request_number = 1;
  second.fault = Fault::not_http;
  second.delivery = Delivery::answered;
  second.verdict = Retry::no_budget_left;
  second.message_error = MessageError::not_http;
  record.keep_first_bytes(record.last_attempt(),
                          std::string_view("\x15\x03\x01\x00\x02\x02\x46", 7), pool);
  return record;
}

}  // namespace gg
