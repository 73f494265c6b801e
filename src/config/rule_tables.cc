// SPDX-License-Identifier: Apache-2.0
// The keys of traffic rules, a part of the table that begins in tables.cc.
#include "config/rule_tables.h"

#include "config/formats.h"
#include "config/model.h"
#include "config/rows.h"

namespace gg {
namespace {

using namespace rows;
using enum Availability;

constexpr Shape field_text_shape = texts(field_text_format);
constexpr Shape removed_shape = texts(removed_field_format);
constexpr Shape method_shape = texts(method_format);
constexpr Shape header_name_shape = texts(header_name_format);
constexpr Shape network_shape = texts(network_format);
constexpr Shape origin_shape = texts(origin_format);

constexpr Row header_rows[] = {
    list<&HeaderChanges::remove>(here, "remove", removed_shape, "Headers that are left out."),
    named<&HeaderChanges::set>(here, "set", changed_field_format, field_text_shape,
                               "Headers that are written instead of any of that name. One whose "
                               "text turns out empty is left out."),
    named<&HeaderChanges::add>(here, "add", changed_field_format, field_text_shape,
                               "Headers that are written beside those of that name."),
};

constexpr Row rewrite_rows[] = {
    text<&RewriteConfig::strip_prefix>(
        here, "strip_prefix", path_prefix_format,
        "What is taken off the beginning of a path that begins so, by whole segments."),
    text<&RewriteConfig::add_prefix>(here, "add_prefix", added_prefix_format,
                                     "What is put before the path afterwards."),
    text<&RewriteConfig::regex>(here, "regex", regex_format,
                                "Instead: what the path is compared with. A path that it does not "
                                "match stays as it is."),
    text<&RewriteConfig::to>(here, "to", replacement_format,
                             "What the whole path becomes then; \\1 is what the first group "
                             "matched. The query stays, behind one that is given here."),
};

constexpr Row redirect_rows[] = {
    text<&RedirectConfig::to>(
        here, "to", redirect_target_format,
        "Where to. `https` is the same URL by https; requests that came so are not redirected.",
        "to: \"https://www.shop.example{target}\""),
    count<&RedirectConfig::status>(here, "status", {.least = 301, .most = 308, .zero_word = {}},
                                   "301 and 308 are for good, 302, 303 and 307 for now; 307 and "
                                   "308 keep the method."),
};

constexpr Row hsts_rows[] = {
    duration<&HstsConfig::max_age>(here, "max_age", {.least = {}, .most = 24h * 3650},
                                   "How long browsers use https alone for this host."),
    flag<&HstsConfig::subdomains>(here, "subdomains", "And for every name below it."),
    flag<&HstsConfig::preload>(here, "preload", "Browsers may ship with the knowledge."),
};

constexpr Row respond_rows[] = {
    count<&RespondConfig::status>(here, "status", {.least = 200, .most = 599, .zero_word = {}},
                                  "Its status."),
    text<&RespondConfig::body>(here, "body", body_text_format, "Its body."),
    text<&RespondConfig::content_type>(here, "content_type", header_value_format,
                                       "What the body is."),
    duration<&RespondConfig::retry_after>(here, "retry_after",
                                          {.least = 1s, .most = 24h * 30, .zero_word = "none"},
                                          "When to come back, told in `Retry-After`."),
    list<&RespondConfig::except>(here, "except", network_shape,
                                 "Clients for whom the upstream answers all the same."),
};

constexpr Row cors_rows[] = {
    list<&CorsConfig::origins>(here, "origins", origin_shape,
                               "Whose pages may read the answers; * is everybody's.",
                               "origins: [\"https://shop.example\"]"),
    list<&CorsConfig::methods>(here, "methods", method_shape,
                               "Methods that they may use beside GET, HEAD and POST."),
    list<&CorsConfig::headers>(here, "headers", header_name_shape,
                               "Headers that they may send beside the harmless ones."),
    list<&CorsConfig::expose>(here, "expose", header_name_shape,
                              "Headers of answers that they may read beside the harmless ones."),
    flag<&CorsConfig::credentials>(here, "credentials",
                                   "They may send cookies and credentials along."),
    duration<&CorsConfig::max_age>(here, "max_age", {.least = {}, .most = 24h},
                                   "How long browsers remember what they may."),
};

constexpr Choice rate_limit_choices[] = {
    word(here, RateLimitKey::Kind::client_ip, "client_ip", "Each client address on its own."),
    word(here, RateLimitKey::Kind::route, "route", "All requests of the route together."),
    word(here, RateLimitKey::Kind::header, "header",
         "Each value of a header on its own; requests without it by client address.",
         &header_name_format),
    word(here, RateLimitKey::Kind::cookie, "cookie",
         "Each value of a cookie on its own; requests without it by client address.",
         &cookie_name_format),
};
constexpr TaggedChoices rate_limit_kinds = {rate_limit_choices};
constexpr Row rate_limit_rows[] = {
    tagged<&RateLimitConfig::per>(here, "per", rate_limit_kinds, "What is counted together."),
    text<&RateLimitConfig::rate>(here, "rate", rate_format, "The rate that is let through.",
                                 "rate: 100/s"),
    count<&RateLimitConfig::burst>(here, "burst",
                                   {.least = 1, .most = 1'000'000, .zero_word = "auto"},
                                   "How many may come at once; auto is what the rate gives in a "
                                   "second."),
    flag<&RateLimitConfig::shared>(here, "shared",
                                   "It holds for all gateways together that have it and the same "
                                   "`redis`. Without Redis each goes on by itself."),
};

constexpr Row split_target_rows[] = {
    text<&SplitTarget::upstream>(here, "upstream", upstream_name_format, "Its name.",
                                 "upstream: app"),
    count<&SplitTarget::weight>(here, "weight", {.least = 0, .most = 1'000'000, .zero_word = {}},
                                "Its part of the requests, relative to the others."),
};
constexpr Section split_target_section = {
    "routes[].split.among[]",      "One upstream of several.", "upstream",
    "upstream: next\nweight: 5\n", split_target_rows,          blank<SplitTarget>};
constexpr Shape split_target_shape = sections(split_target_section);

constexpr Choice split_choices[] = {
    word(here, SplitKey::Kind::client_ip, "client_ip", "By the client's address."),
    word(here, SplitKey::Kind::header, "header",
         "By the value of a header; requests without it by client address.", &header_name_format),
    word(here, SplitKey::Kind::cookie, "cookie",
         "By the value of a cookie; requests without it by client address.", &cookie_name_format),
    word(here, SplitKey::Kind::random, "random", "By chance: nobody stays where they are."),
};
constexpr TaggedChoices split_kinds = {split_choices};
constexpr Row split_rows[] = {
    list<&SplitConfig::among>(
        here, "among", split_target_shape,
        "The upstreams. Clients of the first one stay there while its part "
        "grows.",
        "among: [{ upstream: next, weight: 5 }, { upstream: app, weight: 95 }]"),
    tagged<&SplitConfig::by>(here, "by", split_kinds,
                             "What decides where a client goes, and keeps it there."),
};

constexpr Format coding_format = {
    "coding", "gzip, br or zstd", "^(gzip|br|zstd)$",
    [](std::string_view text, void* value) -> std::optional<Misreading> {
      auto& coding = *static_cast<Coding*>(value);
      if (text == "gzip") coding = Coding::gzip;
      if (text == "br") coding = Coding::brotli;
      if (text == "zstd") coding = Coding::zstd;
      if (text == "gzip" || text == "br" || text == "zstd") return std::nullopt;
      return Misreading{in_quotes(text) + " is not a coding", "allowed: gzip, br, zstd"};
    },
    [](const void* value) {
      constexpr std::string_view names[] = {"gzip", "br", "zstd"};
      return std::string(names[static_cast<std::size_t>(*static_cast<const Coding*>(value))]);
    }};
constexpr Shape coding_shape = texts(coding_format);
constexpr Shape media_type_shape = texts(header_value_format);
constexpr Row compress_rows[] = {
    list<&CompressConfig::with>(here, "with", coding_shape,
                                "The codings that are offered; the first one where the client has "
                                "no preference."),
    list<&CompressConfig::types>(here, "types", media_type_shape,
                                 "The media types that are compressed; text/* is every kind of "
                                 "text. None: text, scripts, JSON, XML, SVG and their like."),
    size<&CompressConfig::at_least>(here, "at_least",
                                    {.least = {}, .most = 16_MiB, .zero_word = {}},
                                    "Shorter bodies, of known length, are left alone."),
};

constexpr Shape password_hash_shape = texts(password_hash_format);
constexpr Row basic_auth_rows[] = {
    text<&BasicAuthConfig::users_file>(
        here, "users_file", file_format,
        "A file with a line `name:hash` for each user, as `htpasswd -B` or `mkpasswd` make them; "
        "read when the configuration is."),
    named<&BasicAuthConfig::users>(here, "users", user_name_format, password_hash_shape,
                                   "Users and the hashes of their passwords."),
    text<&BasicAuthConfig::realm>(here, "realm", realm_format, "What browsers call it."),
    flag<&BasicAuthConfig::pass_on>(here, "pass_on",
                                    "The endpoint gets the credentials too (`Authorization`)."),
};

constexpr Row forward_auth_rows[] = {
    text<&ForwardAuthConfig::to>(here, "to", upstream_name_format, "The upstream that is asked.",
                                 "to: auth"),
    text<&ForwardAuthConfig::path>(
        here, "path", path_format,
        "The path that it is asked for, by GET; none: the request's own. What the client wants is "
        "in `X-Forwarded-Method` and `X-Forwarded-Uri`."),
    list<&ForwardAuthConfig::request_headers>(
        here, "request_headers", header_name_shape,
        "The client's headers that it gets; none: all of them."),
    list<&ForwardAuthConfig::copy_headers>(
        here, "copy_headers", header_name_shape,
        "Headers of its answer that the endpoint gets; clients' own of those names never do."),
    duration<&ForwardAuthConfig::timeout>(here, "timeout", bounded_patience,
                                          "How long it may take, all attempts included."),
    flag<&ForwardAuthConfig::fail_open>(here, "fail_open",
                                        "Requests go on when it cannot be asked."),
};

constexpr Row mirror_rows[] = {
    text<&MirrorConfig::to>(here, "to", upstream_name_format, "The upstream that gets them.",
                            "to: next"),
    text<&MirrorConfig::share>(here, "share", share_format, "The share of requests copied."),
    flag<&MirrorConfig::unsafe_methods>(
        here, "unsafe_methods",
        "Copy requests other than GET, HEAD and OPTIONS too. Only where the copy changes nothing "
        "that the request itself changes."),
    size<&MirrorConfig::body>(here, "body", {.least = {}, .most = 16_MiB, .zero_word = "none"},
                              "Requests with a longer body are not copied."),
    count<&MirrorConfig::requests>(here, "requests", {.least = 1, .most = 100'000, .zero_word = {}},
                                   "Copies in flight at once; beyond it none are made."),
};

}  // namespace

constexpr Section request_headers_section = {
    "routes[].request_headers",
    "Changes of what the endpoint is sent. A text may name, in braces, `client` (the client's "
    "address), `peer`, `id` (the request id), `listener`, `method`, `scheme`, `host`, `authority` "
    "(with the port), `path`, `query`, `target`, `header:NAME` and `cookie:NAME`; a brace that is "
    "meant as such is written twice. Fields that frame messages or end at each hop are not to be "
    "changed.",
    "",
    "remove: [X-Debug]\nset: { X-Real-IP: \"{client}\", X-Tenant: \"{header:X-Team}\" }\n"
    "add: { X-Seen-By: edge }\n",
    header_rows,
    blank<HeaderChanges>};

constexpr Section response_headers_section = {
    "routes[].response_headers",
    "Changes of what the client is sent: by endpoints, by rules and by the gateway itself when "
    "something failed. Texts are those of `request_headers`; their variables tell of the request.",
    "",
    "remove: [X-Powered-By]\nset: { X-Frame-Options: DENY }\nadd: { X-Request-Path: \"{path}\" }\n",
    header_rows,
    blank<HeaderChanges>};

constexpr Section rewrite_section = {
    "routes[].rewrite",
    "Another path for the endpoint: by prefix, or by an expression. Routes are matched by the path "
    "that the client sent.",
    "strip_prefix",
    "regex: \"^/users/([0-9]+)$\"\nto: \"/accounts/\\\\1\"\n"
    "# or strip_prefix: /api\n#    add_prefix: /v2\n",
    rewrite_rows,
    blank<RewriteConfig>};

constexpr Section redirect_section = {"routes[].redirect",
                                      "The client is sent elsewhere, and no upstream asked.",
                                      "to",
                                      "to: \"https://www.shop.example{target}\"\nstatus: 308\n",
                                      redirect_rows,
                                      blank<RedirectConfig>};

constexpr Section hsts_section = {
    "routes[].hsts", "Strict-Transport-Security (RFC 6797), for requests that came by https.",
    "max_age",       "max_age: 365d\nsubdomains: true\npreload: false\n",
    hsts_rows,       blank<HstsConfig>};

constexpr Section respond_section = {
    "routes[].respond",
    "A fixed answer, and no upstream is asked: a maintenance page, a closed door, a `/ping`.",
    "status",
    "status: 503\nbody: We are back at noon.\ncontent_type: text/plain\nretry_after: 1h\n"
    "except: [10.0.0.0/8]\n",
    respond_rows,
    blank<RespondConfig>};

constexpr Section cors_section = {
    "routes[].cors",
    "Whose pages in browsers may read the answers (the Fetch standard's CORS). Preflight requests "
    "are answered here; what endpoints say of it is replaced. The gateway's own errors say it too, "
    "so that pages can see them.",
    "origins",
    "origins: [\"https://shop.example\", \"https://admin.example\"]\n"
    "methods: [PUT, DELETE]\nheaders: [X-Token]\nexpose: [X-Request-Id]\n"
    "credentials: true\nmax_age: 1h\n",
    cors_rows,
    blank<CorsConfig>};

constexpr Section rate_limit_section = {
    "routes[].rate_limit",
    "A limit on requests per time, of all worker threads together. Beyond it the client gets a 429 "
    "with `Retry-After` and the `RateLimit` fields.",
    "rate",
    "per: client_ip\nrate: 100/s\nburst: 200\nshared: false\n",
    rate_limit_rows,
    blank<RateLimitConfig>};

constexpr Section split_section = {
    "routes[].split",
    "Several upstreams that share the route's requests, for a new version that is tried out "
    "(canary). It stands instead of `to`.",
    "among",
    "among: [{ upstream: next, weight: 5 }, { upstream: app, weight: 95 }]\n"
    "by: { cookie: session }\n",
    split_rows,
    blank<SplitConfig>};

constexpr Section compress_section = {
    "routes[].compress",
    "Responses are compressed as the client accepts it: never twice, never parts, event streams or "
    "what is marked no-transform. `Vary` and `ETag` are adapted.",
    "with",
    "with: [zstd, br, gzip]\ntypes: [text/*, application/json]\nat_least: 1KiB\n",
    compress_rows,
    blank<CompressConfig>};

constexpr Section basic_auth_section = {
    "routes[].basic_auth",
    "Basic authentication (RFC 7617). Whoever shows no good name and password gets a 401. Hashes "
    "are those of crypt(5): bcrypt, SHA-256, SHA-512, yescrypt.",
    "users_file",
    "users_file: /etc/goodgate/users\n"
    "users: { ann: \"$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\" }\n"
    "realm: shop\npass_on: false\n",
    basic_auth_rows,
    blank<BasicAuthConfig>};

constexpr Section forward_auth_section = {
    "routes[].forward_auth",
    "A service is asked before a request goes on. It does when the answer is a 2xx; any other "
    "answer below 500 is the client's. Without an answer the client gets a 500.",
    "to",
    "to: auth\npath: /verify\nrequest_headers: [Cookie, Authorization]\n"
    "copy_headers: [Remote-User, Remote-Groups]\ntimeout: 5s\nfail_open: false\n",
    forward_auth_rows,
    blank<ForwardAuthConfig>};

constexpr Section mirror_section = {
    "routes[].mirror",
    "Copies of requests go to another upstream, for a new version that is to be tried with real "
    "traffic. The answers are thrown away, and clients wait for nothing of it.",
    "to",
    "to: next\nshare: 10%\nunsafe_methods: false\nbody: 64KiB\nrequests: 100\n",
    mirror_rows,
    blank<MirrorConfig>};

constexpr Shape error_page_shape = texts(error_page_format);

}  // namespace gg
