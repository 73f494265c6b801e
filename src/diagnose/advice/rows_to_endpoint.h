// SPDX-License-Identifier: Apache-2.0
// Advice on TLS to the endpoint and on sending the request. Included by advice.cc alone.
#pragma once

#include "diagnose/advice/advice.h"

namespace gg::advice_rows {

inline constexpr Advice to_endpoint[] = {
    {.fault = Fault::tls_not_spoken,
     .proof = "curl -v http://ENDPOINT/ answers, curl -vk https://ENDPOINT/ says wrong version "
              "number.",
     .nginx = "proxy_pass http:// instead of https:// for this port, or the service's TLS port.",
     .haproxy = "Remove ssl from the server line, or use the service's TLS port.",
     .envoy = "Remove the cluster's transport_socket, or use the service's TLS port.",
     .others = "Use the http scheme for this endpoint, or its TLS port."},
    {.fault = Fault::tls_alert_received,
     .background = "The endpoint itself refused the handshake. Alert 40 and 112 most often mean "
                   "that no, or an unknown, server name (SNI) was sent; 70 an old version; 42, 48 "
                   "and 116 a client certificate.",
     .proof = "openssl s_client -connect HOST:PORT -servername NAME, then with -noservername: if "
              "only the first works, the gateway sends no name.",
     .nginx = "proxy_ssl_server_name on; proxy_ssl_name NAME; (nginx sends no name by default).",
     .haproxy = "Add sni str(NAME) (or sni req.hdr(host)) to the server line.",
     .envoy = "Set sni in the cluster's UpstreamTlsContext.",
     .others = "Send the name: Traefik serversTransport.serverName, Caddy tls_server_name, Apache "
               "ProxyPreserveHost."},
    {.fault = Fault::tls_untrusted_certificate,
     .proof = "openssl s_client -connect HOST:PORT -servername NAME -showcerts: does the chain "
              "lack an intermediate, or end in a private authority?",
     .nginx = "proxy_ssl_trusted_certificate FILE; with the authority that signed it, and let the "
              "endpoint send its intermediates.",
     .haproxy = "ca-file FILE on the server line, with the authority that signed it.",
     .envoy = "Put the authority into validation_context.trusted_ca.",
     .others = "Add the authority: Traefik serversTransport.rootCAs, Caddy tls_trust_pool, Apache "
               "SSLProxyCACertificateFile."},
    {.fault = Fault::tls_certificate_expired,
     .proof = "echo | openssl s_client -connect HOST:PORT -servername NAME | openssl x509 -noout "
              "-dates, and date on both machines."},
    {.fault = Fault::tls_name_mismatch,
     .proof = "echo | openssl s_client -connect HOST:PORT -servername NAME | openssl x509 -noout "
              "-ext subjectAltName",
     .nginx = "proxy_ssl_name NAME; with a name from the certificate. By default nginx expects "
              "the host of proxy_pass, which may be the upstream block's own name.",
     .haproxy = "verifyhost NAME and sni str(NAME) on the server line.",
     .envoy = "Correct sni and match_typed_subject_alt_names.",
     .others = "Name it: Traefik serversTransport.serverName, Caddy tls_server_name."},
    {.fault = Fault::tls_nothing_in_common,
     .proof = "openssl s_client -connect HOST:PORT -tls1_2, -tls1_3: which one succeeds?",
     .nginx = "proxy_ssl_protocols TLSv1.2 TLSv1.3; and proxy_ssl_ciphers that the endpoint has.",
     .haproxy = "ssl-min-ver TLSv1.2 and ciphers on the server line.",
     .envoy = "tls_params: tls_minimum_protocol_version, cipher_suites."},
    {.fault = Fault::tls_closed_in_handshake,
     .proof = "openssl s_client -connect HOST:PORT -servername NAME, from the gateway, several "
              "times; look whether the endpoint expects a PROXY header.",
     .nginx = "proxy_ssl_server_name on; routers by server name close on handshakes without one.",
     .haproxy = "sni on the server line; send-proxy-v2 if the endpoint expects a PROXY header.",
     .envoy = "Set sni; upstream_proxy_protocol if the endpoint expects a PROXY header."},
    {.fault = Fault::tls_handshake_timeout,
     .proof = "ping -M do -s 1472 HOST: if that is lost and -s 1300 is not, large packets are "
              "dropped. Else look at the endpoint's CPU.",
     .nginx = "proxy_connect_timeout covers the handshake's reads: find the slow endpoint first.",
     .haproxy = "timeout connect covers the handshake too.",
     .envoy = "connect_timeout covers the handshake too."},
    {.fault = Fault::tls_alpn_mismatch,
     .proof = "openssl s_client -connect HOST:PORT -alpn h2: does it say ALPN protocol: h2?",
     .nginx = "grpc_pass needs HTTP/2 at the endpoint; proxy_pass speaks HTTP/1.",
     .haproxy = "Remove proto h2, or let alpn h2,http/1.1 choose.",
     .envoy = "Use auto_config, or http_protocol_options for HTTP/1.1."},
    {.fault = Fault::tls_client_certificate_rejected,
     .proof = "openssl s_client ... -cert FILE -key FILE: is it accepted; which authorities are "
              "listed under Acceptable client certificate CA names?",
     .nginx = "proxy_ssl_certificate FILE; proxy_ssl_certificate_key FILE;",
     .haproxy = "crt FILE on the server line (certificate and key in one file).",
     .envoy = "Set tls_certificates in the cluster's UpstreamTlsContext.",
     .others = "Traefik serversTransport.certificates, Caddy tls_client_auth, Apache "
               "SSLProxyMachineCertificateFile."},
    {.fault = Fault::tls_failed,
     .proof = "openssl s_client -connect HOST:PORT -servername NAME -state"},
    {.fault = Fault::reset_while_sending,
     .proof = "Do the failing requests have large bodies? Look for the service's limit and log.",
     .nginx = "Raise the service's limit to client_max_body_size, or lower that to the service's.",
     .haproxy = "Raise the service's limit of request bodies; option http-buffer-request lets "
                "small ones be sent again.",
     .envoy = "Raise the service's limit; retry_on: reset-before-request covers what is safe."},
    {.fault = Fault::early_answer_lost,
     .background = "The service answered (often 401 or 413) without reading the body and closed: "
                   "the reset overtook its answer.",
     .proof = "Send the request with curl -v to the endpoint itself: its answer is seen there.",
     .nginx = "Let the service read the body before it closes; nginx itself passes such an answer "
              "on only if it arrives before the reset."},
    {.fault = Fault::send_timeout,
     .proof = "ss -tno dst ENDPOINT on the gateway: a full Send-Q means that nobody reads.",
     .nginx = "Find out why the service does not read; proxy_send_timeout bounds the wait.",
     .haproxy = "Find out why the service does not read; timeout server bounds the wait."},
    {.fault = Fault::client_gone_in_upload,
     .proof = "Compare the request's duration with the clients' own timeout.",
     .nginx = "Nothing. Count 499 apart from errors.",
     .haproxy = "Nothing. Count states that begin with C apart from errors.",
     .envoy = "Nothing. Count the flag DC apart from errors."},
    {.fault = Fault::client_body_timeout,
     .proof = "Compare the request's duration with the limit on the wait for its body.",
     .nginx = "client_body_timeout 60s; if clients with slow lines are expected.",
     .haproxy = "timeout client bounds it (timeout http-request too with http-buffer-request).",
     .envoy = "Raise request_timeout or stream_idle_timeout."},
    {.fault = Fault::request_malformed,
     .proof = "Look at the bytes: curl sends valid requests, so capture the client's own.",
     .nginx = "error_log ... info; names what was wrong with the request.",
     .haproxy = "echo 'show errors' | socat - /run/haproxy/admin.sock shows the bytes.",
     .envoy = "The response code details name the rule that was broken."},
};

}  // namespace gg::advice_rows
