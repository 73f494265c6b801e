// SPDX-License-Identifier: Apache-2.0
// Which question a service is asked about a request, and what its answer means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/rules_model.h"
#include "http/head.h"

namespace gg {

/// Immutable; any thread. `config` outlives it.
class ForwardAuth {
 public:
  explicit ForwardAuth(const ForwardAuthConfig& config) : config_(config) {}

  enum class Answer : std::uint8_t {
    goes_on,
    is_refused,  // the answer is for the client
    failed,      // this is no answer: 5xx, or what belongs to no question
  };
  static Answer meaning_of(int status);

  /// The target that the service is asked for, about that request.
  std::string_view target_for(const RequestHead& head) const;
  /// Does the service get that field of the client? Not what would make another question of it
  /// (Expect, If-None-Match, Range, Upgrade ...), nor what we say ourselves. What is about one hop
  /// alone is for the rewriting to leave out, which has to see it.
  bool passes(const Field& field) const;
  /// Is the field of its answer one that the endpoint gets?
  bool copies(const Field& field) const;

  Duration timeout() const { return config_.timeout; }
  bool fails_open() const { return config_.fail_open; }

 private:
  const ForwardAuthConfig& config_;
};

/// What the client wants, told to the service.
inline constexpr std::string_view forwarded_method_field = "X-Forwarded-Method";
inline constexpr std::string_view forwarded_uri_field = "X-Forwarded-Uri";

}  // namespace gg
