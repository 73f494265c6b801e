// SPDX-License-Identifier: Apache-2.0
// What the libraries of Go write, in which Caddy and Traefik are written. Caddy says besides at
// what stage it was, and so its words have narrower tables too.
#include "diagnose/codes/sign.h"

namespace gg {
namespace {

using enum Fault;

constexpr std::string_view go_close =
    "Few, at once, and on kept-alive connections: the keep-alive race. All on one endpoint or "
    "path: a crash. Always after the same time: a worker's timeout.";

constexpr Sign go[] = {
    {.code = "*connect: connection refused", .causes = {connect_refused}},
    {.code = "*connect: no route to host", .causes = {host_unreachable}},
    {.code = "*connect: network is unreachable", .causes = {network_unreachable}},
    {.code = "*connect: permission denied", .causes = {connect_prohibited}},
    {.code = "*connect: operation not permitted", .causes = {connect_prohibited}},
    {.code = "*connect: connection timed out", .causes = {connect_timeout}},
    {.code = "*connect: no such file or directory", .causes = {unix_socket_missing}},
    {.code = "*connect: resource temporarily unavailable", .causes = {unix_backlog_full}},
    {.code = "*cannot assign requested address", .causes = {ports_exhausted}},
    {.code = "*too many open files", .causes = {descriptors_exhausted}},
    {.code = "*dial tcp: lookup", .also = "no such host", .causes = {dns_no_such_name}},
    {.code = "*no such host", .causes = {dns_no_such_name}},
    {.code = "*server misbehaving", .causes = {dns_server_failure}},
    {.code = "*dial tcp: lookup", .also = "timeout", .causes = {dns_timeout}},
    {.code = "*dial tcp", .also = "i/o timeout", .causes = {connect_timeout}},
    {.code = "*dial tcp", .also = "context deadline exceeded", .causes = {connect_timeout}},
    {.code = "*no upstreams available", .causes = {no_healthy_endpoint}},
    {.code = "*no available server", .causes = {no_healthy_endpoint}},
    {.code = "*server gave HTTP response to HTTPS client", .causes = {tls_not_spoken}},
    {.code = "*first record does not look like a TLS handshake", .causes = {tls_not_spoken}},
    {.code = "*certificate signed by unknown authority", .causes = {tls_untrusted_certificate}},
    {.code = "*certificate has expired", .causes = {tls_certificate_expired}},
    {.code = "*x509: certificate is valid for", .causes = {tls_name_mismatch}},
    {.code = "*x509: cannot validate certificate for", .causes = {tls_name_mismatch}},
    {.code = "*x509: certificate is not valid for", .causes = {tls_name_mismatch}},
    {.code = "*x509:", .causes = {tls_untrusted_certificate}},
    {.code = "*TLS handshake timeout", .causes = {tls_handshake_timeout}},
    {.code = "*remote error: tls: certificate required",
     .causes = {tls_client_certificate_rejected}},
    {.code = "*remote error: tls: bad certificate", .causes = {tls_client_certificate_rejected}},
    {.code = "*remote error: tls: unknown certificate authority",
     .causes = {tls_client_certificate_rejected}},
    {.code = "*remote error: tls: protocol version not supported",
     .causes = {tls_nothing_in_common}},
    {.code = "*remote error: tls:", .causes = {tls_alert_received}},
    {.code = "*timeout awaiting response headers", .causes = {head_timeout}},
    {.code = "*server closed idle connection", .causes = {keep_alive_race}},
    {.code = "*malformed HTTP response",
     .causes = {not_http, head_malformed},
     .settle = "The bytes in the message: \\x15\\x03 is TLS, \\x00\\x00 is HTTP/2."},
    {.code = "*malformed HTTP status",
     .causes = {head_malformed, not_http},
     .settle = "The word in the message: nearly a number, and the service is wrong; any other, and "
               "it does not speak HTTP."},
    {.code = "*missing colon",
     .causes = {head_incomplete, head_malformed},
     .settle = "The words in the message: the beginning of a field's name, and the service broke "
               "off there; else it sent a line that is no field."},
    {.code = "*malformed MIME header", .causes = {head_malformed}},
    {.code = "*malformed HTTP version", .causes = {not_http}},
    {.code = "*too many transfer encodings", .causes = {framing_conflict}},
    {.code = "*unsupported transfer encoding", .causes = {framing_conflict}},
    {.code = "*bad Content-Length", .causes = {framing_conflict}},
    {.code = "*multiple Content-Length headers", .causes = {framing_conflict}},
    {.code = "*too many 1xx informational responses", .causes = {head_flood}},
    {.code = "*server response headers exceeded", .causes = {head_too_large}},
    {.code = "*malformed chunked encoding", .causes = {body_bad_chunk}},
    {.code = "*invalid byte in chunk length", .causes = {body_bad_chunk}},
    {.code = "*http chunk length too large", .causes = {body_bad_chunk}},
    {.code = "*suspiciously long trailer", .causes = {trailers_too_large}},
    {.code = "*stream error", .also = "REFUSED_STREAM", .causes = {stream_refused}},
    {.code = "*stream error", .also = "invalid header field", .causes = {head_malformed}},
    {.code = "*stream error", .also = "received from peer", .causes = {stream_reset}},
    {.code = "*stream error",
     .also = "PROTOCOL_ERROR",
     .causes = {http2_violation, stream_reset},
     .settle = "Go says \"received from peer\" when it was the endpoint that reset the stream."},
    {.code = "*stream error", .causes = {stream_reset}},
    {.code = "*server sent GOAWAY", .causes = {goaway_unprocessed}},
    {.code = "*context canceled", .causes = {client_gone_while_waiting}},
    {.code = "*client disconnected", .causes = {client_gone_while_waiting}},
    {.code = "*http: request body too large", .causes = {request_body_too_large}},
    {.code = "*context deadline exceeded",
     .causes = {exchange_deadline, head_timeout},
     .settle = "The duration in the record, compared with the limits of each stage."},
    {.code = "*use of closed network connection",
     .also = "readfrom tcp",
     .causes = {reset_while_sending, send_timeout},
     .settle = "The duration: that of write_timeout or read_timeout, and the service stopped "
               "reading; less, and it closed the connection within the upload."},
    {.code = "*readfrom tcp", .also = "reset by peer", .causes = {reset_while_sending}},
    {.code = "*readfrom tcp", .also = "i/o timeout", .causes = {send_timeout}},
    {.code = "*i/o timeout",
     .causes = {head_timeout, body_timeout, tls_handshake_timeout},
     .settle = "Whether a response had begun: the size in the access log."},
    {.code = "*broken pipe", .causes = {reset_while_sending, keep_alive_race}, .settle = go_close},
    {.code = "*connection reset by peer",
     .causes = {closed_before_head, keep_alive_race, body_reset},
     .settle = go_close},
    {.code = "*unexpected EOF",
     .causes = {body_truncated, head_incomplete},
     .settle = "Whether a response had begun: the size in the access log."},
    {.code = "*EOF",
     .causes = {keep_alive_race, closed_before_head, closed_after_long_wait},
     .settle = go_close},
};

// Of a request that may be sent twice, Go's transport does so itself when a kept-alive connection
// turns out to be closed: what it reports then was on a fresh connection.
constexpr Sign fresh_head[] = {
    {.code = "*transport connection broken: unexpected EOF", .causes = {head_incomplete}},
    {.code = "*transport connection broken: read tcp", .causes = {head_incomplete}},
    {.code = "*unexpected EOF",
     .causes = {head_incomplete, not_http},
     .settle = "Caddy told to speak HTTP/2 without TLS (h2c://): the endpoint speaks HTTP/1.1."},
    {.code = "*i/o timeout",
     .also = "read tcp",
     .causes = {head_timeout, tls_handshake_timeout, connect_timeout},
     .settle = "openssl s_client -connect HOST:PORT tells whether TLS gets an answer; with HTTP/2, "
               "nghttp -v whether the endpoint says hello."},
    {.code = "*read: connection reset by peer",
     .causes = {closed_before_head, closed_after_long_wait, tls_closed_in_handshake},
     .settle = "All on one path: a crash. Always after the same time: a worker's timeout. With "
               "TLS, openssl s_client -connect HOST:PORT tells whether the handshake comes about."},
    {.code = "EOF",
     .causes = {closed_before_head, closed_after_long_wait, tls_closed_in_handshake},
     .settle = "All on one path: a crash. Always after the same time: a worker's timeout. With "
               "TLS, openssl s_client -connect HOST:PORT tells whether the handshake comes about."},
};

constexpr Sign body[] = {
    {.code = "*context canceled", .causes = {client_gone_in_download}},
    {.code = "*client disconnected", .causes = {client_gone_in_download}},
    {.code = "*write: ", .causes = {client_gone_in_download}},
    {.code = "*write tcp", .also = "i/o timeout", .causes = {client_not_reading}},
    {.code = "*i/o timeout", .causes = {body_timeout}},
    {.code = "*read: connection reset by peer", .causes = {body_reset}},
    {.code = "*stream error", .causes = {body_reset}},
    {.code = "*suspiciously long trailer", .causes = {trailers_too_large}},
    {.code = "*chunk", .causes = {body_bad_chunk}},
    {.code = "*GOAWAY", .causes = {body_truncated}},
    {.code = "*client connection lost", .causes = {body_timeout}},
    {.code = "*EOF", .causes = {body_truncated}},
};

}  // namespace

std::span<const Sign> go_signs() { return go; }
std::span<const Sign> go_fresh_head_signs() { return fresh_head; }
std::span<const Sign> go_body_signs() { return body; }

}  // namespace gg
