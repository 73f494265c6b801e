// SPDX-License-Identifier: Apache-2.0
// `goodgate doctor`.
#include "diagnose/doctor/doctor.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "cli/config_choice.h"
#include "cli/options.h"
#include "config/load.h"
#include "config/units.h"
#include "engine/epoll/epoll_engine.h"

namespace gg {
namespace {

constexpr const char* description =
    "Looks at servers the way a gateway would use them, stage by stage: name, route, TCP, TLS,\n"
    "HTTP, kept-alive connections. Says first what is wrong, whose it is and what to do; then "
    "what\n"
    "it saw. A few GET requests each; needs no privilege, and no gateway of ours.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate doctor http://10.0.0.1:3000/health\n"
    "  goodgate doctor https://app.internal --ca internal-ca.pem\n"
    "  goodgate doctor -c goodgate.yaml         every endpoint of a configuration\n"
    "  goodgate doctor app:3000 --patience 75s  and how long it keeps an idle connection\n"
    "  goodgate doctor app:3000 --watch         says so when something changes\n"
    "  goodgate doctor app:3000 --json | jq '.[].findings[].cause'\n"
    "Exit status: 0 nothing wrong, 1 something is, 2 used wrongly\n";

struct DoctorWishes {
  std::vector<std::string> urls;
  std::string config;
  std::string patience;
  std::string timeout;
  std::string every = "5s";
  UpstreamTls tls;
  bool insecure = false;
  bool http2 = false;
  std::string proxy_protocol;
  bool load = false;
  bool watch = false;
  bool json = false;
};

std::optional<int> read_duration(const char* option, const std::string& text, Duration& to) {
  if (text.empty()) return std::nullopt;
  Result<Duration, Misreading> parsed = parse_duration(text);
  if (parsed && *parsed > Duration::zero()) {
    to = *parsed;
    return std::nullopt;
  }
  complain(
      parsed ? fmt::format("{}: write more than nothing", option)
             : fmt::format("{}: {}\n  {}", option, parsed.error().problem, parsed.error().remedy));
  return exit_used_wrongly;
}

/// Says on a terminal how far it is; nothing elsewhere.
class ProgressLine final : public DoctorProgress {
 public:
  explicit ProgressLine(bool is_quiet) : is_shown_(!is_quiet && isatty(STDERR_FILENO) == 1) {}
  void begin(std::size_t all) const { show(0, all); }
  void done(std::size_t count, std::size_t all) override { show(count, all); }
  void end() const {
    if (is_shown_) fmt::print(stderr, "\r\033[K");
  }

 private:
  void show(std::size_t count, std::size_t all) const {
    if (is_shown_) fmt::print(stderr, "\rlooking at {} of {} ...\033[K", count, all);
    if (is_shown_) std::fflush(stderr);
  }
  bool is_shown_;
};

Result<std::vector<DoctorTarget>, int> targets_of_wishes(const DoctorWishes& wishes) {
  std::vector<DoctorTarget> targets;
  for (const std::string& url : wishes.urls) {
    Result<DoctorTarget, Misreading> target = parse_target(url);
    if (!target) {
      complain(fmt::format("{}\n  {}", target.error().problem, target.error().remedy));
      return Failure(static_cast<int>(exit_used_wrongly));
    }
    target->tls = wishes.tls;
    if (wishes.http2) target->http2 = Http2Use::always;
    if (wishes.proxy_protocol == "v1") target->proxy_protocol = ProxyHeaderUse::v1;
    if (wishes.proxy_protocol == "v2") target->proxy_protocol = ProxyHeaderUse::v2;
    targets.push_back(std::move(*target));
  }
  if (!wishes.urls.empty() && wishes.config.empty()) return targets;

  std::optional<std::string> path = find_config_file(wishes.config);
  if (!path) {
    complain(wishes.config.empty() ? "which server?\n  give a URL, or a configuration with -c FILE"
                                   : no_config_text(wishes.config));
    return Failure(static_cast<int>(exit_used_wrongly));
  }
  LoadResult loaded = load_config_file(wishes.config.empty() ? *path : wishes.config);
  if (!loaded) {
    fmt::print(stderr, "{}\n", to_text(loaded.error()));
    complain(fmt::format("{} cannot be read as it is; `goodgate check` says all about it", *path));
    return Failure(static_cast<int>(exit_used_wrongly));
  }
  for (const std::string& where : not_looked_at(*loaded->config)) {
    fmt::print(stderr, "{}: what is found there is not looked at; give URLs\n", where);
  }
  for (DoctorTarget& target : targets_of(*loaded->config)) targets.push_back(std::move(target));
  return targets;
}

Result<std::vector<Diagnosis>, int> diagnose(Engine& engine,
                                             const std::vector<DoctorTarget>& targets,
                                             const DoctorSettings& settings, bool is_quiet) {
  ProgressLine progress(is_quiet);
  progress.begin(targets.size());
  Result<std::vector<DoctorFacts>, CertificateProblem> facts =
      examine(engine, targets, settings, progress);
  progress.end();
  if (!facts) {
    const CertificateProblem& problem = facts.error();
    complain(fmt::format("{} {}\n  {}", problem.file, problem.problem, problem.remedy));
    return Failure(static_cast<int>(exit_used_wrongly));
  }
  std::vector<Diagnosis> diagnoses;
  for (DoctorFacts& one : *facts) {
    std::vector<Finding> findings = judge(one);
    diagnoses.push_back({.facts = std::move(one), .findings = std::move(findings)});
  }
  return diagnoses;
}

void print(const std::vector<Diagnosis>& diagnoses, bool json) {
  if (json) {
    fmt::print("{}", to_json(diagnoses));
  } else {
    bool colored = takes_color(STDOUT_FILENO);
    for (const Diagnosis& diagnosis : diagnoses) fmt::print("{}\n", to_text(diagnosis, colored));
    if (diagnoses.size() > 1) fmt::print("{}", summary_of(diagnoses));
  }
  std::fflush(stdout);
}

int status_of(const std::vector<Diagnosis>& diagnoses) {
  bool is_wrong = std::ranges::any_of(diagnoses, &Diagnosis::is_wrong);
  return is_wrong ? exit_something_wrong : exit_fine;
}

int examine_and_print(const DoctorWishes& wishes, const DoctorSettings& settings, Duration every,
                      const std::vector<DoctorTarget>& targets) {
  Result<std::unique_ptr<EpollEngine>, IoError> engine = EpollEngine::make();
  if (!engine) {
    complain("out of descriptors: raise `ulimit -n`");
    return exit_something_wrong;
  }
  std::string before;
  for (;;) {
    (*engine)->turn(Duration::zero());
    Instant began = (*engine)->now();
    Result<std::vector<Diagnosis>, int> diagnoses =
        diagnose(**engine, targets, settings, wishes.json);
    if (!diagnoses) return diagnoses.error();
    std::string essence = essence_of(*diagnoses);
    if (essence != before) print(*diagnoses, wishes.json);
    if (!wishes.watch) return status_of(*diagnoses);
    bool has_changed = !before.empty() && essence != before;
    if (has_changed) return status_of(*diagnoses);
    before = essence;
    while ((*engine)->now() < began + every) (*engine)->turn(every);
  }
}

}  // namespace

int doctor_command(Arguments arguments) {
  DoctorWishes wishes;
  Options options(description, "goodgate doctor", examples);
  options.texts("url", wishes.urls, "URL", "http://, https:// or host:port, with a path to ask");
  options.text("-c,--config", wishes.config, "FILE", "Every endpoint of this configuration");
  options.text("--ca", wishes.tls.ca, "FILE",
               "Whom to trust, in place of the system's authorities");
  options.text("--server-name", wishes.tls.server_name, "NAME",
               "The name that a certificate must be for");
  options.text("--cert", wishes.tls.cert, "FILE", "Our certificate, for who asks for one");
  options.text("--key", wishes.tls.key, "FILE", "Its key");
  options.needs("--key", "--cert");
  options.flag("--insecure", wishes.insecure, "Do not check certificates");
  options.text("--timeout", wishes.timeout, "DURATION",
               "How long to wait for an answer; 5s otherwise");
  options.text("--patience", wishes.patience, "DURATION",
               "How long to watch an idle connection, to learn when it is closed; 400ms otherwise");
  options.flag("--http2", wishes.http2,
               "Speak HTTP/2 to plain ports too, as with http2: always; over TLS it is agreed on");
  options.text("--proxy-protocol", wishes.proxy_protocol, "v1|v2",
               "Begin each connection with a PROXY header, for servers that expect one");
  options.flag("--load", wishes.load,
               "Also 16 requests at once, to see whether they wait for each other");
  options.flag("--watch", wishes.watch, "Look again and again, until something changes");
  options.text("--every", wishes.every, "DURATION", "With --watch: how often; 5s otherwise");
  options.flag("--json", wishes.json, "As JSON, for scripts");
  if (std::optional<int> status = options.read(arguments)) return *status;

  wishes.tls.verify = !wishes.insecure;
  DoctorSettings settings;
  settings.load = wishes.load;
  Duration every = 5s;
  if (auto wrong = read_duration("--patience", wishes.patience, settings.patience)) return *wrong;
  if (auto wrong = read_duration("--timeout", wishes.timeout, settings.head)) return *wrong;
  if (auto wrong = read_duration("--every", wishes.every, every)) return *wrong;
  bool is_version = wishes.proxy_protocol.empty() || wishes.proxy_protocol == "v1" ||
                    wishes.proxy_protocol == "v2";
  if (!is_version) {
    complain("--proxy-protocol: write v1 or v2");
    return exit_used_wrongly;
  }
  std::signal(SIGPIPE, SIG_IGN);
  Result<std::vector<DoctorTarget>, int> targets = targets_of_wishes(wishes);
  if (!targets) return targets.error();
  return examine_and_print(wishes, settings, every, *targets);
}

}  // namespace gg
