// SPDX-License-Identifier: Apache-2.0
// Everything that one route does beside sending requests somewhere, compiled from its
// configuration. The snapshot owns it; exchanges of all threads read it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.h"
#include "engine/address.h"
#include "rules/basic_auth.h"
#include "rules/compression.h"
#include "rules/cors.h"
#include "rules/error_pages.h"
#include "rules/forward_auth.h"
#include "rules/header_rules.h"
#include "rules/mirror.h"
#include "rules/path_rewrite.h"
#include "rules/rate_limiter.h"
#include "rules/redirect.h"
#include "rules/split.h"
#include "rules/text_template.h"

namespace gg {

/// An answer that a rule gives instead of an endpoint. Borrows from the rules.
struct RuleAnswer {
  int status = 200;
  std::string location;  // empty: none
  std::string_view body;
  std::string_view content_type;    // of the body
  std::string retry_after;          // empty: none
  const Cors* preflight = nullptr;  // it is the answer to one
};

/// Immutable but for what its rate limit and its mirror count, which any thread may do.
class RouteRules {
 public:
  /// Null for a route that has no rules. `route` outlives what is made from it.
  static std::unique_ptr<const RouteRules> of(const RouteConfig& route);

  /// Whether the request is answered here, and how. Allocates only if it is.
  std::optional<RuleAnswer> answer(const RequestView& request, const Address& client) const;

  const HeaderRules& request_headers() const { return request_headers_; }
  const HeaderRules& response_headers() const { return response_headers_; }
  /// Null: the target stays as it came.
  const PathRewrite* rewrite() const { return rewrite_ ? &*rewrite_ : nullptr; }
  /// Null: the endpoint is asked for the host that the client asked for.
  const TextTemplate* host() const { return host_ ? &*host_ : nullptr; }
  bool asks_for_endpoints_host() const { return asks_for_endpoints_host_; }
  const Cors* cors() const { return cors_ ? &*cors_ : nullptr; }
  /// Null: there is none.
  RateLimiter* limiter() const { return limiter_.get(); }
  /// Bytes of a request's body; 0: as the gateway's limits say.
  std::uint64_t body_limit() const { return config_.body_limit.count; }
  /// Null: all requests go to the route's one upstream.
  const Split* split() const { return split_ ? &*split_ : nullptr; }
  const ErrorPages& error_pages() const { return error_pages_; }
  /// Null: responses go on as they are.
  const CompressionRule* compression() const { return compression_ ? &*compression_ : nullptr; }
  /// Null: nobody needs a name and password.
  const BasicAuth* basic_auth() const { return basic_auth_ ? &*basic_auth_ : nullptr; }
  /// Null: no service is asked.
  const ForwardAuth* forward_auth() const { return forward_auth_ ? &*forward_auth_ : nullptr; }
  bool asks_permission() const { return basic_auth_ || forward_auth_; }
  /// Null: no request is copied.
  Mirror* mirror() const { return mirror_.get(); }
  /// Strict-Transport-Security for answers by https; empty: none.
  std::string_view hsts() const { return hsts_; }

 private:
  explicit RouteRules(const RouteRulesConfig& config);

  const RouteRulesConfig& config_;
  HeaderRules request_headers_;
  HeaderRules response_headers_;
  std::optional<PathRewrite> rewrite_;
  std::optional<TextTemplate> host_;
  bool asks_for_endpoints_host_;
  std::optional<Redirect> redirect_;
  std::optional<Cors> cors_;
  std::string hsts_;
  std::unique_ptr<RateLimiter> limiter_;
  std::optional<Split> split_;
  ErrorPages error_pages_;
  std::optional<CompressionRule> compression_;
  std::optional<BasicAuth> basic_auth_;
  std::optional<ForwardAuth> forward_auth_;
  std::unique_ptr<Mirror> mirror_;
};

}  // namespace gg
