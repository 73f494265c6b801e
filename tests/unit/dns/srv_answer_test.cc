// SPDX-License-Identifier: Apache-2.0
#include "dns/srv_answer.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using Bytes = std::vector<unsigned char>;

void add16(Bytes& out, unsigned value) {
  out.push_back(static_cast<unsigned char>(value >> 8U));
  out.push_back(static_cast<unsigned char>(value));
}

void add_name(Bytes& out, std::string_view name) {
  while (!name.empty()) {
    std::string_view label = name.substr(0, name.find('.'));
    out.push_back(static_cast<unsigned char>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  out.push_back(0);
}

Bytes header(unsigned answers) {
  Bytes out = {0, 1, 0x81, 0x80, 0, 1};
  add16(out, answers);
  for (int i = 0; i < 4; ++i) out.push_back(0);
  add_name(out, "_http._tcp.app");
  add16(out, 33);
  add16(out, 1);
  return out;
}

void add_record(Bytes& out, const Service& service, std::uint32_t ttl, unsigned type = 33) {
  add16(out, 0xc00c);  // the name of the question
  add16(out, type);
  add16(out, 1);
  add16(out, ttl >> 16U);
  add16(out, ttl & 0xffffU);
  Bytes data;
  add16(data, service.priority);
  add16(data, service.weight);
  add16(data, service.port);
  add_name(data, service.target);
  add16(out, static_cast<unsigned>(data.size()));
  out.insert(out.end(), data.begin(), data.end());
}

const Service one{.target = "one.app", .port = 3000, .priority = 1, .weight = 5};
const Service two{.target = "two.app", .port = 3001, .priority = 2, .weight = 0};

TEST(SrvAnswer, HasEveryRecordAndTheShortestTime) {
  Bytes message = header(2);
  add_record(message, one, 300);
  add_record(message, two, 30);

  Result<Services, DnsError> answer = parse_srv_answer(message);

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(*answer, (Services{.all = {one, two}, .ttl = 30s}));
}

TEST(SrvAnswer, LeavesOutRecordsOfOtherTypesAndTheOneThatSaysThereIsNone) {
  Bytes message = header(3);
  add_record(message, one, 300, 5);
  add_record(message, {.target = "", .port = 0}, 60);
  add_record(message, two, 90);

  EXPECT_EQ(parse_srv_answer(message)->all, std::vector<Service>{two});
}

TEST(SrvAnswer, ATimeWithItsFirstBitSetIsNone) {
  Bytes message = header(1);
  add_record(message, one, 0x80000001U);

  EXPECT_EQ(parse_srv_answer(message)->ttl, 0s);
}

TEST(SrvAnswer, AMessageThatEndsAnywhereElseIsRefused) {
  Bytes message = header(2);
  add_record(message, one, 300);
  add_record(message, two, 30);

  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(parse_srv_answer(std::span(message).first(size)).has_value()) << size;
  }
}

TEST(SrvAnswer, ALengthThatIsNotTheRecordsIsRefused) {
  Bytes message = header(1);
  std::size_t before = message.size();
  add_record(message, one, 300);
  ++message[before + 11];
  message.push_back(0);

  EXPECT_FALSE(parse_srv_answer(message).has_value());
}

}  // namespace
}  // namespace gg
