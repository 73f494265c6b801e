// SPDX-License-Identifier: Apache-2.0
// Against simulated servers, in simulated time, so that minutes pass at once.
#include "discovery/etcd_source.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "dns/fixed_resolver.h"
#include "engine/sim/sim_engine.h"
#include "engine/sim/sim_network.h"
#include "sim_etcd.h"

namespace gg {
namespace {

class EtcdSourceTest : public testing::Test, public SourceListener {
 protected:
  EtcdSourceTest() {
    world_.network().defaults() = LinkSettings::calm();
    settings_.name = "app";
    settings_.discover = DiscoverConfig{.etcd = "/app"};
    add_server();
  }
  ~EtcdSourceTest() override {
    source_->stop();
    resolver_.stop();
    for (SimEtcd& server : servers_) server.stop();
    world_.run(2h);
    EXPECT_TRUE(source_->is_stopped());
    for (SimEtcd& server : servers_) EXPECT_TRUE(server.is_over());
    EXPECT_EQ(control_.open_sockets(), 0U);
  }

  SimEtcd& add_server() {
    std::string host = "10.9.0." + std::to_string(servers_.size() + 1);
    access_.servers.push_back({.scheme = Scheme::http, .host = host, .port = 2379, .path = {}});
    return servers_.emplace_back(world_, *parse_ip(host, 2379));
  }
  void start() {
    source_.emplace(control_, resolver_, EtcdAccess{access_, nullptr, limits_}, 0, settings_,
                    *this);
    source_->start();
    pass(1s);
  }
  void pass(Duration time) { world_.run(time); }
  SimEtcd& server(std::size_t which = 0) { return servers_[which]; }
  EtcdConfig& access() { return access_; }
  SimNetwork& network() { return world_.network(); }
  /// What was said since it was asked last: "a b", or a failure.
  std::vector<std::string> heard() { return std::exchange(heard_, {}); }
  using Heard = std::vector<std::string>;

 private:
  void answered(std::size_t /*upstream*/, std::vector<EndpointConfig> endpoints,
                const std::string& problem) override {
    std::string text;
    for (const EndpointConfig& one : endpoints) {
      text += (text.empty() ? "" : " ") + std::string(one.drains ? "-" : "") + one.url.host;
    }
    heard_.push_back(problem.empty() ? text : text + " (" + problem + ")");
  }
  void failed(std::size_t /*upstream*/, const std::string& why) override { heard_.push_back(why); }

  SimWorld world_{1};
  SimEngine control_{world_};
  FixedResolver resolver_{control_};
  std::deque<SimEtcd> servers_;
  EtcdConfig access_;
  HeadLimits limits_;
  UpstreamConfig settings_;
  std::optional<EtcdSource> source_;
  std::vector<std::string> heard_;
};

TEST_F(EtcdSourceTest, TellsTheWholeListAtTheStartAndAfterEachChange) {
  server().put("/app/1", "http://a:1");
  server().put("/apple", "http://other:1");
  start();
  EXPECT_EQ(heard(), Heard{"a"});

  server().put("/app/2", R"({"url": "http://b:1", "drain": true})");
  pass(1s);
  EXPECT_EQ(heard(), Heard{"a -b"});
  server().remove("/app/1");
  pass(1s);
  EXPECT_EQ(heard(), Heard{"-b"});
  EXPECT_EQ(server().ranges, 1);
}

TEST_F(EtcdSourceTest, AValueThatCannotBeReadIsToldBesideTheList) {
  server().put("/app/1", "http://a:1");
  server().put("/app/2", "nonsense:99999");
  start();

  EXPECT_EQ(heard(), Heard{"a (the value of /app/2 cannot be read: \"99999\" is not a port)"});
}

TEST_F(EtcdSourceTest, ALossIsToldOnceAndTheListWhenTheServerIsBack) {
  server().put("/app/1", "http://a:1");
  start();
  heard();

  server().crash();
  pass(45s);
  EXPECT_EQ(heard(), Heard{"cannot look up etcd /app/: 10.9.0.1:2379: connect_refused"});
  server().put("/app/2", "http://b:1");
  server().restart();
  pass(6s);
  EXPECT_EQ(heard(), Heard{"a b"});
  server().put("/app/3", "http://c:1");
  pass(1s);
  EXPECT_EQ(heard(), Heard{"a b c"});
}

TEST_F(EtcdSourceTest, WhatHappensWhileTheConnectionIsLostIsNotMissed) {
  server().put("/app/1", "http://a:1");
  start();
  heard();

  server().put("/app/2", "http://b:1");
  network().reset_connections(*parse_ip("10.9.0.1", 2379));
  pass(2s);

  EXPECT_EQ(heard().back(), "a b");
}

TEST_F(EtcdSourceTest, AnotherServerTakesOverWithoutAWord) {
  add_server();
  server(0).put("/app/1", "http://a:1");
  server(1).put("/app/1", "http://a:1");
  start();
  EXPECT_EQ(heard(), Heard{"a"});

  server(0).crash();
  pass(5s);
  EXPECT_EQ(heard(), Heard{"a"});
  server(1).put("/app/2", "http://b:1");
  pass(1s);
  EXPECT_EQ(heard(), Heard{"a b"});
}

TEST_F(EtcdSourceTest, WhenNoneAnswersEachReasonIsTold) {
  add_server();
  server(0).crash();
  server(1).nonsense = "it works!";
  start();

  EXPECT_EQ(heard(), Heard{"cannot look up etcd /app/: 10.9.0.1:2379: connect_refused, "
                           "10.9.0.2:2379: its answer is not one of etcd"});
}

TEST_F(EtcdSourceTest, AnotherReasonIsToldAMinuteLater) {
  server().crash();
  start();
  heard();

  server().nonsense = "it works!";
  server().restart();
  pass(50s);
  EXPECT_EQ(heard(), Heard{});
  pass(20s);
  EXPECT_EQ(heard(),
            Heard{"cannot look up etcd /app/: 10.9.0.1:2379: its answer is not one of etcd"});
}

TEST_F(EtcdSourceTest, AServerThatIsGoneWithoutAWordIsFoundOut) {
  add_server();
  server(0).put("/app/1", "http://a:1");
  server(1).put("/app/1", "http://b:1");
  start();
  heard();

  network().black_hole(*parse_ip("10.9.0.1", 2379));
  pass(40s);

  EXPECT_EQ(heard(), Heard{"b"});
}

TEST_F(EtcdSourceTest, AWatchThatIsSilentIsBegunAnewAndMissesNothing) {
  server().put("/app/1", "http://a:1");
  start();
  heard();
  server().hold_back_news();
  server().put("/app/2", "http://b:1");

  pass(31s);

  EXPECT_EQ(heard(), Heard{"a b"});
  EXPECT_EQ(server().watches, 2);
}

TEST_F(EtcdSourceTest, AHistoryThatIsForgottenIsAskedForAnew) {
  server().put("/app/1", "http://a:1");
  start();
  heard();
  server().put("/app/2", "http://b:1");
  server().compact();

  pass(1s);

  EXPECT_EQ(heard().back(), "a b");
  EXPECT_EQ(server().ranges, 2);
}

TEST_F(EtcdSourceTest, ItLogsInWhereThereIsAUser) {
  server().password = "secret";
  server().put("/app/1", "http://a:1");
  access().user = "me";
  access().password = "secret";
  start();

  EXPECT_EQ(heard(), Heard{"a"});
  EXPECT_EQ(server().logins, 1);
}

TEST_F(EtcdSourceTest, AWrongPasswordIsSaidInTheServersWords) {
  server().password = "secret";
  access().user = "me";
  access().password = "wrong";
  start();

  EXPECT_EQ(heard(), Heard{"cannot look up etcd /app/: 10.9.0.1:2379: status 400 (etcdserver: "
                           "authentication failed)"});
}

TEST_F(EtcdSourceTest, WhoMayReadAndNotWatchIsToldThatAndNoList) {
  server().put("/app/1", "http://a:1");
  server().refusal = "permission denied";
  start();
  pass(10s);

  EXPECT_EQ(heard(), Heard{"cannot look up etcd /app/: 10.9.0.1:2379: it ended the watch: "
                           "permission denied"});
  EXPECT_LE(server().watches, 10);
}

TEST_F(EtcdSourceTest, AServerThatClosesAfterEachAnswerWillDo) {
  server().closes_after_answers = true;
  server().put("/app/1", "http://a:1");
  start();

  EXPECT_EQ(heard(), Heard{"a"});
}

TEST_F(EtcdSourceTest, ItStopsWhateverItIsDoing) {
  network().black_hole(*parse_ip("10.9.0.1", 2379));
  start();

  EXPECT_EQ(heard(), Heard{});
}

}  // namespace
}  // namespace gg
