// SPDX-License-Identifier: Apache-2.0
#include "gate/log_outlet.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "gate/datagram_log_writer.h"

namespace gg {

namespace {

constexpr Duration pump_while_blocked = 5ms;

Descriptor opened(const std::string& path) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!file.is_open()) {
    std::fprintf(stderr, "goodgate: cannot open the access log %s: %s\n", path.c_str(),
                 std::strerror(errno));
  }
  return file;
}

DatagramLogWriter::Sender this_process() {
  std::array<char, 256> name{};
  static_cast<void>(gethostname(name.data(), name.size() - 1));
  return {.host = name.data(), .process = std::to_string(getpid())};
}

/// As an operator calls it.
std::string name_of(const LogTarget& target) {
  switch (target.kind) {
    case LogTarget::Kind::off:
      break;
    case LogTarget::Kind::standard_output:
      return "standard output";
    case LogTarget::Kind::file:
      return target.path;
    case LogTarget::Kind::syslog:
      return "syslog at " + (target.host.empty() ? target.path : target.host);
    case LogTarget::Kind::journald:
      return std::string("journald at ") + DatagramLogWriter::journal_socket;
  }
  return "";
}

}  // namespace

LogOutlet::LogOutlet(const LogConfig& settings) : settings_(settings) {
  switch (settings.access.kind) {
    case LogTarget::Kind::off:
      break;
    case LogTarget::Kind::standard_output:
      writer_ = std::make_unique<FdLogWriter>(STDOUT_FILENO);
      break;
    case LogTarget::Kind::file:
      open_file();
      break;
    case LogTarget::Kind::syslog:
    case LogTarget::Kind::journald:
      writer_ = std::make_unique<DatagramLogWriter>(settings.access, this_process());
      break;
  }
}

void LogOutlet::open_file() {
  file_ = opened(settings_.access.path);
  if (!file_.is_open()) return;
  auto writer = std::make_unique<FdLogWriter>(file_.number());
  file_writer_ = writer.get();
  writer_ = std::move(writer);
}

bool LogOutlet::wants_marks(const LogTarget& target) {
  return target.kind == LogTarget::Kind::syslog || target.kind == LogTarget::Kind::journald;
}

void LogOutlet::pump() {
  if (writer_ == nullptr) return;
  is_blocked_ = writer_->pump() == QueuedLogWriter::Pumped::blocked;
  int number = writer_->error_number();
  if (number != told_) tell_of(number);
  told_ = number;
}

/// Once for each error: lines by the thousand would say no more.
void LogOutlet::tell_of(int error_number) {
  if (error_number == 0) return;
  std::fprintf(
      stderr,
      "goodgate: the access log does not get to %s: %s; lines that are lost are counted in "
      "goodgate_access_log_dropped_lines_total\n",
      name_of(settings_.access).c_str(), std::strerror(error_number));
}

Duration LogOutlet::next_pump(Duration usual) const {
  return is_blocked_ ? std::min(usual, pump_while_blocked) : usual;
}

/// What waits to be written belongs to the requests before: it goes where they expect it, as far as
/// that can be had without waiting.
void LogOutlet::reopen() {
  if (file_writer_ == nullptr) return;
  Descriptor fresh = opened(settings_.access.path);
  if (!fresh.is_open()) return;  // said, and the old one stays
  file_writer_->pump();
  file_writer_->use(fresh.number());
  file_ = std::move(fresh);
}

}  // namespace gg
