// SPDX-License-Identifier: Apache-2.0
// The indexed router against a plain one that tries route after route, on random routes and
// requests made of few words, so that they often meet.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/text.h"
#include "proxy/router.h"

namespace gg {
namespace {

using Texts = std::vector<std::string>;

struct Reading {
  bool resolve, merge, fold, drop;
};

/// The segments of a path after its first slash, as `reading` sees it, escapes of letters decoded;
/// nothing if it leads above the root. Knows only the escapes that this test makes.
std::optional<Texts> segments_of(std::string path, Reading reading) {
  auto replace = [&path](std::string_view what, std::string_view by) {
    for (std::size_t at = 0; (at = path.find(what, at)) != std::string::npos; at += by.size()) {
      path.replace(at, what.size(), by);
    }
  };
  replace("%61", "a");
  replace("%2e", ".");
  replace("%2f", "%2F");
  if (reading.fold) replace("%2F", "/");
  if (reading.fold) replace("\\", "/");

  Texts parts(1);
  for (char c : path.substr(1)) {
    if (c == '/') parts.emplace_back();
    if (c != '/') parts.back() += c;
  }
  Texts kept;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::string part = reading.drop ? parts[i].substr(0, parts[i].find(';')) : parts[i];
    bool is_last = i + 1 == parts.size();
    bool is_dots = reading.resolve && (part == "." || part == "..");
    if (is_dots && part == "..") {
      if (kept.empty()) return std::nullopt;
      kept.pop_back();
    }
    bool vanishes = is_dots || (reading.merge && part.empty());
    if (vanishes && is_last) kept.emplace_back();
    if (!vanishes) kept.push_back(part);
  }
  return kept;
}

std::string joined(const Texts& segments) {
  std::string path;
  for (const std::string& segment : segments) path += "/" + segment;
  return path;
}

bool host_fits(const std::string& pattern, std::string host) {
  host = host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.pop_back();
  std::ranges::transform(host, host.begin(), ascii_lower);
  if (!pattern.starts_with("*.")) return host == pattern;
  return host.size() > pattern.size() - 1 && host.ends_with(pattern.substr(1));
}

bool path_fits(const PathMatch& match, const Texts& segments) {
  // The only regexes here are "^/word".
  if (match.kind == PathMatch::Kind::regex)
    return joined(segments).starts_with(match.text.substr(1));
  Texts wanted = *segments_of(match.text, {true, true, false, false});
  if (match.kind == PathMatch::Kind::exact) return segments == wanted;
  if (wanted.back().empty()) wanted.pop_back();
  return wanted.size() <= segments.size() &&
         std::equal(wanted.begin(), wanted.end(), segments.begin());
}

int first_route(const Config& config, const RequestHead& head, const Texts& segments) {
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    const RouteConfig& route = config.routes[i];
    auto fits_host = [&head](const std::string& host) {
      return host_fits(host, std::string(head.authority));
    };
    bool host = route.hosts.empty() || std::ranges::any_of(route.hosts, fits_host);
    bool method = route.methods.empty() ||
                  std::ranges::find(route.methods, head.method_text) != route.methods.end();
    auto has_header = [&head](const HeaderMatch& match) {
      const Field* field = head.fields.find(match.name);
      return field != nullptr && field->value == match.text;
    };
    bool headers = std::ranges::all_of(route.headers, has_header);
    if (host && method && headers && path_fits(route.path, segments)) return static_cast<int>(i);
  }
  return -404;
}

int expected_route(const Config& config, const RequestHead& head) {
  std::string path(head.path);
  std::optional<Texts> canonical = segments_of(path, {true, true, false, false});
  if (!canonical) return -400;
  int route = first_route(config, head, *canonical);
  for (Reading reading : {Reading{false, false, false, false}, Reading{true, false, false, false},
                          Reading{true, true, true, false}, Reading{true, true, false, true},
                          Reading{true, true, true, true}}) {
    bool only_slashes =
        path.find_first_of(";\\") == std::string::npos && path.find("%2") == std::string::npos &&
        joined(*segments_of(path, {false, true, false, false})) == joined(*canonical);
    if (only_slashes) continue;  // readers of "//" alone are not set against each other
    std::optional<Texts> segments = segments_of(path, reading);
    if (!segments || first_route(config, head, *segments) != route) return -400;
  }
  return route;
}

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : rng_(seed) {}

  Config config() {
    Config config;
    std::uint64_t routes = 1 + rng_.below(30);
    for (std::uint64_t i = 0; i < routes; ++i) config.routes.push_back(route());
    return config;
  }
  std::string host() {
    return one_of({"a.example", "b.example", "x.a.example", "y.x.a.example", "other"});
  }
  std::string authority() {
    std::string text = host() + one_of({"", "", ".", ":80", ".:8080"});
    if (rng_.chance(0.3)) text[0] = static_cast<char>(text[0] - 0x20);
    return text;
  }
  std::string method() { return one_of({"GET", "POST", "PURGE"}); }
  std::string header() { return one_of({"1", "2"}); }
  std::string path() {
    std::string text;
    for (std::uint64_t i = rng_.below(5) + 1; i > 0; --i) text += "/" + part();
    return text;
  }

 private:
  std::string one_of(std::initializer_list<const char*> texts) {
    return texts.begin()[rng_.below(texts.size())];
  }
  std::string part() {
    if (rng_.chance(0.8)) return one_of({"a", "b", "c", "a", "b", "c", ""});
    return one_of({"%61", ".", "..", "%2e%2e", "a%2fb", "..%2F", "a\\b", "a;b", "..;", ";"});
  }
  RouteConfig route() {
    RouteConfig route;
    for (std::uint64_t i = rng_.below(3); i > 0; --i) {
      route.hosts.push_back((rng_.chance(0.3) ? "*." : "") + host());
    }
    std::string text;
    for (std::uint64_t i = rng_.below(4); i > 0; --i) text += "/" + one_of({"a", "b", "c"});
    if (text.empty() || rng_.chance(0.2)) text += '/';
    route.path = {.kind = static_cast<PathMatch::Kind>(rng_.below(3)), .text = text};
    if (route.path.kind == PathMatch::Kind::regex) route.path.text = "^" + text;
    if (rng_.chance(0.2)) route.methods = {method(), "PUT"};
    if (rng_.chance(0.2)) route.headers = {{.name = "x-kind", .text = header()}};
    return route;
  }

  Rng rng_;
};

TEST(RouterProperty, AgreesWithTryingEveryRouteInOrder) {
  int refused = 0;
  int unrouted = 0;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    RandomWorld world(seed);
    Config config = world.config();
    Router router(config);
    for (int i = 0; i < 100; ++i) {
      std::string authority = world.authority();
      std::string path = world.path();
      std::string method = world.method();
      std::string header = world.header();
      Field field{.name = "X-Kind", .value = header};
      RequestHead head;
      head.method = method_of(method);
      head.method_text = method;
      head.authority = authority;
      head.path = path;
      head.fields.adopt({}, {&field, 1});

      int expected = expected_route(config, head);
      RouteMatch match = router.match(head);

      int actual = match.fault == Fault::no_route ? -404
                   : match.fault == Fault::request_malformed
                       ? -400
                       : static_cast<int>(match.route - config.routes.data());
      ASSERT_EQ(actual, expected) << "seed " << seed << ": " << authority << path;
      refused += expected == -400 ? 1 : 0;
      unrouted += expected == -404 ? 1 : 0;
    }
  }
  // The worlds are worth trying: every kind of answer is common.
  EXPECT_GT(refused, 600);
  EXPECT_GT(unrouted, 600);
  EXPECT_LT(refused + unrouted, 10000);
}

}  // namespace
}  // namespace gg
