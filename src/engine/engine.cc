// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

namespace gg {

Engine::~Engine() {
  for (Message* message = inbox_.load(); message != nullptr;) {
    std::unique_ptr<Message> unread(message);
    message = message->next_;
  }
}

void Engine::park(Operation& operation) {
  operation.set_waiting();
  if (!operation.deadline().is_never()) timers_.add(operation, operation.deadline().when());
}

void Engine::cancel(Operation& operation) {
  if (!operation.is_waiting()) return;
  if (operation.kind() != Operation::Kind::sleep) forget(operation);
  complete_as_cancelled(operation);
}

void Engine::complete_as_cancelled(Operation& operation) {
  using Kind = Operation::Kind;
  operation.fail({.kind = IoError::Kind::cancelled, .number = 0});
  bool may_be_forgotten = operation.kind() == Kind::watch || operation.kind() == Kind::connect ||
                          operation.kind() == Kind::handshake;
  bool nobody_to_tell = may_be_forgotten && operation.has_callback();
  if (!nobody_to_tell) cancelled_.push_back(operation);
}

void Engine::run_cancelled() {
  while (!cancelled_.empty()) {
    Operation& operation = cancelled_.front();
    operation.unlink();
    operation.finish();
  }
}

void Engine::post(std::unique_ptr<Message> message) {
  Message* added = message.release();
  Message* head = inbox_.load(std::memory_order_relaxed);
  do {
    added->next_ = head;
  } while (!inbox_.compare_exchange_weak(head, added, std::memory_order_release,
                                         std::memory_order_relaxed));
  if (head == nullptr) wake();
}

void Engine::run_messages() {
  Message* newest = inbox_.exchange(nullptr, std::memory_order_acquire);
  Message* oldest = nullptr;
  while (newest != nullptr) {  // the inbox is a stack: turn it round
    Message* next = newest->next_;
    newest->next_ = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    std::unique_ptr<Message> message(oldest);
    oldest = oldest->next_;
    message->run();
  }
}

void Engine::run_timers() {
  while (Timer* timer = timers_.pop_due(now_)) {
    auto& operation = static_cast<Operation&>(*timer);
    if (operation.kind() == Operation::Kind::sleep) {
      operation.set_done();
    } else if (operation.kind() == Operation::Kind::send &&
               static_cast<Send&>(operation).renew(now_)) {
      timers_.add(operation, operation.deadline().when());
      continue;
    } else {
      forget(operation);
      operation.fail({.kind = IoError::Kind::deadline, .number = 0});
    }
    operation.finish();
  }
}

}  // namespace gg
