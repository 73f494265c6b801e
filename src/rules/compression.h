// SPDX-License-Identifier: Apache-2.0
// Whether a response is compressed on its way to the client, and how: decided from two heads
// (RFC 9110 8.4, 12.5.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/rules_model.h"
#include "http/head.h"
#include "http/stream.h"

namespace gg {

/// "gzip", "br", "zstd": as Content-Encoding spells it.
std::string_view name_of(Coding coding);

/// The best of `offered`, in that order where the client has no preference, that an Accept-Encoding
/// takes; nothing if it takes none of them, or likes the body as it is better.
std::optional<Coding> choose_coding(const Fields& request, const std::vector<Coding>& offered);

/// Immutable: any number of threads may ask at once.
class CompressionRule {
 public:
  explicit CompressionRule(const CompressConfig& config);

  struct Decision {
    std::optional<Coding> coding;  // nothing: the body goes on as it is
    bool varies = false;           // it would have been other for another Accept-Encoding
  };
  /// `plan` is the body's as the endpoint sends it. Never for what is compressed already, a part of
  /// something, an event stream, gRPC, or marked no-transform.
  Decision decide(const RequestHead& request, const ResponseHead& response,
                  const BodyPlan& plan) const;

 private:
  bool is_listed(std::string_view content_type) const;

  std::vector<Coding> offered_;
  std::vector<std::string> types_;  // in lower case; "text/" stands for all of that kind
  std::uint64_t at_least_;
};

}  // namespace gg
