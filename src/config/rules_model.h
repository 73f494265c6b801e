// SPDX-License-Identifier: Apache-2.0
// What a route does to its requests beside sending them somewhere: the part of the model that
// rules/ compiles. Each member has its default; rule_tables.cc describes it row by row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "config/values.h"

namespace gg {

/// A field to be written. `text` is a template, as text_template.h reads it.
struct HeaderText {
  std::string name;
  std::string text;
  bool operator==(const HeaderText&) const = default;
};

/// Changes of a head, made in this order: what is removed, what is set, what is added.
struct HeaderChanges {
  std::vector<std::string> remove;  // in lower case
  std::vector<HeaderText> set;
  std::vector<HeaderText> add;
  bool operator==(const HeaderChanges&) const = default;
};

/// Another path for the endpoint: either by prefix or by expression.
struct RewriteConfig {
  std::string strip_prefix;  // whole segments; empty: nothing
  std::string add_prefix;    // afterwards; empty: nothing
  std::string regex;         // RE2; empty: none
  std::string to;            // what a path that matches it becomes, with \1 to \9
  bool operator==(const RewriteConfig&) const = default;
};

struct RedirectConfig {
  std::string to;  // a template of a URL; "https": the same URL by https
  std::uint32_t status = 307;
  bool operator==(const RedirectConfig&) const = default;
};

/// Strict-Transport-Security (RFC 6797).
struct HstsConfig {
  Duration max_age = std::chrono::hours{24 * 365};
  bool subdomains = false;
  bool preload = false;
  bool operator==(const HstsConfig&) const = default;
};

/// An answer that needs no upstream.
struct RespondConfig {
  std::uint32_t status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  Duration retry_after{};         // zero: no such field
  std::vector<IpNetwork> except;  // clients for whom the upstream answers all the same
  bool operator==(const RespondConfig&) const = default;
};

struct CorsConfig {
  std::vector<std::string> origins;  // "*": any
  std::vector<std::string> methods;  // empty: those that need no leave
  std::vector<std::string> headers;  // of requests; empty: those that need no leave
  std::vector<std::string> expose;   // of responses
  bool credentials = false;
  Duration max_age = std::chrono::minutes{10};
  bool operator==(const CorsConfig&) const = default;
};

/// What is counted together by a rate limit. `text` is the header's or cookie's name.
struct RateLimitKey {
  enum class Kind : std::uint8_t { client_ip, route, header, cookie };
  Kind kind = Kind::client_ip;
  std::string text;
  bool operator==(const RateLimitKey&) const = default;
};

struct RateLimitConfig {
  RateLimitKey per;
  Rate rate{100, std::chrono::seconds{1}};
  std::uint32_t burst = 0;  // 0: as much as `rate` gives in one second, at least 1
  bool shared = false;      // with the other gateways, through Config::redis
  bool operator==(const RateLimitConfig&) const = default;
};

/// A page for a status, or for a class of them.
struct ErrorPage {
  std::string name;     // "404" or "5xx"
  std::string file;     // its name
  std::string content;  // of the file, as it was when the configuration was loaded
  bool operator==(const ErrorPage&) const = default;
};

/// One of several upstreams that share a route's requests.
struct SplitTarget {
  std::string upstream;
  std::uint32_t weight = 1;
  bool operator==(const SplitTarget&) const = default;
};

/// Which of them a request goes to. `text` is the header's or cookie's name.
struct SplitKey {
  enum class Kind : std::uint8_t { client_ip, header, cookie, random };
  Kind kind = Kind::client_ip;
  std::string text;
  bool operator==(const SplitKey&) const = default;
};

struct SplitConfig {
  std::vector<SplitTarget> among;
  SplitKey by;
  bool operator==(const SplitConfig&) const = default;
};

enum class Coding : std::uint8_t { gzip, brotli, zstd };

struct CompressConfig {
  std::vector<Coding> with = {Coding::zstd, Coding::brotli, Coding::gzip};
  std::vector<std::string> types;  // media types, "text/*" for all of a kind; empty: the usual ones
  Bytes at_least{1024};            // of a body whose length is known
  bool operator==(const CompressConfig&) const = default;
};

/// A user of basic authentication. `text` is the hash of the password, as crypt(5) has it.
struct BasicUser {
  std::string name;
  std::string text;
  bool operator==(const BasicUser&) const = default;
};

/// Basic authentication (RFC 7617).
struct BasicAuthConfig {
  std::string users_file;                // as htpasswd writes it; empty: none
  std::vector<BasicUser> users;          // those that the configuration itself names
  std::vector<BasicUser> users_of_file;  // as they were when the configuration was loaded
  std::string realm = "restricted";
  bool pass_on = false;  // endpoints get the credentials too
  bool operator==(const BasicAuthConfig&) const = default;
};

/// A service that is asked whether a request may go on.
struct ForwardAuthConfig {
  std::string to;    // an upstream's name
  std::string path;  // that it is asked for; empty: the request's own target
  std::vector<std::string>
      request_headers;                    // of the client that it gets, in lower case; empty: all
  std::vector<std::string> copy_headers;  // of its answer that the endpoint gets; in lower case
  Duration timeout = std::chrono::seconds{5};
  bool fail_open = false;  // without an answer, requests go on
  bool operator==(const ForwardAuthConfig&) const = default;
};

/// Copies of requests for another upstream, whose answers nobody gets.
struct MirrorConfig {
  std::string to;  // an upstream's name
  Share share{100};
  bool unsafe_methods = false;
  Bytes body{64 << 10};          // requests with longer ones are not copied
  std::uint32_t requests = 100;  // in flight at once, of all threads
  bool operator==(const MirrorConfig&) const = default;
};

/// Everything of a route that rules/ carries out.
struct RouteRulesConfig {
  HeaderChanges request_headers;
  HeaderChanges response_headers;
  std::optional<RewriteConfig> rewrite;
  std::string request_host;  // a template; empty: as the client says; "endpoint": the endpoint's
  std::optional<RedirectConfig> redirect;
  std::optional<HstsConfig> hsts;
  std::optional<RespondConfig> respond;
  std::optional<CorsConfig> cors;
  std::vector<ErrorPage> error_pages;
  std::optional<RateLimitConfig> rate_limit;
  Bytes body_limit{};  // instead of limits.body; 0: that one
  std::optional<SplitConfig> split;
  std::optional<CompressConfig> compress;
  std::optional<BasicAuthConfig> basic_auth;
  std::optional<ForwardAuthConfig> forward_auth;
  std::optional<MirrorConfig> mirror;
  bool operator==(const RouteRulesConfig&) const = default;
};

}  // namespace gg
