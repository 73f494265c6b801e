// SPDX-License-Identifier: Apache-2.0
// Advice on everything from the response head on, and on the client's own request. Included by
// advice.cc alone.
#pragma once

#include "diagnose/advice/advice.h"

namespace gg::advice_rows {

inline constexpr Advice from_answer[] = {
    {.fault = Fault::keep_alive_race,
     .background = "Both sides may close an idle connection at any time. If the endpoint does so "
                   "in the moment in which the gateway sends the next request, the request is "
                   "lost without an answer. Node closes after 5 s, gunicorn after 2 s, uvicorn and "
                   "Apache after 5 s, while gateways keep connections for a minute and longer.",
     .proof = "The failures are few, hit all endpoints, fail within a millisecond, and cease when "
              "connections are not reused. Measure the endpoint: curl -v, wait, curl again.",
     .nginx = "keepalive_timeout in the upstream block below the service's own (4s for Node), or "
              "raise the service's above 60s. proxy_next_upstream error covers GET; POST is not "
              "sent again. max_fails=0 or 3 keeps a race from taking the server out.",
     .haproxy = "Raise the service's keep-alive timeout; http-reuse safe; pool-purge-delay below "
                "it; retry-on conn-failure empty-response for what may be sent twice.",
     .envoy = "common_http_protocol_options.idle_timeout below the service's own (its default is "
              "1 h), and retry_on: reset-before-request,connect-failure,refused-stream.",
     .others = "Raise the service's keep-alive timeout above the gateway's (ALB 60 s, Traefik "
               "idleConnTimeout 90 s, Caddy keepalive 2m), or lower the gateway's. Apache: "
               "disablereuse=on or ttl= below it."},
    {.fault = Fault::closed_before_head,
     .proof = "Look at the service's log and at dmesg for a crash or a kill at that moment; send "
              "the same request to the endpoint with curl -v.",
     .nginx = "Find the crash. If the endpoint expects a PROXY header or TLS, correct the port or "
              "the scheme in proxy_pass.",
     .haproxy = "Find the crash. If the endpoint expects a PROXY header: send-proxy-v2.",
     .envoy = "Find the crash. If the endpoint expects a PROXY header: upstream_proxy_protocol.",
     .others = "Find the crash; check that port and scheme are those of the service."},
    {.fault = Fault::closed_after_long_wait,
     .background = "A worker that was killed by its own supervisor: gunicorn's --timeout 30, "
                   "uwsgi's harakiri, php-fpm's request_terminate_timeout.",
     .proof = "The failures all last equally long, and the service's log tells of a killed worker.",
     .nginx = "Speed the work up, or raise the worker's timeout; keep proxy_read_timeout above it.",
     .haproxy = "Speed the work up, or raise the worker's timeout; keep timeout server above it.",
     .envoy = "Speed the work up, or raise the worker's timeout; keep the route's timeout above."},
    {.fault = Fault::head_incomplete,
     .proof = "curl -v to the endpoint itself: the answer ends within its head."},
    {.fault = Fault::head_timeout,
     .background = "The connection stood and the request was sent; the service did not answer in "
                   "the time that the gateway allows.",
     .proof = "curl -w '%{time_starttransfer}' to the endpoint itself; look at the service's "
              "workers, locks and database at that time.",
     .nginx = "Make it faster or give it workers; proxy_read_timeout 120s; where long work is "
              "meant. POST is not sent again after this, and should not be.",
     .haproxy = "Make it faster or give it workers; http-request set-timeout server 120s where "
                "long work is meant.",
     .envoy = "Make it faster or give it workers; timeout of the route (15 s by default) where "
              "long work is meant. Without per_try_timeout a timeout is never retried.",
     .others = "Make it faster or give it workers; raise the timeout (ALB idle timeout, Traefik "
               "responseHeaderTimeout, Caddy response_header_timeout, Apache ProxyTimeout)."},
    {.fault = Fault::head_too_large,
     .proof = "curl -sD - -o /dev/null http://ENDPOINT/path | wc -c; Set-Cookie is mostly it.",
     .nginx = "proxy_buffer_size 16k; proxy_buffers 8 16k; (the default holds 4 or 8 KiB).",
     .haproxy = "tune.bufsize 32768 (the head has to fit in it less tune.maxrewrite).",
     .envoy = "max_response_headers_kb in the cluster's http_protocol_options."},
    {.fault = Fault::not_http,
     .proof =
         "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc HOST PORT | xxd | head: 15 or 16 03 is TLS, "
         "000012 04 is HTTP/2, SSH- is not a web server.",
     .nginx = "proxy_pass https:// if the port speaks TLS, grpc_pass if it speaks HTTP/2.",
     .haproxy = "ssl on the server line if the port speaks TLS, proto h2 if it speaks HTTP/2.",
     .envoy = "A transport_socket if the port speaks TLS, http2_protocol_options for HTTP/2."},
    {.fault = Fault::head_malformed,
     .proof = "curl -v to the endpoint itself; look for bytes that do not belong into a head.",
     .haproxy = "echo 'show errors' | socat - /run/haproxy/admin.sock shows the bytes."},
    {.fault = Fault::framing_conflict,
     .background = "Two layers of the service each added a length or a coding, as Spring does "
                   "when a controller copies the fields of a response it fetched.",
     .proof = "curl -sD - -o /dev/null http://ENDPOINT/path | grep -iE 'content-length|transfer'",
     .nginx = "Correct the service; nginx has no setting that accepts it, for good reason.",
     .haproxy = "Correct the service; show errors on the runtime socket shows the fields."},
    {.fault = Fault::stream_reset,
     .proof = "Look the code up: 7 refused (may be sent again), 8 cancelled, 11 slow down, 13 use "
              "HTTP/1.1.",
     .envoy = "retry_on: reset,refused-stream for what may be sent again."},
    {.fault = Fault::goaway_unprocessed,
     .proof = "Compare the age of the connections with the service's limit (gRPC: MAX_CONNECTION_"
              "AGE).",
     .nginx = "grpc_next_upstream error timeout non_idempotent; is safe where the code is "
              "REFUSED_STREAM only.",
     .envoy = "retry_on: refused-stream; raise the service's MAX_CONNECTION_AGE."},
    {.fault = Fault::http2_violation, .proof = "nghttp -v http://ENDPOINT/ prints every frame."},
    {.fault = Fault::grpc_status_missing,
     .proof = "grpcurl -v to the endpoint itself, then through each proxy in between."},
    {.fault = Fault::head_flood,
     .proof = "curl -v to the endpoint itself and count the fields and 1xx responses.",
     .haproxy = "Raise tune.http.maxhdr (101 by default).",
     .envoy = "Raise max_headers_count (100 by default)."},
    {.fault = Fault::client_gone_while_waiting,
     .proof = "Compare the durations: if they are alike, it is the clients' timeout (or that of "
              "what stands in front).",
     .nginx = "Not a fault of nginx; if clients give up because the service is slow, look there. "
              "Count 499 apart from errors.",
     .haproxy = "Not a fault of HAProxy; option abortonclose spares the server the work.",
     .envoy = "Not a fault of Envoy; count the flag DC apart from errors."},
    {.fault = Fault::stream_refused,
     .proof = "Compare the requests at once per connection with the endpoint's "
              "SETTINGS_MAX_CONCURRENT_STREAMS.",
     .envoy = "max_concurrent_streams in the cluster's http2_protocol_options; retry_on: "
              "refused-stream."},
    {.fault = Fault::body_truncated,
     .proof = "curl -v to the endpoint itself: transfer closed with outstanding read data.",
     .nginx = "Find the crash or timeout in the service; nothing sent after a head can be retried.",
     .haproxy = "Find the crash or timeout in the service; nothing after a head can be retried.",
     .envoy = "Find the crash or timeout in the service; nothing after a head can be retried."},
    {.fault = Fault::body_reset,
     .proof = "Look at the service's log and dmesg for a crash or a kill at that moment."},
    {.fault = Fault::body_timeout,
     .proof = "Is it an event stream, or did work stop? Compare the pause with the limit.",
     .nginx = "proxy_read_timeout above the longest pause, or heartbeats; proxy_buffering off; "
              "for event streams.",
     .haproxy = "timeout server above the longest pause (timeout tunnel after an upgrade), or "
                "heartbeats.",
     .envoy = "stream_idle_timeout (5 min) above the longest pause, or heartbeats."},
    {.fault = Fault::body_bad_chunk,
     .proof = "curl --raw -v to the endpoint itself shows the chunks."},
    {.fault = Fault::body_excess,
     .proof = "Compare the body's size with Content-Length: curl -v ... | wc -c"},
    {.fault = Fault::body_decode_failed,
     .proof = "curl -H 'Accept-Encoding: gzip' URL | gunzip -t",
     .nginx = "gunzip on; decodes what the service announces as gzip: is it?"},
    {.fault = Fault::body_too_large,
     .proof = "Compare the body's size with the limit.",
     .nginx = "proxy_max_temp_file_size and the space under proxy_temp_path bound it."},
    {.fault = Fault::exchange_deadline,
     .proof = "Compare the request's duration with the limit for the whole of it.",
     .envoy = "max_stream_duration, or the timeout of the route, bounds the whole exchange."},
    {.fault = Fault::client_gone_in_download,
     .proof = "Compare the durations: if they are alike, it is a timeout of the clients.",
     .nginx = "Nothing. Count these apart from errors.",
     .haproxy = "Nothing. Count states that begin with C apart from errors.",
     .envoy = "Nothing. Count the flag DC apart from errors."},
    {.fault = Fault::trailers_too_large,
     .proof = "curl -v or nghttp -v to the endpoint itself shows the trailers."},
    {.fault = Fault::client_not_reading,
     .proof = "ss -tno on the gateway: a full Send-Q towards the client.",
     .nginx = "send_timeout 120s; if clients with slow lines are expected.",
     .haproxy = "timeout client bounds it.",
     .envoy = "stream_idle_timeout bounds it."},
    {.fault = Fault::upgrade_refused,
     .background = "Upgrade and Connection are fields of one hop: a gateway that does not add "
                   "them again turns a WebSocket request into a plain one.",
     .proof = "curl -v -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: "
              "13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' http://ENDPOINT/path",
     .nginx = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header "
              "Connection $connection_upgrade;",
     .haproxy = "Upgrades pass by themselves; look for option httpclose or a rule that removes it.",
     .envoy = "upgrade_configs: [{upgrade_type: websocket}] in the connection manager."},
    {.fault = Fault::tunnel_cut,
     .proof = "Compare the life of the connections with the idle limits and with reloads.",
     .nginx = "proxy_read_timeout 1h; or pings; worker_shutdown_timeout spares those at a reload.",
     .haproxy = "timeout tunnel 1h; or pings; hard-stop-after bounds their life over a reload.",
     .envoy = "idle_timeout of the upgrade's route, or pings."},
    {.fault = Fault::upgrade_not_requested,
     .proof = "curl -v to the endpoint itself, without Upgrade: it must not answer 101."},
    {.fault = Fault::upstream_error_status,
     .background = "The gateway passed on what it was given. The answer was made by the service, "
                   "or by another gateway behind this one.",
     .proof = "curl -v to the endpoint itself; Server, Via and Proxy-Status say who answered.",
     .nginx = "Look at the service. proxy_next_upstream error timeout http_502 http_503 http_504; "
              "tries another server for GET if only one is ill.",
     .haproxy = "Look at the service. retry-on 502 503 504 with http-request disable-l7-retry if "
                "METH_POST tries another server if only one is ill.",
     .envoy = "Look at the service. retry_on: gateway-error tries another host if only one is ill.",
     .others = "Look at the service, or at the gateway behind this one."},
    {.fault = Fault::auxiliary_service_failed,
     .proof = "Ask the authorisation or rate limit service itself.",
     .nginx = "auth_request takes 2xx, 401 and 403 alone; anything else becomes 500. Look at that "
              "service.",
     .envoy = "ext_authz or the rate limit service failed; failure_mode_allow lets requests by."},
    {.fault = Fault::injected_fault,
     .proof = "Look for a fault filter or rule in the configuration that is in force.",
     .envoy = "Remove the fault filter, or its runtime key."},
    {.fault = Fault::gateway_draining,
     .proof = "Compare the time with that of restarts and reloads of the gateway.",
     .haproxy = "Let what is in front follow monitor-uri; hard-stop-after bounds the drain.",
     .envoy = "Let what is in front follow /ready; raise --drain-time-s."},
    {.fault = Fault::client_head_timeout,
     .proof = "Are these clients that connect and send nothing (browsers do, in advance)?",
     .nginx = "client_header_timeout 60s; bounds it.",
     .haproxy = "timeout http-request bounds it; option http-ignore-probes hides silent ones."},
    {.fault = Fault::target_too_long,
     .proof = "Look at the length of the address in the log.",
     .nginx = "large_client_header_buffers 4 32k;",
     .haproxy = "tune.bufsize 32768"},
    {.fault = Fault::request_head_too_large,
     .proof = "Look at the size of the cookies that the client sends.",
     .nginx = "large_client_header_buffers 4 32k; (nginx answers 400, and logs 494).",
     .haproxy = "tune.bufsize 32768, tune.http.maxhdr for the number of fields.",
     .envoy = "max_request_headers_kb in the connection manager."},
    {.fault = Fault::request_body_too_large,
     .proof = "Compare the Content-Length of the request with the limit.",
     .nginx = "client_max_body_size 50m; (1m by default).",
     .envoy = "Raise max_request_bytes of the buffer filter."},
    {.fault = Fault::version_not_supported, .proof = "Look at the version in the request line."},
    {.fault = Fault::method_not_supported, .proof = "Look at the method in the request line."},
    {.fault = Fault::coding_not_supported,
     .proof = "Look at the Transfer-Encoding of the request."},
    {.fault = Fault::access_denied,
     .proof = "Compare the client's address with the rules, behind proxies the forwarded one.",
     .nginx = "Correct allow and deny; set_real_ip_from behind another proxy.",
     .haproxy = "Find the http-request deny rule: its name is in the log with %[var] or in order.",
     .envoy = "Correct the RBAC filter's rules."},
    {.fault = Fault::expectation_failed, .proof = "Look at the Expect field of the request."},
    {.fault = Fault::client_gone_in_head,
     .proof = "Port scans, and health checks that only connect, look like this."},
    {.fault = Fault::client_http2_violation,
     .proof = "nghttp -v against the gateway shows what a correct client does."},
    {.fault = Fault::client_http2_resets,
     .proof = "Count the streams that one address opened and took back."},
    {.fault = Fault::client_http2_frame_flood, .proof = "Count the frames of one address."},
    {.fault = Fault::client_http2_header_flood,
     .proof = "Look at the size of the header block that the record names."},
    {.fault = Fault::client_proxy_header_missing,
     .proof = "tcpdump -A on the listener's port: does the connection begin with PROXY, or with "
              "the request?",
     .nginx = "As the proxy in front: proxy_protocol on; (stream module). Logs it as \"broken "
              "header\" when it is the listener.",
     .haproxy = "As the proxy in front: send-proxy-v2 on the server line."},
    {.fault = Fault::client_not_a_trusted_proxy,
     .proof = "Whose address is it? Compare it with trusted_proxies, and with what health checks "
              "of load balancers come from.",
     .nginx = "set_real_ip_from ADDRESS; (nginx takes the header from anybody).",
     .haproxy = "tcp-request connection expect-proxy layer4 if { src ADDRESS }"},
    {.fault = Fault::authentication_required,
     .proof = "curl -u NAME:PASSWORD asks as that user; the hash in the file must be of that "
              "password: htpasswd -vb FILE NAME PASSWORD.",
     .nginx = "Look at auth_basic_user_file: it must be readable by the workers.",
     .haproxy = "Compare the userlist with the http-request auth rule.",
     .envoy = "Compare the basic_auth filter's users; it knows SHA hashes only."},
};

}  // namespace gg::advice_rows
