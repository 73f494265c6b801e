// SPDX-License-Identifier: Apache-2.0
// A copy of a request, for another upstream: everything that it needs to live on after the request
// itself.
#pragma once

#include <string>
#include <vector>

#include "base/intrusive_list.h"
#include "proxy/exchange.h"
#include "proxy/side_client.h"

namespace gg {

/// Its exchange borrows nothing from the original but what the snapshot and the worker keep.
class MirroredRequest final : public ListNode {
 public:
  /// `body`: all of it; empty for none.
  MirroredRequest(Engine& engine, const Exchange& original, std::string body);

  Exchange& exchange() { return exchange_; }
  bool is_answered() const { return client_.is_complete(); }

 private:
  std::string_view kept(std::string_view text);
  void copy_head(const RequestHead& head);

  std::string text_;
  std::vector<Field> fields_;
  std::string body_;
  ClientFacts facts_;
  SideClient client_;
  Exchange exchange_;
};

}  // namespace gg
