// SPDX-License-Identifier: Apache-2.0
// The keys of an upstream, a part of the table that begins in tables.cc.
#include "config/upstream_tables.h"

#include "config/formats.h"
#include "config/model.h"
#include "config/rows.h"

namespace gg {
namespace {

using namespace rows;
using enum Availability;

constexpr Row endpoint_rows[] = {
    text<&EndpointConfig::url>(here, "url", endpoint_url_format,
                               "Where it is. The host may be a name. The port is 80 if left out.",
                               "url: http://10.0.0.1:3000"),
    count<&EndpointConfig::weight>(here, "weight", {.least = 1, .most = 1000, .zero_word = {}},
                                   "Its part of the load, relative to the others."),
    count<&EndpointConfig::tier>(here, "tier", {.least = 1, .most = 16, .zero_word = {}},
                                 "Endpoints of a higher tier get just what the lower ones cannot "
                                 "carry."),
    text<&EndpointConfig::zone>(here, "zone", upstream_name_format,
                                "The zone it stands in. Of one tier, those in the gateway's own "
                                "`zone` are used as long as they can carry the load."),
};
constexpr Section endpoint_section = {"upstreams.NAME.endpoints[]",
                                      "One server of an upstream.",
                                      "url",
                                      "url: http://10.0.0.1:3000\nweight: 2\ntier: 1\nzone: b\n",
                                      endpoint_rows,
                                      blank<EndpointConfig>};
constexpr Shape endpoint_shape = sections(endpoint_section);

constexpr Row discover_rows[] = {
    text<&DiscoverConfig::dns>(here, "dns", any_text_format,
                               "A name of which every address, of both families, is an endpoint."),
    count<&DiscoverConfig::port>(here, "port", {.least = 1, .most = 65535, .zero_word = {}},
                                 "The port at those addresses."),
    text<&DiscoverConfig::srv>(here, "srv", any_text_format,
                               "A name of which every SRV record is an endpoint: the lowest "
                               "priority is tier 1, the next tier 2; weights are weights."),
    text<&DiscoverConfig::file>(here, "file", file_format,
                                "A file of URLs, one a line, that is read again when it changes."),
    text<&DiscoverConfig::etcd>(here, "etcd", any_text_format,
                                "A key in etcd: each key below it is an endpoint, as long as it is "
                                "there. `etcd` says which servers."),
};
constexpr Section discover_section = {
    "upstreams.NAME.discover",
    "Endpoints that are looked up, and again whenever that may bring news. Those that have come "
    "begin slowly, those that have gone get nothing more; when nobody can be found, the last ones "
    "stay.",
    "",
    "dns: app.internal\nport: 3000\n# or srv: _http._tcp.app.internal\n# or file: "
    "/etc/goodgate/app.endpoints\n# or etcd: /goodgate/upstreams/app/endpoints/\n",
    discover_rows,
    blank<DiscoverConfig>};

constexpr Choice balance_choices[] = {
    word(here, Balance::least_time, "least_time",
         "The endpoint that is likely to answer first, of two drawn at random."),
    word(here, Balance::least_requests, "least_requests",
         "The endpoint with the fewest requests in flight."),
    word(here, Balance::round_robin, "round_robin", "Each endpoint in turn."),
    word(here, Balance::random, "random", "Any endpoint."),
};
constexpr Choice hash_choices[] = {
    word(here, HashKey::Kind::header, "header", "By a header.", &header_name_format),
    word(here, HashKey::Kind::cookie, "cookie", "By a cookie.", &cookie_name_format),
    word(here, HashKey::Kind::source, "source", "By the client's address."),
    word(here, HashKey::Kind::path, "path", "By the path, without its query."),
};
constexpr TaggedChoices hash_kinds = {hash_choices};

constexpr Row sticky_rows[] = {
    text<&StickyConfig::cookie>(here, "cookie", cookie_name_format, "The cookie's name."),
    text<&StickyConfig::secret>(
        here, "secret", any_text_format,
        "Keys the hash by which it names the endpoint, so that nobody can find out an address from "
        "it. The same on every gateway in front of the upstream."),
};
constexpr Section sticky_section = {
    "upstreams.NAME.balance.sticky",
    "A cookie of the gateway's own by which a client keeps coming back to the endpoint that "
    "answered first. When that one cannot be used, another answers and the cookie is rewritten.",
    "cookie",
    "cookie: route\nsecret: a-long-random-text\n",
    sticky_rows,
    blank<StickyConfig>};

constexpr Row balance_rows[] = {
    choice<&BalanceConfig::algorithm>(here, "algorithm", balance_choices,
                                      "How an endpoint is chosen. Weights count in all of them."),
    tagged<&BalanceConfig::hash>(
        here, "hash", hash_kinds,
        "Requests that are alike in this go to the same endpoint, unless it has far more to do "
        "than the others. Requests that lack it go where the algorithm says."),
    section<&BalanceConfig::sticky>(here, "sticky", sticky_section,
                                    "Clients come back to the endpoint that answered them first."),
};
constexpr Section balance_section = {"upstreams.NAME.balance",
                                     "How an endpoint is chosen.",
                                     "algorithm",
                                     "algorithm: least_requests\n"
                                     "hash: { header: X-Tenant }\n"
                                     "sticky: route\n",
                                     balance_rows,
                                     blank<BalanceConfig>};

constexpr Row health_rows[] = {
    text<&HealthConfig::get>(here, "get", path_format, "The path to ask for."),
    text<&HealthConfig::grpc>(
        here, "grpc", any_text_format,
        "The service to ask gRPC's health protocol for, instead of a path; `*` is the whole "
        "server. Asked over HTTP/2 with or without TLS."),
    duration<&HealthConfig::every>(here, "every", {.least = 100ms, .most = 10min},
                                   "Time between two checks of one endpoint."),
    duration<&HealthConfig::timeout>(here, "timeout", bounded_patience,
                                     "Time for one check to be answered."),
    count<&HealthConfig::healthy_after>(here, "healthy_after",
                                        {.least = 1, .most = 100, .zero_word = {}},
                                        "Good checks in a row that bring an endpoint back."),
    count<&HealthConfig::unhealthy_after>(here, "unhealthy_after",
                                          {.least = 1, .most = 100, .zero_word = {}},
                                          "Failed checks in a row that take an endpoint out."),
    text<&HealthConfig::host>(here, "host", any_text_format,
                              "The host to name. Without it, the endpoint's own."),
    count<&HealthConfig::status>(here, "status", {.least = 200, .most = 599, .zero_word = "good"},
                                 "The status of a good answer; `good` is any 2xx or 3xx."),
    text<&HealthConfig::body>(here, "body", any_text_format,
                              "What the first 64 KiB of a good answer contain."),
};
constexpr Section health_section = {
    "upstreams.NAME.health",
    "Active checks of each endpoint. Without `get`, one that failed is connected to until that "
    "succeeds, and nobody else is checked.",
    "get",
    "get: /healthz  # or of a gRPC server, grpc: shop.Orders\n"
    "every: 2s\n"
    "timeout: 1s\n"
    "healthy_after: 2\n"
    "unhealthy_after: 3\n"
    "host: app.internal\n"
    "status: 200\n"
    "body: all is well\n",
    health_rows,
    blank<HealthConfig>};

constexpr Row eject_rows[] = {
    count<&EjectConfig::consecutive_faults>(here, "consecutive_faults",
                                            {.least = 1, .most = 1000, .zero_word = {}},
                                            "Faults in a row that take an endpoint out."),
    duration<&EjectConfig::shortest>(here, "shortest", {.least = 10ms, .most = 1h},
                                     "How long it stays out the first time; doubled each time."),
    duration<&EjectConfig::longest>(here, "longest", {.least = 10ms, .most = 24h},
                                    "How long it stays out at most."),
    text<&EjectConfig::at_most>(here, "at_most", share_format,
                                "The share of the endpoints that may be out at once."),
};
constexpr Section eject_section = {"upstreams.NAME.eject",
                                   "When real traffic shows an endpoint bad.",
                                   "",
                                   "consecutive_faults: 5\n"
                                   "shortest: 1s\n"
                                   "longest: 60s\n"
                                   "at_most: 50%\n",
                                   eject_rows,
                                   blank<EjectConfig>};

constexpr Row queue_rows[] = {
    count<&QueueConfig::depth>(here, "depth", {.least = 0, .most = 100'000, .zero_word = {}},
                               "Requests that may wait for a place, per thread; more get a 503 at "
                               "once. Half of it once answers have become slow."),
    duration<&QueueConfig::wait>(here, "wait", bounded_patience,
                                 "How long one may wait; after it the client gets a 503."),
};
constexpr Section queue_section = {"upstreams.NAME.limits.queue",
                                   "Requests waiting for a place. Under overload only those wait "
                                   "that will soon have an answer; all others get a 503 at once.",
                                   "",
                                   "depth: 512\nwait: 500ms\n",
                                   queue_rows,
                                   blank<QueueConfig>};

constexpr Row upstream_limits_rows[] = {
    count<&UpstreamLimits::connections>(
        here, "connections", {.least = 1, .most = 1'000'000, .zero_word = "unlimited"},
        "Connections to all of its endpoints together. Requests beyond it get a 503."),
    count<&UpstreamLimits::requests>(
        here, "requests", {.least = 1, .most = 1'000'000, .zero_word = "auto"},
        "Requests in flight at once, to all endpoints and from all threads. With auto the gateway "
        "learns from the time of answers what each endpoint can bear."),
    section<&UpstreamLimits::queue>(here, "queue", queue_section, "Requests waiting for a place."),
};
constexpr Section upstream_limits_section = {
    "upstreams.NAME.limits",
    "What the upstream is spared.",
    "",
    "connections: 1024\nrequests: 200\nqueue: { depth: 512, wait: 500ms }\n",
    upstream_limits_rows,
    blank<UpstreamLimits>};

constexpr Row upstream_timeouts_rows[] = {
    duration<&UpstreamTimeouts::connect>(here, "connect", bounded_patience,
                                         "Time for a connection to open."),
    duration<&UpstreamTimeouts::tls>(here, "tls", bounded_patience, "Time for the TLS handshake."),
    duration<&UpstreamTimeouts::first_byte>(
        here, "first_byte", patience,
        "Time from the end of the request to the response head; after it the client gets a 504."),
    duration<&UpstreamTimeouts::idle>(here, "idle", patience,
                                      "Time between two pieces of a body, in either direction."),
    duration<&UpstreamTimeouts::tunnel>(
        here, "tunnel", patience,
        "Time without a byte in either direction after an upgrade, as to WebSocket."),
    duration<&UpstreamTimeouts::tunnel_life>(
        here, "tunnel_life", patience,
        "The longest life of an upgraded connection. A WebSocket is closed with 1001 (going "
        "away) then, any other tunnel is cut."),
};
constexpr Section upstream_timeouts_section = {
    "upstreams.NAME.timeouts",
    "How long an endpoint may take.",
    "",
    "connect: 2s\ntls: 3s\nfirst_byte: 60s\nidle: 60s\ntunnel: 1h\n"
    "tunnel_life: none\n",
    upstream_timeouts_rows,
    blank<UpstreamTimeouts>};

constexpr Row keep_alive_rows[] = {
    flag<&KeepAliveConfig::enabled>(here, "enabled", "Use connections for more than one request."),
    duration<&KeepAliveConfig::idle>(
        here, "idle", {.least = 1ms, .most = 24h},
        "How long an idle connection is kept. Best a little less than the endpoint keeps it."),
    count<&KeepAliveConfig::requests>(here, "requests",
                                      {.least = 1, .most = 1'000'000'000, .zero_word = "unlimited"},
                                      "Requests on one connection before it is closed."),
    count<&KeepAliveConfig::connections>(here, "connections",
                                         {.least = 1, .most = 65536, .zero_word = {}},
                                         "Idle connections kept per endpoint and thread."),
};
constexpr Section keep_alive_section = {
    "upstreams.NAME.keep_alive",
    "Connections that stay open between requests.",
    "enabled",
    "enabled: true\nidle: 60s\nrequests: unlimited\nconnections: 1024\n",
    keep_alive_rows,
    blank<KeepAliveConfig>};

constexpr Row retry_budget_rows[] = {
    text<&RetryBudgetConfig::share>(here, "share", share_format,
                                    "Retries as a share of the requests of the last `over`."),
    duration<&RetryBudgetConfig::over>(here, "over", {.least = 1s, .most = 10min},
                                       "The time that requests are counted over."),
    text<&RetryBudgetConfig::floor>(
        here, "floor", rate_format,
        "Retries that are allowed in any case, however few requests there are."),
};
constexpr Section retry_budget_section = {
    "upstreams.NAME.retry_budget",
    "How much retrying the upstream has to bear, so that retries do not sink it.",
    "share",
    "share: 20%\nover: 10s\nfloor: 10/s\n",
    retry_budget_rows,
    blank<RetryBudgetConfig>};

constexpr Row race_rows[] = {
    duration<&RaceConfig::after>(here, "after", bounded_patience,
                                 "When a connection elsewhere is started too; sooner where "
                                 "connections usually open faster."),
};
constexpr Section race_section = {
    "upstreams.NAME.race",
    "A second connection, to another endpoint, when one does not open. The first to open is used; "
    "nothing was sent before, so this is safe for every request.",
    "after",
    "after: 250ms\n",
    race_rows,
    blank<RaceConfig>};

constexpr Row upstream_tls_rows[] = {
    text<&UpstreamTls::ca>(here, "ca", file_format,
                           "Authorities to trust, in PEM; none: the system's."),
    text<&UpstreamTls::server_name>(
        here, "server_name", host_pattern_format,
        "The name that is asked for and that the certificate must have; none: the URL's host."),
    flag<&UpstreamTls::verify>(
        here, "verify",
        "Check the certificate. Without it anybody in between can read and change everything."),
    text<&UpstreamTls::cert>(
        here, "cert", file_format,
        "The gateway's own certificate chain in PEM, for endpoints that ask for one."),
    text<&UpstreamTls::key>(here, "key", file_format, "Its private key in PEM."),
};
constexpr Section upstream_tls_section = {
    "upstreams.NAME.tls",
    "TLS towards `https` endpoints. Their certificates are checked, unless told otherwise.",
    "",
    "ca: internal-ca.pem\n"
    "server_name: api.internal\n"
    "verify: true\n"
    "cert: gateway.pem\n"
    "key: gateway.key\n",
    upstream_tls_rows,
    blank<UpstreamTls>};

constexpr Section etcd_tls_section = {"etcd.tls",
                                      "TLS towards `https` servers of etcd.",
                                      "",
                                      "ca: etcd-ca.pem\n"
                                      "server_name: etcd.internal\n"
                                      "verify: true\n"
                                      "cert: gateway.pem\n"
                                      "key: gateway.key\n",
                                      upstream_tls_rows,
                                      blank<UpstreamTls>};

constexpr Shape etcd_server_shape = texts(etcd_server_format);
constexpr Row etcd_rows[] = {
    list<&EtcdConfig::servers>(here, "servers", etcd_server_shape,
                               "Servers of one cluster; any of them will do. The port is 2379 if "
                               "left out.",
                               "servers: [\"http://127.0.0.1:2379\"]"),
    text<&EtcdConfig::user>(here, "user", user_name_format,
                            "The user to be there; none: the servers ask for no password."),
    text<&EtcdConfig::password>(here, "password", any_text_format, "The user's password."),
    section<&EtcdConfig::tls>(here, "tls", etcd_tls_section, "TLS towards `https` servers."),
};

constexpr Choice http2_choices[] = {
    word(here, Http2Use::automatic, "auto",
         "With `https` endpoints that agree to it; HTTP/1.1 with all others."),
    word(here, Http2Use::always, "always",
         "With every endpoint, without TLS as well. One that does not speak it gets nothing."),
    word(here, Http2Use::never, "never", "HTTP/1.1 alone."),
};

constexpr Choice proxy_header_choices[] = {
    word(here, ProxyHeaderUse::off, "off", "They do not."),
    word(here, ProxyHeaderUse::v1, "v1", "With one of version 1, as text."),
    word(here, ProxyHeaderUse::v2, "v2", "With one of version 2."),
};

constexpr Row upstream_rows[] = {
    list<&UpstreamConfig::endpoints>(here, "endpoints", endpoint_shape,
                                     "Its servers. At least one is needed, unless `discover` says "
                                     "where they are found."),
    section<&UpstreamConfig::discover>(here, "discover", discover_section,
                                       "Endpoints that are looked up, besides those."),
    section<&UpstreamConfig::balance>(here, "balance", balance_section,
                                      "How an endpoint is chosen."),
    section<&UpstreamConfig::health>(here, "health", health_section,
                                     "Active checks of each endpoint."),
    section<&UpstreamConfig::eject>(here, "eject", eject_section,
                                    "When real traffic shows an endpoint bad."),
    section<&UpstreamConfig::limits>(here, "limits", upstream_limits_section,
                                     "What the upstream is spared."),
    section<&UpstreamConfig::timeouts>(here, "timeouts", upstream_timeouts_section,
                                       "How long an endpoint may take."),
    section<&UpstreamConfig::keep_alive>(here, "keep_alive", keep_alive_section,
                                         "Connections that stay open between requests."),
    section<&UpstreamConfig::retry_budget>(here, "retry_budget", retry_budget_section,
                                           "How much retrying the upstream has to bear."),
    section<&UpstreamConfig::race>(here, "race", race_section,
                                   "A second connection when one does not open."),
    choice<&UpstreamConfig::http2>(here, "http2", http2_choices,
                                   "Whether HTTP/2 is spoken with the endpoints."),
    choice<&UpstreamConfig::proxy_protocol>(
        here, "proxy_protocol", proxy_header_choices,
        "Whether connections to the endpoints begin with a PROXY header that names the client. "
        "Such a connection serves that client's connection alone, by HTTP/1.1."),
    section<&UpstreamConfig::tls>(here, "tls", upstream_tls_section, "TLS towards endpoints."),
};

}  // namespace

constexpr Section upstream_section = {"upstreams.NAME",
                                      "A named group of servers that give the same answers.",
                                      "endpoints",
                                      "endpoints:\n"
                                      "  - http://10.0.0.1:3000\n"
                                      "  - { url: http://10.0.0.2:3000, weight: 2 }\n"
                                      "discover: { file: app.endpoints }\n"
                                      "balance: least_time\n"
                                      "health: /healthz\n"
                                      "eject: { at_most: 50% }\n"
                                      "limits: { connections: 1024 }\n"
                                      "timeouts: { connect: 1s }\n"
                                      "keep_alive: { idle: 5s }\n"
                                      "retry_budget: 10%\n"
                                      "race: 100ms\n"
                                      "http2: auto\n"
                                      "proxy_protocol: v2\n"
                                      "tls: { ca: internal-ca.pem }\n",
                                      upstream_rows,
                                      blank<UpstreamConfig>};

constexpr Section etcd_section = {
    "etcd",
    "The etcd cluster, version 3.4 or later, that `discover.etcd` looks endpoints up in.",
    "servers",
    "servers: [https://10.0.0.5:2379, https://10.0.0.6:2379]\n"
    "user: goodgate\n"
    "password: ${file:/etc/goodgate/etcd.password}\n"
    "tls: { ca: etcd-ca.pem }\n",
    etcd_rows,
    blank<EtcdConfig>};

}  // namespace gg
