// SPDX-License-Identifier: Apache-2.0
// In simulated time, so that minutes pass at once.
#include "discovery/name_source.h"

#include <gtest/gtest.h>

#include <optional>

#include "dns/fixed_resolver.h"
#include "engine/sim/sim_engine.h"

namespace gg {
namespace {

/// Says the same to everybody.
class FixedServices final : public ServiceFinder {
 public:
  Task<Result<Services, DnsError>> find(std::string_view /*name*/, Deadline /*deadline*/) override {
    co_return answer;
  }
  void stop() override {}

  Result<Services, DnsError> answer = Failure(DnsError::no_such_name);
};

class NameSourceTest : public testing::Test, public SourceListener {
 protected:
  ~NameSourceTest() override {
    if (!source_) return;
    source_->stop();
    resolver_.stop();
    world_.run(1s);
    EXPECT_TRUE(source_->is_stopped());
  }

  void start(DiscoverConfig discover) {
    settings_.name = "app";
    settings_.discover = std::move(discover);
    source_.emplace(control_, resolver_, services_, 0, settings_, *this);
    source_->start();
    pass(10ms);
  }
  void start_by_dns() { start({.dns = "app.internal", .port = 80}); }
  void answer(std::vector<std::string_view> ips, Duration ttl) {
    Resolved resolved{.ttl = ttl};
    for (std::string_view ip : ips) resolved.addresses.push_back(*parse_ip(ip));
    resolver_.set("app.internal", std::move(resolved));
  }
  void pass(Duration time) { world_.run(time); }
  Instant now() const { return world_.now(); }
  FixedResolver& resolver() { return resolver_; }
  FixedServices& services() { return services_; }
  NameSource& source() { return *source_; }
  const std::string& heard() const { return heard_; }

 private:
  void answered(std::size_t /*upstream*/, std::vector<EndpointConfig> endpoints,
                const std::string& /*problem*/) override {
    heard_.clear();
    for (const EndpointConfig& one : endpoints) heard_ += one.url.host + " ";
  }
  void failed(std::size_t /*upstream*/, const std::string& why) override { heard_ = why; }

  SimWorld world_{1};
  SimEngine control_{world_};
  FixedResolver resolver_{control_};
  FixedServices services_;
  UpstreamConfig settings_;
  std::optional<NameSource> source_;
  std::string heard_;
};

TEST_F(NameSourceTest, AsksAgainWhenAnAnswersTimeIsOver) {
  answer({"10.0.0.1"}, 30s);
  start_by_dns();
  EXPECT_EQ(heard(), "10.0.0.1 ");
  answer({"10.0.0.2", "10.0.0.1"}, 30s);

  pass(29s);
  EXPECT_EQ(resolver().lookups(), 1U);
  pass(2s);
  EXPECT_EQ(heard(), "10.0.0.1 10.0.0.2 ");
}

TEST_F(NameSourceTest, HoweverShortOrLongTheTimeOfAnAnswer) {
  answer({"10.0.0.1"}, 0s);
  start_by_dns();
  pass(10s);
  EXPECT_GE(resolver().lookups(), 10U);
  EXPECT_LE(resolver().lookups(), 12U);

  answer({"10.0.0.1"}, 24h);
  pass(2s);
  std::size_t before = resolver().lookups();
  pass(6min);
  EXPECT_EQ(resolver().lookups(), before + 1);
}

TEST_F(NameSourceTest, AFailureIsToldAndSoonAskedAgain) {
  start_by_dns();
  EXPECT_EQ(heard(), "cannot look up dns app.internal: no_such_name");

  answer({"10.0.0.1"}, 30s);
  pass(3s);
  EXPECT_EQ(heard(), "10.0.0.1 ");
}

TEST_F(NameSourceTest, AnEndpointThatCannotBeReachedIsAReasonToAskAtOnceAndThenLessAndLessOften) {
  answer({"10.0.0.1"}, 300s);
  start_by_dns();
  pass(20s);
  answer({"10.0.0.2"}, 300s);

  source().doubt(now());
  pass(20ms);
  EXPECT_EQ(heard(), "10.0.0.2 ");
  std::size_t before = resolver().lookups();
  pass(1s);
  EXPECT_GE(resolver().lookups(), before + 3);
  pass(1min);
  EXPECT_LE(resolver().lookups(), before + 45);

  source().doubt(std::nullopt);
  pass(3s);
  before = resolver().lookups();
  pass(1min);
  EXPECT_EQ(resolver().lookups(), before);
}

TEST_F(NameSourceTest, SrvRecordsAreAskedForByTheirOwnTime) {
  services().answer = Services{.all = {{.target = "one", .port = 1}}, .ttl = 10s};
  start({.srv = "_http._tcp.app"});
  EXPECT_EQ(heard(), "one ");

  services().answer = Services{.all = {{.target = "two", .port = 1}}, .ttl = 10s};
  pass(9s);
  EXPECT_EQ(heard(), "one ");
  pass(2s);
  EXPECT_EQ(heard(), "two ");
}

}  // namespace
}  // namespace gg
