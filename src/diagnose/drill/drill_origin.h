// SPDX-License-Identifier: Apache-2.0
// An origin that plays one drill: a real server on a real port that fails as it was told to, and
// says what it does on every connection. Run by `goodgate drill`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/intrusive_list.h"
#include "diagnose/drill/scenario.h"
#include "engine/engine.h"
#include "http1/server.h"
#include "task/scope.h"

namespace gg {

/// Hears what an origin does.
class DrillWatcher {
 public:
  /// On connection `connection` (from 1; 0: the port itself) this was just done or seen; half a
  /// sentence.
  virtual void saw(const DrillScenario& scenario, std::uint64_t connection,
                   std::string_view what) = 0;

 protected:
  ~DrillWatcher() = default;
};

/// What to play, and until when.
struct DrillPlan {
  const DrillScenario* scenario = nullptr;
  Duration after{};   // in place of the scenario's own; zero: that
  Duration length{};  // then `then` is played; zero: for ever
  const DrillScenario* then = nullptr;
};

/// Lives on the thread of its engine, which is an EpollEngine. Stopped when destroyed.
class DrillOrigin {
 public:
  /// Takes the port. Fails with errno. `tls` may be null where neither scenario speaks TLS;
  /// everything outlives the origin.
  static Result<std::unique_ptr<DrillOrigin>, int> make(Engine& engine, const DrillPlan& plan,
                                                        const Address& address,
                                                        const PracticeContext* tls,
                                                        const PracticeContext* tls_then,
                                                        DrillWatcher& watcher);
  DrillOrigin(const DrillOrigin&) = delete;
  DrillOrigin& operator=(const DrillOrigin&) = delete;
  ~DrillOrigin();

  const Address& address() const { return address_; }
  /// How to ask it: "https://127.0.0.1:4001".
  std::string url() const;
  const DrillScenario& scenario() const { return *now_; }

  void start();
  void stop();
  bool is_stopped() const { return tasks_.running() == 0; }

 private:
  struct Connection;

  DrillOrigin(Engine& engine, const DrillPlan& plan, int port, const Address& address,
              DrillWatcher& watcher);

  void play(const DrillScenario& scenario);
  void fill_queue();
  void close_all();
  Task<void> follow_plan();
  Task<void> accept_all();
  Task<void> serve(SocketPtr socket, Address peer);
  Task<void> converse(Connection& connection);
  Task<bool> shake_hands(Connection& connection, SocketPtr socket);
  Task<bool> takes_next(Connection& connection);
  Task<bool> answer(Connection& connection);
  Task<void> send(Connection& connection, int status);
  Task<void> talk(Connection& connection);
  Task<void> dribble(Connection& connection);
  Task<void> talk_http2(Connection& connection);
  Task<bool> hear_upload(Connection& connection);
  Task<void> end(Connection& connection, DrillEnding ending);
  Task<void> check_for_proxy_header(Connection& connection);
  Task<void> hear_until_gone(Connection& connection);
  Task<bool> wait(Connection& connection, Duration length);
  Duration pause_of(const DrillScenario& scenario) const;
  void say(const Connection& connection, std::string_view what);

  Engine& engine_;
  DrillPlan plan_;
  int port_;  // bound, at most times not listening: keeps the port
  Address address_;
  const PracticeContext* tls_ = nullptr;
  const PracticeContext* tls_then_ = nullptr;
  DrillWatcher& watcher_;
  Http1ServerSettings settings_;
  const DrillScenario* now_;
  SocketPtr listener_;
  int full_queue_ = -1;  // a listening socket that nobody accepts from
  int fillers_[3] = {-1, -1, -1};
  std::uint64_t connections_made_ = 0;
  std::uint64_t requests_ = 0;
  bool stopping_ = false;
  Sleep* schedule_ = nullptr;
  IntrusiveList<Connection> connections_;
  Scope tasks_;
};

}  // namespace gg
