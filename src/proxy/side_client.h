// SPDX-License-Identifier: Apache-2.0
// The client's end of requests that the gateway makes itself: to services that are asked about
// others, and copies.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "http/stream.h"

namespace gg {

/// Gives the request's body and keeps the answer, or drops it. One exchange's; its thread.
class SideClient final : public ServerStream {
 public:
  /// `body` outlives the client. Of an answer's body `keep_most` bytes are kept. `behind` waits for
  /// what comes of it and may leave; null: nobody does, and nobody is connected anywhere.
  SideClient(Engine& engine, std::string_view body, std::size_t keep_most, ServerStream* behind)
      : engine_(engine), body_(body), keep_most_(keep_most), behind_(behind) {}

  int status() const { return status_; }
  std::string_view reason() const { return reason_; }
  std::span<const Field> fields() const { return fields_; }
  std::string_view kept() const { return kept_; }
  /// Has all of the answer come, and is all of its body kept?
  bool is_whole() const { return is_complete_ && !is_too_long_; }
  /// Has all of it come?
  bool is_complete() const { return is_complete_; }

  Address local_address() const override {
    return behind_ == nullptr ? Address{} : behind_->local_address();
  }
  Task<Result<BodyPart, StreamError>> read_body(Deadline deadline) override;
  void interrupt_reading() override {}
  bool body_is_ready() const override { return true; }
  Task<Result<void, StreamError>> send_interim(const OutgoingResponse& response,
                                               SendLimit limit) override;
  Task<Result<void, StreamError>> send_head(const OutgoingResponse& response, BodyPart first,
                                            SendLimit limit) override;
  Task<Result<void, StreamError>> send_body(BodyPart part, SendLimit limit) override;
  void abort() override { is_complete_ = false; }
  void release_part() override {}
  Task<bool> await_departure() override;
  void stop_awaiting_departure() override;

 private:
  void keep_fields(std::span<const Field> fields);
  void keep(const BodyPart& part);

  Engine& engine_;
  std::string_view body_;
  std::size_t keep_most_;
  ServerStream* behind_;
  Sleep* waiting_ = nullptr;
  int status_ = 0;
  bool is_complete_ = false;
  bool is_too_long_ = false;
  std::string reason_;
  std::string text_;  // of the fields
  std::vector<Field> fields_;
  std::string kept_;
};

}  // namespace gg
