// SPDX-License-Identifier: Apache-2.0
#include "dns/cares_services.h"

#include <ares.h>

#include <string>
#include <utility>

#include "dns/ares_error.h"
#include "dns/ares_step.h"
#include "dns/srv_answer.h"

namespace gg {
namespace {

constexpr int class_internet = 1;
constexpr int type_srv = 33;
constexpr Duration look_interval = 5ms;

/// One question. Its destructor ends it wherever it is.
class Question {
 public:
  Question() = default;
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  ~Question() {
    if (channel_ != nullptr) ares_destroy(channel_);
  }

  void ask(const std::string& name) {
    if (ares_init(&channel_) != ARES_SUCCESS) {
      channel_ = nullptr;
      answer_ = Failure(DnsError::no_resolver);
      is_done_ = true;
      return;
    }
    ares_query(channel_, name.c_str(), class_internet, type_srv, answered, this);
  }
  /// Lets the library read what has come and notice what has not. Never waits.
  void step() { gg::step(channel_); }
  bool is_done() const { return is_done_; }
  Result<Services, DnsError>& answer() { return answer_; }

 private:
  static void answered(void* question, int status, int /*timeouts*/, unsigned char* message,
                       int size) {
    auto& self = *static_cast<Question*>(question);
    bool has_answer = status == ARES_SUCCESS && message != nullptr;
    if (has_answer) {
      self.answer_ = parse_srv_answer({message, static_cast<std::size_t>(size)});
    } else {
      self.answer_ = Failure(dns_error_of(status));
    }
    self.is_done_ = true;
  }

  ares_channel channel_ = nullptr;
  bool is_done_ = false;
  Result<Services, DnsError> answer_ = Failure(DnsError::timeout);
};

}  // namespace

CaresServices::CaresServices(Engine& engine)
    : engine_(engine), has_library_(ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS) {}

CaresServices::~CaresServices() {
  if (has_library_) ares_library_cleanup();
}

Task<Result<Services, DnsError>> CaresServices::find(std::string_view name, Deadline deadline) {
  if (!has_library_) co_return Failure(DnsError::no_resolver);
  std::string asked(name);
  Question question;
  question.ask(asked);
  while (!question.is_done()) {
    Instant now = engine_.now();
    if (is_stopped_ || deadline.has_passed(now)) co_return Failure(DnsError::timeout);
    Sleep sleep(engine_, now + look_interval);
    co_await sleep;
    question.step();
  }
  co_return std::move(question.answer());
}

}  // namespace gg
