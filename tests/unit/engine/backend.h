// SPDX-License-Identifier: Apache-2.0
// The engines behind one face, so that one suite tests them all (conformance_test.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "task/scope.h"
#include "task/task.h"

namespace gg {

/// Operations straight to an engine, as a plain byte stream has it.
class StraightSink final : public OperationSink {
 public:
  explicit StraightSink(Engine& engine) : engine_(engine) {}
  bool submit(Operation& operation) override { return engine_.submit(operation); }
  void cancel(Operation& operation) override { engine_.cancel(operation); }

 private:
  Engine& engine_;
};

struct Listening {
  SocketPtr socket;
  Address address;
};

/// An engine and the few places on its network that the suite needs.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual Engine& engine() = 0;
  virtual Listening listen() = 0;
  /// An address that refuses.
  virtual Address nobody() = 0;
  /// An address that never answers.
  virtual Address silence() = 0;
  /// Bytes that make a big transfer here: more than all buffers on the way hold.
  virtual std::size_t big() { return std::size_t{8} << 20; }

  OperationSink& sink() {
    if (!sink_) sink_.emplace(engine());
    return *sink_;
  }
  Deadline soon() { return Deadline::after(engine().now(), 20ms); }
  Deadline late() { return Deadline::after(engine().now(), 20s); }

 private:
  std::optional<StraightSink> sink_;
};

/// `kind`: "epoll", or "sim", "sim_calm", "sim_every_byte" with `seed`.
std::unique_ptr<Backend> make_backend(std::string_view kind, std::uint64_t seed);

/// Runs `task` to its end on the engine; aborts with a word if it hangs for 60 s of engine time.
void run_to_end(Engine& engine, Task<void> task);

}  // namespace gg
