// SPDX-License-Identifier: Apache-2.0
// A simulated client's connection that speaks HTTP/2: as many requests side by side as its session
// says. Frames by support/http2_talk.h, which shares no code with src/http2. For SimClient.
#pragma once

#include <deque>
#include <string>

#include "support/http2_talk.h"
#include "support/sim_client.h"

namespace gg {

/// One connection. Whatever its end, every request that was begun has its outcome then.
class SimHttp2Line {
 public:
  /// Everything outlives it. The session's requests from `first` on are for this connection.
  SimHttp2Line(SimEngine& engine, const SimSession& session, std::size_t first,
               std::deque<SimOutcome>& outcomes)
      : engine_(engine), session_(session), next_(first), outcomes_(outcomes) {}

  Task<void> run();
  /// The session's first request that was not begun.
  std::size_t next() const { return next_; }

 private:
  /// One request and its stream.
  struct Lane {
    const SimRequest& request;
    SimOutcome& outcome;
    std::uint32_t stream;
    std::string body{};
    std::size_t sent = 0;  // of the body
    Instant next_piece{};
    bool waits_for_100 = false;
    bool is_over = false;  // for its client
  };

  Task<void> talk();
  std::string due(Instant& look);
  bool may_begin(Instant& look);
  std::string begin();
  std::string next_piece(Lane& lane, Instant& look);
  std::string give_up(Lane& lane, Instant& look);
  void hear(std::string_view bytes);
  void look_at(Lane& lane);
  void end_all(SimReader::Stop why, const IoError& error);
  bool is_done() const;
  void rouse();

  SimEngine& engine_;
  const SimSession& session_;
  std::size_t next_;
  std::deque<SimOutcome>& outcomes_;
  SocketPtr socket_;
  Http2Ear ear_;
  std::string heard_;
  std::string to_say_;
  std::deque<Lane> lanes_;
  std::size_t running_ = 0;
  std::uint64_t sent_in_all_ = 0;  // of bodies
  Instant not_before_{};           // the next request
  Sleep* nap_ = nullptr;
  bool is_over_ = false;
};

}  // namespace gg
