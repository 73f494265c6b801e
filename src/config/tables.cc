// SPDX-License-Identifier: Apache-2.0
// The table: every key of the configuration file with its member, bounds, availability and
// meaning; those of an upstream are in upstream_tables.cc. Nothing else in the project spells a
// key. To add one: its member with the default in model.h, its row here, its use, and a bad value
// in tests/config/.
#include "config/formats.h"
#include "config/model.h"
#include "config/rows.h"
#include "config/rule_tables.h"
#include "config/schema.h"
#include "config/upstream_tables.h"

namespace gg {
namespace {

using namespace rows;
using enum Availability;

constexpr Shape host_shape = texts(host_pattern_format);
constexpr Shape method_shape = texts(method_format);
constexpr Shape network_shape = texts(network_format);
constexpr Shape retry_on_shape = texts(retry_on_format);

// Listeners --------------------------------------------------------------------------------------

constexpr Row certificate_rows[] = {
    text<&Certificate::cert>(here, "cert", file_format,
                             "The certificate chain in PEM, the own certificate first.",
                             "cert: site.pem"),
    text<&Certificate::key>(here, "key", file_format, "Its private key in PEM.", "key: site.key"),
    text<&Certificate::ocsp>(here, "ocsp", file_format,
                             "A response of its authority's OCSP responder, in DER, to be shown "
                             "with it; none: none is."),
};
constexpr Section certificate_section = {"listeners[].tls.certificates[]",
                                         "A certificate and its key.",
                                         "",
                                         "cert: site.pem\nkey: site.key\nocsp: site.ocsp\n",
                                         certificate_rows,
                                         blank<Certificate>};
constexpr Shape certificate_shape = sections(certificate_section);

constexpr Choice client_certificates_choices[] = {
    word(here, ListenerTls::ClientCertificates::required, "required",
         "A client without a certificate is refused."),
    word(here, ListenerTls::ClientCertificates::optional, "optional",
         "A client without one is served too; a bad one is refused all the same."),
};
constexpr Row listener_tls_rows[] = {
    list<&ListenerTls::certificates>(here, "certificates", certificate_shape,
                                     "The certificates to choose from by the name that the client "
                                     "asks for; the first one is for all other names.",
                                     "certificates: [{ cert: site.pem, key: site.key }]"),
    text<&ListenerTls::client_ca>(
        here, "client_ca", file_format,
        "Authorities, in PEM, whose certificates clients are asked for; none: they are not asked. "
        "Endpoints are told of it in `Client-Cert` and `Client-Cert-Chain`."),
    choice<&ListenerTls::client_certificates>(here, "client_certificates",
                                              client_certificates_choices,
                                              "Whether clients must show one when they are asked."),
};
constexpr Section listener_tls_section = {"listeners[].tls",
                                          "TLS towards clients: versions 1.2 and 1.3.",
                                          "certificates",
                                          "certificates:\n"
                                          "  - { cert: site.pem, key: site.key }\n"
                                          "  - { cert: shop.pem, key: shop.key }\n"
                                          "client_ca: clients.pem\n"
                                          "client_certificates: optional\n",
                                          listener_tls_rows,
                                          blank<ListenerTls>};

constexpr Row listener_rows[] = {
    text<&ListenerConfig::address>(
        here, "address", listen_address_format,
        "Where to listen. Without a host: on every address, IPv4 and IPv6.", "address: \":8080\""),
    section<&ListenerConfig::tls>(here, "tls", listener_tls_section, "TLS towards clients."),
    flag<&ListenerConfig::http2>(here, "http2",
                                 "Speak HTTP/2 too: with TLS where the client agrees on it (ALPN), "
                                 "without it where the client begins with it."),
    flag<&ListenerConfig::proxy_protocol>(
        here, "proxy_protocol",
        "Connections begin with a PROXY header, version 1 or 2, that says who the client is. Only "
        "`trusted_proxies` may connect then."),
};
constexpr Section listener_section = {"listeners[]",
                                      "Where clients connect. At least one is needed.",
                                      "address",
                                      "address: 127.0.0.1:8443\ntls: { certificates: [{ cert: "
                                      "site.pem, key: site.key }] }\nhttp2: true\nproxy_protocol: "
                                      "false\n",
                                      listener_rows,
                                      blank<ListenerConfig>};
constexpr Shape listener_shape = sections(listener_section);

// Routes -----------------------------------------------------------------------------------------

constexpr Choice path_choices[] = {
    word(here, PathMatch::Kind::prefix, "prefix",
         "This path and everything below it, by whole segments: /api is not a prefix of /apix.",
         &path_prefix_format),
    word(here, PathMatch::Kind::exact, "exact", "This path and no other.", &path_format),
    word(here, PathMatch::Kind::regex, "regex", "Paths that the expression matches.",
         &regex_format),
};
constexpr TaggedChoices path_kinds = {path_choices,
                                      static_cast<std::int64_t>(PathMatch::Kind::prefix)};

constexpr Choice header_choices[] = {
    word(here, HeaderMatch::Kind::exact, "exact", "This value and no other.", &header_value_format),
    word(here, HeaderMatch::Kind::regex, "regex", "Values that the expression matches.",
         &regex_format),
};
constexpr TaggedChoices header_kinds = {header_choices,
                                        static_cast<std::int64_t>(HeaderMatch::Kind::exact)};
constexpr Shape header_shape = tagged_shape<HeaderMatch>(header_kinds);

constexpr Row retry_rows[] = {
    count<&RetryConfig::attempts>(here, "attempts", {.least = 1, .most = 10, .zero_word = {}},
                                  "Attempts in all, the first one included; 1 is no retry."),
    list<&RetryConfig::on>(
        here, "on", retry_on_shape,
        "What makes another attempt worth while. No response byte has been passed on then."),
    flag<&RetryConfig::unsafe_methods>(
        here, "unsafe_methods",
        "Send a request again even if its method is not idempotent and an endpoint may have "
        "acted on it already. Only for services that cope with that."),
    flag<&RetryConfig::idempotency_key>(
        here, "idempotency_key",
        "Do so for requests that carry an `Idempotency-Key`, by which the service knows a second "
        "delivery from a new request."),
    duration<&RetryConfig::timeout>(
        here, "timeout", patience,
        "How long one attempt may wait for its response head. At most the route's timeout."),
    size<&RetryConfig::hold_back>(here, "hold_back",
                                  {.least = {}, .most = 16_MiB, .zero_word = "none"},
                                  "How much of a response is kept until it is known to be good."),
    duration<&RetryConfig::hold_back_time>(
        here, "hold_back_time", {.least = {}, .most = 10s, .zero_word = "none"},
        "How long the first bytes of a response are kept at most."),
    size<&RetryConfig::keep_body>(here, "keep_body",
                                  {.least = {}, .most = 64_MiB, .zero_word = "none"},
                                  "How much of a request body is kept in memory to be sent again."),
    flag<&RetryConfig::continues>(
        here, "continue",
        "Ask another endpoint for the rest of a response that breaks off after a part of it went "
        "to the client. Only where the same strong `ETag` means the same bytes everywhere."),
};
constexpr Section retry_section = {
    "routes[].retry",
    "Attempts at other endpoints after one has failed. A request that may have been acted upon "
    "is sent again only if its method is idempotent.",
    "attempts",
    "attempts: 3\n"
    "on: [connect, reset, timeout, malformed, \"503\"]\n"
    "unsafe_methods: false\n"
    "idempotency_key: false\n"
    "timeout: 10s\n"
    "hold_back: 64KiB\n"
    "hold_back_time: 50ms\n"
    "keep_body: 1MiB\n"
    "continue: false\n",
    retry_rows,
    blank<RetryConfig>};

constexpr Row hedge_rows[] = {
    text<&HedgeConfig::after>(here, "after", hedge_after_format,
                              "When to start a second attempt: a percentile of the upstream's own "
                              "times, or a duration."),
    text<&HedgeConfig::at_most>(here, "at_most", share_format,
                                "The share of requests that may be hedged."),
    duration<&HedgeConfig::at_least>(here, "at_least", bounded_patience,
                                     "The least wait before a second attempt."),
};
constexpr Section hedge_section = {
    "routes[].hedge",
    "A second attempt at another endpoint while the first still waits for its answer: for requests "
    "that may be sent twice, without a body or with one that is kept. The first good answer wins.",
    "after",
    "after: p99\nat_most: 10%\nat_least: 20ms\n",
    hedge_rows,
    blank<HedgeConfig>};

/// A row of what rules/ carries out, whose keys stand among the route's own.
template <auto member>
constexpr Row rule(const Row& row) {
  return within<&RouteConfig::rules, member>(row);
}

constexpr Choice priority_choices[] = {
    word(here, Priority::low, "low", "Refused first under overload."),
    word(here, Priority::normal, "normal", "In between."),
    word(here, Priority::high, "high", "Refused last under overload."),
};

constexpr Row route_rows[] = {
    list<&RouteConfig::hosts>(here, "host", host_shape,
                              "The hosts that the route is for; none: any. *.shop.example is every "
                              "name below shop.example, at any depth. Ports are not looked at."),
    tagged<&RouteConfig::path>(here, "path", path_kinds, "The paths that the route is for."),
    list<&RouteConfig::methods>(here, "methods", method_shape,
                                "The methods that the route is for; none: any."),
    named<&RouteConfig::headers>(here, "headers", header_name_format, header_shape,
                                 "Request headers that must be there, and with which value."),
    text<&RouteConfig::to>(here, "to", upstream_name_format,
                           "The upstream that answers. May be left out when there is only one."),
    duration<&RouteConfig::timeout>(here, "timeout", patience,
                                    "How long the whole exchange may take, all attempts included."),
    section<&RouteConfig::retry>(here, "retry", retry_section,
                                 "Attempts at other endpoints after one has failed."),
    section<&RouteConfig::hedge>(here, "hedge", hedge_section,
                                 "A second attempt while the first still waits."),
    rule<&RouteRulesConfig::rate_limit>(section<&RouteRulesConfig::rate_limit>(
        here, "rate_limit", rate_limit_section, "A limit on requests per time.")),
    rule<&RouteRulesConfig::body_limit>(size<&RouteRulesConfig::body_limit>(
        here, "body_limit", {.least = 1_B, .most = 1024_GiB, .zero_word = "default"},
        "A request's body, instead of what `limits` says of it.")),
    rule<&RouteRulesConfig::split>(section<&RouteRulesConfig::split>(
        here, "split", split_section, "Several upstreams that share the requests.")),
    list<&RouteConfig::allow>(here, "allow", network_shape,
                              "Clients that may use the route; none: everyone. Others get a 403."),
    list<&RouteConfig::deny>(here, "deny", network_shape,
                             "Clients that get a 403. Looked at before `allow`."),
    choice<&RouteConfig::priority>(here, "priority", priority_choices,
                                   "Which requests are refused first under overload."),
    rule<&RouteRulesConfig::request_headers>(section<&RouteRulesConfig::request_headers>(
        here, "request_headers", request_headers_section, "Changes of what the endpoint is sent.")),
    rule<&RouteRulesConfig::response_headers>(section<&RouteRulesConfig::response_headers>(
        here, "response_headers", response_headers_section, "Changes of what the client is sent.")),
    rule<&RouteRulesConfig::rewrite>(section<&RouteRulesConfig::rewrite>(
        here, "rewrite", rewrite_section, "Another path for the endpoint.")),
    rule<&RouteRulesConfig::request_host>(text<&RouteRulesConfig::request_host>(
        here, "request_host", request_host_format,
        "The host that the endpoint is asked for: the client's, the endpoint's own, or this one.")),
    rule<&RouteRulesConfig::redirect>(section<&RouteRulesConfig::redirect>(
        here, "redirect", redirect_section, "The client is sent elsewhere.")),
    rule<&RouteRulesConfig::respond>(section<&RouteRulesConfig::respond>(
        here, "respond", respond_section, "A fixed answer, and no upstream is asked.")),
    rule<&RouteRulesConfig::hsts>(section<&RouteRulesConfig::hsts>(
        here, "hsts", hsts_section, "Browsers are told to use https alone.")),
    rule<&RouteRulesConfig::cors>(section<&RouteRulesConfig::cors>(
        here, "cors", cors_section, "Whose pages may read the answers.")),
    rule<&RouteRulesConfig::compress>(section<&RouteRulesConfig::compress>(
        here, "compress", compress_section, "Responses are compressed.")),
    rule<&RouteRulesConfig::basic_auth>(section<&RouteRulesConfig::basic_auth>(
        here, "basic_auth", basic_auth_section, "Who may use the route, by name and password.")),
    rule<&RouteRulesConfig::forward_auth>(section<&RouteRulesConfig::forward_auth>(
        here, "forward_auth", forward_auth_section,
        "A service that is asked whether a request may go on.")),
    rule<&RouteRulesConfig::mirror>(section<&RouteRulesConfig::mirror>(
        here, "mirror", mirror_section, "Copies of requests for another upstream.")),
    rule<&RouteRulesConfig::error_pages>(named<&RouteRulesConfig::error_pages>(
        here, "error_pages", error_page_name_format, error_page_shape,
        "Pages for the gateway's own errors, by status or class, read when the configuration is. "
        "`{status}`, `{reason}` and `{request_id}` are filled in. Who asks for JSON gets that.")),
};
constexpr Section route_section = {
    "routes[]",
    "Which requests go to which upstream. The first route that matches wins; a request that none "
    "matches gets a 404. Without any routes, everything goes to the only upstream.",
    "",
    "host: [shop.example, \"*.shop.example\"]\n"
    "path: /api/\n"
    "methods: [GET, HEAD]\n"
    "headers: { X-Version: \"2\", X-Tenant: { regex: \"^[a-z]+$\" } }\n"
    "to: app\n"
    "timeout: 30s\n"
    "retry: { attempts: 2 }\n"
    "hedge: { after: p95, at_most: 5% }\n"
    "allow: [10.0.0.0/8]\n"
    "deny: [10.0.0.13, \"fd00::/8\"]\n"
    "priority: high\n"
    "request_headers: { set: { X-Real-IP: \"{client}\" } }\n"
    "response_headers: { remove: [X-Powered-By] }\n"
    "rewrite: { strip_prefix: /api }\n"
    "request_host: endpoint\n"
    "redirect: https\n"
    "respond: { status: 503, retry_after: 1h, except: [10.0.0.0/8] }\n"
    "hsts: 365d\n"
    "cors: https://shop.example\n"
    "rate_limit: { per: client_ip, rate: 100/s, burst: 200 }\n"
    "body_limit: 10MiB\n"
    "split: [app, { upstream: next, weight: 2 }]\n"
    "compress: [zstd, br, gzip]\n"
    "basic_auth: /etc/goodgate/users\n"
    "forward_auth: { to: app, path: /verify, copy_headers: [Remote-User] }\n"
    "mirror: { to: next, share: 10% }\n"
    "error_pages: { 404: pages/404.html, 5xx: pages/5xx.html }\n",
    route_rows,
    blank<RouteConfig>};
constexpr Shape route_shape = sections(route_section);

constexpr Shape upstream_shape = sections(upstream_section);

// The gateway as a whole -------------------------------------------------------------------------

constexpr Row client_timeouts_rows[] = {
    duration<&ClientTimeouts::head>(
        here, "head", bounded_patience,
        "Time from a request's first byte to the end of its head; after it the client gets a 408."),
    duration<&ClientTimeouts::idle>(here, "idle", {.least = 1ms, .most = 24h},
                                    "How long a client's connection is kept between requests."),
    duration<&ClientTimeouts::body>(here, "body", patience,
                                    "Time between two pieces of a request's body."),
    duration<&ClientTimeouts::send>(here, "send", patience,
                                    "Time in which the client takes no byte of the response."),
    duration<&ClientTimeouts::drain>(here, "drain", {.least = {}, .most = 24h},
                                     "Time for exchanges to end once the gateway is told to stop."),
    text<&ClientTimeouts::request_header>(
        here, "request_header", header_name_format,
        "A request header in which clients say how long they will wait for the answer: seconds, or "
        "a number with ms, s or m. The exchange takes no longer. `grpc-timeout` needs no mention."),
};
constexpr Section client_timeouts_section = {
    "timeouts",
    "How long clients may take.",
    "",
    "head: 10s\nidle: 75s\nbody: 60s\nsend: 60s\ndrain: 30s\n"
    "request_header: X-Request-Timeout\n",
    client_timeouts_rows,
    blank<ClientTimeouts>};

constexpr Row client_limits_rows[] = {
    size<&ClientLimits::head>(here, "head", {.least = 1_KiB, .most = 512_KiB},
                              "A request's or response's head."),
    count<&ClientLimits::fields>(here, "fields", {.least = 8, .most = 500, .zero_word = {}},
                                 "Header fields in one head."),
    size<&ClientLimits::body>(here, "body",
                              {.least = 1_B, .most = 1024_GiB, .zero_word = "unlimited"},
                              "A request's body; beyond it the client gets a 413."),
    count<&ClientLimits::connections>(
        here, "connections", {.least = 1, .most = 10'000'000, .zero_word = {}},
        "Client connections at once, or what the file descriptors allow if that is less."),
    count<&ClientLimits::connections_per_client>(
        here, "connections_per_client", {.least = 1, .most = 1'000'000, .zero_word = "unlimited"},
        "Connections at once of one client address, of IPv6 the first 64 bits. Trusted proxies and "
        "Unix sockets have none of it."),
};
constexpr Section client_limits_section = {
    "limits",
    "What clients may ask for.",
    "",
    "head: 64KiB\nfields: 128\nbody: 100MiB\nconnections: 20000\nconnections_per_client: 100\n",
    client_limits_rows,
    blank<ClientLimits>};

constexpr Row admin_rows[] = {
    text<&AdminConfig::address>(here, "address", admin_address_format,
                                "Where the dashboard, the API and metrics are served. An address "
                                "that other machines reach needs a `token_file`."),
    text<&AdminConfig::token_file>(here, "token_file", file_format,
                                   "A file whose first line, at least 16 characters, operators "
                                   "send as a bearer token; without "
                                   "it they get nothing but `/ready`."),
};
constexpr Section admin_section = {
    "admin",    "The interface for operators: dashboard, API and metrics.",
    "address",  "address: 127.0.0.1:9502\ntoken_file: /etc/goodgate/admin.token\n",
    admin_rows, blank<AdminConfig>};

constexpr Row log_rows[] = {
    text<&LogConfig::access>(here, "access", log_target_format,
                             "Where the access log goes, a line for each request."),
    text<&LogConfig::format>(here, "format", log_format_format,
                             "How its lines look: `docs/access-log.md` has the fields."),
    text<&LogConfig::sample>(here, "sample", share_format,
                             "The share of requests that are logged. Those that failed, were "
                             "rescued or were slow are logged all the same."),
    duration<&LogConfig::slow>(here, "slow", patience,
                               "From how long on a request counts as slow for `sample`."),
};
constexpr Section log_section = {
    "log",    "The access log.",
    "",       "access: /var/log/goodgate/access.log\nformat: combined\nsample: 10%\nslow: 500ms\n",
    log_rows, blank<LogConfig>};

constexpr Shape include_shape = texts(file_format);

constexpr Row traces_rows[] = {
    text<&TracesConfig::collector>(
        here, "collector", collector_format,
        "Who takes the traces, by OTLP/HTTP; off: nobody. Without a path it is `/v1/traces`.",
        "collector: http://127.0.0.1:4318"),
    text<&TracesConfig::sample>(here, "sample", share_format,
                                "The share of requests that are traced. Those that failed or were "
                                "rescued are traced all the same."),
    text<&TracesConfig::service>(here, "service", upstream_name_format,
                                 "What the gateway is called in them: `service.name`."),
};
constexpr Section traces_section = {
    "traces",    "OpenTelemetry traces: a span for each request and for each attempt.",
    "collector", "collector: http://127.0.0.1:4318\nsample: 5%\nservice: shop-edge\n",
    traces_rows, blank<TracesConfig>};

constexpr Row redis_rows[] = {
    text<&RedisConfig::server>(here, "server", redis_url_format,
                               "Its URL; rediss: with TLS, and a certificate that is checked.",
                               "server: redis://127.0.0.1:6379"),
    text<&RedisConfig::user>(here, "user", any_text_format,
                             "Who the gateway is there; none: the default user."),
    text<&RedisConfig::password>(here, "password", any_text_format,
                                 "The password; none: it asks for none. Best from a file."),
    text<&RedisConfig::prefix>(here, "prefix", upstream_name_format,
                               "How its keys begin: the same on all gateways that share limits."),
};
constexpr Section redis_section = {
    "redis",
    "The Redis through which several gateways share the limits that say `shared: true`. No request "
    "waits for it.",
    "server",
    "server: redis://127.0.0.1:6379/1\nuser: gateways\npassword: ${file:redis.password}\n"
    "prefix: shop\n",
    redis_rows,
    blank<RedisConfig>};

constexpr Row root_rows[] = {
    carried_out_before("include", include_shape,
                       "Other files, or patterns of their names such as routes/*.yaml, relative to "
                       "the folder of this one. Their lists are put behind those here, their maps "
                       "beside; nothing may be said twice. They may include others."),
    text<&Config::name>(here, "name", deployment_name_format,
                        "What this deployment calls itself in Via and Proxy-Status; auto is the "
                        "machine's host name."),
    text<&Config::zone>(here, "zone", upstream_name_format,
                        "The zone that this gateway stands in; none: it prefers no endpoint."),
    list<&Config::listeners>(here, "listeners", listener_shape, "Where clients connect.",
                             "listeners: [\":8080\"]"),
    list<&Config::trusted_proxies>(
        here, "trusted_proxies", network_shape,
        "Proxies in front of this gateway. Only their Forwarded and X-Forwarded-* are believed."),
    list<&Config::allow>(here, "allow", network_shape,
                         "Clients that may use the gateway; none: everyone. Others get a 403."),
    list<&Config::deny>(here, "deny", network_shape,
                        "Clients that get a 403 everywhere. Looked at before `allow`."),
    list<&Config::routes>(here, "routes", route_shape,
                          "Which requests go to which upstream; none: all to the only upstream."),
    named<&Config::upstreams>(here, "upstreams", upstream_name_format, upstream_shape,
                              "The servers that requests go to, by name.",
                              "upstreams: { app: [\"http://10.0.0.1:3000\"] }"),
    section<&Config::etcd>(here, "etcd", etcd_section,
                           "The etcd cluster that endpoints are looked up in."),
    section<&Config::timeouts>(here, "timeouts", client_timeouts_section,
                               "How long clients may take."),
    section<&Config::limits>(here, "limits", client_limits_section, "What clients may ask for."),
    section<&Config::redis>(here, "redis", redis_section,
                            "The Redis through which gateways share limits."),
    section<&Config::admin>(here, "admin", admin_section, "The interface for operators."),
    section<&Config::log>(here, "log", log_section, "The access log."),
    section<&Config::traces>(here, "traces", traces_section, "OpenTelemetry traces."),
    text<&Config::state>(here, "state", state_format,
                         "Where incidents and the requests that they name are kept: a directory "
                         "for this gateway alone. off: in memory only, as with auto unless the "
                         "service manager gives a directory ($STATE_DIRECTORY)."),
    count<&Config::threads>(here, "threads", {.least = 1, .most = 1024, .zero_word = "auto"},
                            "Worker threads; auto is one per core that the process may use."),
    text<&Config::user>(here, "user", account_format,
                        "The user to become once the sockets are bound; none: stay."),
    text<&Config::group>(here, "group", account_format,
                         "The group to become; none: the user's own."),
};
constexpr Section root = {"",
                          "The file as a whole. Only `listeners` and `upstreams` are needed.",
                          "",
                          "include: [upstreams.yaml, routes/*.yaml]\n"
                          "name: shop-edge\n"
                          "zone: b\n"
                          "listeners: [\":8080\"]\n"
                          "trusted_proxies: [10.0.0.0/8]\n"
                          "allow: [10.0.0.0/8]\n"
                          "deny: [10.0.0.13]\n"
                          "routes:\n"
                          "  - { path: /api/, to: api, timeout: 30s }\n"
                          "  - { to: app }\n"
                          "upstreams:\n"
                          "  app: [http://10.0.0.1:3000, http://10.0.0.2:3000]\n"
                          "  api: http://10.0.0.3:3000\n"
                          "etcd: http://127.0.0.1:2379\n"
                          "timeouts: { idle: 75s }\n"
                          "limits: { body: 100MiB }\n"
                          "redis: redis://127.0.0.1:6379\n"
                          "admin: 127.0.0.1:9502\n"
                          "log: { access: stdout, format: json }\n"
                          "traces: http://127.0.0.1:4318\n"
                          "state: /var/lib/goodgate\n"
                          "threads: auto\n"
                          "user: goodgate\n"
                          "group: goodgate\n",
                          root_rows,
                          blank<Config>};

}  // namespace

const Section& root_section() { return root; }

}  // namespace gg
