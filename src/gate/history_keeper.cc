// SPDX-License-Identifier: Apache-2.0
#include "gate/history_keeper.h"

#include <pthread.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "engine/epoll/process_clock.h"
#include "store/history_file.h"

namespace gg {

namespace {

constexpr Duration patience = 2s;
/// After a failure the file is tried again so much later.
constexpr Duration between_openings = 10s;

}  // namespace

std::string_view name_of(HistoryStatus::State state) {
  switch (state) {
    case HistoryStatus::State::off:
      return "off";
    case HistoryStatus::State::opening:
      return "opening";
    case HistoryStatus::State::kept:
      return "kept";
    case HistoryStatus::State::broken:
      return "broken";
  }
  return "";
}

/// Somebody on the control thread waits for the answer, unless it has given up.
struct HistoryKeeper::Question {
  std::string id;
  Engine& asker;
  std::optional<std::string> answer = {};
  Sleep* waiting = nullptr;  // control thread
};

/// What both threads see, under one lock that is held for moments only.
class HistoryKeeper::Shared {
 public:
  struct Work {
    std::vector<FlightRecord> records;
    std::map<std::uint64_t, Incident> incidents;
    std::vector<std::shared_ptr<Question>> questions;
    bool is_last = false;
  };

  explicit Shared(Engine& control, std::string file) : control(&control) {
    status.state = HistoryStatus::State::opening;
    status.file = std::move(file);
  }

  bool has_work() const { return wants_write || !work.questions.empty() || work.is_last; }

  std::mutex lock;
  std::condition_variable news;   // for the writer
  std::condition_variable ended;  // for who waits for its end
  bool has_ended = false;

  Engine* control;  // null: nobody is there to be told
  Work work;
  bool wants_write = false;
  std::optional<std::vector<Incident>> past;
  bool past_was_taken = false;
  HistoryStatus status;
  std::vector<std::string> lines;
};

/// Brings an answer to the control thread.
class HistoryKeeper::Reply final : public Message {
 public:
  explicit Reply(std::shared_ptr<Question> question) : question_(std::move(question)) {}
  void run() override {
    if (question_->waiting != nullptr) question_->asker.cancel(*question_->waiting);
  }

 private:
  std::shared_ptr<Question> question_;
};

/// The history's own thread.
class HistoryKeeper::Writer {
 public:
  Writer(std::shared_ptr<Shared> shared, Tell tell) : shared_(std::move(shared)), tell_(tell) {}

  void run() {
    pthread_setname_np(pthread_self(), "gg-history");
    open();
    for (bool is_last = false; !is_last;) {
      Shared::Work work = wait_for_work();
      is_last = work.is_last;
      if (!file_ && !is_last) open();
      for (const std::shared_ptr<Question>& question : work.questions) answer(question);
      write(work);
    }
    file_.reset();
    std::lock_guard guard(shared_->lock);
    shared_->has_ended = true;
    shared_->ended.notify_all();
  }

 private:
  Shared::Work wait_for_work() {
    std::unique_lock guard(shared_->lock);
    auto is_there = [this] { return shared_->has_work(); };
    if (file_) {
      shared_->news.wait(guard, is_there);
    } else {
      shared_->news.wait_for(guard, between_openings, [this] { return shared_->work.is_last; });
    }
    shared_->wants_write = false;
    return std::exchange(shared_->work, {});
  }

  void open() {
    HistorySettings settings{.path = settings_file(), .keeper = since_.since_start.count()};
    Result<HistoryFile, std::string> file = HistoryFile::open(std::move(settings));
    if (!file) return break_off(file.error());
    auto claim = was_open_ ? HistoryFile::Claim::again : HistoryFile::Claim::first;
    Stored<std::optional<std::vector<Incident>>> past = file->take_over(claim);
    if (!past) return break_off(settings_file() + ": " + past.error().text);
    file_.emplace(std::move(*file));
    was_open_ = true;
    std::lock_guard guard(shared_->lock);
    // What was given before may bear numbers that the file has given to others.
    shared_->work.incidents.clear();
    shared_->past_was_taken = !*past;
    shared_->past = std::move(*past);
    bool was_broken = shared_->status.state == HistoryStatus::State::broken;
    shared_->status.state = HistoryStatus::State::kept;
    shared_->status.problem.clear();
    if (!file_->set_aside().empty()) {
      shared_->lines.push_back("the history of incidents was damaged and is now " +
                               file_->set_aside() + "; a new one has begun");
    }
    if (was_broken) shared_->lines.push_back("incidents are kept in " + settings_file() + " again");
  }

  const std::string& settings_file() const { return shared_->status.file; }

  void break_off(std::string problem) {
    file_.reset();
    std::lock_guard guard(shared_->lock);
    bool is_new = shared_->status.problem != problem;
    if (is_new) shared_->lines.push_back("incidents are kept in memory only: " + problem);
    shared_->status.state = HistoryStatus::State::broken;
    shared_->status.problem = std::move(problem);
    shared_->status.lost += shared_->work.records.size();
    shared_->work.records.clear();
  }

  void write(const Shared::Work& work) {
    if (!file_) return lose(work.records.size());
    std::vector<Incident> incidents;
    for (const auto& [id, incident] : work.incidents) incidents.push_back(incident);
    std::vector<StoredRecord> records;
    for (const FlightRecord& record : work.records) {
      records.push_back({.id = std::string(record.id.view()), .body = tell_(record)});
    }
    Stored<void> done = file_->write(incidents, records);
    if (done) return;
    lose(records.size());
    bool is_damaged = done.error().kind == DatabaseError::Kind::damaged;
    break_off(settings_file() + ": " + done.error().text);
    if (is_damaged && !work.is_last) open();
  }

  void answer(const std::shared_ptr<Question>& question) {
    std::optional<std::string> found;
    if (file_) found = file_->find_record(question->id).value_or(std::nullopt);
    std::lock_guard guard(shared_->lock);
    if (shared_->control == nullptr) return;
    question->answer = std::move(found);
    shared_->control->post(std::make_unique<Reply>(question));
  }

  void lose(std::size_t records) {
    std::lock_guard guard(shared_->lock);
    shared_->status.lost += records;
  }

  std::shared_ptr<Shared> shared_;
  Tell tell_;
  const Instant since_ = process_now();
  bool was_open_ = false;
  std::optional<HistoryFile> file_;
};

HistoryKeeper::HistoryKeeper(Engine& control, const std::string& directory, Tell tell)
    : control_(control),
      shared_(std::make_shared<Shared>(control, directory + "/history.db")),
      thread_([shared = shared_, tell] { Writer(shared, tell).run(); }) {}

HistoryKeeper::~HistoryKeeper() {
  {
    std::unique_lock guard(shared_->lock);
    shared_->control = nullptr;
    shared_->work.is_last = true;
    shared_->news.notify_all();
    bool has_ended =
        shared_->ended.wait_for(guard, patience, [this] { return shared_->has_ended; });
    if (!has_ended) {
      thread_.detach();
      return;
    }
  }
  thread_.join();
}

bool HistoryKeeper::is_settled() const {
  std::lock_guard guard(shared_->lock);
  return shared_->status.state != HistoryStatus::State::opening;
}

std::optional<std::vector<Incident>> HistoryKeeper::take_past() {
  std::lock_guard guard(shared_->lock);
  if (shared_->past) shared_->past_was_taken = true;
  return std::exchange(shared_->past, std::nullopt);
}

bool HistoryKeeper::takes_incidents() const {
  std::lock_guard guard(shared_->lock);
  return shared_->past_was_taken && shared_->status.state == HistoryStatus::State::kept;
}

void HistoryKeeper::keep(const Incident& incident) {
  std::lock_guard guard(shared_->lock);
  // No more than are open or kept in memory: each stands there once.
  shared_->work.incidents.insert_or_assign(incident.id, incident);
}

void HistoryKeeper::keep(const FlightRecord& record) {
  std::lock_guard guard(shared_->lock);
  bool is_writable = shared_->status.state != HistoryStatus::State::broken;
  if (is_writable && shared_->work.records.size() < records_waiting_max) {
    shared_->work.records.push_back(record);
  } else {
    ++shared_->status.lost;
  }
}

void HistoryKeeper::write() {
  std::lock_guard guard(shared_->lock);
  bool has_something = !shared_->work.records.empty() || !shared_->work.incidents.empty();
  if (!has_something) return;
  shared_->wants_write = true;
  shared_->news.notify_all();
}

Task<std::optional<std::string>> HistoryKeeper::find_record(std::string id) {
  auto question = std::make_shared<Question>(Question{.id = std::move(id), .asker = control_});
  {
    std::lock_guard guard(shared_->lock);
    if (shared_->status.state != HistoryStatus::State::kept) co_return std::nullopt;
    shared_->work.questions.push_back(question);
    shared_->news.notify_all();
  }
  Sleep wait(control_, control_.now() + patience);
  question->waiting = &wait;
  co_await wait;
  question->waiting = nullptr;
  std::lock_guard guard(shared_->lock);
  co_return std::move(question->answer);
}

HistoryStatus HistoryKeeper::status() const {
  std::lock_guard guard(shared_->lock);
  return shared_->status;
}

std::vector<std::string> HistoryKeeper::take_lines() {
  std::lock_guard guard(shared_->lock);
  return std::exchange(shared_->lines, {});
}

}  // namespace gg
