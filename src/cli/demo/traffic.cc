// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/traffic.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/status.h"

namespace gg {

namespace {

using Answer = Result<ResponseHead, StreamError>;

constexpr int clients = 16;
constexpr Duration patience = 5s;
constexpr Duration lateness = 250ms;
/// About 450 requests per second altogether: lively, and nothing to a gateway.
constexpr Duration pause_least = 10ms;
constexpr Duration pause_spread = 20ms;
constexpr std::size_t examples_most = 5;
/// One request in so many: a HEAD, a new connection.
constexpr std::uint64_t between_heads = 8;
constexpr std::uint64_t between_connections = 50;

std::string_view status_detail(const ResponseHead& head) {
  const Field* why = head.fields.find(FieldName::proxy_status);
  return why == nullptr ? std::string_view("no Proxy-Status") : why->value;
}

}  // namespace

std::string_view name_of(ClientError error) {
  switch (error) {
    case ClientError::none:
      return "none";
    case ClientError::not_connected:
      return "not_connected";
    case ClientError::broken:
      return "broken_response";
    case ClientError::no_answer:
      return "no_answer_in_5s";
    case ClientError::bad_status:
      return "bad_status";
    case ClientError::bad_body:
      return "bad_body";
  }
  return "";
}

std::uint64_t TrafficCounts::errors_in_all() const {
  std::uint64_t sum = 0;
  for (const Tally& count : errors) sum += count.read();
  return sum;
}

DemoTraffic::DemoTraffic(Engine& engine, const Address& gateway)
    : engine_(engine), gateway_(gateway), tasks_(engine.ready()) {}

void DemoTraffic::start() {
  for (int i = 0; i < clients; ++i) tasks_.start(be_a_client());
}

Task<void> DemoTraffic::be_a_client() {
  std::unique_ptr<Http1ClientConnection> connection;
  while (!stopping_) {
    Question question = next_question();
    Instant began = engine_.now();
    Outcome outcome{.error = ClientError::not_connected, .detail = {}};
    if (connection == nullptr) connection = co_await connect();
    if (connection != nullptr) outcome = co_await ask(*connection, question);
    count(outcome, engine_.now() - began, question);

    bool is_reusable = connection != nullptr && connection->is_reusable();
    if (!is_reusable || engine_.rng().below(between_connections) == 0) connection.reset();
    std::uint64_t more = engine_.rng().below(static_cast<std::uint64_t>(pause_spread.count()));
    Sleep pause(engine_, engine_.now() + pause_least + Duration(more));
    co_await pause;
  }
}

DemoTraffic::Question DemoTraffic::next_question() {
  Rng& rng = engine_.rng();
  return {.payload = {.size = static_cast<std::size_t>(rng.below(DemoPayload::size_max + 1)),
                      .seed = rng.next() >> 1},
          .head_only = rng.below(between_heads) == 0};
}

Task<std::unique_ptr<Http1ClientConnection>> DemoTraffic::connect() {
  Connect connecting(engine_, gateway_, Deadline::after(engine_.now(), patience));
  Result<SocketPtr, IoError> socket = co_await connecting;
  if (!socket) co_return nullptr;
  co_return std::make_unique<Http1ClientConnection>(
      std::make_unique<PlainStream>(std::move(*socket)), limits_);
}

namespace {

bool is_deadline(const StreamError& error) {
  return error.message == MessageError::none && error.io.kind == IoError::Kind::deadline;
}

}  // namespace

Task<DemoTraffic::Outcome> DemoTraffic::ask(Http1ClientConnection& connection, Question question) {
  Deadline deadline = Deadline::after(engine_.now(), patience);
  std::string path = question.payload.path();
  OutgoingRequest request{.method = question.head_only ? Method::head : Method::get,
                          .method_text = question.head_only ? "HEAD" : "GET",
                          .target = path,
                          .authority = host};
  BodyPart none{.bytes = {}, .last = true};
  Result<void, StreamError> sent = co_await connection.send_head(request, none, deadline);
  if (!sent) co_return Outcome{.error = ClientError::broken, .detail = "while sending"};

  Answer head = co_await connection.read_head(deadline);
  if (!head) {
    bool too_late = is_deadline(head.error());
    co_return Outcome{.error = too_late ? ClientError::no_answer : ClientError::broken,
                      .detail = "before the head"};
  }
  if (head->status != 200) {
    co_return Outcome{.error = ClientError::bad_status,
                      .detail = fmt::format("{}, {}", head->status, status_detail(*head))};
  }
  const Field* length = head->fields.find(FieldName::content_length);
  if (length == nullptr || length->value != std::to_string(question.payload.size)) {
    co_return Outcome{.error = ClientError::bad_body, .detail = "another length"};
  }
  co_return co_await check_body(connection, question, deadline);
}

Task<DemoTraffic::Outcome> DemoTraffic::check_body(Http1ClientConnection& connection,
                                                   Question question, Deadline deadline) {
  std::string expected = question.head_only ? std::string() : question.payload.text();
  std::string_view left = expected;
  while (!connection.response_is_complete()) {
    Result<BodyPart, StreamError> part = co_await connection.read_body(deadline);
    if (!part) {
      bool too_late = is_deadline(part.error());
      co_return Outcome{.error = too_late ? ClientError::no_answer : ClientError::broken,
                        .detail = fmt::format("{} bytes before the end", left.size())};
    }
    if (!left.starts_with(part->bytes)) {
      co_return Outcome{.error = ClientError::bad_body, .detail = "other bytes"};
    }
    left.remove_prefix(part->bytes.size());
  }
  if (!left.empty()) co_return Outcome{.error = ClientError::bad_body, .detail = "too short"};
  co_return Outcome{};
}

void DemoTraffic::count(const Outcome& outcome, Duration time, const Question& question) {
  counts_.requests.add();
  if (outcome.error != ClientError::none) {
    counts_.errors[static_cast<std::size_t>(outcome.error)].add();
    if (examples_.size() < examples_most) {
      examples_.push_back(fmt::format("{} {}: {} ({})", question.head_only ? "HEAD" : "GET",
                                      question.payload.path(), name_of(outcome.error),
                                      outcome.detail));
    }
    return;
  }
  counts_.times.add(time);
  if (time >= lateness) counts_.late.add();
  counts_.slowest.set(std::max<std::int64_t>(counts_.slowest.read(), time.count()));
}

}  // namespace gg
