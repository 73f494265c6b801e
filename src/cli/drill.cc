// SPDX-License-Identifier: Apache-2.0
// `goodgate drill`.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/options.h"
#include "config/complaint.h"
#include "config/formats.h"
#include "config/units.h"
#include "diagnose/drill/drill_origin.h"
#include "engine/epoll/epoll_engine.h"
#include "fault/catalogue.h"
#include "gate/signals.h"

namespace gg {
namespace {

constexpr const char* description =
    "Runs an origin that fails in one way, for practice and for tests: put a gateway or `goodgate\n"
    "doctor` before it and see what they say. It says what it does on every connection.\n"
    "Ctrl-C ends it.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate drill --list                                  every scenario, and what it is "
    "called\n"
    "  goodgate drill close-on-next --listen 127.0.0.1:3001\n"
    "  goodgate drill hang --listen :3001 --for 10s --then healthy\n"
    "  goodgate drill tls-expired --ca-out drill-ca.pem       whom to trust to see only that\n"
    "  goodgate drill --all                                   each on a port of its own\n"
    "Exit status: 0 ended, 1 could not listen, 2 used wrongly\n";

constexpr const char* at_home = "127.0.0.1:0";
constexpr Duration longest_turn = 500ms;

struct DrillWishes {
  std::vector<std::string> names;
  std::string listen = at_home;
  std::string length;
  std::string then = "healthy";
  std::string after;
  std::string ca_out;
  std::vector<std::string> certificate_names;
  bool all = false;
  bool list = false;
  bool json = false;
  bool quiet = false;
};

std::string_view name_or_nothing(Fault fault) {
  return fault == Fault::none ? "-" : name_of(fault);
}

void print_list() {
  bool color = takes_color(STDOUT_FILENO);
  for (DrillStage stage :
       {DrillStage::answer, DrillStage::connect, DrillStage::tls, DrillStage::upload,
        DrillStage::head, DrillStage::body, DrillStage::keep_alive, DrillStage::http2}) {
    fmt::print("{}{}{}\n", color ? "\033[1m" : "", title_of(stage), color ? "\033[0m" : "");
    for (const DrillScenario& scenario : drill_scenarios()) {
      if (scenario.stage != stage) continue;
      fmt::print("  {:<23} {}\n", scenario.name, scenario.does);
      Fault fault = scenario.doctor != Fault::none ? scenario.doctor : scenario.gateway;
      if (fault == Fault::none) continue;
      fmt::print("  {:<23} -> {} ({})\n", "", name_of(fault), row_of(fault).id);
    }
  }
}

void print_list_as_json() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DrillScenario& scenario : drill_scenarios()) {
    list.push_back({{"name", scenario.name},
                    {"does", scenario.does},
                    {"scheme", scenario.is_https ? "https" : "http"},
                    {"http2", scenario.is_http2},
                    {"upload", scenario.is_upload},
                    {"gateway", name_or_nothing(scenario.gateway)},
                    {"doctor", name_or_nothing(scenario.doctor)}});
  }
  fmt::print("{}\n", list.dump(2));
}

/// What went wrong with the words after `goodgate drill`: complained, and the status to end with.
int used_wrongly(std::string_view text) {
  complain(text);
  return exit_used_wrongly;
}

Result<Duration, int> duration_of(const char* option, const std::string& text) {
  if (text.empty()) return Duration::zero();
  Result<Duration, Misreading> parsed = parse_duration(text);
  if (parsed) return *parsed;
  return Failure(used_wrongly(
      fmt::format("{}: {}\n  {}", option, parsed.error().problem, parsed.error().remedy)));
}

Result<const DrillScenario*, int> scenario_of(const std::string& name) {
  if (const DrillScenario* found = find_drill(name)) return found;
  std::vector<std::string_view> names;
  for (const DrillScenario& scenario : drill_scenarios()) names.push_back(scenario.name);
  return Failure(used_wrongly(
      fmt::format("there is no drill {}\n  {}", in_quotes(name),
                  did_you_mean(name, names, "`goodgate drill --list` shows them all"))));
}

Result<Address, int> address_of(const std::string& text) {
  ListenAddress wanted;
  std::optional<Misreading> wrong = listen_address_format.parse(text, &wanted);
  if (wrong) {
    return Failure(used_wrongly(fmt::format("--listen: {}\n  {}", wrong->problem, wrong->remedy)));
  }
  if (wanted.is_unix()) return Failure(used_wrongly("--listen: a drill needs a TCP port"));
  std::optional<Address> ip = parse_ip(wanted.host.empty() ? "0.0.0.0" : wanted.host, wanted.port);
  if (!ip) return Failure(used_wrongly("--listen: write an IP address and a port"));
  return *ip;
}

/// Prints what the origins do, a line each.
class DrillLines final : public DrillWatcher {
 public:
  DrillLines(Engine& engine, bool with_names, bool is_quiet)
      : engine_(engine), began_(engine.now()), with_names_(with_names), is_quiet_(is_quiet) {}

  void saw(const DrillScenario& scenario, std::uint64_t connection,
           std::string_view what) override {
    if (connection > 0) most_ = std::max(most_, connection);
    if (is_quiet_) return;
    double seconds = std::chrono::duration<double>(engine_.now() - began_).count();
    std::string who = with_names_ ? fmt::format("{} ", scenario.name) : std::string();
    if (connection > 0) who += fmt::format("#{} ", connection);
    fmt::print("{:9.3f} {}{}\n", seconds, who, what);
    std::fflush(stdout);
  }

 private:
  Engine& engine_;
  Instant began_;
  bool with_names_;
  bool is_quiet_;
  std::uint64_t most_ = 0;
};

/// All the origins of one command, and the certificates that they show.
class Drills {
 public:
  Drills(Engine& engine, const DrillWishes& wishes, std::vector<const DrillScenario*> scenarios)
      : engine_(engine),
        wishes_(wishes),
        scenarios_(std::move(scenarios)),
        authority_(engine.wall_now()),
        lines_(engine, scenarios_.size() > 1, wishes.quiet) {}

  /// An exit status if it cannot be.
  std::optional<int> start(Address address, DrillPlan plan);
  void run(SignalReader& signals);

 private:
  const PracticeContext* context_for(const DrillScenario& scenario, const Address& address);
  std::optional<int> write_authority();

  Engine& engine_;
  const DrillWishes& wishes_;
  std::vector<const DrillScenario*> scenarios_;
  PracticeAuthority authority_;
  std::vector<std::unique_ptr<PracticeContext>> contexts_;
  DrillLines lines_;
  std::vector<std::unique_ptr<DrillOrigin>> origins_;
};

const PracticeContext* Drills::context_for(const DrillScenario& scenario, const Address& address) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  if (std::string ip = ip_text(address); ip != "127.0.0.1") names.push_back(ip);
  for (const std::string& name : wishes_.certificate_names) names.push_back(name);
  contexts_.push_back(authority_.serve(scenario.tls.value_or(PracticeTls::right), names));
  return contexts_.back().get();
}

std::optional<int> Drills::write_authority() {
  if (wishes_.ca_out.empty()) return std::nullopt;
  std::FILE* file = std::fopen(wishes_.ca_out.c_str(), "w");
  bool written = file != nullptr && std::fputs(authority_.pem().c_str(), file) >= 0;
  bool closed = file != nullptr && std::fclose(file) == 0;
  if (written && closed) return std::nullopt;
  complain(fmt::format("--ca-out: cannot write {}: {}", wishes_.ca_out, std::strerror(errno)));
  return exit_something_wrong;
}

std::optional<int> Drills::start(Address address, DrillPlan plan) {
  if (std::optional<int> failed = write_authority()) return failed;
  for (const DrillScenario* scenario : scenarios_) {
    plan.scenario = scenario;
    bool speaks_tls = scenario->tls.has_value();
    const PracticeContext* tls = speaks_tls ? context_for(*scenario, address) : nullptr;
    // Whoever is asked by https:// goes on to be.
    bool then_speaks_tls = scenario->is_https && plan.then != nullptr;
    DrillPlan own = plan;
    if (then_speaks_tls && plan.then->name == "healthy") own.then = find_drill("healthy-tls");
    const PracticeContext* tls_then = then_speaks_tls ? context_for(*own.then, address) : nullptr;
    Result<std::unique_ptr<DrillOrigin>, int> made =
        DrillOrigin::make(engine_, own, address, tls, tls_then, lines_);
    if (!made) {
      complain(fmt::format("cannot listen on {}: {}\n  choose another with --listen",
                           to_text(address), std::strerror(made.error())));
      return exit_something_wrong;
    }
    origins_.push_back(std::move(*made));
    if (address.port != 0) ++address.port;
  }
  for (const std::unique_ptr<DrillOrigin>& origin : origins_) {
    origin->start();
    const DrillScenario& scenario = origin->scenario();
    fmt::print("{}  {}  {}\n", origin->url(), scenario.name, scenario.does);
  }
  fmt::print("ready\n");
  std::fflush(stdout);
  return std::nullopt;
}

void Drills::run(SignalReader& signals) {
  bool is_over = false;
  while (!is_over) {
    engine_.turn(longest_turn);
    while (std::optional<int> signal = signals.next()) is_over |= *signal != SIGHUP;
  }
  for (const std::unique_ptr<DrillOrigin>& origin : origins_) origin->stop();
  auto is_stopped = [](const std::unique_ptr<DrillOrigin>& origin) { return origin->is_stopped(); };
  while (!std::ranges::all_of(origins_, is_stopped)) engine_.turn(longest_turn);
}

int play(const DrillWishes& wishes) {
  std::vector<const DrillScenario*> scenarios;
  for (const std::string& name : wishes.names) {
    Result<const DrillScenario*, int> found = scenario_of(name);
    if (!found) return found.error();
    scenarios.push_back(*found);
  }
  if (wishes.all) {
    scenarios.clear();
    for (const DrillScenario& scenario : drill_scenarios()) scenarios.push_back(&scenario);
  }
  if (scenarios.empty()) {
    return used_wrongly("which drill?\n  `goodgate drill --list` shows them all");
  }
  Result<Address, int> address = address_of(wishes.listen);
  Result<const DrillScenario*, int> then = scenario_of(wishes.then);
  Result<Duration, int> length = duration_of("--for", wishes.length);
  Result<Duration, int> after = duration_of("--after", wishes.after);
  if (!address || !then || !length || !after) return exit_used_wrongly;

  Result<SignalReader, int> signals = SignalReader::make();
  Result<std::unique_ptr<EpollEngine>, IoError> engine = EpollEngine::make();
  if (!signals || !engine) {
    complain("out of descriptors: raise `ulimit -n`");
    return exit_something_wrong;
  }
  (*engine)->wake_on(signals->descriptor());
  (*engine)->turn(Duration::zero());
  Drills drills(**engine, wishes, std::move(scenarios));
  std::optional<int> failed =
      drills.start(*address, {.after = *after, .length = *length, .then = *then});
  if (failed) return *failed;
  drills.run(*signals);
  return exit_fine;
}

}  // namespace

int drill_command(Arguments arguments) {
  DrillWishes wishes;
  Options options(description, "goodgate drill", examples);
  options.texts("scenario", wishes.names, "SCENARIO",
                "What to play; more than one get a port each");
  std::vector<std::string> names;
  for (const DrillScenario& scenario : drill_scenarios()) names.emplace_back(scenario.name);
  options.offer("scenario", std::move(names));
  options.flag("--list", wishes.list, "Say which scenarios there are");
  options.flag("--json", wishes.json, "With --list: as JSON");
  options.flag("--all", wishes.all, "Play all of them, each on a port of its own");
  options.text("--listen", wishes.listen, "ADDRESS",
               "Where; with several scenarios the ports that follow. 127.0.0.1 and free ports "
               "otherwise");
  options.text("--for", wishes.length, "DURATION", "For so long; then what --then says");
  options.text("--then", wishes.then, "SCENARIO",
               "What to play after --for: healthy, or another scenario");
  options.text("--after", wishes.after, "DURATION",
               "How long to wait, in scenarios that wait (slow, idle-close, worker-killed ...)");
  options.texts("--name", wishes.certificate_names, "NAME",
                "A further name that right certificates are for; may be repeated");
  options.text("--ca-out", wishes.ca_out, "FILE",
               "Write the certificate of the authority behind the right certificates here");
  options.flag("-q,--quiet", wishes.quiet, "Do not say what happens on each connection");
  if (std::optional<int> status = options.read(arguments)) return *status;
  if (wishes.list) {
    wishes.json ? print_list_as_json() : print_list();
    return exit_fine;
  }
  return play(wishes);
}

}  // namespace gg
