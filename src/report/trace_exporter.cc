// SPDX-License-Identifier: Apache-2.0
#include "report/trace_exporter.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "fault/catalogue.h"
#include "http1/client.h"
#include "upstream/pool_health.h"

namespace gg {

namespace {

/// For one batch, from looking the name up to the end of the answer.
constexpr Duration patience = 10s;
constexpr Duration longest_sleep = 1s;
/// Of an answer's body, what is looked at.
constexpr std::size_t answer_most = std::size_t{4} << 10;

/// OTLP 1, "Failures": these may be tried again.
bool asks_for_patience(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

Duration pause_of(const ResponseHead& head) {
  const Field* field = head.fields.find(FieldName::retry_after);
  std::optional<std::uint64_t> seconds =
      field != nullptr ? parse_number(field->value) : std::nullopt;
  constexpr std::uint64_t most = 60;
  return std::chrono::seconds(std::min(seconds.value_or(0), most));
}

}  // namespace

TraceExporter::TraceExporter(Engine& engine, Resolver& resolver, const TracesConfig& config,
                             const HeadLimits& limits, otlp::Resource resource)
    : engine_(engine),
      collector_(*config.collector),
      limits_(limits),
      resource_(std::move(resource)),
      authority_(name_of(collector_.server)),
      dialer_(engine, resolver),
      tls_(system_tls_for(collector_.server)),
      tasks_(engine.ready()) {}

TraceExporter::~TraceExporter() = default;

void TraceExporter::start() { tasks_.start(run()); }

void TraceExporter::take(TraceRecorder& recorder) {
  TraceRing& ring = recorder.ring();
  while (const TraceRecord* trace = ring.front()) {
    if (!queue_.has_room()) break;  // they wait in the ring, and are lost there when it is full
    queue_.add(trace->spans(), engine_.now(),
               [trace](std::string& out) { otlp::append_spans(out, *trace); });
    ring.pop();
  }
  std::optional<Instant> next = queue_.next();
  if (next && *next <= engine_.now()) wake();
}

void TraceExporter::finish() {
  finishing_ = true;
  queue_.hurry();
  wake();
}

void TraceExporter::stop() {
  finishing_ = stopping_ = true;
  wake();
  dialer_.stop();
  if (talking_ != nullptr) talking_->abort();
}

void TraceExporter::wake() {
  if (sleeping_ != nullptr) engine_.cancel(*sleeping_);
}

Task<void> TraceExporter::run() {
  while (!stopping_ && !(finishing_ && queue_.is_empty())) {
    const std::string* spans = queue_.due(engine_.now());
    if (spans == nullptr) {
      if (finishing_ && queue_.failures() > 0) co_return;  // it is away, and so are we
      co_await wait();
      continue;
    }
    Answer answer = co_await send(otlp::request_of(resource_, *spans));
    double chance = static_cast<double>(engine_.rng().below(1000)) / 1000;
    queue_.sent(answer.outcome, engine_.now(), answer.pause, chance, answer.rejected);
    tell(answer);
  }
}

Task<void> TraceExporter::wait() {
  Instant latest = engine_.now() + longest_sleep;
  Sleep sleep(engine_, std::min(queue_.next().value_or(latest), latest));
  sleeping_ = &sleep;
  co_await sleep;
  sleeping_ = nullptr;
}

Task<TraceExporter::Answer> TraceExporter::send(std::string body) {
  Deadline deadline = Deadline::after(engine_.now(), patience);
  Result<std::unique_ptr<ByteStream>, Fault> bytes =
      co_await dialer_.dial(collector_.server, tls_.get(), deadline);
  if (!bytes) co_return Answer{.why = std::string(name_of(bytes.error()))};
  Http1ClientConnection http(std::move(*bytes), limits_);
  talking_ = &http;
  Answer answer = co_await post(http, body, deadline);
  talking_ = nullptr;
  http.bytes().close(Closing::orderly);
  co_return answer;
}

Task<TraceExporter::Answer> TraceExporter::post(ClientStream& http, std::string_view body,
                                                Deadline deadline) {
  std::string agent = "goodgate/" + resource_.version;
  const Field fields[] = {
      {.name = "User-Agent", .value = agent},
      {.name = "Content-Type", .value = "application/x-protobuf", .id = FieldName::content_type}};
  OutgoingRequest request{.method = Method::post,
                          .method_text = "POST",
                          .target = collector_.path,
                          .authority = authority_,
                          .fields = fields,
                          .body = {.kind = BodyPlan::Kind::length, .length = body.size()}};
  Result<ResponseHead, Fault> head = co_await ask_for_head(http, request, body, deadline);
  if (!head) co_return Answer{.why = std::string(name_of(head.error()))};
  Duration pause = pause_of(*head);
  std::string said;
  while (!http.response_is_complete() && said.size() < answer_most) {
    Result<BodyPart, StreamError> part = co_await http.read_body(deadline);
    if (!part) break;  // the status is there, and it is what counts
    said.append(part->bytes);
    if (part->last) break;
  }
  std::string why = "status " + std::to_string(head->status);
  if (asks_for_patience(head->status)) {
    co_return Answer{.outcome = TraceQueue::Outcome::busy, .pause = pause, .why = why};
  }
  if (head->status >= 300) co_return Answer{.outcome = TraceQueue::Outcome::refused, .why = why};
  co_return Answer{.outcome = TraceQueue::Outcome::taken, .rejected = otlp::rejected_spans(said)};
}

/// Once when it begins to fail, once when it is well again.
void TraceExporter::tell(const Answer& answer) {
  bool is_trouble = answer.outcome != TraceQueue::Outcome::taken;
  if (is_trouble == is_trouble_told_ || stopping_) return;
  is_trouble_told_ = is_trouble;
  lines_.push_back(is_trouble
                       ? "traces do not get to the collector at " + authority_ + ": " + answer.why +
                             "; what is lost is counted in goodgate_trace_spans_dropped_total"
                       : "traces get to the collector at " + authority_ + " again");
}

}  // namespace gg
