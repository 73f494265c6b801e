// SPDX-License-Identifier: Apache-2.0
#include "proxy/router.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "http/request_path.h"
#include "net/networks.h"

namespace gg {
namespace {

using RouteNumber = std::uint32_t;
using RouteNumbers = std::vector<RouteNumber>;  // ascending: the order of the file
constexpr RouteNumber no_route = ~RouteNumber{0};

// What a route asks beside host and path ----------------------------------------------------------

using Pattern = std::unique_ptr<const re2::RE2>;

/// Valid, as loading has checked. Bytes, not characters: a header need not be UTF-8.
Pattern compile_pattern(std::string_view text) {
  re2::RE2::Options options(re2::RE2::Latin1);
  options.set_log_errors(false);
  auto pattern =
      std::make_unique<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  GG_ASSERT(pattern->ok());
  return pattern;
}

bool fits(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

struct HeaderCondition {
  FieldName id;
  const HeaderMatch* match;
  Pattern pattern;  // of a regex
};

struct Conditions {
  std::uint32_t methods = 0;  // a bit per Method; with other_methods empty as well: any
  std::vector<std::string_view> other_methods;
  std::vector<HeaderCondition> headers;
  Pattern path;  // of a regex
};

bool method_fits(const Conditions& conditions, const RequestHead& head) {
  if (conditions.methods == 0 && conditions.other_methods.empty()) return true;
  if (head.method != Method::other) {
    return (conditions.methods >> static_cast<unsigned>(head.method) & 1U) != 0;
  }
  return std::ranges::find(conditions.other_methods, head.method_text) !=
         conditions.other_methods.end();
}

bool header_fits(const HeaderCondition& condition, const RequestHead& head) {
  const HeaderMatch& match = *condition.match;
  for (const Field& field : head.fields.all()) {
    bool is_named = condition.id == FieldName::other ? equal_ignoring_case(field.name, match.name)
                                                     : field.id == condition.id;
    if (!is_named) continue;
    bool is_fit =
        condition.pattern ? fits(*condition.pattern, field.value) : field.value == match.text;
    if (is_fit) return true;
  }
  return false;
}

bool conditions_fit(const Conditions& conditions, const RequestHead& head) {
  if (!method_fits(conditions, head)) return false;
  for (const HeaderCondition& condition : conditions.headers) {
    if (!header_fits(condition, head)) return false;
  }
  return true;
}

// A tree of path segments
// --------------------------------------------------------------------------

using NodeNumber = std::uint32_t;

struct Node {
  RouteNumbers prefix;  // routes whose prefix ends here
  RouteNumbers exact;   // routes whose whole path ends here
};

/// From a node by a segment; EdgeView is the same without owning the text.
struct Edge {
  NodeNumber from;
  std::string segment;
};
struct EdgeView {
  NodeNumber from;
  std::string_view segment;
};

struct EdgeHash {
  using is_transparent = void;
  std::size_t operator()(const EdgeView& edge) const {
    return std::hash<std::string_view>{}(edge.segment) ^ (edge.from * 0x9e3779b97f4a7c15U);
  }
  std::size_t operator()(const Edge& edge) const {
    return (*this)(EdgeView{edge.from, edge.segment});
  }
};
struct EdgeEqual {
  using is_transparent = void;
  bool operator()(const auto& a, const auto& b) const {
    return a.from == b.from && a.segment == b.segment;
  }
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

/// The routes of one host, or of "*.host".
struct HostGroup {
  NodeNumber root;
  RouteNumbers regex;
};
using HostGroups = std::unordered_map<std::string, HostGroup, TextHash, std::equal_to<>>;

/// Takes the next segment off a path that is empty or starts with '/'.
std::string_view next_segment(std::string_view& path) {
  std::size_t end = std::min(path.find('/', 1), path.size());
  std::string_view segment = path.substr(1, end - 1);
  path.remove_prefix(end);
  return segment;
}

/// A host as it is compared: in lower case, without port and trailing dot. Longer than any name may
/// be (RFC 1035 2.3.4): empty, and only routes for every host fit.
class HostName {
 public:
  /// `authority` is well formed: the parser of the head has seen to it.
  explicit HostName(std::string_view authority) {
    std::size_t literal_end = authority.starts_with('[') ? authority.find(']') : 0;
    std::string_view host = authority.substr(0, authority.find(':', literal_end));
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.size() > sizeof text_) host = {};
    std::ranges::transform(host, text_, ascii_lower);
    size_ = host.size();
  }
  std::string_view text() const { return {text_, size_}; }

 private:
  std::size_t size_ = 0;
  char text_[255];
};

/// Did the operator write the doubtful part of `path` in the route itself? Then it is meant. What
/// follows must be plain, read from the slash that it begins with.
bool is_spelled_out(const PathMatch& route, std::string_view path) {
  bool is_literal = route.kind != PathMatch::Kind::regex;
  if (!is_literal || !path.starts_with(route.text)) return false;
  std::size_t spelled = route.text.size() - (route.text.ends_with('/') ? 1 : 0);
  std::string_view rest = path.substr(spelled);
  return rest.empty() || (rest.starts_with('/') && is_plain_path(rest));
}

/// One request on its way through the index: the best route so far, and what it must fit.
struct Search {
  const RequestHead& head;
  std::string_view host;
  std::string_view path;  // one reading of it
  RouteNumber best = no_route;
};

}  // namespace

// The index
// ----------------------------------------------------------------------------------------

struct Router::Index {
  const std::vector<RouteConfig>& routes;
  std::vector<Conditions> conditions;  // one per route
  std::vector<Node> nodes;
  std::unordered_map<Edge, NodeNumber, EdgeHash, EdgeEqual> edges;
  HostGroups exact_hosts;
  HostGroups suffixes;  // "*.example" under "example"
  HostGroup any_host{};

  explicit Index(const std::vector<RouteConfig>& all);
  void add(RouteNumber number);
  void add_to_host(std::string_view host, RouteNumber number);
  void add_to_group(HostGroup& group, RouteNumber number);
  HostGroup& group_of(HostGroups& groups, std::string_view host);
  bool asks_for_hosts() const { return !exact_hosts.empty() || !suffixes.empty(); }
  NodeNumber new_node();
  NodeNumber child(NodeNumber node, std::string_view segment);

  RouteNumber find(Search search) const;
  void search_group(const HostGroup& group, Search& search) const;
  void search_tree(NodeNumber root, Search& search) const;
  /// Keeps the first of `candidates` that fits, if it comes before the best so far.
  void consider(const RouteNumbers& candidates, Search& search) const;
};

NodeNumber Router::Index::new_node() {
  nodes.emplace_back();
  return static_cast<NodeNumber>(nodes.size() - 1);
}

NodeNumber Router::Index::child(NodeNumber node, std::string_view segment) {
  auto found = edges.find(EdgeView{node, segment});
  if (found != edges.end()) return found->second;
  NodeNumber made = new_node();
  edges.emplace(Edge{node, std::string(segment)}, made);
  return made;
}

HostGroup& Router::Index::group_of(HostGroups& groups, std::string_view host) {
  auto found = groups.find(host);
  if (found != groups.end()) return found->second;
  HostGroup group{.root = new_node(), .regex = {}};
  return groups.emplace(std::string(host), std::move(group)).first->second;
}

Router::Index::Index(const std::vector<RouteConfig>& all) : routes(all) {
  any_host.root = new_node();
  for (RouteNumber number = 0; number < all.size(); ++number) add(number);
}

void Router::Index::add(RouteNumber number) {
  const RouteConfig& route = routes[number];
  Conditions made;
  for (const std::string& method : route.methods) {
    Method known = method_of(method);
    if (known == Method::other) made.other_methods.emplace_back(method);
    if (known != Method::other) made.methods |= 1U << static_cast<unsigned>(known);
  }
  for (const HeaderMatch& match : route.headers) {
    bool is_regex = match.kind == HeaderMatch::Kind::regex;
    Pattern pattern = is_regex ? compile_pattern(match.text) : nullptr;
    made.headers.push_back({field_name_of(match.name), &match, std::move(pattern)});
  }
  if (route.path.kind == PathMatch::Kind::regex) made.path = compile_pattern(route.path.text);
  conditions.push_back(std::move(made));

  if (route.hosts.empty()) add_to_group(any_host, number);
  for (const std::string& host : route.hosts) add_to_host(host, number);
}

void Router::Index::add_to_host(std::string_view host, RouteNumber number) {
  if (host == "*") return add_to_group(any_host, number);
  bool is_suffix = host.starts_with("*.");
  std::string name(is_suffix ? host.substr(2) : host);
  if (name.ends_with('.')) name.pop_back();
  std::ranges::transform(name, name.begin(), ascii_lower);
  add_to_group(group_of(is_suffix ? suffixes : exact_hosts, name), number);
}

void Router::Index::add_to_group(HostGroup& group, RouteNumber number) {
  const PathMatch& path = routes[number].path;
  if (path.kind == PathMatch::Kind::regex) {
    group.regex.push_back(number);
    return;
  }
  std::string rooted = path.text.starts_with('/') ? path.text : "/" + path.text;
  ReadPath canonical(rooted, canonical_reading);
  std::string_view rest = canonical.escapes_root() ? "/" : canonical.text();
  bool is_prefix = path.kind == PathMatch::Kind::prefix;
  if (is_prefix && rest.ends_with('/')) rest.remove_suffix(1);
  NodeNumber node = group.root;
  while (!rest.empty()) node = child(node, next_segment(rest));
  RouteNumbers& numbers = is_prefix ? nodes[node].prefix : nodes[node].exact;
  numbers.push_back(number);
}

void Router::Index::consider(const RouteNumbers& candidates, Search& search) const {
  for (RouteNumber number : candidates) {
    if (number >= search.best) return;
    const Conditions& asked = conditions[number];
    bool path_fits = !asked.path || fits(*asked.path, search.path);
    if (path_fits && conditions_fit(asked, search.head)) {
      search.best = number;
      return;
    }
  }
}

void Router::Index::search_tree(NodeNumber root, Search& search) const {
  std::string_view rest = search.path.starts_with('/') ? search.path : std::string_view{};
  bool has_segments = !rest.empty();
  const Node* node = &nodes[root];
  NodeNumber number = root;
  consider(node->prefix, search);
  if (edges.empty()) return;
  while (!rest.empty()) {
    auto next = edges.find(EdgeView{number, next_segment(rest)});
    if (next == edges.end()) return;
    number = next->second;
    node = &nodes[number];
    consider(node->prefix, search);
  }
  if (has_segments) consider(node->exact, search);
}

void Router::Index::search_group(const HostGroup& group, Search& search) const {
  search_tree(group.root, search);
  consider(group.regex, search);
}

RouteNumber Router::Index::find(Search search) const {
  if (!search.host.empty()) {
    auto exact = exact_hosts.find(search.host);
    if (exact != exact_hosts.end()) search_group(exact->second, search);
    std::size_t dot = suffixes.empty() ? std::string_view::npos : search.host.find('.', 1);
    while (dot != std::string_view::npos) {
      auto suffix = suffixes.find(search.host.substr(dot + 1));
      if (suffix != suffixes.end()) search_group(suffix->second, search);
      dot = search.host.find('.', dot + 1);
    }
  }
  search_group(any_host, search);
  return search.best;
}

// The router
// ---------------------------------------------------------------------------------------

Router::Router(const Config& config) : index_(std::make_unique<const Index>(config.routes)) {}
Router::~Router() = default;

RouteMatch Router::match(const RequestHead& head) const {
  HostName host(index_->asks_for_hosts() ? head.authority : std::string_view{});
  auto found = [this](RouteNumber number) -> RouteMatch {
    if (number == no_route) return {.fault = Fault::no_route};
    return {.route = &index_->routes[number]};
  };
  bool is_rooted = head.path.starts_with('/');
  if (!is_rooted || is_plain_path(head.path)) {
    return found(index_->find({head, host.text(), head.path}));
  }

  constexpr RouteMatch refused{.fault = Fault::request_malformed};
  ReadPath canonical(head.path, canonical_reading);
  if (canonical.escapes_root()) return refused;
  RouteNumber number = index_->find({head, host.text(), canonical.text()});
  bool is_meant = number != no_route && is_spelled_out(index_->routes[number].path, head.path);
  if (!canonical.is_ambiguous() || is_meant) return found(number);
  for (const PathReading& reading : other_readings) {
    ReadPath other(head.path, reading);
    if (other.escapes_root()) return refused;
    if (other.text() == canonical.text()) continue;
    if (index_->find({head, host.text(), other.text()}) != number) return refused;
  }
  return found(number);
}

bool is_allowed(std::span<const IpNetwork> allow, std::span<const IpNetwork> deny,
                const Address& client) {
  if (is_in_any(deny, client)) return false;
  return allow.empty() || is_in_any(allow, client);
}

}  // namespace gg
