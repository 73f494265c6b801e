// SPDX-License-Identifier: Apache-2.0
// One line of a log as a reader understands it. Everything borrows from the line.
#pragma once

#include <cstdint>
#include <string_view>

#include "diagnose/advice/advice.h"
#include "diagnose/codes/sign.h"
#include "diagnose/logs/log_time.h"

namespace gg {

enum class LineKind : std::uint8_t {
  fine,         // a request that went well, or failed by its own doing (404)
  failure,      // has a sign
  unexplained,  // a request that failed; the line does not say why
  notice,       // a message that is no failure of a request
  unknown,      // of a known format, but with words that are not
};

struct ReadLine {
  LineKind kind = LineKind::unknown;
  Product product = Product::any;
  const Sign* sign = nullptr;  // a failure's, sometimes a notice's
  LogTime at = 0;              // 0: unknown
  std::int64_t duration_ms = -1;
  std::uint16_t status = 0;
  bool is_message = false;    // an error log's, of one attempt; not a request's own line
  std::string_view endpoint;  // whom the request went to
  std::string_view client;
  std::string_view request;  // "GET /path HTTP/1.1", or the path alone
};

/// Reads lines of one format. Pure.
struct LineReader {
  std::string_view name;  // "nginx error log"
  /// False if the line is not of this format; `out` may be half filled then.
  bool (*read)(std::string_view line, ReadLine& out);
};

/// In the order in which they are tried on a line that the last one could not read.
std::span<const LineReader> line_readers();

// The readers, each in a file of its own kind.
bool read_nginx_error(std::string_view line, ReadLine& out);
bool read_common_access(std::string_view line, ReadLine& out);  // nginx, Apache, Traefik, ours
bool read_haproxy(std::string_view line, ReadLine& out);
bool read_envoy(std::string_view line, ReadLine& out);
bool read_apache_error(std::string_view line, ReadLine& out);
bool read_json_line(std::string_view line, ReadLine& out);  // Caddy, Traefik, Envoy, nginx, ours
bool read_caddy_console(std::string_view line, ReadLine& out);
bool read_traefik_own(std::string_view line, ReadLine& out);
bool read_alb(std::string_view line, ReadLine& out);

/// Signs that are made of facts, not of words.
const Sign& sign_of_cause(Fault fault);
const Sign& sign_of_relayed_error();

/// What a status alone says in an access log: fine, unexplained, or a client that left.
void judge_status(ReadLine& out);

}  // namespace gg
