// SPDX-License-Identifier: Apache-2.0
#include "cli/record_text.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "cli/json_parts.h"

namespace gg {
namespace {

using nlohmann::json;

std::string time_of(double ms) {
  if (ms < 10) return fmt::format("{:.2f} ms", ms);
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1000);
}

/// "connect 0.21 ms", or nothing where the stage was not entered.
std::string stage(const json& object, const char* key, std::string_view name) {
  if (!object.contains(key)) return "";
  return fmt::format("{} {}", name, time_of(object.value(key, 0.0)));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& one : parts) {
    if (one.empty()) continue;
    all += (all.empty() ? "" : ", ") + one;
  }
  return all;
}

std::string painted(std::string_view text, std::string_view color, Coloring coloring) {
  if (coloring != Coloring::colored) return std::string(text);
  return fmt::format("{}{}\033[0m", color, text);
}

std::string color_of(const json& record) {
  std::string outcome = text(record, "outcome");
  if (outcome == "failed") return "\033[31m";
  return outcome == "rescued" ? "\033[33m" : "\033[32m";
}

std::string heading(const json& record, Coloring coloring) {
  json request = part(record, "request");
  std::string out = fmt::format("request {}\n", text(record, "id"));
  out += painted(text(record, "summary"), color_of(record), coloring) + "\n\n";
  out += fmt::format("  {} {}://{}{}\n", text(request, "method"), text(request, "scheme"),
                     text(request, "host"), text(request, "target"));
  out += fmt::format("  at {} from {} to {}", text(record, "time"), text(request, "client"),
                     text(request, "listener"));
  std::string route = text(record, "route");
  std::string upstream = text(record, "upstream");
  if (!route.empty()) out += fmt::format(", route {}", route);
  if (!upstream.empty()) out += fmt::format(", upstream {}", upstream);
  out += fmt::format(
      "\n  {} in all: {}\n", time_of(record.value("ms", 0.0)),
      joined({stage(record, "head_ms", "head read in"), stage(record, "queue_ms", "queued for"),
              stage(record, "first_byte_ms", "first byte to the client after")}));
  out += fmt::format("  body: {} bytes in, {} out\n", number(request, "body_bytes"),
                     number(record, "response_body_bytes"));
  if (request.contains("message_error")) {
    out += fmt::format("  what is wrong with the request: {}\n", text(request, "message_error"));
  }
  return out;
}

std::string attempt_of(const json& attempt, std::size_t place, Coloring coloring) {
  json fault = part(attempt, "fault");
  std::string how;
  if (fault.is_object()) {
    how = painted(fmt::format("{} ({})", text(fault, "name"), text(fault, "id")), "\033[31m",
                  coloring);
  } else if (attempt.value("lost", false)) {
    how = "given up, another attempt was faster";
  } else {
    how = fmt::format("answered {}", number(attempt, "status"));
  }
  std::string out = fmt::format("\nattempt {} at {}{}: {}\n", place, text(attempt, "endpoint"),
                                attempt.value("hedge", false) ? " beside the one before" : "", how);
  out += fmt::format("  began after {}, took {}", time_of(attempt.value("at_ms", 0.0)),
                     time_of(attempt.value("ms", 0.0)));
  std::string stages = joined({stage(attempt, "connect_ms", "connect"),
                               stage(attempt, "tls_ms", "TLS"), stage(attempt, "send_ms", "send"),
                               stage(attempt, "first_byte_ms", "first byte after")});
  out += (stages.empty() ? "" : ": " + stages) + "\n";
  if (!fault.is_object()) {
    json connection = part(attempt, "connection");
    if (connection.is_object()) {
      out +=
          fmt::format("  connection {}, {}; {} bytes written, {} read\n", number(connection, "id"),
                      connection.value("reused", false) ? "a kept one" : "new",
                      number(attempt, "bytes_written"), number(attempt, "bytes_read"));
    }
    return out;
  }
  out += fmt::format("  {}\n", text(fault, "meaning"));
  for (const json& line : part(attempt, "evidence")) {
    if (line.is_string()) out += fmt::format("  - {}\n", line.get<std::string>());
  }
  std::string then = text(attempt, "then");
  return then.empty() ? out : out + fmt::format("  {}\n", then);
}

std::string advice_of(const json& record) {
  json fault = part(record, "fault");
  if (!fault.is_object()) return "";
  std::string out = fmt::format("\ncause   {} ({}): {}\nwhose   {}\nwhat to do\n  {}\n",
                                text(fault, "name"), text(fault, "id"), text(fault, "meaning"),
                                text(fault, "blame"), text(fault, "remedy"));
  return out;
}

std::string story_of(const json& record, Coloring coloring) {
  std::string out = heading(record, coloring);
  json attempts = part(record, "attempts");
  std::size_t place = 0;
  for (const json& attempt : attempts) out += attempt_of(attempt, ++place, coloring);
  std::uint64_t made = number(record, "attempts_made");
  if (made > place) out += fmt::format("\n({} attempts were made; these are kept)\n", made);
  if (place == 0) out += "\nno attempt was made at any endpoint\n";
  return out + advice_of(record);
}

}  // namespace

Result<std::string, std::string> record_text(std::string_view json_text, Coloring coloring) {
  try {
    json record = json::parse(json_text);
    if (record.is_object() && record.contains("id")) return story_of(record, coloring);
  } catch (const json::exception&) {
    // Said below: which byte was wrong helps nobody.
  }
  return Failure(std::string("its answer is not what this version of goodgate understands"));
}

}  // namespace gg
