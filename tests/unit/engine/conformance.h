// SPDX-License-Identifier: Apache-2.0
// What every conformance test shares: a backend per parameter, coroutine helpers over bare sockets,
// and the check that nothing is left behind.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "backend.h"
#include "base/result.h"
#include "engine/engine.h"
#include "task/task.h"

namespace gg {

struct BackendKind {
  const char* kind;
  std::uint64_t seed;

  friend std::ostream& operator<<(std::ostream& out, const BackendKind& which) {
    return out << which.kind << "_" << which.seed;
  }
};

/// Each test runs on real sockets and on simulated ones, calm and not.
class Conformance : public testing::TestWithParam<BackendKind> {
 protected:
  Conformance()
      : frames_before_(frame_counters().live),
        backend_(make_backend(GetParam().kind, GetParam().seed)) {}
  ~Conformance() override {
    EXPECT_EQ(backend_->engine().buffers().bytes_lent(), 0U);
    EXPECT_EQ(frame_counters().live, frames_before_);
  }

  Backend& backend() { return *backend_; }
  void run(Task<void> task) { run_to_end(backend_->engine(), std::move(task)); }

 private:
  std::size_t frames_before_;
  std::unique_ptr<Backend> backend_;
};

inline std::string name_of(const testing::TestParamInfo<BackendKind>& info) {
  return std::string(info.param.kind) + "_" + std::to_string(info.param.seed);
}

inline auto every_backend() {
  return testing::Values(BackendKind{"epoll", 0}, BackendKind{"sim_calm", 1}, BackendKind{"sim", 2},
                         BackendKind{"sim", 3}, BackendKind{"sim", 4}, BackendKind{"sim", 5},
                         BackendKind{"sim_every_byte", 6});
}

/// Two connected sockets of one engine: `near` connected, `far` was accepted.
struct Pair {
  SocketPtr near;
  SocketPtr far;
};

inline Task<Pair> connected(Backend& backend) {
  Listening listening = backend.listen();
  Connect connect(backend.engine(), listening.address, backend.late());
  Result<SocketPtr, IoError> near = co_await connect;
  Accept accept(backend.engine(), *listening.socket);
  Result<Accepted, IoError> far = co_await accept;
  GG_ASSERT(near.has_value() && far.has_value());
  co_return Pair{.near = std::move(*near), .far = std::move(far->socket)};
}

/// What a receiver saw until the end or a failure (or until it had `most` bytes).
struct Heard {
  std::string bytes;
  bool ended = false;
  std::optional<IoError> error;
};

inline Task<Heard> hear(Backend& backend, Socket& socket, std::size_t most = SIZE_MAX) {
  Heard heard;
  while (heard.bytes.size() < most) {
    Receive receive(backend.sink(), &socket,
                    std::min<std::size_t>(most - heard.bytes.size(), 16384), backend.late());
    Result<Chunk, IoError> bytes = co_await receive;
    if (!bytes) {
      heard.error = bytes.error();
      break;
    }
    if (bytes->empty()) {
      heard.ended = true;
      break;
    }
    heard.bytes += bytes->view();
  }
  co_return heard;
}

inline Task<Result<void, IoError>> say(Backend& backend, Socket& socket, std::string_view bytes) {
  Send send(backend.sink(), &socket, bytes, backend.late());
  Result<void, IoError> sent = co_await send;
  co_return sent;
}

inline Task<void> pause(Backend& backend, Duration wait) {
  Sleep sleep(backend.engine(), backend.engine().now() + wait);
  bool slept = co_await sleep;
  EXPECT_TRUE(slept);
}

/// Bytes that tell their place, so that a lost or doubled one is seen.
inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>('a' + (i * 2654435761U >> 7) % 26);
  }
  return bytes;
}

}  // namespace gg
