// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 as simulated clients and origins speak it: a small reader of its own, which shares no
// code with src/http1, so that a mistake there is not made twice. Strict; slow; holds bodies whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "task/task.h"

namespace gg {

/// Operations straight to an engine.
class PlainSink final : public OperationSink {
 public:
  explicit PlainSink(Engine& engine) : engine_(engine) {}
  bool submit(Operation& operation) override { return engine_.submit(operation); }
  void cancel(Operation& operation) override { engine_.cancel(operation); }

 private:
  Engine& engine_;
};

/// `size` bytes that depend on `key` alone; any prefix of them is the shorter body of that key.
std::string sim_bytes(std::uint64_t key, std::size_t size);
/// The key of a request's body, and of an origin's answer to it.
std::uint64_t request_key(std::uint64_t request_id);
std::uint64_t resource_key(std::uint64_t resource);
std::uint64_t answer_key(std::uint64_t request_id, std::uint64_t origin, std::uint64_t answer);

struct SimField {
  std::string name;  // in small letters
  std::string value;
  bool operator==(const SimField&) const = default;
};
using SimFields = std::vector<SimField>;

/// The only value of that name; nothing if there is none or more than one.
std::optional<std::string> only_value(const SimFields& fields, std::string_view name);
std::optional<std::uint64_t> only_number(const SimFields& fields, std::string_view name);
bool has_field(const SimFields& fields, std::string_view name);
/// Whether the comma-separated list of that name contains `token`.
bool lists_token(const SimFields& fields, std::string_view name, std::string_view token);

struct SimHead {
  std::string start_line;
  SimFields fields;
};

/// How a message's body ends.
struct SimFraming {
  enum class Kind : std::uint8_t { none, sized, chunked, until_end, invalid };
  Kind kind = Kind::none;
  std::size_t size = 0;
};
enum class WithoutLength : std::uint8_t { no_body, until_end };
SimFraming framing_of(const SimFields& fields, WithoutLength otherwise);

/// Reads messages off one socket, in order.
class SimReader {
 public:
  /// Why the last reading did not succeed.
  enum class Stop : std::uint8_t { none, end, failed, late, malformed };

  SimReader(Engine& engine, Socket& socket) : sink_(engine), socket_(socket) {}

  void set_deadline(Deadline deadline) { deadline_ = deadline; }
  Stop why() const { return why_; }
  const IoError& error() const { return error_; }
  /// What was wrong, when why() is malformed.
  const std::string& complaint() const { return complaint_; }
  /// Bytes that have come and that nobody has read yet.
  std::size_t buffered() const { return buffer_.size() - used_; }

  /// True as soon as there is at least one unread byte.
  Task<bool> wait_for_bytes();
  Task<bool> read_head(SimHead& head);
  /// What came of the body is in `body` even if it fails.
  Task<bool> read_body(SimFraming framing, std::string& body, SimFields& trailers);
  /// All that has come and that nobody has read yet.
  std::string take();
  /// Throws away all that comes until the end or a failure.
  Task<void> drain();

 private:
  Task<bool> fill();
  Task<bool> read_line(std::string& line);
  Task<bool> read_exactly(std::size_t size, std::string& into);
  Task<bool> read_fields(SimFields& fields);
  Task<bool> read_chunks(std::string& body, SimFields& trailers);
  bool complain(std::string_view what);

  PlainSink sink_;
  Socket& socket_;
  Deadline deadline_ = Deadline::never();
  std::string buffer_;
  std::size_t used_ = 0;
  Stop why_ = Stop::none;
  IoError error_;
  std::string complaint_;
};

/// Sends all of `bytes`; they stay where they are until it is done.
Task<Result<void, IoError>> send_all(Engine& engine, Socket& socket, std::string_view bytes,
                                     Deadline deadline);

}  // namespace gg
