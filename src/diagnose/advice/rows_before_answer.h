// SPDX-License-Identifier: Apache-2.0
// Advice on routing, names, connecting, the gateway's own resources and its policies. Included by
// advice.cc alone.
#pragma once

#include "diagnose/advice/advice.h"

namespace gg::advice_rows {

inline constexpr Advice before_answer[] = {
    {.fault = Fault::no_route,
     .proof =
         "Send the request with curl -v and compare its Host, path and method with the routes.",
     .nginx = "Add a server_name or location that covers it; nginx -T shows what is in force.",
     .haproxy = "Add a use_backend rule or a default_backend to the frontend.",
     .envoy = "Add a route, or the host to the virtual host's domains (\"*\" catches all)."},
    {.fault = Fault::missing_upstream,
     .proof = "Look the name in the message up in the configuration that is in force.",
     .nginx = "Define the upstream block that proxy_pass names, then nginx -t.",
     .haproxy = "Define the backend that the rule names; haproxy -c -f FILE finds such names.",
     .envoy = "Publish the cluster before the routes that name it (CDS before RDS)."},
    {.fault = Fault::empty_upstream,
     .background = "Discovery is at work and found nobody: a selector that matches nothing, a "
                   "registry that is empty, or a name without addresses.",
     .proof = "Ask the source itself: the registry, kubectl get endpoints, or dig NAME.",
     .haproxy = "Check that server-template and its resolvers section find the name.",
     .envoy = "Look at /clusters of the admin port: no host means that EDS sent none."},
    {.fault = Fault::loop_detected,
     .proof = "Resolve the endpoint's name from the gateway: it leads to the gateway itself.",
     .nginx =
         "Correct proxy_pass; a server_name that resolves to this machine is not an upstream."},
    {.fault = Fault::address_not_allowed,
     .proof = "Resolve the endpoint's name and compare the address with the rules.",
     .envoy = "Correct the RBAC filter's rules, or the cluster's address."},
    {.fault = Fault::configuration_not_ready,
     .proof = "Compare the time of the request with that of the last start or reload.",
     .envoy = "Let clients wait for /ready; the cluster or its secrets were still warming."},
    {.fault = Fault::dns_timeout,
     .proof = "dig @SERVER NAME for each nameserver in /etc/resolv.conf, once more with +tcp.",
     .nginx = "Correct resolver (and give resolver_timeout 5s); list two name servers.",
     .haproxy = "Give the resolvers section two nameservers, resolve_retries 3 and hold valid 30s.",
     .envoy = "Check the cluster's DNS servers; a last good answer is kept while they fail."},
    {.fault = Fault::dns_no_such_name,
     .proof = "dig NAME from the gateway's machine; try it with and without the search domain.",
     .nginx = "Correct the name. nginx does not apply search domains when it uses resolver, so "
              "write names in full, such as app.default.svc.cluster.local.",
     .haproxy = "Correct the server's name; init-addr last,libc,none lets HAProxy start without.",
     .envoy = "Correct the address in the cluster; search domains apply only to c-ares' defaults."},
    {.fault = Fault::dns_server_failure,
     .proof = "dig NAME +dnssec, then +cd: if only the latter answers, signatures are broken.",
     .nginx = "Point resolver at a name server that may answer for this zone.",
     .haproxy = "Correct the resolvers section; hold other 30s keeps the last good address."},
    {.fault = Fault::dns_no_address,
     .proof = "dig NAME A and dig NAME AAAA: one of them has to have an answer.",
     .nginx = "resolver ... ipv6=off if only IPv4 works, or publish the missing record.",
     .haproxy = "Set resolve-prefer ipv4 on the server, or publish the missing record.",
     .envoy = "Set dns_lookup_family to ALL (or V4_PREFERRED)."},
    {.fault = Fault::dns_stale_answer,
     .background = "A name was resolved once and its address has moved since: a container was "
                   "replaced, a load balancer changed its addresses.",
     .proof = "Compare the address in the log with dig NAME now: it is no longer among them.",
     .nginx = "Names in upstream and proxy_pass are resolved once, at start. Set resolver ... "
              "valid=10s and write proxy_pass with a variable (set $app app.internal; proxy_pass "
              "http://$app:8080;), or use server ... resolve with zone (1.27.3 and newer).",
     .haproxy = "Give the server a resolvers section; without one the name is resolved at start.",
     .envoy = "Use STRICT_DNS with respect_dns_ttl: true instead of a static address.",
     .others = "Traefik and Caddy resolve anew per connection: shorten the kept-alive ones."},
    {.fault = Fault::dns_no_resolver,
     .proof = "Look for \"no resolver defined\" in the error log.",
     .nginx =
         "A proxy_pass with a variable needs resolver ADDRESS valid=10s; in the server block."},
    {.fault = Fault::connect_refused,
     .background = "The machine answered at once that nobody listens on this port: the service is "
                   "stopped, restarting, on another port, or bound to 127.0.0.1 only.",
     .proof = "On the endpoint's machine: ss -ltn. From the gateway: curl -v http://ENDPOINT/.",
     .nginx = "Start the service or correct the port. Give the upstream a second server and keep "
              "proxy_next_upstream error timeout, so that one that restarts costs nobody.",
     .haproxy = "Start the service or correct the port. Set check on each server, option "
                "redispatch 1 and retries 3, so that one that restarts costs nobody.",
     .envoy = "Start the service or correct the port. Set retry_on: connect-failure and health "
              "checks, so that one that restarts costs nobody.",
     .others = "Start the service or correct the port; add a retry (Traefik: the retry "
               "middleware; Caddy: lb_try_duration 5s) so that one that restarts costs nobody."},
    {.fault = Fault::connect_timeout,
     .background = "The first packet was never answered. A refusal is immediate; silence means a "
                   "packet filter, a machine that is gone, or a listen queue that is full.",
     .proof =
         "From the gateway: nc -vz -w 3 HOST PORT. On the endpoint: nstat -az TcpExtListenDrops "
         "and ss -ltn (Recv-Q above Send-Q is a full queue).",
     .nginx =
         "Open the firewall or security group. Meanwhile proxy_connect_timeout 1s (the default "
         "of 60s keeps clients waiting) lets proxy_next_upstream reach another server in time.",
     .haproxy = "Open the firewall or security group. Meanwhile timeout connect 1s with option "
                "redispatch 1 reaches another server in time.",
     .envoy = "Open the firewall or security group. Meanwhile connect_timeout: 1s with retry_on: "
              "connect-failure reaches another host in time.",
     .others = "Open the firewall or security group between gateway and endpoint; shorten the "
               "dial timeout (Traefik: forwardingTimeouts.dialTimeout; Caddy: dial_timeout)."},
    {.fault = Fault::host_unreachable,
     .proof = "ip neigh show ADDRESS on the gateway: FAILED means that nobody answers there.",
     .nginx = "Bring the machine back or mark its server line down.",
     .haproxy = "Bring the machine back; with check it is taken out by itself."},
    {.fault = Fault::network_unreachable,
     .proof = "ip route get ADDRESS on the gateway.",
     .nginx = "Add the route; for IPv6 without a route: resolver ... ipv6=off.",
     .haproxy = "Add the route; for IPv6 without a route: resolve-prefer ipv4.",
     .envoy = "Add the route; for IPv6 without a route: dns_lookup_family: V4_ONLY."},
    {.fault = Fault::connect_prohibited,
     .proof = "ausearch -m avc -ts recent for SELinux; iptables -L -v -n or nft list ruleset.",
     .nginx = "With SELinux: setsebool -P httpd_can_network_connect 1. For a Unix socket, let the "
              "user of nginx write to it.",
     .haproxy = "With SELinux: setsebool -P haproxy_connect_any 1.",
     .others = "With SELinux, Apache: setsebool -P httpd_can_network_connect 1."},
    {.fault = Fault::unix_backlog_full,
     .proof = "ss -lx: Recv-Q of the socket has reached Send-Q.",
     .nginx = "Raise the service's backlog (php-fpm: listen.backlog, gunicorn: --backlog) and "
              "net.core.somaxconn, or give it more workers."},
    {.fault = Fault::unix_socket_missing,
     .proof = "ls -l PATH on the gateway's machine (inside its container, if it has one).",
     .nginx = "Start the service, or correct the path after unix: in proxy_pass or fastcgi_pass."},
    {.fault = Fault::accept_queue_overflow,
     .proof = "On the endpoint: nstat -az TcpExtListenOverflows grows under load.",
     .nginx = "Raise the service's listen backlog and net.core.somaxconn, add workers.",
     .haproxy = "Set maxconn on the server lines, so that HAProxy queues and not the kernel.",
     .envoy = "Lower circuit_breakers max_connections to what the service can accept."},
    {.fault = Fault::path_drops_connections,
     .proof = "On what lies between: conntrack -S (insert_failed, drop) and nf_conntrack_count "
              "against nf_conntrack_max.",
     .nginx = "Enlarge nf_conntrack_max; keepalive 32 in the upstream opens fewer connections.",
     .haproxy = "Enlarge nf_conntrack_max; http-reuse safe opens fewer connections."},
    {.fault = Fault::connect_failed,
     .proof = "Look the error number up with goodgate explain NUMBER."},
    {.fault = Fault::ports_exhausted,
     .background = "Each connection to one address and port takes a local port, and for a minute "
                   "after its end; about 28,000 are there.",
     .proof = "ss -s (timewait), and ss -tan state time-wait | wc -l, on the gateway.",
     .nginx = "Reuse connections: keepalive 64 in the upstream, proxy_http_version 1.1 and "
              "proxy_set_header Connection \"\". Then net.ipv4.ip_local_port_range = 1024 65000.",
     .haproxy = "http-reuse safe, no option httpclose; then a wider ip_local_port_range, or "
                "source with several addresses.",
     .envoy = "Raise max_requests_per_connection (0 is no limit) and widen ip_local_port_range.",
     .others = "Keep upstream connections alive, then widen net.ipv4.ip_local_port_range."},
    {.fault = Fault::descriptors_exhausted,
     .proof = "ls /proc/PID/fd | wc -l against grep 'open files' /proc/PID/limits.",
     .nginx = "worker_rlimit_nofile 65535; (twice worker_connections at least).",
     .haproxy = "Raise LimitNOFILE of its unit, or lower global maxconn.",
     .envoy = "Raise LimitNOFILE of its unit (or the container's ulimit)."},
    {.fault = Fault::connection_slots_exhausted,
     .proof = "Compare the number of connections with the limit: stub_status, show info, /stats.",
     .nginx = "worker_connections 8192; in events, and worker_rlimit_nofile above twice that.",
     .haproxy = "Raise global maxconn (and the frontend's).",
     .envoy = "Raise the overload manager's limit of downstream connections.",
     .others = "Apache: raise MaxRequestWorkers (and ServerLimit)."},
    {.fault = Fault::memory_exhausted,
     .proof = "dmesg | grep -i oom, and the memory limit of the container.",
     .nginx = "Lower proxy_buffers and proxy_buffer_size times worker_connections, or add memory.",
     .haproxy = "Lower tune.bufsize or maxconn, or add memory.",
     .envoy = "Lower per_connection_buffer_limit_bytes, or add memory."},
    {.fault = Fault::internal_error,
     .proof = "Look for a crash in the gateway's own log: a signal, an assertion, a core file."},
    {.fault = Fault::no_healthy_endpoint,
     .background = "Nobody is left to send to. This is a consequence: what took the endpoints out "
                   "stands earlier in the log.",
     .proof = "Read the log from a minute before the first of these, and look why checks fail.",
     .nginx = "Find the errors before it. nginx takes a server out for fail_timeout (10s) after "
              "max_fails (1) failures, stale kept-alive connections included: max_fails=3 "
              "fail_timeout=5s, or max_fails=0 where there are few servers.",
     .haproxy = "Find the \"is DOWN, reason\" lines before it; they say why the check failed.",
     .envoy = "Look at /clusters: failed_active_hc or failed_outlier_check says who took them out.",
     .others = "Look at the health check's own reason: the target group's, or the gateway's log."},
    {.fault = Fault::all_endpoints_ejected,
     .proof = "Look at which errors came before the ejections: if they are stale kept-alive "
              "connections, the endpoints were fine.",
     .nginx = "max_fails=3 fail_timeout=5s on the server lines; one failure takes out by default.",
     .haproxy = "Raise error-limit, or on-error fastinter instead of mark-down.",
     .envoy = "Raise consecutive_5xx, lower max_ejection_percent; split_external_local_origin_"
              "errors: true keeps connection errors apart."},
    {.fault = Fault::connection_limit_reached,
     .proof = "Compare the gauge of connections or requests with the limit at that moment.",
     .nginx = "Raise max_conns on the server lines, or add servers.",
     .haproxy = "Raise maxconn on the server lines and timeout queue, or add servers.",
     .envoy = "Raise circuit_breakers thresholds: max_connections, max_pending_requests, "
              "max_requests are 1024 each and max_retries is 3 by default.",
     .others = "Raise the limit (Apache: max= of BalancerMember; Traefik: inFlightReq)."},
    {.fault = Fault::queue_wait_exceeded,
     .proof = "Compare the time in the queue with its limit, and see whether all servers are full.",
     .haproxy = "Add servers or raise their maxconn; timeout queue bounds the wait.",
     .envoy = "Add hosts, or raise max_pending_requests only if they can carry more."},
    {.fault = Fault::overload_shed,
     .proof = "See whether response times rose before the refusals began.",
     .haproxy = "Find the http-request deny or reject rule that fired.",
     .envoy = "Look at the overload manager's and the adaptive concurrency filter's statistics."},
    {.fault = Fault::all_endpoints_draining,
     .proof = "Ask who put them into maintenance, and when: the deploy's log, the runtime socket.",
     .nginx = "Remove down from the server lines.",
     .haproxy = "echo 'set server B/S state ready' | socat - /run/haproxy/admin.sock"},
    {.fault = Fault::rate_limited,
     .proof = "Count the requests of that client per second against the limit.",
     .nginx = "Raise rate or burst of limit_req, and set limit_req_status 429; the default of 503 "
              "looks like a fault of the service.",
     .haproxy = "Raise the threshold of the stick-table rule; use deny_status 429.",
     .envoy = "Raise the local or global rate limit's tokens."},
    {.fault = Fault::sticky_endpoint_down,
     .proof = "Compare the cookie's server with the list of healthy ones.",
     .haproxy = "option redispatch 1, and no option persist: the session moves to another server.",
     .envoy = "Let the stateful session filter fall back: strict: false."},
    {.fault = Fault::queue_full,
     .proof = "Compare the queue's length with its limit at that moment.",
     .haproxy = "Raise maxqueue or add servers.",
     .envoy = "Raise max_pending_requests or add hosts."},
    {.fault = Fault::client_connection_limit,
     .proof = "Count the open connections of that address: ss -tn state established.",
     .nginx = "Raise limit_conn for the address's zone, and set limit_conn_status 429.",
     .haproxy = "Raise the threshold of src_conn_cur in the tcp-request connection rule.",
     .envoy = "Raise the connection limit filter's max_connections."},
};

}  // namespace gg::advice_rows
