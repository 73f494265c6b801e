// SPDX-License-Identifier: Apache-2.0
#include "upstream/checks/health_checks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "fault/classify.h"
#include "http1/client.h"
#include "http2/client.h"
#include "http2/client_stream.h"
#include "net/proxy_protocol.h"
#include "upstream/checks/grpc_health.h"

namespace gg {

namespace {

/// Without any news; also finds what another process changed.
constexpr Duration longest_sleep = 1s;
constexpr Duration shortest_sleep = 10ms;
/// At the same time: a thousand dead endpoints must not cost a thousand descriptors.
constexpr std::size_t checks_at_once = 64;
/// Of an answer's body, what is looked through.
constexpr std::size_t body_most = std::size_t{64} << 10;

/// By gRPC there is no other way, and where nothing else is spoken neither.
bool uses_http2(const UpstreamConfig& upstream) {
  return upstream.http2 == Http2Use::always || !upstream.health.grpc.empty();
}

CheckRules rules_from(const HealthConfig& settings) {
  return {.by_request = !settings.get.empty() || !settings.grpc.empty(),
          .every = settings.every,
          .timeout = settings.timeout,
          .healthy_after = std::max(settings.healthy_after, 1U),
          .unhealthy_after = std::max(settings.unhealthy_after, 1U)};
}

/// Waits for an endpoint's hello.
class Greeting final : public Http2ClientConnection::Owner {
 public:
  explicit Greeting(Engine& engine) : engine_(engine) {}

  /// Until the connection is open, or has failed, or stop(); it has a deadline of its own.
  Task<void> wait(const Http2ClientConnection& connection) {
    while (!connection.is_open() && !connection.failure() && !is_stopped_) {
      Sleep sleep(engine_, engine_.now() + longest_sleep);
      sleeping_ = &sleep;
      co_await sleep;
      sleeping_ = nullptr;
    }
  }
  void connection_changed(Http2ClientConnection& /*connection*/) override { wake(); }
  void stop() {
    is_stopped_ = true;
    wake();
  }

 private:
  void wake() {
    if (sleeping_ != nullptr) engine_.cancel(*sleeping_);
  }

  Engine& engine_;
  Sleep* sleeping_ = nullptr;
  bool is_stopped_ = false;
};

}  // namespace

struct HealthChecks::Checked {
  std::size_t upstream;
  PoolHealth& pool;
  std::size_t endpoint;
  EndpointUrl url;  // whoever added it may have lent it
  const HealthConfig& settings;
  CheckRules rules;
  const TlsClientContext* tls;  // there if any endpoint of the upstream is https
  bool by_http2;
  std::string introduction;  // sent before anything else
  std::vector<Address> addresses;
  std::size_t address = 0;  // the one to try
  CheckSeries series;
  Instant began{};    // the last check; zero: none yet
  double spread = 1;  // what chance makes of the wait after it
  std::uint64_t number = 0;
  bool is_running = false;
  bool is_gone = false;
  Fault fault = Fault::none;  // of the last failed check
  // For stop(), while it runs.
  Connect* connecting = nullptr;
  TlsStream* agreeing = nullptr;
  Greeting* greeting = nullptr;
  ClientStream* talking = nullptr;
};

HealthChecks::HealthChecks(Engine& engine, const Config& config, const HeadLimits& limits,
                           SharedUpstreams& shared)
    : engine_(engine), config_(config), limits_(limits), shared_(shared), tasks_(engine.ready()) {
  for (std::size_t i = 0; i < config.upstreams.size(); ++i) {
    const std::vector<EndpointConfig>& endpoints = config.upstreams[i].endpoints;
    for (std::size_t j = 0; j < endpoints.size(); ++j) add(i, j, endpoints[j].url);
  }
}

void HealthChecks::add(std::size_t upstream, std::size_t endpoint, const EndpointUrl& url) {
  const UpstreamConfig& settings = config_.upstreams[upstream];
  checked_.push_back(std::make_unique<Checked>(
      Checked{.upstream = upstream,
              .pool = shared_.health(upstream),
              .endpoint = endpoint,
              .url = url,
              .settings = settings.health,
              .rules = rules_from(settings.health),
              .tls = shared_.tls(upstream),
              .by_http2 = uses_http2(settings),
              .introduction = own_proxy_header(settings.proxy_protocol)}));
  if (std::optional<Address> fixed = fixed_address_of(url)) {
    checked_.back()->addresses.push_back(*fixed);
  }
  wake();
}

void HealthChecks::remove(std::size_t upstream, std::size_t endpoint) {
  for (const std::unique_ptr<Checked>& checked : checked_) {
    bool is_it = checked->upstream == upstream && checked->endpoint == endpoint;
    if (is_it) checked->is_gone = true;
  }
  wake();
}

/// One that is being checked is forgotten after that.
void HealthChecks::forget_the_gone() {
  std::erase_if(checked_, [](const std::unique_ptr<Checked>& checked) {
    return checked->is_gone && !checked->is_running;
  });
}

HealthChecks::~HealthChecks() = default;

void HealthChecks::start() { tasks_.start(run()); }

void HealthChecks::stop() {
  stopping_ = true;
  wake();
  for (const std::unique_ptr<Checked>& checked : checked_) {
    if (checked->connecting != nullptr) engine_.cancel(*checked->connecting);
    if (checked->agreeing != nullptr) checked->agreeing->close(Closing::reset);
    if (checked->greeting != nullptr) checked->greeting->stop();
    if (checked->talking != nullptr) checked->talking->abort();
  }
}

void HealthChecks::wake() {
  woken_ = true;
  if (sleeping_ != nullptr) engine_.cancel(*sleeping_);
}

void HealthChecks::set_addresses(std::size_t upstream, std::size_t endpoint,
                                 std::vector<Address> addresses) {
  for (const std::unique_ptr<Checked>& checked : checked_) {
    bool is_it = checked->upstream == upstream && checked->endpoint == endpoint;
    if (!is_it || checked->is_gone) continue;
    for (Address& address : addresses) address.port = checked->url.port;
    checked->addresses = std::move(addresses);
    checked->address = 0;
  }
}

// When -------------------------------------------------------------------------------------------

Task<void> HealthChecks::run() {
  while (!stopping_) {
    Instant now = engine_.now();
    Instant next = now + longest_sleep;
    woken_ = false;
    forget_the_gone();
    start_those_due(now, next);
    // News that come in a burst are worth one more look, not one each.
    Sleep pause(engine_, now + shortest_sleep);
    co_await pause;
    if (woken_) continue;
    Sleep sleep(engine_, next);
    sleeping_ = &sleep;
    co_await sleep;
    sleeping_ = nullptr;
  }
}

/// `next` becomes at most the moment when another one is due.
void HealthChecks::start_those_due(Instant now, Instant& next) {
  const PoolHealth* pool = nullptr;
  bool nobody_is_in = false;
  for (const std::unique_ptr<Checked>& checked : checked_) {
    if (running_checks_ >= checks_at_once) return;
    if (pool != &checked->pool) nobody_is_in = checked->pool.all_are_out(now);
    pool = &checked->pool;
    if (is_due(*checked, nobody_is_in, now, next)) {
      tasks_.start(check(*checked, nobody_is_in));
    }
  }
}

bool HealthChecks::is_due(Checked& checked, bool nobody_is_in, Instant now, Instant& next) {
  if (checked.is_running || checked.is_gone || checked.addresses.empty()) return false;
  HealthState state = checked.pool.state(checked.endpoint, now);
  std::optional<Duration> wait =
      wait_for_check(checked.rules, {.standing = state.standing,
                                     .out_for = checked.pool.standing_for(checked.endpoint, now),
                                     .nobody_is_in = nobody_is_in,
                                     .is_changing = checked.series.is_changing()});
  if (!wait) {
    checked.began = now;
    return false;
  }
  auto spread = static_cast<Duration::rep>(static_cast<double>(wait->count()) * checked.spread);
  Instant due = checked.began + Duration(spread);
  if (now >= due) return true;
  next = std::min(next, due);
  return false;
}

// One check --------------------------------------------------------------------------------------

Task<void> HealthChecks::check(Checked& checked, bool nobody_is_in) {
  checked.is_running = true;
  ++running_checks_;
  checked.began = engine_.now();
  checked.spread = 0.8 + 0.4 * static_cast<double>(engine_.rng().below(1000)) / 1000;
  Duration patience = patience_for_check(checked.rules, nobody_is_in, checked.number++);
  Deadline deadline = Deadline::after(engine_.now(), patience);
  bool passed = false;
  if (checked.rules.by_request) {
    passed = co_await answers_well(checked, deadline);
  } else {
    std::unique_ptr<ByteStream> bytes = co_await open(checked, deadline);
    passed = bytes != nullptr;
  }
  if (!stopping_ && !checked.is_gone) {
    HealthCell& cell = checked.pool.cell(checked.endpoint);
    (passed ? cell.checks_passed : cell.checks_failed).fetch_add(1, std::memory_order_relaxed);
    if (checked.rules.by_request) {
      take_answer(checked, passed, engine_.now());
    } else {
      take_connect_result(checked, passed, engine_.now());
    }
  }
  --running_checks_;
  checked.is_running = false;
  wake();
}

/// A connection, with TLS on it where the endpoint is https; null if there is none.
Task<std::unique_ptr<ByteStream>> HealthChecks::open(Checked& checked, Deadline deadline) {
  Connect connecting(engine_, checked.addresses[checked.address % checked.addresses.size()],
                     deadline);
  checked.connecting = &connecting;
  Result<SocketPtr, IoError> socket = co_await connecting;
  checked.connecting = nullptr;
  if (!socket) {
    ++checked.address;
    checked.fault = classify(AttemptFacts{.stage = Stage::connect}, socket.error());
    co_return nullptr;
  }
  if (checked.url.scheme != Scheme::https) {
    auto plain = std::make_unique<PlainStream>(std::move(*socket));
    Result<void, IoError> sent;
    if (!checked.introduction.empty()) {
      Send send = plain->send(checked.introduction, deadline);
      sent = co_await send;
    }
    if (sent) co_return plain;
    checked.fault = classify(AttemptFacts{.stage = Stage::connect}, sent.error());
    co_return nullptr;
  }
  std::unique_ptr<TlsStream> stream =
      checked.tls->wrap(std::move(*socket), checked.url.host, nullptr,
                        checked.by_http2 ? TlsOffer::http2 : TlsOffer::http1);
  if (!checked.introduction.empty()) stream->introduce(checked.introduction);
  TlsHandshake handshake(*stream, deadline);
  checked.agreeing = stream.get();
  Result<void, TlsError> agreed = co_await handshake;
  checked.agreeing = nullptr;
  if (!agreed) {
    checked.fault = classify(AttemptFacts{.stage = Stage::tls}, agreed.error());
    co_return nullptr;
  }
  co_return stream;
}

Task<bool> HealthChecks::answers_well(Checked& checked, Deadline deadline) {
  std::unique_ptr<ByteStream> bytes = co_await open(checked, deadline);
  if (bytes == nullptr) co_return false;
  Result<bool, StreamError> good = false;
  if (checked.by_http2) {
    good = co_await ask_by_http2(checked, std::move(bytes), deadline);
  } else {
    Http1ClientConnection http(std::move(bytes), limits_);
    checked.talking = &http;
    good = co_await ask(checked, http, deadline);
    checked.talking = nullptr;
    http.bytes().close(Closing::orderly);
  }
  if (!good) {
    AttemptFacts facts{.stage = Stage::response_head};
    bool is_message = good.error().message != MessageError::none;
    checked.fault =
        is_message ? classify(facts, good.error().message) : classify(facts, good.error().io);
    co_return false;
  }
  checked.fault = *good ? Fault::none : Fault::upstream_error_status;
  co_return *good;
}

Task<Result<bool, StreamError>> HealthChecks::ask_by_http2(Checked& checked,
                                                           std::unique_ptr<ByteStream> bytes,
                                                           Deadline deadline) {
  Http2ClientSettings settings{
      .limits = {.section_max = limits_.section_max, .fields_max = limits_.fields_max},
      .idle = checked.settings.timeout,
      .send = checked.settings.timeout,
      .answer = checked.settings.timeout,
      .is_secure = checked.url.scheme == Scheme::https};
  Greeting greeting(engine_);
  Http2ClientConnection connection(std::move(bytes), settings, greeting, deadline);
  checked.greeting = &greeting;
  co_await greeting.wait(connection);
  checked.greeting = nullptr;
  if (connection.failure()) co_return Failure(*connection.failure());
  if (stopping_) co_return false;
  Http2ClientStream stream(connection, false);
  checked.talking = &stream;
  Result<bool, StreamError> good = co_await ask(checked, stream, deadline);
  checked.talking = nullptr;
  co_return good;
}

/// Asks for the page, or by gRPC. Whether the answer is as it should be, or why there is none.
Task<Result<bool, StreamError>> HealthChecks::ask(Checked& checked, ClientStream& http,
                                                  Deadline deadline) {
  const HealthConfig& settings = checked.settings;
  bool by_grpc = !settings.grpc.empty();
  const Field fields[] = {{.name = "User-Agent", .value = "goodgate health check"},
                          {.name = by_grpc ? "Content-Type" : "Accept",
                           .value = by_grpc ? "application/grpc" : "*/*",
                           .id = by_grpc ? FieldName::content_type : FieldName::other}};
  OutgoingRequest request{.method = Method::get,
                          .method_text = "GET",
                          .target = settings.get,
                          .authority = settings.host.empty() ? checked.pool.name(checked.endpoint)
                                                             : std::string_view(settings.host),
                          .fields = fields};
  std::string question;
  if (by_grpc) {
    question = grpc_health::question(settings.grpc);
    request.method = Method::post;
    request.method_text = "POST";
    request.target = grpc_health::path;
    request.body = {.kind = BodyPlan::Kind::unknown, .length = {}};
  }
  Result<void, StreamError> sent =
      co_await http.send_head(request, {.bytes = question, .last = true}, deadline);
  if (!sent) co_return Failure(sent.error());
  int status = 0;
  while (status < 200) {
    Result<ResponseHead, StreamError> head = co_await http.read_head(deadline);
    if (!head) co_return Failure(head.error());
    status = head->status;
    if (status == 101) co_return false;
  }
  if (by_grpc && status != 200) co_return false;
  bool is_as_told =
      settings.status == 0 ? status < 400 : status == static_cast<int>(settings.status);
  if (!is_as_told || (settings.body.empty() && !by_grpc)) co_return is_as_told;

  std::string body;
  while (!http.response_is_complete() && body.size() < body_most) {
    Result<BodyPart, StreamError> part = co_await http.read_body(deadline);
    if (!part) co_return Failure(part.error());
    body.append(part->bytes);
    if (part->last) break;
  }
  if (by_grpc) co_return grpc_health::is_serving(body);
  co_return body.find(settings.body) != std::string::npos;
}

// What it means ----------------------------------------------------------------------------------

void HealthChecks::take_connect_result(Checked& checked, bool passed, Instant now) {
  Duration hold = 2 * check_plan::wait_later + checked.rules.timeout;
  checked.pool.change(
      checked.endpoint, now, {.fault = passed ? Fault::none : checked.fault},
      [&](const HealthState& state) { return after_connect_check(state, passed, hold, now); });
}

void HealthChecks::take_answer(Checked& checked, bool passed, Instant now) {
  std::optional<bool> verdict = checked.series.observe(passed, checked.rules);
  if (!verdict) return;
  Duration hold = 2 * checked.rules.every + checked.rules.timeout;
  HealthGrounds grounds{.fault = passed ? Fault::none : checked.fault,
                        .figures = {.first = checked.series.in_a_row()}};
  checked.pool.change(checked.endpoint, now, grounds, [&](const HealthState& state) {
    return after_checks(state, *verdict, hold, now);
  });
}

}  // namespace gg
