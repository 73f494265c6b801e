// SPDX-License-Identifier: Apache-2.0
// An endpoint's HTTP/2 connections within one worker: few, shared by all attempts. Endpoint asks it
// before it opens another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "http2/client.h"
#include "http2/client_stream.h"
#include "record/counters.h"
#include "upstream/connection.h"

namespace gg {

/// One endpoint's. Outlives every stream it hands out.
class Http2Pool final : public Http2ClientConnection::Owner {
 public:
  class Session;

  /// Who owns the pool.
  class Keeper {
   public:
    /// The connection can be used, or never will be: then `session.connection().failure()` says
    /// why, and the session is gone afterwards.
    virtual void session_opened(Session& session) = 0;
    virtual void session_ended() = 0;

   protected:
    ~Keeper() = default;
  };

  /// Everything outlives the pool.
  Http2Pool(Endpoint& endpoint, Keeper& keeper, Engine& engine, UpstreamCounters& counters,
            const Http2ClientSettings& settings, std::uint64_t requests_max)
      : endpoint_(endpoint),
        keeper_(keeper),
        engine_(engine),
        counters_(counters),
        settings_(settings),
        requests_max_(requests_max) {}
  Http2Pool(const Http2Pool&) = delete;
  Http2Pool& operator=(const Http2Pool&) = delete;
  ~Http2Pool();

  /// Says hello on what was just connected. The keeper hears when the endpoint has, too.
  Session& open(std::unique_ptr<ByteStream> bytes, const Address& address, std::uint64_t id,
                Deadline greeting);
  /// Ends one that has not opened and that nobody waits for any more.
  void give_up(Session& session) { end(session); }
  /// A stream for one request on a connection that has room for it, or null. `is_proven`: the
  /// request cannot be sent again, so a connection that was silent is asked first whether it lives.
  std::unique_ptr<UpstreamConnection> lend(bool is_proven);
  /// So many more requests could go on this connection now.
  std::size_t room(const Session& session) const;
  /// The stream has come to its end: brings the counts up to date.
  void returned(Session& session);
  /// Connections that `keep` is false for take no more requests.
  template <class Keep>
  void retire_unless(Keep keep);
  /// Ends those that nobody uses, and the others with their last stream.
  void close_idle();
  /// Ends one that nobody uses. False: there is none.
  bool end_one_idle();

  bool is_empty() const { return sessions_.empty(); }
  std::size_t active() const { return active_; }
  std::size_t idle() const { return idle_; }

  void connection_changed(Http2ClientConnection& connection) override;

 private:
  void end(Session& session);

  Endpoint& endpoint_;
  Keeper& keeper_;
  Engine& engine_;
  UpstreamCounters& counters_;
  const Http2ClientSettings& settings_;
  std::uint64_t requests_max_;       // of one connection; 0: no limit
  IntrusiveList<Session> sessions_;  // owned
  std::size_t active_ = 0;
  std::size_t idle_ = 0;
};

/// One connection.
class Http2Pool::Session final : public ListNode {
 public:
  Session(Http2Pool& pool, std::unique_ptr<ByteStream> bytes, const Address& to,
          std::uint64_t number, Deadline greeting)
      : id(number), address(to), connection(std::move(bytes), pool.settings_, pool, greeting) {}

  const std::uint64_t id;
  const Address address;
  std::uint32_t requests = 0;
  bool is_announced = false;  // to the keeper: it is open, or it failed
  Http2ClientConnection connection;
};

template <class Keep>
void Http2Pool::retire_unless(Keep keep) {
  sessions_.for_each([&](Session& session) {
    if (!keep(session.address)) session.connection.retire();
  });
}

}  // namespace gg
