// SPDX-License-Identifier: Apache-2.0
// A simulated server of etcd: as much of its JSON as a watcher of keys asks for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "engine/sim/sim_engine.h"
#include "net/byte_stream.h"
#include "task/scope.h"

namespace gg {

/// Must be stopped, and the world run until is_over(), before it dies.
class SimEtcd {
 public:
  SimEtcd(SimWorld& world, const Address& address)
      : world_(world),
        address_(address),
        engine_(world),
        listener_(std::move(*engine_.adopt_listener(-1, address))),
        scope_(engine_.ready()) {
    scope_.start(accept_all());
  }

  void put(const std::string& key, const std::string& value) {
    keys_[key] = value;
    note(R"({"kv":)" + pair(key, value) + "}");
  }
  void remove(const std::string& key) {
    keys_.erase(key);
    note(R"({"type":"DELETE","kv":{"key":")" + encode_base64(key) + "\"}}");
  }
  /// All that has happened is forgotten; whoever watches from then on is told so.
  void compact() { compacted_ = revision_; }
  /// What happens is not told to those who watch any more.
  void hold_back_news() { is_holding_back_ = true; }

  void crash() {
    ++life_;
    world_.network().crash(address_);
  }
  void restart() { world_.network().restart(address_); }
  void stop() {
    is_stopped_ = true;
    crash();
    listener_.reset();
  }
  bool is_over() const { return scope_.running() == 0; }

  // How it answers.
  std::string password;                 // asked for, if there is one
  std::string refusal;                  // of every watch, and why
  bool closes_after_answers = false;    // so that each question has a connection of its own
  std::optional<std::string> nonsense;  // instead of a range

  // What it was asked.
  int ranges = 0;
  int watches = 0;
  int logins = 0;

 private:
  static std::string pair(const std::string& key, const std::string& value) {
    return R"({"key":")" + encode_base64(key) + R"(","value":")" + encode_base64(value) + "\"}";
  }
  std::string header() const {
    return R"("header":{"revision":")" + std::to_string(revision_) + "\"}";
  }
  void note(std::string event) { events_.emplace_back(++revision_, std::move(event)); }

  Task<void> accept_all() {
    while (listener_ != nullptr) {
      Accept accept(engine_, *listener_);
      Result<Accepted, IoError> accepted = co_await accept;
      if (accepted) scope_.start(serve(std::move(accepted->socket)));
    }
  }

  Task<void> serve(SocketPtr socket) {
    PlainStream stream(std::move(socket));
    std::string unread;
    for (;;) {
      std::size_t size = 0;
      while ((size = request_size(unread)) == 0) {
        Receive receive = stream.receive(16384, Deadline::after(engine_.now(), 1h));
        Result<Chunk, IoError> bytes = co_await receive;
        if (!bytes || bytes->empty()) co_return;
        unread += bytes->view();
      }
      std::string request = unread.substr(0, size);
      unread.erase(0, size);
      if (request.starts_with("POST /v3/watch")) {
        co_await watch(stream, std::move(request));
        co_return;
      }
      std::string answer = answer_to(request);
      Send send = stream.send(answer, Deadline::never());
      Result<void, IoError> sent = co_await send;
      if (!sent || closes_after_answers) co_return;
    }
  }

  /// Of the first whole one; 0: there is none yet.
  static std::size_t request_size(const std::string& bytes) {
    std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    std::size_t length = bytes.find("Content-Length: ");
    std::size_t size = end + 4 + std::stoul(bytes.substr(length + 16));
    return bytes.size() < size ? 0 : size;
  }

  bool may_ask(const std::string& request) const {
    return password.empty() || request.contains("Authorization: token-of-" + password + "\r\n");
  }

  std::string answer_to(const std::string& request) {
    std::string body;
    std::string status = "200 OK";
    if (request.starts_with("POST /v3/auth/authenticate")) {
      ++logins;
      bool is_right = request.contains(R"("password":")" + password + "\"");
      body = is_right ? R"({"token":"token-of-)" + password + "\"}"
                      : R"({"message":"etcdserver: authentication failed"})";
      if (!is_right) status = "400 Bad Request";
    } else if (!may_ask(request)) {
      status = "400 Bad Request";
      body = R"({"message":"etcdserver: user name is empty"})";
    } else {
      ++ranges;
      body = "{" + header() + ",\"kvs\":[";
      for (const auto& [key, value] : keys_) {
        if (!body.ends_with('[')) body += ',';
        body += pair(key, value);
      }
      body = nonsense.value_or(body + "]}");
    }
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
           (closes_after_answers ? "\r\nConnection: close" : "") + "\r\n\r\n" + body;
  }

  static std::string chunk_of(const std::string& text) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx", text.size() + 1);
    return std::string(size) + "\r\n" + text + "\n\r\n";
  }

  Task<void> watch(PlainStream& stream, std::string request) {
    ++watches;
    int life = life_;
    std::size_t at = request.find(R"("start_revision":")") + 18;
    std::int64_t next = std::stoll(request.substr(at));
    std::string said = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    if (!refusal.empty()) {
      said += chunk_of(R"({"result":{"created":true,"canceled":true,"cancel_reason":")" + refusal +
                       "\"}}");
    } else {
      said += chunk_of("{\"result\":{" + header() + ",\"created\":true}}");
    }
    while (life == life_ && !is_stopped_) {
      if (!said.empty()) {
        Send send = stream.send(said, Deadline::never());
        Result<void, IoError> sent = co_await send;
        if (!sent) co_return;
        said.clear();
      }
      if (next <= compacted_) {
        said = chunk_of(R"({"result":{"canceled":true,"compact_revision":")" +
                        std::to_string(compacted_) + "\"}}");
        next = INT64_MAX;
        continue;
      }
      for (const auto& [revision, event] : events_) {
        if (revision < next || is_holding_back_) continue;
        next = revision + 1;
        said += chunk_of("{\"result\":{" + header() + ",\"events\":[" + event + "]}}");
      }
      Sleep sleep(engine_, engine_.now() + 10ms);
      co_await sleep;
    }
  }

  SimWorld& world_;
  Address address_;
  SimEngine engine_;
  SocketPtr listener_;
  std::map<std::string, std::string> keys_;
  std::vector<std::pair<std::int64_t, std::string>> events_;
  std::int64_t revision_ = 1;
  std::int64_t compacted_ = 0;
  int life_ = 0;
  bool is_holding_back_ = false;
  bool is_stopped_ = false;
  Scope scope_;
};

}  // namespace gg
