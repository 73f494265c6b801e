// SPDX-License-Identifier: Apache-2.0
#include "rules/route_rules.h"

#include "http/status.h"
#include "net/networks.h"

namespace gg {
namespace {

std::string seconds_text(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

std::string hsts_text(const HstsConfig& hsts) {
  std::string text = "max-age=" + seconds_text(hsts.max_age);
  if (hsts.subdomains) text += "; includeSubDomains";
  if (hsts.preload) text += "; preload";
  return text;
}

constexpr std::string_view endpoints_host = "endpoint";

}  // namespace

std::unique_ptr<const RouteRules> RouteRules::of(const RouteConfig& route) {
  if (route.rules == RouteRulesConfig{}) return nullptr;
  return std::unique_ptr<const RouteRules>(new RouteRules(route.rules));
}

RouteRules::RouteRules(const RouteRulesConfig& config)
    : config_(config),
      request_headers_(config.request_headers),
      response_headers_(config.response_headers),
      asks_for_endpoints_host_(config.request_host == endpoints_host),
      error_pages_(config.error_pages) {
  if (config.rewrite) rewrite_.emplace(*config.rewrite);
  bool names_host = !config.request_host.empty() && !asks_for_endpoints_host_;
  if (names_host) host_.emplace(config.request_host);
  if (config.redirect) redirect_.emplace(*config.redirect);
  if (config.cors) cors_.emplace(*config.cors);
  if (config.hsts) hsts_ = hsts_text(*config.hsts);
  if (config.rate_limit) limiter_ = std::make_unique<RateLimiter>(*config.rate_limit);
  if (config.split) split_.emplace(*config.split);
  if (config.compress) compression_.emplace(*config.compress);
  if (config.basic_auth) basic_auth_.emplace(*config.basic_auth);
  if (config.forward_auth) forward_auth_.emplace(*config.forward_auth);
  if (config.mirror) mirror_ = std::make_unique<Mirror>(*config.mirror);
}

std::optional<RuleAnswer> RouteRules::answer(const RequestView& request,
                                             const Address& client) const {
  if (redirect_) {
    std::optional<std::string> location = redirect_->location_for(request);
    if (location) {
      RuleAnswer answer{.status = redirect_->status()};
      answer.location = std::move(*location);
      return answer;
    }
  }
  if (cors_ && Cors::is_preflight(request.head)) {
    return RuleAnswer{.status = 204, .preflight = &*cors_};
  }
  if (!config_.respond || is_in_any(config_.respond->except, client)) return std::nullopt;
  const RespondConfig& respond = *config_.respond;
  RuleAnswer answer{.status = static_cast<int>(respond.status)};
  if (!forbids_body(answer.status)) {
    answer.body = respond.body;
    answer.content_type = respond.content_type;
  }
  if (respond.retry_after > Duration::zero())
    answer.retry_after = seconds_text(respond.retry_after);
  return answer;
}

}  // namespace gg
