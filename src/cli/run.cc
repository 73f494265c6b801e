// SPDX-License-Identifier: Apache-2.0
// `goodgate run`.
#include <fmt/core.h>

#include "cli/config_choice.h"
#include "cli/options.h"
#include "gate/worker_process.h"

namespace gg {
namespace {

constexpr const char* description =
    "Serves in the foreground until SIGTERM or an interrupt, then lets exchanges end. SIGHUP "
    "makes\n"
    "it read its file again. Says `ready` on standard error once it accepts connections; the "
    "access\n"
    "log goes to standard output.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate run                              goodgate.yaml here, else "
    "/etc/goodgate/goodgate.yaml\n"
    "  goodgate run -c shop.yaml --threads 2\n"
    "  goodgate run --listen :8080 --to 127.0.0.1:3001 --to 127.0.0.1:3002     no file at all\n";

}  // namespace

int run_command(Arguments arguments) {
  ConfigChoice choice;
  Options options(description, "goodgate run", examples);
  options.text("-c,--config", choice.file, "FILE", "The configuration");
  options.repeated(
      "--listen", choice.listen, "ADDRESS",
      "Listen here: host:port, [v6]:port, :port or unix:/path; :8080 if --to stands alone. "
      "With a file: instead of its listeners");
  options.repeated("--to", choice.to, "URL",
                   "Forward to this endpoint, without any file; repeat for more");
  options.number("--threads", choice.threads, "N", "Workers; one per core otherwise");
  options.text("--admin", choice.admin, "ADDRESS|off", "Where the admin interface listens, or off");
  if (std::optional<int> status = options.read(arguments)) return *status;

  if (std::optional<std::string> misuse = misuse_of(choice)) {
    complain(*misuse);
    return exit_used_wrongly;
  }
  std::string path;
  if (choice.to.empty()) {
    std::optional<std::string> found = find_config_file(choice.file);
    if (!found) {
      bool may_do_without = choice.file.empty();
      complain(no_config_text(choice.file) +
               (may_do_without ? ", or none is needed with --listen ADDRESS --to URL" : ""));
      return exit_used_wrongly;
    }
    path = *found;
  }
  ChosenConfig source(choice, path);
  Result<std::shared_ptr<const Config>, std::string> config = source.load();
  if (!config) {
    fmt::print(stderr, "{}", config.error());
    return exit_something_wrong;
  }
  return run_supervisor({.config = std::move(*config),
                         .config_path = path,
                         .source = &source,
                         .worker = run_worker_process,
                         .invocation = Invocation::own(arguments)});
}

}  // namespace gg
