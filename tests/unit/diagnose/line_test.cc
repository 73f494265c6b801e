// SPDX-License-Identifier: Apache-2.0
// Every reader with lines as the documentation of its program gives them.
#include "diagnose/logs/line.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using enum Fault;
using enum LineKind;

struct Case {
  std::string_view reader;
  std::string_view line;
  LineKind kind;
  Fault cause;  // the first
  std::string_view endpoint;
};

constexpr Case cases[] = {
    {"common or combined access log",
     "10.0.0.1 - bob [22/Nov/2026:21:10:03 +0000] \"GET /a\\\"b HTTP/1.1\" 200 5 \"-\" \"x\"", fine,
     none, ""},
    {"common or combined access log",
     "10.0.0.1 - - [22/Nov/2026:21:10:03 +0000] \"GET / HTTP/1.1\" 502 157 \"-\" \"curl\"",
     unexplained, none, ""},
    {"common or combined access log",
     "10.0.0.1 - - [22/Nov/2026:21:10:03 +0000] \"GET / HTTP/1.1\" 499 0 \"-\" \"curl\"", failure,
     client_gone_while_waiting, ""},
    {"common or combined access log",
     "10.0.0.1 - - [22/Nov/2026:21:10:03 +0000] \"GET / HTTP/1.1\" 503 0 \"-\" \"curl\" rt=0.1 "
     "uht=\"0.1\" us=\"503\" ua=\"10.0.0.9:80\"",
     failure, upstream_error_status, "10.0.0.9:80"},
    {"common or combined access log",
     "10.0.0.1 - - [22/Nov/2026:21:10:03 +0000] \"GET / HTTP/1.1\" 504 160 \"-\" \"curl\" 100 "
     "5.001 "
     "[default-app-80] [] 10.1.0.4:80 0 5.001 504 8f0b5",
     unexplained, none, "10.1.0.4:80"},
    {"common or combined access log",
     "10.0.0.1 - - [22/Nov/2026:21:10:03 +0000] \"GET / HTTP/1.1\" 502 11 \"-\" \"-\" 42 "
     "\"app@docker\" \"http://172.17.0.2:80\" 3ms",
     unexplained, none, "172.17.0.2:80"},
    {"nginx error log",
     "2026/11/22 21:10:03 [error] 31#31: *5 connect() failed (111: Connection refused) while "
     "connecting to upstream, client: 10.0.0.1, server: _, request: \"GET /x HTTP/1.1\", upstream: "
     "\"http://10.0.0.2:8080/x\", host: \"a\"",
     failure, connect_refused, "10.0.0.2:8080"},
    {"nginx error log",
     "2026/11/22 21:10:03 [error] 31#31: *5 something new, client: 10.0.0.1, server: _, request: "
     "\"GET /upstream prematurely closed connection HTTP/1.1\"",
     unknown, none, ""},
    {"nginx error log", "2026/11/22 21:10:03 [notice] 1#1: something new", notice, none, ""},
    {"HAProxy log",
     R"(10.0.1.2:1 [06/Feb/2009:12:14:14.655] f b/s 0/0/-1/-1/7 503 221 - - SC-- )"
     R"(1/1/0/0/0 0/0 "GET /a HTTP/1.1" "SSL handshake failure" "error:0A000086:SSL )"
     R"(routines::certificate verify failed")",
     failure, tls_untrusted_certificate, "b/s"},
    {"HAProxy log",
     R"(10.0.1.2:1 [06/Feb/2009:12:14:14.655] f b/s 0/0/-1/-1/7 503 221 - - SC-- )"
     R"(1/1/0/0/0 0/0 "GET /a HTTP/1.1" "SSL fatal error" "error:0A00045C:SSL )"
     R"(routines::tlsv13 alert certificate required")",
     failure, tls_client_certificate_rejected, "b/s"},
    {"HAProxy log",
     R"(10.0.1.2:1 [06/Feb/2009:12:14:14.655] f b/s 0/0/-1/-1/0 503 221 - - SC-- )"
     R"(1/1/0/0/0 0/0 "GET /a HTTP/1.1" "" "")",
     failure, connect_refused, "b/s"},
    {"HAProxy log",
     R"(10.0.1.2:1 [06/Feb/2009:12:14:14.655] f b/s 0/0/0/-1/51 -1 212 - - SD-- )"
     R"(1/1/0/0/0 0/0 "PUT /a HTTP/1.1")",
     failure, reset_while_sending, "b/s"},
    {"HAProxy log",
     R"(10.0.1.2:1 [06/Feb/2009:12:14:14.655] f b/s 0/0/0/-1/2012 -1 212 - - sD-- )"
     R"(1/1/0/0/0 0/0 "PUT /a HTTP/1.1")",
     failure, send_timeout, "b/s"},
    {"HAProxy log",
     R"(10.0.1.2:1 [06/Feb/2009:12:14:14.655] f b/s 0/0/0/-1/8 502 212 - - SH-- )"
     R"(1/1/0/0/0 0/0 "PUT /a HTTP/1.1")",
     failure, closed_before_head, "b/s"},
    {"HAProxy log",
     "Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in "
     "static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html "
     "HTTP/1.1\"",
     fine, none, "static/srv1"},
    {"HAProxy log",
     "10.0.1.2:33318 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/-1/-1/3010 503 212 - - "
     "sC-- 1/1/1/1/+3 0/0 \"GET / HTTP/1.1\"",
     failure, connect_timeout, "static/srv1"},
    {"HAProxy log",
     "haproxy[9]: 10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 sD "
     "0/0/0/0/3 0/0",
     failure, body_timeout, "bck/srv1"},
    {"HAProxy log",
     "haproxy[9]: 10.0.1.2:1 [06/Feb/2009:12:12:51.443] f b/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- "
     "1/1/0/0/0 0/0 \"GET / HTTP/1.1\"",
     failure, no_healthy_endpoint, "b/<NOSRV>"},
    {"HAProxy log",
     "haproxy[18989]: 127.0.0.1:34549 [15/Oct/2012:15:19:00.727] frt/1: SSL handshake failure",
     notice, none, ""},
    {"HAProxy log",
     "<129>Nov 22 21:52:22 haproxy[16338]: Server b/d1 is DOWN, reason: Layer4 timeout, check "
     "duration: 2001ms.",
     notice, connect_timeout, "b/d1"},
    {"Envoy access log",
     "[2016-04-15T20:17:00.310Z] \"POST /api/v1/locations HTTP/2\" 204 - 154 0 226 100 "
     "\"10.0.35.28\" \"nsq2http\" \"cc21d9b0\" \"locations\" \"tcp://10.0.2.1:80\"",
     fine, none, ""},
    {"Envoy access log",
     "[2016-04-15T20:17:00.310Z] \"GET / HTTP/1.1\" 503 UC 0 95 2 - \"10.0.35.28\" \"c\" \"r\" "
     "\"h\" \"10.0.2.1:80\"",
     failure, keep_alive_race, "10.0.2.1:80"},
    {"Envoy access log",
     "[2021-01-15T20:17:00.310Z] \"GET / HTTP/1.1\" 503 UF,URX "
     "upstream_reset_before_response_started{connection_failure} - \"delayed connect error: 111\" "
     "0 95 2 - \"-\" \"c\" \"r\" \"h\" \"10.0.2.1:80\" outbound|80||a - 10.0.0.1:80 - -",
     failure, connect_refused, "10.0.2.1:80"},
    {"Envoy access log",
     "[2021-01-15T20:17:00.310Z] \"GET / HTTP/1.1\" 503 - via_upstream - \"-\" 0 95 2 1 \"-\" "
     "\"c\" "
     "\"r\" \"h\" \"10.0.2.1:80\"",
     failure, upstream_error_status, "10.0.2.1:80"},
    {"Apache error log",
     "[Sun Nov 22 10:42:29.902022 2026] [proxy:error] [pid 35708:tid 4328636416] (111)Connection "
     "refused: AH00957: http: attempt to connect to 127.0.0.1:8080 (localhost:8080) failed",
     failure, connect_refused, "127.0.0.1:8080"},
    {"Apache error log",
     "[Sun Nov 22 10:42:29.902022 2026] [proxy_http:error] [pid 35708] (70007)The timeout "
     "specified "
     "has expired: [client 10.0.0.1:40000] AH01102: error reading status line from remote server "
     "10.0.0.2:80",
     failure, head_timeout, "10.0.0.2:80"},
    {"JSON lines",
     R"({"level":"error","ts":1795381803.1,"logger":"http.log.error",)"
     R"("msg":"dial tcp 10.0.0.2:9001: connect: connection refused",)"
     R"("request":{"remote_ip":"10.0.0.1","proto":"HTTP/1.1","method":"GET",)"
     R"("host":"a","uri":"/x"},"duration":0.0005,"status":502,"err_id":"x"})",
     failure, connect_refused, "10.0.0.2:9001"},
    {"JSON lines",
     R"({"level":"info","ts":1795381803.1,"logger":"http.log.access.log0",)"
     R"("msg":"handled request","request":{"remote_ip":"10.0.0.1","method":"GET",)"
     R"("uri":"/x"},"duration":0.1,"size":0,"status":502})",
     unexplained, none, ""},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.log.access.log0",)"
     R"("msg":"handled request","request":{"remote_ip":"127.0.0.1","method":"GET",)"
     R"("uri":"/a","headers":{"Via":["1.1 edge"]}},"duration":0.1,"size":0,"status":502,)"
     R"("resp_headers":{"Server":["Caddy"]}})",
     unexplained, none, ""},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.log.access.log0",)"
     R"("msg":"handled request","request":{"remote_ip":"127.0.0.1","method":"GET",)"
     R"("uri":"/a","headers":{}},"duration":0.1,"size":157,"status":502,)"
     R"("resp_headers":{"Server":["Caddy","nginx/1.22.1"],"Content-Type":["text/html"]}})",
     failure, upstream_error_status, ""},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.log.access.log0",)"
     R"("msg":"handled request","request":{"remote_ip":"127.0.0.1","method":"GET",)"
     R"("uri":"/a"},"duration":0.1,"status":504,"resp_headers":{"Via":["1.1 inner"]}})",
     failure, upstream_error_status, ""},
    {"JSON lines",
     R"({"level":"info","ts":1795420041.9,"logger":"http.log.access.log0",)"
     R"("msg":"handled request","request":{"remote_ip":"127.0.0.1","method":"GET",)"
     R"("uri":"/a"},"duration":15.01,"size":0,"status":0,"resp_headers":{"Server":["Caddy"]}})",
     failure, client_gone_while_waiting, ""},
    // A GET is sent again by Go itself if the endpoint had closed a kept-alive connection; a POST
    // is not.
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.log.error.log0","msg":"EOF",)"
     R"("request":{"remote_ip":"127.0.0.1","method":"GET","uri":"/a"},"duration":0.1,)"
     R"("status":502,"err_id":"141hwz0bu"})",
     failure, closed_before_head, ""},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.log.error.log0","msg":"EOF",)"
     R"("request":{"remote_ip":"127.0.0.1","method":"POST","uri":"/a"},"duration":0.1,)"
     R"("status":502,"err_id":"141hwz0bu"})",
     failure, keep_alive_race, ""},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.log.error.log0","msg":"net/http: )"
     R"(HTTP/1.x transport connection broken: malformed MIME header: missing colon: )"
     R"(\"Content-Le\"","request":{"method":"GET","uri":"/a"},"duration":0.1,"status":502})",
     failure, head_incomplete, ""},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.log.error.log0","msg":"readfrom tcp )"
     R"(127.0.0.1:44800->10.0.0.2:46781: write tcp 127.0.0.1:44800->10.0.0.2:46781: write: )"
     R"(connection reset by peer","request":{"method":"PUT","uri":"/a"},"status":502})",
     failure, reset_while_sending, "10.0.0.2:46781"},
    // What breaks off in the body is said twice; the second line counts.
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.handlers.reverse_proxy",)"
     R"("msg":"reading from backend","error":"unexpected EOF"})",
     notice, none, ""},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.handlers.reverse_proxy",)"
     R"("msg":"aborting with incomplete response","error":"unexpected EOF"})",
     failure, body_truncated, ""},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.handlers.reverse_proxy",)"
     R"("msg":"aborting with incomplete response","error":"read tcp )"
     R"(10.0.0.9:3->10.0.0.2:80: read: connection reset by peer"})",
     failure, body_reset, "10.0.0.2:80"},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.handlers.reverse_proxy",)"
     R"("msg":"aborting with incomplete response","error":"write tcp )"
     R"(10.0.0.9:80->10.0.0.7:5000: write: broken pipe"})",
     failure, client_gone_in_download, ""},
    {"JSON lines",
     R"({"level":"error","ts":1795420041.9,"logger":"http.reverse_proxy.transport.http",)"
     R"("msg":"failed to set write deadline",)"
     R"("error":"set tcp 127.0.0.1:34614: use of closed network connection"})",
     notice, none, ""},
    {"JSON lines",
     R"({"level":"warn","ts":1795420041.9,"msg":"exiting; byeee!!","signal":"SIGTERM"})", notice,
     none, ""},
    {"JSON lines",
     R"({"start_time":"2026-11-22T21:10:03.000Z","method":"GET","path":"/",)"
     R"("response_code":504,"response_flags":"UT",)"
     R"("response_code_details":"upstream_per_try_timeout",)"
     R"("upstream_host":"10.0.2.1:80","duration":"15000"})",
     failure, head_timeout, "10.0.2.1:80"},
    {"JSON lines",
     R"({"ClientHost":"10.0.0.1","DownstreamStatus":502,"Duration":3000000,)"
     R"("OriginStatus":502,"RequestMethod":"GET","RequestPath":"/",)"
     R"("ServiceAddr":"172.17.0.2:80","StartUTC":"2026-11-22T21:10:03Z",)"
     R"("level":"info","msg":"","time":"2026-11-22T21:10:03Z"})",
     unexplained, none, "172.17.0.2:80"},
    {"JSON lines",
     R"({"level":"debug","error":"dial tcp 172.17.0.2:80: i/o timeout",)"
     R"("time":"2026-11-22T21:10:03Z","message":"504 Gateway Timeout"})",
     failure, connect_timeout, "172.17.0.2:80"},
    {"JSON lines",
     R"({"time":"2026-11-22T21:10:03.000Z","id":"a","client":"10.0.0.1",)"
     R"("method":"GET","target":"/","status":502,"ms":1.5,"attempt_count":1,)"
     R"("fault":"head_too_large","fault_id":"H6","blame":"upstream",)"
     R"("attempts":[{"endpoint":"10.0.0.9:80","fault":"head_too_large"}]})",
     failure, head_too_large, "10.0.0.9:80"},
    {"JSON lines",
     R"({"time_local":"22/Nov/2026:21:10:03 +0000","status":"503",)"
     R"("request":"GET / HTTP/1.1","request_time":"0.010","upstream_status":"503",)"
     R"("upstream_header_time":"0.010","upstream_addr":"10.0.0.3:80"})",
     failure, upstream_error_status, "10.0.0.3:80"},
    {"Traefik log",
     "time=\"2026-11-22T21:10:03Z\" level=debug msg=\"'502 Bad Gateway' caused by: dial tcp "
     "172.17.0.2:80: connect: connection refused\"",
     failure, connect_refused, "172.17.0.2:80"},
    {"Traefik log",
     "2026-11-22T21:10:03Z DBG github.com/traefik/traefik/v3/pkg/proxy/httputil/proxy.go:115 > 502 "
     "Bad Gateway error=\"dial tcp 172.17.0.2:80: connect: no route to host\"",
     failure, host_unreachable, "172.17.0.2:80"},
    {"Caddy console log",
     "2026/11/22 21:10:03.123\tERROR\thttp.log.error\tdial tcp 10.0.0.2:9001: connect: connection "
     "refused\t{\"request\": {\"remote_ip\": \"10.0.0.1\", \"method\": \"GET\", \"uri\": \"/\"}, "
     "\"duration\": 0.0005, \"status\": 502}",
     failure, connect_refused, "10.0.0.2:9001"},
    {"Caddy console log",
     "2026/11/22 21:10:03.123\tERROR\thttp.handlers.reverse_proxy\taborting with incomplete "
     "response\t{\"error\": \"unexpected EOF\"}",
     failure, body_truncated, ""},
    {"AWS ALB access log",
     "http 2018-07-02T22:23:00.186641Z app/lb/50dc 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 "
     "0.000 200 200 34 366 \"GET http://a:80/ HTTP/1.1\" \"curl/7.46.0\" - -",
     fine, none, "10.0.0.1:80"},
    {"AWS ALB access log",
     "https 2018-07-02T22:23:00.186641Z app/lb/50dc 192.168.131.39:2817 10.0.0.1:80 0.000 -1 -1 "
     "502 - 34 366 \"GET https://a:443/ HTTP/1.1\" \"curl/7.46.0\" - -",
     failure, keep_alive_race, "10.0.0.1:80"},
    {"AWS ALB access log",
     "h2 2018-07-02T22:23:00.186641Z app/lb/50dc 192.168.131.39:2817 - -1 -1 -1 503 - 34 366 \"GET "
     "https://a:443/ HTTP/2.0\" \"curl/7.46.0\" - -",
     failure, no_healthy_endpoint, ""},
};

TEST(LineReaders, EachReadsItsLinesAndNoOther) {
  for (const Case& one : cases) {
    std::string_view first;
    ReadLine out;
    for (const LineReader& reader : line_readers()) {
      ReadLine line;
      if (!reader.read(one.line, line)) continue;
      EXPECT_TRUE(first.empty()) << reader.name << " also reads " << one.line;
      first = reader.name;
      out = line;
    }
    EXPECT_EQ(first, one.reader) << one.line;
    EXPECT_EQ(out.kind, one.kind) << one.line;
    EXPECT_EQ(out.sign == nullptr ? none : out.sign->causes[0], one.cause) << one.line;
    EXPECT_EQ(out.endpoint, one.endpoint) << one.line;
  }
}

TEST(LineReaders, NonsenseIsOfNoFormat) {
  for (std::string_view line : {"", "hello", "{", "{}", "[", "2026/11/22", "{\"a\":", "http x",
                                "time=\"", "\x01\xff", "- - [] \"\" "}) {
    for (const LineReader& reader : line_readers()) {
      ReadLine out;
      EXPECT_FALSE(reader.read(line, out)) << reader.name << " reads " << line;
    }
  }
}

TEST(LineReaders, WhatAClientSendsIsNotTakenForAMessage) {
  ReadLine out;
  std::string_view line =
      "2026/11/22 21:10:03 [error] 31#31: *5 connect() failed (113: No route to host) while "
      "connecting to upstream, client: 10.0.0.1, server: _, request: \"GET /connect() failed (111: "
      "HTTP/1.1\", upstream: \"http://10.0.0.2:80/\", host: \"SSL alert number 40\"";

  ASSERT_TRUE(read_nginx_error(line, out));

  EXPECT_EQ(out.sign->causes[0], host_unreachable);
}

}  // namespace
}  // namespace gg
