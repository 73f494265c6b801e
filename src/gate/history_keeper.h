// SPDX-License-Identifier: Apache-2.0
// What goes into the history on disk, and comes back from it, without anybody waiting for the disk:
// a bounded queue to a thread of its own. Made by the worker process, fed by FlightDesk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "report/flight_record.h"
#include "report/incident.h"
#include "task/task.h"

namespace gg {

struct HistoryStatus {
  enum class State : std::uint8_t {
    off,      // nobody wants one
    opening,  // the disk is slow
    kept,
    broken,  // `problem` says why nothing is kept
  };
  State state = State::off;
  std::string file;
  std::string problem;     // a sentence without an end
  std::uint64_t lost = 0;  // records that are not in it, for want of time or of a good disk
};

/// "kept", for programs.
std::string_view name_of(HistoryStatus::State state);

/// Everything but its own thread's work is the control thread's.
class HistoryKeeper {
 public:
  /// Records that wait for the disk at most; what comes beyond is lost, and counted.
  static constexpr std::size_t records_waiting_max = 512;
  /// How a record is told later. Called by the history's own thread.
  using Tell = std::string (*)(const FlightRecord& record);

  /// Begins to open the file in that directory. `control` outlives the history.
  HistoryKeeper(Engine& control, const std::string& directory, Tell tell);
  HistoryKeeper(const HistoryKeeper&) = delete;
  HistoryKeeper& operator=(const HistoryKeeper&) = delete;
  /// Writes what waits, and waits for that, two seconds at most: a disk that hangs keeps no process
  /// from its end.
  ~HistoryKeeper();

  /// Is the file open, or has it turned out that it cannot be?
  bool is_settled() const;
  /// The incidents of the file, once after each time that it was opened; whoever takes them gives
  /// all others that it knows of again.
  std::optional<std::vector<Incident>> take_past();
  /// May incidents be given? Not before the past was taken.
  bool takes_incidents() const;
  void keep(const Incident& incident);
  void keep(const FlightRecord& record);
  /// What was given shall be written now.
  void write();
  /// What is kept of that request (the beginning of an id will do), as it was told. Nothing also
  /// when the disk does not answer within two seconds.
  Task<std::optional<std::string>> find_record(std::string id);

  HistoryStatus status() const;
  /// What is to be said to the operator since it was asked last, mostly nothing.
  std::vector<std::string> take_lines();

 private:
  class Shared;
  class Writer;
  struct Question;
  class Reply;

  Engine& control_;
  std::shared_ptr<Shared> shared_;  // with the thread, which may outlive this
  std::thread thread_;
};

}  // namespace gg
