// SPDX-License-Identifier: Apache-2.0
#include "report/documents.h"

#include <string_view>

#include "report/log_field.h"
#include "report/metrics.h"

namespace gg {
namespace {

constexpr std::string_view access_log_introduction = R"(# Access log

One line per request, written when its exchange is over. Generated from the table of fields in
`src/report/log_field.cc` by `make docs`; do not edit.

```yaml
log:
  access: stdout       # off, stdout, journald, syslog, syslog:/SOCKET, syslog://IP:PORT or a file
  format: json
  sample: 10%          # of the requests that went well; 100% if it is left out
  slow: 500ms          # logged whatever `sample` says; 1s if it is left out
```

`format` is one of

- `json`: one object per line with every field below that has a value, in this order.
- `combined`: what Apache and nginx call combined.
- a template: text with fields in braces, such as `{client} {status} {ms} {fault}`. `{{` and
  `}}` stand for braces. A field without a value prints `-`.

Values that come from outside are made harmless. In JSON each byte outside printable ASCII
becomes `\u00XX`, so that any line is valid JSON and the bytes can be got back exactly; in the
other formats such bytes, quotes and backslashes become `\xXX`. Long values are cut and end in
`...`. If whoever reads the log is too slow or away, up to 16 MiB wait; what comes on top is
dropped and counted in `goodgate_access_log_dropped_lines_total`. No request ever waits for the log.

With `sample`, a share of the requests is logged, drawn by the request id: gateways that share ids
keep the same requests. Whatever it says, a request has its line if it failed (a fault, or a status
from 500 on), if an attempt of it failed and another one saved it, or if it took as long as `slow`.

- `journald`: the native socket of systemd's journal. `journalctl -t goodgate -p warning` shows what
  failed (priority err) or was rescued (warning); all else is info.
- `syslog`: RFC 5424 with facility local0 and the same severities, to the daemon at `/dev/log`, to
  the socket of `syslog:/SOCKET`, or by UDP to the server of `syslog://IP:PORT` (RFC 5426; lines are
  cut after 8 KiB there). rsyslog reads that from its socket with
  `module(load="imuxsock" SysSock.UseSpecialParser="off")`; on a machine where journald owns
  `/dev/log`, `journald` is the better choice.

On SIGUSR1 a log file is opened anew, so whoever rotates it moves the old one away first and then
sends that to the gateway; what is written between goes to the old one, and nothing is lost:

```
/var/log/goodgate/access.log {
  daily
  rotate 14
  compress
  delaycompress
  missingok
  postrotate
    systemctl kill --kill-whom=main --signal=USR1 goodgate
  endscript
}
```

Names of faults are explained in [causes.md](causes.md).

| field | meaning | where |
| --- | --- | --- |
)";

constexpr std::string_view attempts_part = R"(
## attempts

An array with one object per attempt. A member that does not apply is left out.

| member | meaning |
| --- | --- |
| endpoint | The endpoint that was tried. |
| at_ms | When the attempt began, from the start of the exchange. |
| connect_ms, tls_ms, send_ms | How long these stages took. |
| first_byte_ms | From the start of sending to the first byte of the response. |
| ms | The whole attempt. |
| connection | The number of the connection to the endpoint. |
| request_number | The number of this request on that connection. |
| reused, idle_ms | Whether the connection had served before, and how long it had been idle. |
| bytes_written, bytes_read | Bytes sent to and received from the endpoint. |
| status | The endpoint's own status. |
| hedge | True if it was made while an earlier attempt still waited. |
| lost | True if it was given up because another attempt was faster. |
| fault, fault_id, blame | How the attempt failed. |
| delivery | What is proven about the request having reached an application. |
| retry | What was decided after the attempt. |
| message_error | What was wrong with the endpoint's message. |
| errno, protocol_code | The system's error number; the TLS alert or HTTP/2 error code. |
| certificate_error | Why the endpoint's certificate was not accepted. |
| first_bytes | The first bytes of a response that was not valid. |
)";

constexpr std::string_view metrics_introduction = R"(# Metrics

What `/metrics` on the admin address exposes, in the Prometheus text format, or as OpenMetrics to a
scraper that asks for it. Generated from the table of metrics in `src/report/metrics.cc` by
`make docs`; do not edit. Names and labels are an interface and do not change. Alert rules and a
dashboard for Grafana are in `contrib/`.

- `upstream` and `route` are the names in the configuration; empty for requests that had none.
  Their number is limited: past 510 names the rest is counted under `other`.
- `code` is the class of the status that the client got: `2xx`, …, or `none` if nothing could be
  sent.
- `fault` and `blame` are explained in [causes.md](causes.md). A fault that never happened has
  no series.
- Counters start at 0 with the worker process and are summed over all workers.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
)";

std::string_view place_of(LogFieldUse use) {
  switch (use) {
    case LogFieldUse::anywhere:
      return "JSON, templates";
    case LogFieldUse::json_only:
      return "JSON";
    case LogFieldUse::template_only:
      return "templates";
  }
  return "";
}

}  // namespace

std::string access_log_document() {
  std::string out(access_log_introduction);
  for (const LogField& field : log_fields()) {
    out += "| ";
    out += field.name;
    out += " | ";
    out += field.doc;
    out += " | ";
    out += place_of(field.use);
    out += " |\n";
  }
  out += attempts_part;
  return out;
}

std::string metrics_document() {
  std::string out(metrics_introduction);
  for (const Metric& metric : metrics()) {
    out += "| `";
    out += metric.name;
    out += "` | ";
    out += name_of(metric.type);
    out += " | ";
    out += metric.labels;
    out += " | ";
    out += metric.help;
    out += " |\n";
  }
  return out;
}

}  // namespace gg
