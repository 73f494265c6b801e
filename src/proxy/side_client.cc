// SPDX-License-Identifier: Apache-2.0
#include "proxy/side_client.h"

#include <utility>

namespace gg {
namespace {

/// Longer than any configured timeout.
constexpr Duration endless = 24h;

}  // namespace

Task<Result<BodyPart, StreamError>> SideClient::read_body(Deadline /*deadline*/) {
  co_return BodyPart{.bytes = std::exchange(body_, {}), .last = true};
}

Task<Result<void, StreamError>> SideClient::send_interim(const OutgoingResponse& /*response*/,
                                                         SendLimit /*limit*/) {
  co_return Result<void, StreamError>();
}

Task<Result<void, StreamError>> SideClient::send_head(const OutgoingResponse& response,
                                                      BodyPart first, SendLimit /*limit*/) {
  status_ = response.status;
  if (keep_most_ > 0) {
    reason_ = response.reason;
    keep_fields(response.fields);
  }
  keep(first);
  if (response.body.kind == BodyPlan::Kind::none) is_complete_ = true;
  co_return Result<void, StreamError>();
}

Task<Result<void, StreamError>> SideClient::send_body(BodyPart part, SendLimit /*limit*/) {
  keep(part);
  co_return Result<void, StreamError>();
}

void SideClient::keep_fields(std::span<const Field> fields) {
  std::size_t size = 0;
  for (const Field& field : fields) size += field.name.size() + field.value.size();
  text_.reserve(size);  // so that it stays where it is
  auto kept = [this](std::string_view text) {
    std::size_t at = text_.size();
    text_ += text;
    return std::string_view(text_).substr(at);
  };
  for (const Field& field : fields) {
    std::string_view name = kept(field.name);
    fields_.push_back({.name = name, .value = kept(field.value), .id = field.id});
  }
}

void SideClient::keep(const BodyPart& part) {
  bool is_too_much = kept_.size() + part.bytes.size() > keep_most_;
  if (is_too_much) is_too_long_ = true;
  if (!is_too_long_) kept_ += part.bytes;
  if (part.last) is_complete_ = true;
}

Task<bool> SideClient::await_departure() {
  if (behind_ != nullptr) {
    bool has_left = co_await behind_->await_departure();
    co_return has_left;
  }
  Sleep wait(engine_, engine_.now() + endless);
  waiting_ = &wait;
  co_await wait;
  waiting_ = nullptr;
  co_return false;
}

void SideClient::stop_awaiting_departure() {
  if (behind_ != nullptr) behind_->stop_awaiting_departure();
  if (waiting_ != nullptr) engine_.cancel(*waiting_);
}

}  // namespace gg
