// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/line.h"

#include <array>

#include "fault/catalogue.h"

namespace gg {
namespace {

constexpr LineReader readers[] = {
    {"common or combined access log", read_common_access},
    {"HAProxy log", read_haproxy},
    {"JSON lines", read_json_line},
    {"nginx error log", read_nginx_error},
    {"Envoy access log", read_envoy},
    {"Apache error log", read_apache_error},
    {"AWS ALB access log", read_alb},
    {"Traefik log", read_traefik_own},
    {"Caddy console log", read_caddy_console},
};

using enum Fault;

constexpr std::string_view give_the_log =
    "The gateway's error log of that moment says why: give it in the same command.";

constexpr Sign statuses[] = {
    {.code = "499", .causes = {client_gone_while_waiting}},
    {.code = "502", .name = "a 502 that the line does not explain", .settle = give_the_log},
    {.code = "503", .name = "a 503 that the line does not explain", .settle = give_the_log},
    {.code = "504", .name = "a 504 that the line does not explain", .settle = give_the_log},
    {.code = "relayed",
     .name = "the endpoint itself answered so",
     .causes = {upstream_error_status}},
};

/// A sign per cause, for logs that name our causes.
std::array<Sign, fault_count> make_own_signs() {
  std::array<Sign, fault_count> signs{};
  for (const FaultRow& row : catalogue()) {
    signs[index_of(row.fault)].code = row.name;
    signs[index_of(row.fault)].causes[0] = row.fault;
  }
  return signs;
}

}  // namespace

std::span<const LineReader> line_readers() { return readers; }

const Sign& sign_of_cause(Fault fault) {
  static const std::array<Sign, fault_count> signs = make_own_signs();
  return signs[index_of(fault)];
}

const Sign& sign_of_relayed_error() { return statuses[4]; }

void judge_status(ReadLine& out) {
  switch (out.status) {
    case 499:
    case 460:
      out.kind = LineKind::failure;
      out.sign = &statuses[0];
      return;
    case 502:
      out.sign = &statuses[1];
      break;
    case 503:
      out.sign = &statuses[2];
      break;
    case 504:
      out.sign = &statuses[3];
      break;
    default:
      out.kind = LineKind::fine;
      return;
  }
  out.kind = LineKind::unexplained;
}

}  // namespace gg
