// SPDX-License-Identifier: Apache-2.0
// A connection of ours to an endpoint that speaks HTTP/1: requests out, responses in, one exchange
// after the other. upstream/ pools it, proxy/ sees it as a ClientStream.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "http/stream.h"
#include "http1/head_parser.h"
#include "http1/wire.h"

namespace gg {

class Http1ClientConnection final : public ClientStream {
 public:
  /// `limits` outlives the connection.
  Http1ClientConnection(std::unique_ptr<ByteStream> bytes, const HeadLimits& limits)
      : wire_(std::move(bytes)), limits_(limits) {}

  Task<Result<void, StreamError>> send_head(const OutgoingRequest& request, BodyPart first,
                                            SendLimit limit) override;
  Task<Result<void, StreamError>> send_body(BodyPart part, SendLimit limit) override;
  Task<Result<ResponseHead, StreamError>> read_head(Deadline deadline) override;
  Task<Result<BodyPart, StreamError>> read_body(Deadline deadline) override;
  bool body_is_ready() const override { return wire_.body_is_ready(); }
  void interrupt_reading() override;
  void interrupt_sending() override { wire_.interrupt_sending(); }
  void abort() override;

  const Framing& response_framing() const override { return framing_; }
  bool request_is_sent() const override { return wire_.body_is_sent(); }
  bool response_is_complete() const override {
    return head_is_complete_ && wire_.body_is_complete();
  }
  /// After an exchange: whole both ways, not upgraded, told to persist, and nothing left over.
  bool is_reusable() const;
  /// Gives back the buffers of the exchange that is over; an idle connection holds none.
  void rest() { wire_.consume(0); }
  std::string_view unread() const override { return wire_.unread(); }

  std::uint64_t bytes_read() const override { return wire_.bytes_read(); }
  std::uint64_t bytes_written() const override { return wire_.bytes_written(); }
  int alert_received() const override { return wire_.bytes().alert_received(); }
  bool head_is_complete() const { return head_is_complete_; }
  ByteStream& bytes() const { return wire_.bytes(); }

 private:
  static constexpr int interim_responses_max = 16;

  Result<bool, StreamError> parse_head(HeadProgress& progress, ResponseHead& head);

  Http1Wire wire_;
  const HeadLimits& limits_;
  Receive* reading_ = nullptr;
  Framing framing_;
  Method method_ = Method::other;
  int interim_responses_ = 0;
  bool upgrade_wanted_ = false;
  bool head_is_complete_ = false;
  bool aborted_ = false;
};

}  // namespace gg
