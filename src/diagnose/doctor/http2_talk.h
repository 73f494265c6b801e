// SPDX-License-Identifier: Apache-2.0
// One connection of the doctor's that speaks HTTP/2: says hello, waits for the endpoint's, lends
// itself to requests. Used by AddressProbe.
#pragma once

#include <memory>
#include <string>

#include "http2/client.h"
#include "task/task.h"

namespace gg {

class Http2Talk final : public Http2ClientConnection::Owner {
 public:
  /// `greeting`: when the endpoint must have said hello.
  Http2Talk(std::unique_ptr<ByteStream> bytes, bool is_secure, Deadline greeting);

  /// Waits until the endpoint has said hello. False: it did not, and the connection says why.
  Task<bool> open();
  Http2ClientConnection& connection() { return connection_; }
  const ByteStream& bytes() const { return *bytes_; }

  void connection_changed(Http2ClientConnection& connection) override;

 private:
  ByteStream* bytes_;  // the connection's
  Engine& engine_;
  Deadline greeting_;
  Sleep* waiting_ = nullptr;
  const Http2ClientSettings settings_;
  Http2ClientConnection connection_;
};

}  // namespace gg
