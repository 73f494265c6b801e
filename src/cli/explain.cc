// SPDX-License-Identifier: Apache-2.0
// `goodgate explain`.
#include <fmt/core.h>
#include <unistd.h>

#include "cli/explain_logs.h"
#include "cli/explain_request.h"
#include "cli/explain_settings.h"
#include "cli/options.h"
#include "config/complaint.h"
#include "diagnose/codes/lookup.h"
#include "diagnose/codes/print_readings.h"
#include "diagnose/printable.h"

namespace gg {
namespace {

constexpr const char* description =
    "Says what a code or a message of a gateway means: whose fault it is, how to prove it and how\n"
    "to mend it. Knows the causes of Goodgate, Proxy-Status error types, HTTP statuses, response\n"
    "flags and details of Envoy, termination states of HAProxy, messages of nginx, Apache, Caddy\n"
    "and Traefik, system errors, TLS alerts, exit statuses of curl, HTTP/2 and gRPC.\n"
    "With --log, reads whole logs (of nginx, HAProxy, Envoy, Apache, Caddy, Traefik, AWS ALB and\n"
    "Goodgate; plain or gzip) and ranks what made requests fail. With --config, names what in an\n"
    "nginx or HAProxy configuration makes requests fail needlessly, each with a line to paste.\n"
    "Given a request's id, tells that request's life as the running Goodgate has kept it.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate explain H1                   a cause, by its id or name\n"
    "  goodgate explain SH--                 a termination state of HAProxy\n"
    "  goodgate explain UF,URX               response flags of Envoy\n"
    "  goodgate explain curl 52              or errno 111, alert 40, grpc 14, http 504\n"
    "  goodgate explain 'upstream prematurely closed connection'   as nginx wrote it\n"
    "  goodgate explain --log /var/log/nginx/error.log --log /var/log/nginx/access.log\n"
    "  journalctl -u haproxy -o cat | goodgate explain --log -\n"
    "  goodgate explain --config /etc/nginx/nginx.conf\n"
    "  goodgate explain 8f14e45fceea167a5a36dedd4bea2543           a request\n"
    "A request's id stands in the error page, in X-Request-Id and in the access log; its first 8\n"
    "digits do. Kept are the newest 4096 that failed or were rescued, and some that went well.\n"
    "Exit status: 0 explained, 1 unknown, or something wrong found, 2 used wrongly\n";

int explain_code(const std::string& code, bool json) {
  std::vector<Reading> readings = find_readings(code);
  if (json) {
    fmt::print("{}", readings_json(code, readings));
    return readings.empty() ? exit_something_wrong : exit_fine;
  }
  if (!readings.empty()) {
    fmt::print("{}", readings_text(code, readings, takes_color(STDOUT_FILENO)));
    return exit_fine;
  }
  std::string near;
  for (const std::string& name : nearest_codes(code)) {
    near += fmt::format("{}{}", near.empty() ? "" : ", ", name);
  }
  complain(fmt::format("{} is no code or message that is known here\n  {}",
                       in_quotes(printable(code)),
                       near.empty() ? "`goodgate explain --help` lists what is"
                                    : fmt::format("most like it: {}", near)));
  return exit_something_wrong;
}

}  // namespace

int explain_command(Arguments arguments) {
  std::vector<std::string> words;
  std::vector<std::string> logs;
  std::string settings;
  GatewayQuestion question;
  std::string request;
  bool& json = question.json;
  Options options(description, "goodgate explain", examples);
  options.texts("CODE", words, "", "A code, or a message in quotes");
  options.texts("--log", logs, "FILE",
                "A log to read, - for standard input; more than one may be given");
  options.text("--config", settings, "FILE",
               "A configuration of nginx or HAProxy; includes are followed");
  options.text("--request", request, "ID", "A request's id, whatever it looks like");
  options.text("-c", question.config_file, "FILE", "The configuration that Goodgate runs with");
  options.text("--admin", question.admin, "ADDRESS",
               "Its admin address, if it is not found by itself");
  options.flag("--json", json, "As JSON, for scripts");
  if (std::optional<int> status = options.read(arguments)) return *status;

  int kinds = (words.empty() ? 0 : 1) + (logs.empty() ? 0 : 1) + (settings.empty() ? 0 : 1);
  if (kinds > 1) {
    complain("a code, --log and --config cannot be explained at once");
    return exit_used_wrongly;
  }
  if (!logs.empty()) return explain_logs(logs, json);
  if (!settings.empty()) return explain_settings(settings, json);
  if (!request.empty()) return explain_request(request, question);
  std::string code;
  for (const std::string& word : words) code += (code.empty() ? "" : " ") + word;
  if (code.empty()) {
    complain("what is to be explained?\n  `goodgate explain --help` shows how");
    return exit_used_wrongly;
  }
  bool is_request = looks_like_request_id(code) && find_readings(code).empty();
  if (is_request) return explain_request(code, question);
  return explain_code(code, json);
}

}  // namespace gg
