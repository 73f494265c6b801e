// SPDX-License-Identifier: Apache-2.0
#include "report/fd_log_writer.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <span>
#include <utility>

namespace gg {
namespace {

bool is_regular_file(int descriptor) {
  struct stat facts{};
  return ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
}

bool can_write_now(int descriptor) {
  pollfd question{.fd = descriptor, .events = POLLOUT, .revents = 0};
  return ::poll(&question, 1, 0) > 0;
}

}  // namespace

FdLogWriter::FdLogWriter(int descriptor) : descriptor_(descriptor) { use(descriptor); }

void FdLogWriter::use(int descriptor) {
  descriptor_ = descriptor;
  may_block_ = !is_regular_file(descriptor);
  note_error(0);
}

QueuedLogWriter::Progress FdLogWriter::write_some(std::span<const char> content,
                                                  std::size_t& written) {
  while (written < content.size()) {
    // The descriptor may be shared with a shell, so O_NONBLOCK is not ours to set. A pipe that
    // polls as writable takes PIPE_BUF bytes without blocking (pipe(7)).
    if (may_block_ && !can_write_now(descriptor_)) return Progress::blocked;
    std::span<const char> rest = content.subspan(written);
    if (may_block_) rest = rest.first(std::min<std::size_t>(rest.size(), PIPE_BUF));
    ssize_t result = ::write(descriptor_, rest.data(), rest.size());
    if (result > 0) {
      written += static_cast<std::size_t>(result);
      continue;
    }
    int reason = result < 0 ? errno : EIO;
    if (reason == EAGAIN) return Progress::blocked;
    if (reason == EINTR) continue;
    note_error(reason);
    return Progress::failed;
  }
  return Progress::done;
}

}  // namespace gg
