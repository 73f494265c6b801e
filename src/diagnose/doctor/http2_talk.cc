// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/http2_talk.h"

#include <utility>

namespace gg {

namespace {

constexpr Duration patience = 5s;  // for a write that is not taken, for an answer to a PING

}  // namespace

Http2Talk::Http2Talk(std::unique_ptr<ByteStream> bytes, bool is_secure, Deadline greeting)
    : bytes_(bytes.get()),
      engine_(bytes->engine()),
      greeting_(greeting),
      settings_{.limits = {}, .send = patience, .answer = patience, .is_secure = is_secure},
      connection_(std::move(bytes), settings_, *this, greeting) {}

Task<bool> Http2Talk::open() {
  while (!connection_.is_open() && !connection_.failure()) {
    // The connection ends by its own deadline, of which it tells.
    Sleep wait(engine_, greeting_.when() + patience);
    waiting_ = &wait;
    bool is_late = co_await wait;
    waiting_ = nullptr;
    if (is_late) break;
  }
  co_return connection_.is_open() && !connection_.failure();
}

void Http2Talk::connection_changed(Http2ClientConnection& /*connection*/) {
  if (waiting_ != nullptr) engine_.cancel(*waiting_);
}

}  // namespace gg
