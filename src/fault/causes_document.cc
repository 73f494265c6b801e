// SPDX-License-Identifier: Apache-2.0
#include "fault/causes_document.h"

#include <string_view>

#include "fault/catalogue.h"
#include "fault/foreign.h"

namespace gg {
namespace {

constexpr std::string_view introduction = R"(# Causes

Every way in which an exchange through Goodgate can fail. Generated from the catalogue in
`src/fault/` by `make docs`; do not edit. The names are an interface: logs, metrics and the API
spell them like this, and none is renamed lightly. Each has a page in `causes/`, named by its id:
how to prove it, and how to mend it in the words of several gateways.

How to read an entry:

- **Status** is what the client gets when nothing better can be given. A cause that comes up
  after a response was begun ends in an aborted connection instead, never in a clean end.
- **Proxy-Status** is the error type of RFC 9209 in the response's `Proxy-Status` field.
- **Blame** says who has to act: upstream, network, gateway, client or operator.
- **Delivery** is the least that the cause proves about the request having reached an
  application: not_sent, declined (the endpoint said that it did not process it), unknown, or
  answered. Whatever the cause, a request of which no byte was written was not sent.
- **Retried under** is the word of a route's `retry: on:` list that covers the cause.
- **Health**: does it count against the endpoint?
)";

struct Section {
  char letter;
  std::string_view title;
};

constexpr Section sections[] = {
    {'R', "Routing and configuration"}, {'D', "Names to addresses"},
    {'N', "Route and connect"},         {'L', "The gateway's own resources"},
    {'P', "Pools, queues, policy"},     {'T', "TLS to the endpoint"},
    {'S', "Sending the request"},       {'H', "The response head"},
    {'B', "The response body"},         {'U', "Upgrades and tunnels"},
    {'X', "Relayed and synthetic"},     {'C', "The client's own request"},
};

std::string status_text(const FaultRow& row) {
  if (row.status == 0) return "the upstream's own, or none";
  if (row.status == 499) return "none, the client is gone (499 in logs)";
  return std::to_string(row.status);
}

void append_fact(std::string& out, std::string_view name, std::string_view value) {
  out += "- ";
  out += name;
  out += ": ";
  out += value;
  out += '\n';
}

void append_foreign(std::string& out, std::string_view program, std::string_view text) {
  if (text.empty()) return;
  out += "- ";
  out += program;
  out += ": `";
  out += text;
  out += "`\n";
}

std::string retry_text(const FaultRow& row) {
  if (row.retry_on == RetryCondition::never) return "never";
  if (row.retry_on == RetryCondition::status) return "the status itself, such as \"503\"";
  return std::string(name_of(row.retry_on));
}

void append_row(std::string& out, const FaultRow& row) {
  out += "\n### ";
  out += row.id;
  out += " `";
  out += row.name;
  out += "`\n\n";
  out += row.meaning;
  out += "\n*";
  out += row.remedy;
  out += "*\n\n";
  append_fact(out, "Status", status_text(row));
  append_fact(out, "Proxy-Status", row.error.empty() ? "no error" : row.error);
  append_fact(out, "Blame", name_of(row.blame));
  append_fact(out, "Stage", name_of(row.stage));
  append_fact(out, "Delivery", name_of(row.delivery));
  append_fact(out, "Retried under", retry_text(row));
  append_fact(out, "Health", row.about_endpoint ? "counts against the endpoint" : "says nothing");
  if (row.evidence == Evidence::comparison) {
    append_fact(out, "Found by", "comparing many exchanges, or by a probe");
  }
  const ForeignNames* foreign = find_foreign_names(row.fault);
  if (foreign == nullptr) return;
  append_foreign(out, "Envoy", foreign->envoy);
  append_foreign(out, "HAProxy", foreign->haproxy);
  append_foreign(out, "nginx", foreign->nginx);
}

}  // namespace

std::string causes_document() {
  std::string out(introduction);
  for (const Section& section : sections) {
    out += "\n## ";
    out += section.title;
    out += '\n';
    for (const FaultRow& row : catalogue()) {
      if (row.id.front() == section.letter) append_row(out, row);
    }
  }
  return out;
}

}  // namespace gg
