// SPDX-License-Identifier: Apache-2.0
#include "fault/foreign.h"

#include <cstddef>

namespace gg {
namespace {

constexpr ForeignNames table[] = {
    {Fault::no_route, "NR route_not_found", "LR / 503 no backend", "404, default server"},
    {Fault::missing_upstream, "NC cluster_not_found", "config error", "no upstream configuration"},
    {Fault::empty_upstream, "UH no_healthy_upstream, 0 hosts", "SC <NOSRV>",
     "no live upstreams while connecting to upstream"},
    {Fault::loop_detected, "cdn_loop filter", "", ""},
    {Fault::address_not_allowed, "RBAC", "", ""},
    {Fault::configuration_not_ready, "NFCF", "", ""},
    {Fault::dns_timeout, "DF", "server in MAINT/resolution",
     "X could not be resolved (110: Operation timed out)"},
    {Fault::dns_no_such_name, "DF", "server in MAINT/resolution",
     "could not be resolved (3: Host not found)"},
    {Fault::dns_server_failure, "DF", "server in MAINT/resolution",
     "(2: Server failure) / (5: Operation refused)"},
    {Fault::dns_no_address, "DF/UH", "server in MAINT/resolution", "host not found"},
    {Fault::dns_stale_answer, "UF", "SC/sC",
     "connect() failed (111: ...), (113: No route to host)"},
    {Fault::dns_no_resolver, "", "", "no resolver defined to resolve X (502)"},
    {Fault::connect_refused, "UF ...delayed connect error: 111", "SC, EREFUSED",
     "connect() failed (111: Connection refused) while connecting to upstream"},
    {Fault::connect_timeout, "UF (timeout)", "sC",
     "upstream timed out (110: Connection timed out) while connecting to upstream"},
    {Fault::host_unreachable, "UF", "SC", "connect() failed (113: No route to host)"},
    {Fault::network_unreachable, "UF", "SC, EUNREACH", "(101: Network is unreachable)"},
    {Fault::connect_prohibited, "UF", "SC", "(13: Permission denied)"},
    {Fault::unix_backlog_full, "UF", "SC",
     "connect() to unix:... failed (11: Resource temporarily unavailable)"},
    {Fault::unix_socket_missing, "UF", "SC", "failed (2: No such file or directory)"},
    {Fault::accept_queue_overflow, "UF", "sC/SC", "upstream timed out ... connecting"},
    {Fault::path_drops_connections, "UF", "sC",
     "upstream timed out (110: Connection timed out) while connecting to upstream"},
    {Fault::ports_exhausted, "UF immediate connect error", "RC, FREE_PORTS/PORT_RANGE",
     "connect() ... failed (99: Cannot assign requested address)"},
    {Fault::descriptors_exhausted, "UF/OM", "PC/RC, PROC_FDLIM, SYS_FDLIM",
     "socket() failed (24: Too many open files)"},
    {Fault::connection_slots_exhausted, "OM overload", "PC, CONF_FDLIM",
     "N worker_connections are not enough while connecting to upstream"},
    {Fault::memory_exhausted, "OM", "RC, SYS_MEMLIM/ENOMEM",
     "malloc() failed, sendfile ... ENOBUFS"},
    {Fault::internal_error, "", "I*", "internal error alerts"},
    {Fault::no_healthy_endpoint, "UH", "SC <NOSRV>", "no live upstreams (502)"},
    {Fault::all_endpoints_ejected, "UH", "down by observe",
     "upstream server temporarily disabled then P1"},
    {Fault::connection_limit_reached, "UO {overflow}", "sQ or SC with maxconn",
     "Plus 502; max_conns -> no live"},
    {Fault::queue_wait_exceeded, "UO", "sQ", "Plus queue 502"},
    {Fault::overload_shed, "UO, OM, DO, UDO, RL", "PR/LR deny", ""},
    {Fault::all_endpoints_draining, "maintenance_mode", "MAINT", "down"},
    {Fault::rate_limited, "RL / RLSE", "PR",
     "limiting requests, excess: ... by zone (503 default)"},
    {Fault::sticky_endpoint_down, "UH (strict)", "D? cookie flag 3rd letter D",
     "sticky falls back"},
    {Fault::tls_not_spoken, "UF TLS_error WRONG_VERSION_NUMBER", "SC, SSL_HANDSHAKE",
     "SSL_do_handshake() failed (SSL: ...wrong version number...) while SSL handshaking to "
     "upstream"},
    {Fault::tls_alert_received, "UF TLS_error", "SC", "...SSL alert number 40"},
    {Fault::tls_untrusted_certificate, "UF CERTIFICATE_VERIFY_FAILED", "SC SSL_CA_FAIL",
     "upstream SSL certificate verify error: (20:unable to get local issuer certificate)"},
    {Fault::tls_certificate_expired, "UF CERTIFICATE_VERIFY_FAILED", "SC SSL_CA_FAIL",
     "(10:certificate has expired)"},
    {Fault::tls_name_mismatch, "UF CERTIFICATE_VERIFY_FAILED", "SSL_MISMATCH(_SNI)",
     "upstream SSL certificate does not match \"X\""},
    {Fault::tls_nothing_in_common, "UF", "SC", "no shared cipher, unsupported protocol"},
    {Fault::tls_closed_in_handshake, "UF", "SC SSL_EMPTY/SSL_ABORT",
     "peer closed connection in SSL handshake"},
    {Fault::tls_handshake_timeout, "UF", "sC SSL_TIMEOUT",
     "upstream timed out ... while SSL handshaking to upstream"},
    {Fault::tls_alpn_mismatch, "UF/UPE", "SC", ""},
    {Fault::tls_client_certificate_rejected, "UF/UC",
     "SC/SH (TLS1.3 alert arrives after handshake)", "SSL_read() failed ... alert number 116"},
    {Fault::reset_while_sending, "UC/UR", "SD/SH EPIPE",
     "writev() failed (104/32: ...) while sending request to upstream"},
    {Fault::early_answer_lost, "via_upstream", "relayed", "writev() failed (32: Broken pipe) 502"},
    {Fault::send_timeout, "UT/SI", "sD/sH",
     "upstream timed out ... while sending request to upstream"},
    {Fault::client_gone_in_upload, "DC", "CH/CD/cD", "client prematurely closed connection"},
    {Fault::client_body_timeout, "SI/request_overall_timeout", "cH, cR", "408"},
    {Fault::request_malformed, "DPE, IH", "PR", "400/413/414/431"},
    {Fault::keep_alive_race, "UC {connection_termination}", "suppressed (abort_keep_alive)",
     "upstream prematurely closed connection while reading response header or recv() failed "
     "(104...)"},
    {Fault::closed_before_head, "UC", "SH",
     "upstream prematurely closed connection while reading response header or recv() failed "
     "(104...)"},
    {Fault::closed_after_long_wait, "UC", "SH",
     "upstream prematurely closed connection while reading response header or recv() failed "
     "(104...)"},
    {Fault::head_incomplete, "UC/UPE", "SH/PH", "prematurely closed after bytes>0"},
    {Fault::head_timeout, "UT response_timeout / upstream_per_try_timeout", "sH",
     "upstream timed out (110) while reading response header from upstream"},
    {Fault::head_too_large, "UPE / 503", "PH",
     "upstream sent too big header while reading response header from upstream"},
    {Fault::not_http, "UPE http1.codec_error", "PH", "upstream sent no valid HTTP/1.0 header"},
    {Fault::head_malformed, "UPE", "PH",
     "upstream sent invalid header: \"...\" / invalid status line"},
    {Fault::framing_conflict,
     "UPE http1.content_length_and_chunked_not_allowed, invalid_transfer_encoding", "PH",
     "upstream sent duplicate header line: \"Transfer-Encoding...\", \"Content-Length\" and "
     "\"Transfer-Encoding\" headers at the same time, invalid \"Content-Length\", unknown "
     "\"Transfer-Encoding\""},
    {Fault::stream_reset, "UR, detail remote_reset/remote_refused_stream", "SH",
     "upstream rejected request with error N"},
    {Fault::goaway_unprocessed, "UR/UC", "SH", "upstream sent goaway with error N"},
    {Fault::http2_violation, "UPE", "PH",
     "upstream sent unexpected http2 frame, violated stream flow control"},
    {Fault::grpc_status_missing, "via_upstream + grpc", "", ""},
    {Fault::head_flood, "http2.too_many_headers", "PH", "max_headers"},
    {Fault::body_truncated, "UC upstream_reset_after_response_started", "SD",
     "upstream prematurely closed connection while reading upstream"},
    {Fault::body_reset, "UR/UC", "SD ERESET", "recv() failed (104) while reading upstream"},
    {Fault::body_timeout, "UT/SI", "sD", "upstream timed out (110) while reading upstream"},
    {Fault::body_bad_chunk, "UPE", "PD", "upstream sent invalid chunked response"},
    {Fault::body_excess, "UPE", "",
     "upstream sent more data than specified in \"Content-Length\" header"},
    {Fault::body_decode_failed, "", "", "gunzip inflate() failed"},
    {Fault::body_too_large, "response_payload_too_large", "", "temp file limits"},
    {Fault::exchange_deadline, "UMSDR, DT, UT", "", ""},
    {Fault::client_gone_in_download, "DC/DR", "CD/cD", "client prematurely closed connection"},
    {Fault::trailers_too_large, "", "", "upstream sent too big trailers"},
    {Fault::upgrade_refused, "websocket_handshake_unsuccessful, upgrade_failed", "relayed",
     "relayed"},
    {Fault::tunnel_cut, "UC/LR", "SD, sD (timeout tunnel), K*",
     "upstream timed out while proxying upgraded connection"},
    {Fault::upstream_error_status, "via_upstream", "-- state, srv status",
     "$upstream_status = 50x"},
    {Fault::auxiliary_service_failed, "UAEX, RLSE", "LR/PR", "auth request unexpected status: 502"},
    {Fault::injected_fault, "FI/DI", "", ""},
    {Fault::gateway_draining, "LH", "monitor fail", ""},
};

consteval bool rows_are_in_order() {
  for (std::size_t i = 1; i < std::size(table); ++i) {
    if (index_of(table[i - 1].fault) >= index_of(table[i].fault)) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

}  // namespace

std::span<const ForeignNames> foreign_names() { return table; }

const ForeignNames* find_foreign_names(Fault fault) {
  for (const ForeignNames& names : table) {
    if (names.fault == fault) return &names;
  }
  return nullptr;
}

}  // namespace gg
