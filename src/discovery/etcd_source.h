// SPDX-License-Identifier: Apache-2.0
// Endpoints from etcd: the keys below a prefix, asked for once and then watched. Where the servers
// cannot be reached the last answer counts, and the next one is asked.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "discovery/etcd_answers.h"
#include "discovery/etcd_turns.h"
#include "discovery/source.h"
#include "http1/client.h"
#include "task/scope.h"
#include "upstream/dialer.h"

namespace gg {

/// How the servers are reached. Everything outlives the sources.
struct EtcdAccess {
  const EtcdConfig& servers;
  const TlsClientContext* tls;  // null: none of them is https
  const HeadLimits& limits;
};

class EtcdSource final : public Source {
 public:
  /// Of a question, until its answer is whole; of a watch, until it has begun.
  static constexpr Duration patience = 5s;
  /// A watch that says nothing for so long is begun anew: its server may be gone without a word.
  static constexpr Duration longest_silence = 30s;
  /// Between two sayings that nobody answers, if the reason is another one.
  static constexpr Duration say_interval = 60s;

  /// `settings` has a `discover` with etcd. Everything outlives the source; its resolver is stopped
  /// when it is.
  EtcdSource(Engine& engine, Resolver& resolver, const EtcdAccess& access, std::size_t upstream,
             const UpstreamConfig& settings, SourceListener& listener);
  ~EtcdSource() override;

  void start() override { tasks_.start(watch()); }
  void stop() override;
  bool is_stopped() const override { return tasks_.running() == 0; }

 private:
  /// Why something is over; empty: it is in order to begin anew.
  using Reason = std::string;

  Task<void> watch();
  Task<void> wait(Duration pause);
  Task<Reason> follow(const EndpointUrl& server);
  Task<Result<void, Reason>> open(const EndpointUrl& server, Deadline deadline);
  Task<Result<void, Reason>> log_in(const EndpointUrl& server, Deadline deadline);
  Task<Result<std::string, Reason>> ask(const EndpointUrl& server, std::string_view path,
                                        std::string body, Deadline deadline);
  Task<Result<void, Reason>> ask_head(const EndpointUrl& server, std::string_view path,
                                      std::string_view body, Deadline deadline);
  Task<Result<std::string, Reason>> read_rest(Deadline deadline);
  Task<Reason> read_watch();
  Result<void, Reason> take_lines(std::string& unread);
  void close();
  Duration judge(const Reason& reason);
  void tell_answer();
  void tell_failure();

  Engine& engine_;
  EtcdAccess access_;
  std::size_t upstream_;
  std::string prefix_;  // ends in a slash
  SourceListener& listener_;
  Dialer dialer_;
  EtcdTurns turns_;
  EtcdList list_;
  std::unique_ptr<Http1ClientConnection> http_;
  std::string token_;            // of the user that is logged in
  bool has_begun_ = false;       // the watch, since follow() was called
  bool is_outdated_ = false;     // likewise
  std::vector<Reason> reasons_;  // by server, since it answered last
  std::string told_failure_;     // empty: none since the last answer
  Instant told_at_{};
  Sleep* sleeping_ = nullptr;
  bool stopping_ = false;
  Scope tasks_;
};

}  // namespace gg
