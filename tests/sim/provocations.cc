// SPDX-License-Identifier: Apache-2.0
#include "sim/provocations.h"

#include "support/http2_talk.h"

namespace gg {

namespace {

using First = SimBehaviour::First;
using Framing = SimBehaviour::Framing;
using Stop = SimBehaviour::Stop;

void ask(World& world) { world.ask({}); }
void answer_raw(World& world, std::string raw) {
  world.always({.raw = std::move(raw)});
  ask(world);
}
void say(World& world, std::string bytes) { world.say({{std::move(bytes)}}); }
void meet(World& world, ConnectAnswer answer) {
  world.network().set_answer(world.origin().address(), answer);
  ask(world);
}
void fail_to_resolve(World& world, DnsError failure) {
  EndpointUrl& url = world.upstream().endpoints.front().url;
  url.host = "app.internal";
  world.start();
  world.worker().upstreams().at(0).endpoints().front()->set_unresolved(failure);
  ask(world);
}
const Address& unix_address() {
  static const Address address = Address::unix_at("/run/app.sock");
  return address;
}
void connect_by_path(World& world) {
  world.upstream().endpoints.front().url = {
      .scheme = Scheme::unix_socket, .host = {}, .port = 0, .path = "/run/app.sock"};
  ask(world);
}
void upload_to_narrow_pipe(World& world, const SimBehaviour& behaviour) {
  world.network().defaults().send_buffer = world.network().defaults().receive_buffer = 4096;
  world.always(behaviour);
  world.ask({.method = "POST", .body = 500'000});
}
void leave_after(World& world, SimRequest request, Duration time) {
  request.leaves_after = time;
  world.ask(std::move(request));
  world.run_for(1min);
}
constexpr std::string_view post_head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99\r\n\r\n";

constexpr Blame upstream = Blame::upstream;
constexpr Blame network = Blame::network;
constexpr Blame gateway = Blame::gateway;
constexpr Blame client = Blame::client;
constexpr Blame operator_ = Blame::operator_;

const Provocation before_sending[] = {
    {Fault::no_route, "R1", client, 404,
     [](World& world) {
       world.route().path.text = "/api";
       ask(world);
     }},
    {Fault::empty_upstream, "R3", operator_, 503,
     [](World& world) {
       world.upstream().endpoints.clear();
       ask(world);
     }},
    {Fault::loop_detected, "R4", operator_, 502,
     [](World& world) { world.ask({.fields = {{"via", "1.1 other, 1.1 sim"}}}); }},
    {Fault::dns_timeout, "D1", network, 504,
     [](World& world) { fail_to_resolve(world, DnsError::timeout); }},
    {Fault::dns_no_such_name, "D2", operator_, 502,
     [](World& world) { fail_to_resolve(world, DnsError::no_such_name); }},
    {Fault::dns_server_failure, "D3", network, 502,
     [](World& world) { fail_to_resolve(world, DnsError::server_failure); }},
    {Fault::dns_no_address, "D4", operator_, 502,
     [](World& world) { fail_to_resolve(world, DnsError::no_address); }},
    {Fault::dns_no_resolver, "D6", operator_, 500,
     [](World& world) { fail_to_resolve(world, DnsError::no_resolver); }},
    {Fault::connect_refused, "N1", upstream, 502,
     [](World& world) { meet(world, ConnectAnswer::refuse); }},
    {Fault::connect_timeout, "N2", network, 504,
     [](World& world) { meet(world, ConnectAnswer::black_hole); }},
    {Fault::host_unreachable, "N3", network, 502,
     [](World& world) { meet(world, ConnectAnswer::host_unreachable); }},
    {Fault::network_unreachable, "N4", network, 502,
     [](World& world) { meet(world, ConnectAnswer::network_unreachable); }},
    {Fault::connect_prohibited, "N5", operator_, 502,
     [](World& world) { meet(world, ConnectAnswer::prohibited); }},
    {Fault::unix_backlog_full, "N6", upstream, 503,
     [](World& world) {
       world.network().listen(unix_address());
       world.network().set_backlog(unix_address(), 0);
       connect_by_path(world);
     }},
    {Fault::unix_socket_missing, "N7", upstream, 502, connect_by_path},
    {Fault::connect_failed, "N10", network, 502,
     [](World& world) {
       world.network().set_backlog(world.origin().address(), 0, true);
       ask(world);
     }},
    {Fault::ports_exhausted, "L1", gateway, 503,
     [](World& world) {
       world.gateway_engine().set_ports_max(0);
       ask(world);
     }},
    {Fault::descriptors_exhausted, "L2", gateway, 503,
     [](World& world) {
       world.gateway_engine().set_descriptors_max(2);  // the listener and one client
       ask(world);
     }},
    {Fault::connection_limit_reached, "P3", operator_, 503,
     [](World& world) {
       world.upstream().limits.connections = 1;
       world.always(
           {.raw = "HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", .echoes = true});
       world.begin_talk({{"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"},
                         {.bytes = "", .before = 1min, .then = Saying::Then::resets}});
       world.run_for(1s);
       world.begin({.requests = {{}}});
       world.run_for(1s);
     }},
};

const Provocation with_an_endpoint[] = {
    {Fault::reset_while_sending, "S1", upstream, 502,
     [](World& world) { upload_to_narrow_pipe(world, {.first = First::reset}); }},
    {Fault::send_timeout, "S3", upstream, 504,
     [](World& world) {
       world.upstream().timeouts.idle = 5s;
       world.origin().engine().freeze();
       world.ask({.method = "POST", .body = 2'000'000});
     }},
    {Fault::client_gone_in_upload, "S4", client, 0,
     [](World& world) {
       leave_after(world, {.method = "POST", .body = 9'000, .piece = 100, .pause = 50ms}, 1s);
     }},
    {Fault::client_body_timeout, "S5", client, 408,
     [](World& world) { say(world, std::string(post_head)); }},
    {Fault::request_malformed, "S6", client, 400,
     [](World& world) { say(world, "GET / HTTP/1.1\r\nbad name: x\r\n\r\n"); }},
    {Fault::keep_alive_race, "H1", upstream, 502,
     [](World& world) {
       world.route().retry.attempts = 1;
       world.ask({});
       world.origin().always({.first = First::reset});
       world.ask({});
     }},
    {Fault::closed_before_head, "H2", upstream, 502,
     [](World& world) {
       world.always({.first = First::close});
       ask(world);
     }},
    {Fault::closed_after_long_wait, "H3", upstream, 502,
     [](World& world) {
       world.always({.delay = 30s, .stop_after = 0});
       world.ask({.method = "POST"});
     }},
    {Fault::head_incomplete, "H4", upstream, 502,
     [](World& world) { answer_raw(world, "HTTP/1.1 200 OK\r\ncontent-"); }},
    {Fault::head_timeout, "H5", upstream, 504,
     [](World& world) {
       world.always({.hangs = true});
       ask(world);
     }},
    {Fault::head_too_large, "H6", upstream, 502,
     [](World& world) {
       answer_raw(world, "HTTP/1.1 200 OK\r\nx-large: " + std::string(70'000, 'x') + "\r\n\r\n");
     }},
    {Fault::not_http, "H7", operator_, 502,
     [](World& world) { answer_raw(world, "\x15\x03\x01\x02\x28 this is no HTTP at all"); }},
    {Fault::head_malformed, "H8", upstream, 502,
     [](World& world) { answer_raw(world, "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n"); }},
    {Fault::framing_conflict, "H9", upstream, 502,
     [](World& world) {
       answer_raw(world,
                  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n");
     }},
    {Fault::head_flood, "H14", upstream, 502,
     [](World& world) {
       world.always({.interim = std::vector<int>(17, 103)});
       ask(world);
     }},
    {Fault::client_gone_while_waiting, "H15", client, 0,
     [](World& world) {
       world.always({.delay = 5s, .interim = {103}});
       leave_after(world, {}, 1s);
     }},
    {Fault::body_truncated, "B1", upstream, 200,
     [](World& world) {
       world.always({.body = 300'000, .stop_after = 200'000});
       ask(world);
     }},
    {Fault::body_reset, "B2", upstream, 200,
     [](World& world) {
       world.always(
           {.body = 9'000, .piece = 3'000, .pause = 1s, .stop_after = 5'000, .stop = Stop::reset});
       ask(world);
     }},
    {Fault::body_timeout, "B3", upstream, 200,
     [](World& world) {
       world.always({.body = 9'000, .stop_after = 5'000, .stop = Stop::hang});
       ask(world);
     }},
    {Fault::body_bad_chunk, "B4", upstream, 200,
     [](World& world) {
       world.always({.raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                            "5\r\nhello\r\nnonsense\r\n",
                     .piece = 57,
                     .pause = 1s});
       ask(world);
     }},
    {Fault::exchange_deadline, "B8", upstream, 504,
     [](World& world) {
       world.route().timeout = 3s;
       world.always({.hangs = true});
       ask(world);
     }},
    {Fault::client_gone_in_download, "B9", client, 200,
     [](World& world) {
       world.always({.body = 9'000'000, .piece = 10'000, .pause = 10ms});
       leave_after(world, {}, 1s);
     }},
    {Fault::trailers_too_large, "B10", upstream, 200,
     [](World& world) {
       world.always({.raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"
                            "0\r\nx-large: " +
                            std::string(20'000, 'x') + "\r\n\r\n",
                     .piece = 60,
                     .pause = 1ms});
       ask(world);
     }},
    {Fault::client_not_reading, "B11", client, 200,
     [](World& world) {
       world.always({.body = 2'000'000});
       world.begin_talk({{"GET / HTTP/1.1\r\nhost: a\r\n\r\n"}});
       world.run_for(1ms);
       world.network().stall_connections(World::address(), End::acceptor, 10min);
       world.run();
     }},
    {Fault::tunnel_cut, "U2", upstream, 101,
     [](World& world) {
       world.always(
           {.raw = "HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", .echoes = true});
       world.begin_talk(
           {{"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"}});
       world.run_for(1s);
       world.origin().crash();
       world.run();
     }},
    {Fault::upgrade_not_requested, "U3", upstream, 502,
     [](World& world) {
       answer_raw(world, "HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
     }},
    {Fault::upstream_error_status, "X1", upstream, 503,
     [](World& world) {
       world.always({.status = 503});
       ask(world);
     }},
};

const Provocation by_others[] = {
    {Fault::client_head_timeout, "C1", client, 408,
     [](World& world) { say(world, "GET / HTTP/1.1\r\nho"); }},
    {Fault::target_too_long, "C2", client, 414,
     [](World& world) {
       say(world, "GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nhost: a\r\n\r\n");
     }},
    {Fault::request_head_too_large, "C3", client, 431,
     [](World& world) {
       say(world, "GET / HTTP/1.1\r\nhost: a\r\nx: " + std::string(70'000, 'x') + "\r\n\r\n");
     }},
    {Fault::request_body_too_large, "C4", client, 413,
     [](World& world) {
       world.config().limits.body = Bytes{10};
       say(world, std::string(post_head));
     }},
    {Fault::version_not_supported, "C5", client, 505,
     [](World& world) { say(world, "GET / HTTP/2.0\r\nhost: a\r\n\r\n"); }},
    {Fault::method_not_supported, "C6", client, 501,
     [](World& world) { say(world, "TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"); }},
    {Fault::coding_not_supported, "C7", client, 501,
     [](World& world) {
       say(world, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n");
     }},
    {Fault::access_denied, "C8", client, 403,
     [](World& world) {
       world.route().deny = {{.address = {}, .prefix_bits = 0}};
       ask(world);
     }},
    {Fault::expectation_failed, "C9", client, 417,
     [](World& world) { world.ask({.fields = {{"expect", "miracles"}}}); }},
    {Fault::gateway_draining, "X4", gateway, 503,
     [](World& world) {
       world.declare({.kind = Trouble::Kind::drains});
       world.always({.hangs = true});
       world.begin({.requests = {{}}});
       world.run_for(1s);
       world.worker().cut();
       world.run();
     }},
    {Fault::client_gone_in_head, "C10", client, 0,
     [](World& world) {
       world.say({{.bytes = "GET / HTTP/1.1\r\nho", .then = Saying::Then::ends_sending}});
     }},
    {Fault::client_http2_violation, "C11", client, 0,
     [](World& world) { say(world, http2::hello() + http2::window_frame(0, 0)); }},
    {Fault::client_http2_resets, "C12", client, 0,
     [](World& world) {
       std::string all = http2::hello();
       for (std::uint32_t id = 1; id < 1200; id += 2) {
         all += http2::get_frame(id, "/") + http2::reset_frame(id, 8);
       }
       say(world, all);
     }},
    {Fault::client_http2_frame_flood, "C13", client, 0,
     [](World& world) {
       std::string all = http2::hello();
       for (int i = 0; i < 1100; ++i) all += http2::frame(http2::ping, 0, 0, "12345678");
       say(world, all);
     }},
    {Fault::client_http2_header_flood, "C14", client, 0,
     [](World& world) {
       std::string all = http2::hello() + http2::frame(http2::headers, 1, 1, "");
       for (int i = 0; i < 70; ++i) all += http2::frame(http2::continuation, 0, 1, "");
       say(world, all);
     }},
    {Fault::client_proxy_header_missing, "C15", operator_, 0,
     [](World& world) {
       world.expect_proxy_headers();
       say(world, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
     }},
    {Fault::client_not_a_trusted_proxy, "C16", operator_, 0,
     [](World& world) {
       world.expect_proxy_headers();
       world.config().trusted_proxies.clear();
       say(world, "PROXY UNKNOWN\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n");
     }},
};

constexpr std::string_view belongs_to_h2 = "HTTP/2 to endpoints is not spoken yet";
constexpr std::string_view belongs_to_admission = "admission and active health are not there yet";
constexpr std::string_view needs_comparison = "only a comparison of many exchanges can tell it";

constexpr Unprovoked unprovoked[] = {
    {Fault::missing_upstream, "a configuration with such a route is refused when it is loaded"},
    {Fault::address_not_allowed, "no list of allowed addresses can be configured yet"},
    {Fault::configuration_not_ready, "a worker starts with a whole configuration"},
    {Fault::dns_stale_answer, needs_comparison},
    {Fault::accept_queue_overflow, needs_comparison},
    {Fault::path_drops_connections, needs_comparison},
    {Fault::connection_slots_exhausted, "a connection too many is ended before it has a request"},
    {Fault::memory_exhausted, "memory is the kernel's; the simulated engine always has some"},
    {Fault::internal_error, "would be a bug, and end this test"},
    {Fault::no_healthy_endpoint, "rather a doubtful endpoint is tried than an error given"},
    {Fault::all_endpoints_ejected, "rather an ejected endpoint is tried than an error given"},
    {Fault::queue_wait_exceeded, belongs_to_admission},
    {Fault::overload_shed, belongs_to_admission},
    {Fault::all_endpoints_draining, belongs_to_admission},
    {Fault::rate_limited, "rate limits are not there yet"},
    {Fault::sticky_endpoint_down, "a client whose endpoint is down is answered by another"},
    {Fault::queue_full, belongs_to_admission},
    {Fault::tls_alpn_mismatch, "no version of HTTP can be required of an endpoint yet"},
    {Fault::early_answer_lost,
     "reading finds the break first (head_incomplete); by chance in the swarm only"},
    {Fault::stream_reset, belongs_to_h2},
    {Fault::goaway_unprocessed, belongs_to_h2},
    {Fault::http2_violation, belongs_to_h2},
    {Fault::stream_refused, belongs_to_h2},
    {Fault::grpc_status_missing, "gRPC is not looked into yet"},
    {Fault::body_excess, "bytes after a body cost the connection, not the exchange"},
    {Fault::body_decode_failed, "bodies are not decoded"},
    {Fault::body_too_large, "answers have no limit"},
    {Fault::upgrade_refused, "only clients of HTTP/2 are told so (http2_websocket_test.cc)"},
    {Fault::client_connection_limit,
     "clients of the simulation have no limit; tests of the worker do it"},
    {Fault::authentication_required, "belongs to a rule: tests/wire/authentication_test.py"},
    {Fault::auxiliary_service_failed, "belongs to a rule: tests/wire/authentication_test.py"},
    {Fault::injected_fault, "the gateway injects none"},
};

/// All three parts in one.
struct Table {
  Table() {
    for (const Provocation& row : before_sending) rows.push_back(row);
    for (const Provocation& row : with_an_endpoint) rows.push_back(row);
    for (const Provocation& row : by_others) rows.push_back(row);
    for (const Provocation& row : tls_provocations()) rows.push_back(row);
  }
  std::vector<Provocation> rows;
};

}  // namespace

std::span<const Provocation> provocations() {
  static const Table table;
  return table.rows;
}

std::span<const Unprovoked> unprovoked_faults() { return unprovoked; }

}  // namespace gg
