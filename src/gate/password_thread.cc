// SPDX-License-Identifier: Apache-2.0
#include "gate/password_thread.h"

#include <pthread.h>

#include <bit>
#include <memory>

#include "rules/basic_auth.h"
#include "tls/ticket_keys.h"

namespace gg {
namespace {

class Checked final : public Message {
 public:
  Checked(Engine& engine, PasswordCheck& check) : engine_(engine), check_(check) {}
  void run() override { engine_.cancel(*check_.waiting); }

 private:
  Engine& engine_;
  PasswordCheck& check_;
};

}  // namespace

PasswordThread::PasswordThread(std::size_t waiting_most)
    : waiting_most_(waiting_most),
      keys_(std::bit_cast<CredentialCache::Keys>(TicketKeys::random_secret())),
      thread_([this] { main(); }) {}

PasswordThread::~PasswordThread() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool PasswordThread::start(Engine& engine, PasswordCheck& check) {
  {
    std::lock_guard lock(mutex_);
    if (jobs_.size() >= waiting_most_) return false;
    jobs_.push_back({.engine = &engine, .check = &check});
  }
  changed_.notify_one();
  return true;
}

void PasswordThread::main() {
  pthread_setname_np(pthread_self(), "gg-password");
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (ending_) return;
    Job job = jobs_.front();
    jobs_.pop_front();
    lock.unlock();
    job.check->fits = password_fits(job.check->password, job.check->hash);
    job.engine->post(std::make_unique<Checked>(*job.engine, *job.check));
    lock.lock();
  }
}

}  // namespace gg
