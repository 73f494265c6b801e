// SPDX-License-Identifier: Apache-2.0
#include "config/check_rules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"

namespace gg {
namespace {

class RuleChecker {
 public:
  RuleChecker(const RouteConfig& route, const std::string& path, const Places& places,
              ComplaintList& complaints)
      : rules_(route.rules), path_(path), places_(places), complaints_(complaints) {}

  void run() {
    if (rules_.rewrite) check_rewrite(*rules_.rewrite);
    if (rules_.redirect) check_redirect(*rules_.redirect);
    if (rules_.respond) check_respond(*rules_.respond);
    if (rules_.cors) check_cors(*rules_.cors);
    if (rules_.split) check_split(*rules_.split);
    if (rules_.basic_auth) check_basic_auth(*rules_.basic_auth);
    check_repeated("request_headers", rules_.request_headers);
    check_repeated("response_headers", rules_.response_headers);
  }

 private:
  void error(const std::string& key, std::string problem, std::string remedy) {
    std::string place = path_ + "." + key;
    complaints_.error(places_.find(place), place, std::move(problem), std::move(remedy));
  }

  void check_rewrite(const RewriteConfig& rewrite);
  void check_redirect(const RedirectConfig& redirect);
  void check_respond(const RespondConfig& respond);
  void check_cors(const CorsConfig& cors);
  void check_repeated(const std::string& key, const HeaderChanges& changes);
  void check_split(const SplitConfig& split);
  void check_basic_auth(const BasicAuthConfig& auth);

  const RouteRulesConfig& rules_;
  const std::string& path_;
  const Places& places_;
  ComplaintList& complaints_;
};

void RuleChecker::check_rewrite(const RewriteConfig& rewrite) {
  bool by_prefix = !rewrite.strip_prefix.empty() || !rewrite.add_prefix.empty();
  bool by_regex = !rewrite.regex.empty() || !rewrite.to.empty();
  if (by_prefix && by_regex) {
    error("rewrite", "a path is rewritten by prefix or by expression, not by both",
          "remove strip_prefix and add_prefix, or regex and to");
    return;
  }
  if (!by_prefix && !by_regex) {
    error("rewrite", "this rewrites nothing", "write strip_prefix: /api, or remove it");
    return;
  }
  if (by_prefix) return;
  if (rewrite.regex.empty() || rewrite.to.empty()) {
    error("rewrite", "regex and to belong together", "give both");
    return;
  }
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  RE2 pattern(rewrite.regex, options);
  std::string why;
  if (!pattern.ok() || pattern.CheckRewriteString(rewrite.to, &why)) return;
  error("rewrite.to", fmt::format("it does not fit the expression: {}", why),
        fmt::format("groups of the expression: {}; a backslash that is meant is written twice",
                    pattern.NumberOfCapturingGroups()));
}

void RuleChecker::check_redirect(const RedirectConfig& redirect) {
  constexpr std::uint32_t statuses[] = {301, 302, 303, 307, 308};
  if (std::ranges::find(statuses, redirect.status) != std::ranges::end(statuses)) return;
  error("redirect.status", fmt::format("{} does not redirect", redirect.status),
        "allowed: 301, 302, 303, 307, 308");
}

void RuleChecker::check_respond(const RespondConfig& respond) {
  bool has_no_body = respond.status == 204 || respond.status == 304;
  if (!has_no_body || respond.body.empty()) return;
  error("respond.body", fmt::format("an answer with status {} has no body", respond.status),
        "remove the body, or take another status");
}

void RuleChecker::check_cors(const CorsConfig& cors) {
  bool is_for_everybody = std::ranges::find(cors.origins, "*") != cors.origins.end();
  if (!is_for_everybody || !cors.credentials) return;
  error("cors.credentials", "browsers refuse credentials where everybody may read the answer",
        "list the origins instead of *");
}

void RuleChecker::check_split(const SplitConfig& split) {
  bool is_given_twice = places_.has(path_ + ".to");
  if (is_given_twice) {
    error("to", "the route's requests go to the upstreams of split", "remove one of the two");
  }
  std::uint64_t total = 0;
  for (const SplitTarget& target : split.among) total += target.weight;
  if (total == 0) error("split.among", "no upstream has any weight", "give one of them a weight");
}

void RuleChecker::check_basic_auth(const BasicAuthConfig& auth) {
  bool is_misread = complaints_.has_errors_at(path_ + ".basic_auth.users");
  if (!auth.users_file.empty() || !auth.users.empty() || is_misread) return;
  error("basic_auth", "nobody may use this route: there are no users",
        "give a users_file, or users");
}

/// Two that differ in case alone are one header.
void RuleChecker::check_repeated(const std::string& key, const HeaderChanges& changes) {
  for (std::size_t i = 0; i < changes.set.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!equal_ignoring_case(changes.set[i].name, changes.set[j].name)) continue;
      error(key + ".set." + changes.set[i].name,
            fmt::format("{} is set already", changes.set[j].name),
            "set it once; add gives it a second line");
    }
  }
}

}  // namespace

bool answers_by_itself(const RouteConfig& route) {
  const RouteRulesConfig& rules = route.rules;
  bool redirects = rules.redirect && rules.redirect->to != "https";
  return redirects || (rules.respond && rules.respond->except.empty());
}

std::vector<std::string_view> upstreams_of(const RouteConfig& route) {
  std::vector<std::string_view> names;
  if (!route.to.empty()) names.emplace_back(route.to);
  if (!route.rules.split) return names;
  for (const SplitTarget& target : route.rules.split->among) names.emplace_back(target.upstream);
  return names;
}

std::vector<std::string_view> side_upstreams_of(const RouteConfig& route) {
  std::vector<std::string_view> names;
  if (route.rules.forward_auth) names.emplace_back(route.rules.forward_auth->to);
  if (route.rules.mirror) names.emplace_back(route.rules.mirror->to);
  return names;
}

void check_rules(const RouteConfig& route, const std::string& path, const Places& places,
                 ComplaintList& complaints) {
  RuleChecker(route, path, places, complaints).run();
}

}  // namespace gg
