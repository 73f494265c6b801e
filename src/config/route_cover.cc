// SPDX-License-Identifier: Apache-2.0
#include "config/route_cover.h"

#include <algorithm>
#include <string_view>

namespace gg {
namespace {

bool host_covers(std::string_view earlier, std::string_view later) {
  if (earlier == later) return true;
  // "*.a" takes "x.a", "x.y.a" and "*.x.a", but not "a" itself.
  return earlier.starts_with("*.") && later.ends_with(earlier.substr(1));
}

bool hosts_cover(const RouteConfig& earlier, const RouteConfig& later) {
  if (earlier.hosts.empty()) return true;
  return !later.hosts.empty() && std::ranges::all_of(later.hosts, [&](const std::string& wanted) {
    return std::ranges::any_of(earlier.hosts,
                               [&](const std::string& host) { return host_covers(host, wanted); });
  });
}

bool is_below(std::string_view prefix, std::string_view path) {
  if (prefix == "/") return true;
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || path[prefix.size()] == '/';
}

bool path_covers(const PathMatch& earlier, const PathMatch& later) {
  if (earlier == later) return true;
  if (earlier.kind != PathMatch::Kind::prefix) return false;
  return earlier.text == "/" ||
         (later.kind != PathMatch::Kind::regex && is_below(earlier.text, later.text));
}

/// Is each of `some` among `all`?
template <class List>
bool contains_each(const List& all, const List& some) {
  return std::ranges::all_of(
      some, [&](const auto& one) { return std::ranges::find(all, one) != std::ranges::end(all); });
}

bool methods_cover(const RouteConfig& earlier, const RouteConfig& later) {
  if (earlier.methods.empty()) return true;
  return !later.methods.empty() && contains_each(earlier.methods, later.methods);
}

}  // namespace

bool covers(const RouteConfig& earlier, const RouteConfig& later) {
  return path_covers(earlier.path, later.path) && hosts_cover(earlier, later) &&
         methods_cover(earlier, later) && contains_each(later.headers, earlier.headers);
}

}  // namespace gg
