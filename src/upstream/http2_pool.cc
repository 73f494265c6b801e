// SPDX-License-Identifier: Apache-2.0
#include "upstream/http2_pool.h"

#include <algorithm>
#include <utility>

#include "task/frame_pool.h"

namespace gg {
namespace {

/// A connection that was silent for longer may be gone without anybody having been told.
constexpr Duration quiet_life = 1s;

/// One stream, lent.
class Http2Lease final : public UpstreamConnection {
 public:
  Http2Lease(Http2Pool& pool, Http2Pool::Session& session, Endpoint& of, bool asks_first)
      : UpstreamConnection(stream_, of, session.id, true, session.connection.last_heard()),
        pool_(pool),
        session_(session),
        stream_(session.connection, asks_first) {
    requests = ++session.requests;
  }
  ~Http2Lease() override { pool_.returned(session_); }

  bool takes_websockets() const override { return session_.connection.takes_websockets(); }

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* lease, std::size_t size) noexcept {
    release_frame(lease, size);
  }

 private:
  Http2Pool& pool_;
  Http2Pool::Session& session_;
  Http2ClientStream stream_;
};

}  // namespace

Http2Pool::~Http2Pool() {
  GG_ASSERT(active_ == 0);
  while (!sessions_.empty()) end(sessions_.front());
}

Http2Pool::Session& Http2Pool::open(std::unique_ptr<ByteStream> bytes, const Address& address,
                                    std::uint64_t id, Deadline greeting) {
  auto* session = new Session(*this, std::move(bytes), address, id, greeting);
  sessions_.push_back(*session);
  ++idle_;
  counters_.connections_opened.add();
  counters_.connections_idle.add(1);
  return *session;
}

std::unique_ptr<UpstreamConnection> Http2Pool::lend(bool is_proven) {
  Session* found = nullptr;
  sessions_.for_each_while([&](Session& session) {
    if (session.connection.may_begin()) found = &session;
    return found == nullptr;
  });
  if (found == nullptr) return nullptr;
  Http2ClientConnection& connection = found->connection;
  if (connection.streams() == 0) {
    --idle_;
    ++active_;
    counters_.connections_idle.add(-1);
    counters_.connections_active.add(1);
  }
  bool asks_first = is_proven && engine_.now() - connection.last_heard() > quiet_life;
  auto lease = std::make_unique<Http2Lease>(*this, *found, endpoint_, asks_first);
  if (requests_max_ != 0 && found->requests >= requests_max_) connection.retire();
  return lease;
}

std::size_t Http2Pool::room(const Session& session) const {
  std::size_t room = session.connection.room();
  if (requests_max_ == 0) return room;
  std::size_t left = requests_max_ - std::min<std::uint64_t>(requests_max_, session.requests);
  return std::min(room, left);
}

/// Called by a lease whose stream dies right after.
void Http2Pool::returned(Session& session) {
  if (session.connection.streams() > 1) return;
  --active_;
  ++idle_;
  counters_.connections_active.add(-1);
  counters_.connections_idle.add(1);
}

void Http2Pool::connection_changed(Http2ClientConnection& connection) {
  Session* session = nullptr;
  sessions_.for_each_while([&](Session& one) {
    if (&one.connection == &connection) session = &one;
    return session == nullptr;
  });
  GG_ASSERT(session != nullptr);
  bool is_settled = connection.is_open() || connection.failure().has_value();
  if (is_settled && !std::exchange(session->is_announced, true)) keeper_.session_opened(*session);
  // Somebody waits for one that has not opened yet, even if nobody else may use it.
  bool is_of_no_use = connection.is_retired() && connection.streams() == 0;
  if (session->is_announced && is_of_no_use) end(*session);
}

void Http2Pool::close_idle() {
  sessions_.for_each([this](Session& session) {
    if (!session.is_announced) return;
    if (session.connection.streams() == 0) {
      end(session);
    } else {
      session.connection.retire();
    }
  });
}

bool Http2Pool::end_one_idle() {
  Session* found = nullptr;
  sessions_.for_each_while([&](Session& session) {
    if (session.is_announced && session.connection.streams() == 0) found = &session;
    return found == nullptr;
  });
  if (found != nullptr) end(*found);
  return found != nullptr;
}

void Http2Pool::end(Session& session) {
  std::unique_ptr<Session> ended(&session);
  ended->unlink();
  --idle_;
  counters_.connections_idle.add(-1);
  counters_.connections_closed.add();
  ended.reset();
  keeper_.session_ended();
}

}  // namespace gg
