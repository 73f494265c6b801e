// SPDX-License-Identifier: Apache-2.0
// Which route a request takes: the first in the file whose host, path, method and headers fit.
// Compiled once per configuration snapshot; the exchange asks it once per request.
#pragma once

#include <memory>
#include <span>

#include "config/model.h"
#include "engine/address.h"
#include "fault/fault.h"
#include "http/head.h"

namespace gg {

/// A route, or why the request takes none.
struct RouteMatch {
  const RouteConfig* route = nullptr;  // of the configuration; null with a fault
  /// no_route, or request_malformed for a path that leads above the root or that readers would
  /// take for paths of different routes.
  Fault fault = Fault::none;
};

/// Immutable: any number of threads may match at once.
///
/// Host: of the authority, its port and one trailing dot ignored, in any case; "*.example" stands
/// for every name below example, not for example itself.
///
/// Path: routes and requests are compared in one canonical form. Escapes of visible ASCII
/// characters are decoded (but not %2F %5C %3B %25 %3F %23, which stay escapes), "//" is "/", dot
/// segments are resolved. A prefix goes by segments, its trailing slash does not matter; an exact
/// path and a regex see the canonical form.
///
/// What goes upstream is the path as it came, and not every server reads it like that. So a path
/// with dot segments, ';', '\', %2F, %5C or %3B is also matched in the forms that other servers
/// would read (unresolved; with those escapes decoded; without ";parameters"). If they lead to
/// different routes the request is refused: it could slip past a rule of one route into another.
/// (Not if the route itself spells that part of the path; then the operator means it.)
/// "*" and an empty path (OPTIONS *) fit the prefix "/" and regexes only.
class Router {
 public:
  /// `config` is valid: its regular expressions compile. It outlives the router.
  explicit Router(const Config& config);
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  ~Router();

  /// No allocation for paths under 340 bytes, but for what RE2 keeps. Well under 1 us, whatever the
  /// number of routes with a host and a prefix; those with a regex are tried one by one.
  RouteMatch match(const RequestHead& head) const;

 private:
  struct Index;
  std::unique_ptr<const Index> index_;
};

/// May `client` pass these lists? `deny` is looked at first, then `allow` unless it is empty. A
/// client without an IP address (Unix socket) is refused wherever there is an allow list.
bool is_allowed(std::span<const IpNetwork> allow, std::span<const IpNetwork> deny,
                const Address& client);
inline bool is_allowed(const RouteConfig& route, const Address& client) {
  return is_allowed(route.allow, route.deny, client);
}

}  // namespace gg
