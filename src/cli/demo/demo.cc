// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/demo.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/command.h"
#include "cli/demo/engine_thread.h"
#include "cli/demo/gateway.h"
#include "cli/demo/live_screen.h"
#include "cli/demo/origins.h"
#include "cli/demo/scene.h"
#include "cli/demo/traffic.h"
#include "engine/epoll/process_clock.h"
#include "gate/signals.h"

namespace gg {

namespace {

constexpr const char* usual_address = "127.0.0.1:8080";
constexpr const char* any_address = "127.0.0.1:0";
constexpr Duration look_interval = 50ms;
constexpr Duration picture_interval = 200ms;
constexpr Duration line_interval = 1s;

/// Why the demo cannot begin, and whose fault that is.
struct Refusal {
  int status = exit_something_wrong;
  std::string text;
};

/// What listens, and what is to be said about where.
struct Opened {
  std::shared_ptr<const Config> config;
  Listeners listeners;
  std::string notice;
};

Result<Opened, Refusal> open_at(const std::string& listen,
                                const std::vector<std::string>& origins) {
  LoadResult loaded = demo_config(listen, origins, DemoTraffic::host);
  if (!loaded) {
    // Only the address comes from outside.
    const Complaint& complaint = loaded.error().front();
    return Failure(Refusal{exit_used_wrongly,
                           fmt::format("--listen: {}\n  {}", complaint.problem, complaint.remedy)});
  }
  Opened opened{.config = loaded->config, .listeners = {}, .notice = {}};
  Result<void, std::string> bound = opened.listeners.add(*opened.config, std::nullopt);
  if (!bound) return Failure(Refusal{exit_something_wrong, bound.error()});
  return opened;
}

Result<Opened, Refusal> open_gateway(const DemoSettings& settings,
                                     const std::vector<std::string>& origins) {
  Result<Opened, Refusal> opened = open_at(settings.listen.value_or(usual_address), origins);
  if (opened || settings.listen) return opened;
  Result<Opened, Refusal> elsewhere = open_at(any_address, origins);
  if (!elsewhere) return opened;
  std::string why = opened.error().text.substr(0, opened.error().text.find('\n'));
  elsewhere->notice = fmt::format("(on a free port, as {})", why);
  return elsewhere;
}

/// How the demo is shown while it runs.
enum class Show : std::uint8_t { picture, lines, lines_on_error_output };

Show choose_show(const DemoSettings& settings) {
  if (settings.json) return Show::lines_on_error_output;
  return LiveScreen::is_possible() ? Show::picture : Show::lines;
}

/// Everything that runs, from start to tally. Control thread.
class Demo {
 public:
  Demo(const DemoSettings& settings, SignalReader signals, Engine& engine, DemoSchedule schedule)
      : settings_(settings),
        signals_(std::move(signals)),
        engine_(engine),
        schedule_(schedule),
        began_(process_now()),
        tasks_(engine.ready()) {}

  int run();

 private:
  Result<void, Refusal> start();
  void watch();
  void stop();
  bool is_over();
  void show();
  Task<void> look_at_origins();
  DemoScene scene() const;

  DemoSettings settings_;
  SignalReader signals_;
  Engine& engine_;
  DemoSchedule schedule_;
  Instant began_;
  std::unique_ptr<EpollEngine> origins_engine_;
  std::unique_ptr<EpollEngine> clients_engine_;
  std::unique_ptr<DemoOrigins> origins_;
  std::unique_ptr<DemoTraffic> traffic_;
  std::unique_ptr<DemoGateway> gateway_;
  std::optional<EngineThread<DemoOrigins>> origins_thread_;
  std::optional<EngineThread<DemoTraffic>> clients_thread_;
  std::string notice_;
  std::optional<LiveScreen> screen_;
  Show show_ = Show::lines;
  Instant next_show_{};
  std::vector<EndpointStatus> health_;
  bool ending_ = false;
  bool output_is_gone_ = false;
  Scope tasks_;
};

Result<void, Refusal> Demo::start() {
  Result<std::unique_ptr<EpollEngine>, IoError> first = EpollEngine::make();
  Result<std::unique_ptr<EpollEngine>, IoError> second = EpollEngine::make();
  if (!first || !second) {
    return Failure(Refusal{exit_something_wrong, "out of descriptors: raise `ulimit -n`"});
  }
  origins_engine_ = std::move(*first);
  clients_engine_ = std::move(*second);
  Result<std::unique_ptr<DemoOrigins>, std::string> origins =
      DemoOrigins::make(*origins_engine_, schedule_, began_);
  if (!origins) return Failure(Refusal{exit_something_wrong, origins.error()});
  origins_ = std::move(*origins);

  Result<Opened, Refusal> opened = open_gateway(settings_, origins_->addresses());
  if (!opened) return Failure(opened.error());
  notice_ = opened->notice;
  // Before anybody can ask: a gateway without a single origin has to refuse.
  origins_thread_.emplace(*origins_engine_, *origins_, "gg-origins");
  gateway_ = std::make_unique<DemoGateway>(engine_, opened->config, std::move(opened->listeners));
  Result<void, std::string> started = gateway_->start();
  if (!started) return Failure(Refusal{exit_something_wrong, started.error()});

  traffic_ = std::make_unique<DemoTraffic>(*clients_engine_, gateway_->address());
  clients_thread_.emplace(*clients_engine_, *traffic_, "gg-clients");
  return {};
}

/// In this order every request that is under way gets its answer.
void Demo::stop() {
  clients_thread_->stop();
  ending_ = true;
  while (tasks_.running() > 0) engine_.turn(look_interval);
  gateway_->drain();
  origins_thread_->stop();
}

bool Demo::is_over() {
  if (signals_.next() || output_is_gone_) return true;
  return settings_.length && engine_.now() - began_ >= *settings_.length;
}

/// Keeps the gateway's view of the origins at hand.
Task<void> Demo::look_at_origins() {
  for (;;) {
    bool was_ending = ending_;  // then this is the last look, after the last request
    StatusReport report = co_await gateway_->status().status();
    if (!report.upstreams.empty()) health_ = std::move(report.upstreams.front().endpoints);
    if (was_ending) co_return;
    Sleep pause(engine_, engine_.now() + picture_interval);
    co_await pause;
  }
}

DemoScene Demo::scene() const {
  Duration elapsed = engine_.now() - began_;
  const TrafficCounts& counts = traffic_->counts();
  DemoScene scene{.elapsed = elapsed,
                  .turn = schedule_.at(elapsed),
                  .address = gateway_->address_text(),
                  .notice = notice_,
                  .requests = counts.requests.read(),
                  .errors = counts.errors_in_all(),
                  .late = counts.late.read(),
                  .median = quantile(counts.times, 0.5),
                  .p99 = quantile(counts.times, 0.99),
                  .slowest = Duration(counts.slowest.read()),
                  .gateway = gateway_->counts(),
                  .origins = health_};
  for (std::size_t i = 0; i < client_error_count; ++i) {
    scene.errors_by_kind[i] = counts.errors[i].read();
  }
  scene.per_second = static_cast<double>(scene.requests) /
                     std::max(std::chrono::duration<double>(elapsed).count(), 0.001);
  return scene;
}

void Demo::show() {
  DemoScene now = scene();
  if (screen_) {
    LiveScreen::Size size = LiveScreen::size();
    bool colored = takes_color(STDOUT_FILENO);
    screen_->draw(
        picture_of(now, {.columns = size.columns, .rows = size.rows - 1, .colored = colored}));
    return;
  }
  std::FILE* out = show_ == Show::lines ? stdout : stderr;
  std::fprintf(out, "%s\n", line_of(now).c_str());
  output_is_gone_ = std::fflush(out) != 0;
}

void Demo::watch() {
  show_ = choose_show(settings_);
  if (show_ == Show::picture) {
    screen_.emplace();
  } else {
    std::FILE* out = show_ == Show::lines ? stdout : stderr;
    std::fprintf(out, "goodgate demo: try %s %s\n", curl_command(gateway_->address_text()).c_str(),
                 notice_.c_str());
  }
  Duration interval = screen_ ? picture_interval : line_interval;
  next_show_ = began_ + interval;
  while (!is_over()) {
    engine_.turn(look_interval);
    if (engine_.now() < next_show_) continue;
    next_show_ = engine_.now() + interval;
    show();
  }
}

int Demo::run() {
  if (Result<void, Refusal> started = start(); !started) {
    complain(started.error().text);
    return started.error().status;
  }
  tasks_.start(look_at_origins());
  watch();
  Duration ran = engine_.now() - began_;
  stop();
  screen_.reset();

  DemoScene last = scene();
  last.elapsed = ran;
  const std::vector<std::string>& examples = traffic_->examples();
  std::size_t columns = 1000;
  if (show_ == Show::picture) columns = std::max<std::size_t>(LiveScreen::size().columns, 40);
  std::string tally =
      settings_.json ? tally_json(last, examples) + "\n" : tally_of(last, examples, columns);
  std::fprintf(stdout, "%s%s", show_ == Show::picture ? "\n" : "", tally.c_str());
  std::fflush(stdout);
  return last.errors == 0 ? exit_fine : exit_something_wrong;
}

}  // namespace

int run_demo(const DemoSettings& settings) {
  Result<SignalReader, int> signals = SignalReader::make();
  Result<std::unique_ptr<EpollEngine>, IoError> engine = EpollEngine::make();
  if (!signals || !engine) {
    complain("out of descriptors: raise `ulimit -n`");
    return exit_something_wrong;
  }
  Demo demo(settings, std::move(*signals), **engine, DemoSchedule(settings.length));
  return demo.run();
}

}  // namespace gg
