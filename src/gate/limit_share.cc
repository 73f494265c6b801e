// SPDX-License-Identifier: Apache-2.0
#include "gate/limit_share.h"

#include <algorithm>

#include "base/text.h"
#include "fault/catalogue.h"
#include "proxy/snapshot.h"

namespace gg {

namespace {

/// How late a gateway hears of what others let through.
constexpr Duration interval = 100ms;
/// For an answer, and for a connection.
constexpr Duration patience = 2s;
constexpr Duration first_pause = 200ms;
constexpr Duration longest_pause = 10s;
/// In one go, so that Redis does other things in between.
constexpr std::size_t questions_most = 1000;
constexpr std::size_t read_size = std::size_t{16} << 10;

/// The bucket that all share, by the clock of Redis: the instant at which it is full again, in
/// microseconds (rules/rate_limiter.h has the algorithm). What gateways let through before they
/// heard of each other may be more than a bucket holds; nobody has to make up for that.
constexpr std::string_view script_text =
    "local t = redis.call('TIME') "
    "local now = t[1] * 1000000 + t[2] "
    "local full = tonumber(redis.call('GET', KEYS[1]) or '0') "
    "full = math.min(math.max(full, now) + tonumber(ARGV[1]), now + tonumber(ARGV[2])) "
    "redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) "
    "+ 1000) "
    "return full - now";

std::string microseconds(Duration time) {
  return std::to_string(std::max<std::int64_t>(time.count() / 1000, 1));
}

std::string hex_of(std::uint64_t key) {
  std::string text(16, '0');
  write_hex(key, text.data());
  return text;
}

}  // namespace

std::vector<SharedLimit> shared_limits_of(const Snapshot& snapshot) {
  std::vector<SharedLimit> limits;
  for (const RouteConfig& route : snapshot.config().routes) {
    const RouteRules* rules = snapshot.rules_of(route);
    RateLimiter* limiter = rules != nullptr ? rules->limiter() : nullptr;
    if (limiter == nullptr || !limiter->is_shared()) continue;
    limits.push_back({.limiter = *limiter,
                      .name = std::string(snapshot.label_of(route)) + "|" +
                              microseconds(limiter->interval()) + "|" +
                              microseconds(limiter->depth())});
  }
  return limits;
}

LimitShare::LimitShare(Engine& engine, Resolver& resolver, const RedisConfig& redis,
                       std::vector<SharedLimit> limits)
    : engine_(engine),
      redis_(redis),
      limits_(std::move(limits)),
      dialer_(engine, resolver),
      tls_(system_tls_for(redis.server.server)),
      tasks_(engine.ready()) {}

LimitShare::~LimitShare() = default;

void LimitShare::start() { tasks_.start(run()); }

void LimitShare::stop() {
  stopping_ = true;
  dialer_.stop();
  if (sleeping_ != nullptr) engine_.cancel(*sleeping_);
  if (bytes_ != nullptr) bytes_->close(Closing::orderly);
}

Task<void> LimitShare::wait(Duration time) {
  if (stopping_) co_return;
  Sleep sleep(engine_, engine_.now() + time);
  sleeping_ = &sleep;
  co_await sleep;
  sleeping_ = nullptr;
}

Task<void> LimitShare::run() {
  while (!stopping_) {
    Broken broken = co_await serve();
    is_connected_ = false;
    bytes_.reset();
    if (stopping_) co_return;
    note(broken);
    Duration pause = std::min(first_pause * (1U << std::min(failed_in_a_row_, 10U)), longest_pause);
    ++failed_in_a_row_;
    // Not all gateways at the same moment.
    co_await wait(pause / 2 + pause * static_cast<std::int64_t>(engine_.rng().below(1000)) / 2000);
  }
}

/// One connection, from its beginning to its end.
Task<LimitShare::Broken> LimitShare::serve() {
  Deadline deadline = Deadline::after(engine_.now(), patience);
  Result<std::unique_ptr<ByteStream>, Fault> dialed =
      co_await dialer_.dial(redis_.server.server, tls_.get(), deadline);
  if (!dialed) co_return std::string(name_of(dialed.error()));
  bytes_ = std::move(*dialed);
  reader_ = RespReader();
  Broken broken = co_await greet();
  if (broken) co_return broken;
  is_connected_ = true;
  failed_in_a_row_ = 0;
  if (std::exchange(is_trouble_told_, false)) {
    lines_.push_back("rate limits are shared through Redis again");
  }
  while (!stopping_) {
    gather();
    if (!spent_.empty()) {
      Broken failed = co_await tell_and_hear();
      if (failed) co_return failed;
    }
    co_await wait(interval);
  }
  co_return std::nullopt;
}

Task<LimitShare::Broken> LimitShare::greet() {
  std::string hello;
  std::size_t answers = 1;
  if (!redis_.password.empty()) {
    std::string_view user = redis_.user.empty() ? "default" : std::string_view(redis_.user);
    append_resp_command(hello, {"AUTH", user, redis_.password});
    ++answers;
  }
  if (redis_.server.database != 0) {
    append_resp_command(hello, {"SELECT", std::to_string(redis_.server.database)});
    ++answers;
  }
  append_resp_command(hello, {"SCRIPT", "LOAD", script_text});
  Broken broken = co_await send(hello);
  if (broken) co_return broken;
  for (std::size_t i = 0; i < answers; ++i) {
    Result<RespReply, std::string> answer = co_await hear();
    if (!answer) co_return answer.error();
    if (answer->kind == RespReply::Kind::error) co_return "it says: " + answer->text;
    script_ = std::move(answer->text);  // the last answer names it
  }
  co_return std::nullopt;
}

void LimitShare::gather() {
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    limits_[i].limiter.take_spent([this, i](std::uint64_t key, std::uint32_t count) {
      spent_.push_back({.limit = i, .key = key, .count = count});
    });
  }
}

void LimitShare::append_question(std::string& out, const Spent& spent) const {
  const SharedLimit& limit = limits_[spent.limit];
  std::string key = redis_.prefix + ":rate:" + limit.name + ":" + hex_of(spent.key);
  append_resp_command(
      out, {"EVALSHA", script_, "1", key, microseconds(limit.limiter.interval() * spent.count),
            microseconds(limit.limiter.depth())});
}

/// What is told and not answered is told again: the others may count it twice then, never not.
Task<LimitShare::Broken> LimitShare::tell_and_hear() {
  while (!spent_.empty()) {
    std::size_t count = std::min(spent_.size(), questions_most);
    std::string questions;
    for (std::size_t i = 0; i < count; ++i) append_question(questions, spent_[i]);
    Broken broken = co_await send(questions);
    if (broken) co_return broken;
    for (std::size_t i = 0; i < count; ++i) {
      Result<RespReply, std::string> answer = co_await hear();
      if (!answer) co_return answer.error();
      if (answer->kind != RespReply::Kind::number) co_return "it says: " + answer->text;
      Duration ahead = std::chrono::microseconds(answer->number);
      limits_[spent_[i].limit].limiter.agree(spent_[i].key, ahead, engine_.now());
    }
    spent_.erase(spent_.begin(), spent_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  co_return std::nullopt;
}

Task<LimitShare::Broken> LimitShare::send(std::string_view bytes) {
  Send send = bytes_->send(bytes, Deadline::after(engine_.now(), patience));
  Result<void, IoError> sent = co_await send;
  if (sent) co_return std::nullopt;
  co_return std::string(name_of(fault_of(StreamError::of(sent.error()))));
}

Task<Result<RespReply, std::string>> LimitShare::hear() {
  Deadline deadline = Deadline::after(engine_.now(), patience);
  for (;;) {
    Result<std::optional<RespReply>, RespError> reply = reader_.next();
    if (!reply) co_return Failure(std::string("it does not answer as a Redis does"));
    if (*reply) co_return std::move(**reply);
    Receive receive = bytes_->receive(read_size, deadline);
    Result<Chunk, IoError> chunk = co_await receive;
    if (!chunk) co_return Failure(std::string(name_of(fault_of(StreamError::of(chunk.error())))));
    if (chunk->empty()) co_return Failure(std::string("it has closed the connection"));
    reader_.feed(chunk->view());
  }
}

/// One line for a trouble, however long it lasts. A connection that rested and was closed is none.
void LimitShare::note(const Broken& broken) {
  ++failures_;
  bool is_lasting = failed_in_a_row_ > 0;
  if (!broken || !is_lasting || std::exchange(is_trouble_told_, true)) return;
  const EndpointUrl& server = redis_.server.server;
  lines_.push_back("rate limits are not shared: Redis at " + server.host + ":" +
                   std::to_string(server.port) + ": " + *broken +
                   "; each gateway goes on by itself, and tries again");
}

}  // namespace gg
