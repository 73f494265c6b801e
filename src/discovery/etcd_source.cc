// SPDX-License-Identifier: Apache-2.0
#include "discovery/etcd_source.h"

#include <utility>

#include "base/version.h"
#include "fault/catalogue.h"
#include "upstream/pool_health.h"

namespace gg {

namespace {

/// Of an answer, and of one line of a watch.
constexpr std::size_t answer_most = std::size_t{16} << 20;

std::string directory(std::string prefix) {
  if (!prefix.ends_with('/')) prefix += '/';
  return prefix;
}

std::string too_long() {
  return "its answer has more than " + std::to_string(answer_most >> 20) + " MiB";
}

std::string text_of(Fault fault) { return std::string(name_of(fault)); }

}  // namespace

EtcdSource::EtcdSource(Engine& engine, Resolver& resolver, const EtcdAccess& access,
                       std::size_t upstream, const UpstreamConfig& settings,
                       SourceListener& listener)
    : engine_(engine),
      access_(access),
      upstream_(upstream),
      prefix_(directory(settings.discover->etcd)),
      listener_(listener),
      dialer_(engine, resolver),
      turns_(access.servers.servers.size()),
      list_(prefix_),
      reasons_(access.servers.servers.size()),
      tasks_(engine.ready()) {}

EtcdSource::~EtcdSource() = default;

void EtcdSource::stop() {
  stopping_ = true;
  dialer_.stop();
  if (sleeping_ != nullptr) engine_.cancel(*sleeping_);
  if (http_ != nullptr) http_->abort();
}

// When -------------------------------------------------------------------------------------------

Task<void> EtcdSource::watch() {
  while (!stopping_) {
    std::size_t server = turns_.server();
    has_begun_ = false;
    Reason reason = co_await follow(access_.servers.servers[server]);
    close();
    if (stopping_) co_return;
    reasons_[server] = reason;
    co_await wait(judge(reason));
  }
}

Task<void> EtcdSource::wait(Duration pause) {
  Sleep sleep(engine_, engine_.now() + pause);
  sleeping_ = &sleep;
  co_await sleep;
  sleeping_ = nullptr;
}

/// What follows from how it ended: says so where nobody answers, returns when to go on.
Duration EtcdSource::judge(const Reason& reason) {
  double chance = static_cast<double>(engine_.rng().below(1000)) / 1000;
  if (reason.empty()) return EtcdTurns::ended(chance);
  if (has_begun_) return turns_.lost(chance);
  Duration pause = turns_.failed(chance);
  if (turns_.all_have_failed()) tell_failure();
  return pause;
}

void EtcdSource::tell_answer() {
  turns_.answered();
  told_failure_.clear();
  listener_.answered(upstream_, list_.endpoints(), list_.problem());
}

void EtcdSource::tell_failure() {
  std::string text = "cannot look up etcd " + prefix_ + ": ";
  for (std::size_t i = 0; i < reasons_.size(); ++i) {
    if (i > 0) text += ", ";
    text += name_of(access_.servers.servers[i]) + ": " + reasons_[i];
  }
  // While a server comes and goes there are many reasons, and the first one said it all.
  bool is_news =
      told_failure_.empty() || (text != told_failure_ && engine_.now() - told_at_ >= say_interval);
  if (!is_news) return;
  told_failure_ = text;
  told_at_ = engine_.now();
  listener_.failed(upstream_, text);
}

// One server -------------------------------------------------------------------------------------

/// Asks for the list and watches it until something ends that. The list is told once the watch has
/// begun, for who may read and not watch would be told of at every try.
Task<EtcdSource::Reason> EtcdSource::follow(const EndpointUrl& server) {
  Deadline deadline = Deadline::after(engine_.now(), patience);
  Result<void, Reason> known = co_await log_in(server, deadline);
  if (!known) co_return std::move(known.error());
  Result<std::string, Reason> all =
      co_await ask(server, etcd::range_path, etcd::range_question(prefix_), deadline);
  if (!all) co_return std::move(all.error());
  Result<void, Reason> taken = list_.take_range(*all);
  if (!taken) co_return std::move(taken.error());
  std::string question = etcd::watch_question(prefix_, list_.revision() + 1);
  Result<void, Reason> asked = co_await ask_head(server, etcd::watch_path, question, deadline);
  if (!asked) co_return std::move(asked.error());
  Reason reason = co_await read_watch();
  co_return reason;
}

/// Where a user is configured; the token that was given before may be over.
Task<Result<void, EtcdSource::Reason>> EtcdSource::log_in(const EndpointUrl& server,
                                                          Deadline deadline) {
  token_.clear();
  const EtcdConfig& settings = access_.servers;
  if (settings.user.empty()) co_return Result<void, Reason>();
  Result<std::string, Reason> answer = co_await ask(
      server, etcd::login_path, etcd::login_question(settings.user, settings.password), deadline);
  if (!answer) co_return Failure(std::move(answer.error()));
  Result<std::string, std::string> token = etcd::token_of(*answer);
  if (!token) co_return Failure(std::move(token.error()));
  token_ = std::move(*token);
  co_return Result<void, Reason>();
}

Task<EtcdSource::Reason> EtcdSource::read_watch() {
  std::string unread;
  is_outdated_ = false;
  Deadline deadline = Deadline::after(engine_.now(), patience);
  while (!http_->response_is_complete()) {
    Result<BodyPart, StreamError> part = co_await http_->read_body(deadline);
    if (!part) {
      bool is_silent = has_begun_ && part.error().message == MessageError::none &&
                       part.error().io.kind == IoError::Kind::deadline;
      co_return is_silent ? "" : text_of(fault_of(part.error()));
    }
    bool is_last = part->last;
    unread += part->bytes;
    Result<void, Reason> taken = take_lines(unread);
    if (!taken) co_return std::move(taken.error());
    if (is_outdated_) co_return "";
    if (unread.size() > answer_most) co_return too_long();
    if (is_last) break;
    if (has_begun_) deadline = Deadline::after(engine_.now(), longest_silence);
  }
  co_return "it ended the watch";
}

/// All whole lines, which are taken off. What several of them changed is told once.
Result<void, EtcdSource::Reason> EtcdSource::take_lines(std::string& unread) {
  bool has_news = false;
  std::size_t begin = 0;
  for (std::size_t end = unread.find('\n'); end != std::string::npos && !is_outdated_;
       end = unread.find('\n', begin)) {
    std::string_view line = std::string_view(unread).substr(begin, end - begin);
    begin = end + 1;
    if (line.empty()) continue;
    Result<EtcdNews, std::string> news = list_.take_line(line);
    if (!news) return Failure(std::move(news.error()));
    is_outdated_ = *news == EtcdNews::outdated;
    has_begun_ = has_begun_ || !is_outdated_;
    has_news = has_news || *news == EtcdNews::begun || *news == EtcdNews::changed;
  }
  unread.erase(0, begin);
  if (has_news && !stopping_) tell_answer();
  return {};
}

// HTTP -------------------------------------------------------------------------------------------

void EtcdSource::close() {
  if (http_ != nullptr) http_->bytes().close(Closing::orderly);
  http_.reset();
}

/// A connection for one more request.
Task<Result<void, EtcdSource::Reason>> EtcdSource::open(const EndpointUrl& server,
                                                        Deadline deadline) {
  if (http_ != nullptr && http_->is_reusable()) co_return Result<void, Reason>();
  close();
  Result<std::unique_ptr<ByteStream>, Fault> bytes =
      co_await dialer_.dial(server, access_.tls, deadline);
  if (!bytes) co_return Failure(text_of(bytes.error()));
  http_ = std::make_unique<Http1ClientConnection>(std::move(*bytes), access_.limits);
  if (stopping_) http_->abort();
  co_return Result<void, Reason>();
}

Task<Result<std::string, EtcdSource::Reason>> EtcdSource::ask(const EndpointUrl& server,
                                                              std::string_view path,
                                                              std::string body, Deadline deadline) {
  Result<void, Reason> asked = co_await ask_head(server, path, body, deadline);
  if (!asked) co_return Failure(std::move(asked.error()));
  Result<std::string, Reason> answer = co_await read_rest(deadline);
  co_return answer;
}

/// Asks, and reads as far as the head of a good answer.
Task<Result<void, EtcdSource::Reason>> EtcdSource::ask_head(const EndpointUrl& server,
                                                            std::string_view path,
                                                            std::string_view body,
                                                            Deadline deadline) {
  Result<void, Reason> opened = co_await open(server, deadline);
  if (!opened) co_return Failure(std::move(opened.error()));
  std::string agent = "goodgate/" + std::string(version());
  std::string authority = name_of(server);
  std::vector<Field> fields = {
      {.name = "User-Agent", .value = agent},
      {.name = "Content-Type", .value = "application/json", .id = FieldName::content_type}};
  if (!token_.empty())
    fields.push_back({.name = "Authorization", .value = token_, .id = FieldName::authorization});
  OutgoingRequest request{.method = Method::post,
                          .method_text = "POST",
                          .target = path,
                          .authority = authority,
                          .fields = fields,
                          .body = {.kind = BodyPlan::Kind::length, .length = body.size()}};
  Result<ResponseHead, Fault> head = co_await ask_for_head(*http_, request, body, deadline);
  if (!head) co_return Failure(text_of(head.error()));
  if (head->status == 200) co_return Result<void, Reason>();
  std::string why = "status " + std::to_string(head->status);
  Result<std::string, Reason> said = co_await read_rest(deadline);
  std::string words = said ? etcd::error_of(*said) : "";
  co_return Failure(words.empty() ? why : why + " (" + words + ")");
}

Task<Result<std::string, EtcdSource::Reason>> EtcdSource::read_rest(Deadline deadline) {
  std::string body;
  while (!http_->response_is_complete()) {
    Result<BodyPart, StreamError> part = co_await http_->read_body(deadline);
    if (!part) co_return Failure(text_of(fault_of(part.error())));
    body += part->bytes;
    if (body.size() > answer_most) co_return Failure(too_long());
    if (part->last) break;
  }
  co_return body;
}

}  // namespace gg
