// SPDX-License-Identifier: Apache-2.0
// Looks at one address of a target the way the gateway would use it: connect, TLS, requests on one
// connection and on fresh ones, and a while of nothing. Gathers facts, judges nothing.
#pragma once

#include <memory>

#include "diagnose/doctor/facts.h"
#include "diagnose/doctor/http2_talk.h"
#include "engine/engine.h"
#include "http1/client.h"
#include "task/task.h"
#include "tls/client_context.h"

namespace gg {

/// How long the doctor waits for what.
struct DoctorSettings {
  Duration name = 2s;
  Duration connect = 2s;
  Duration tls = 3s;
  Duration head = 5s;         // for the first byte and the head; twice that for a body
  Duration patience = 400ms;  // how long a kept-alive connection is left idle and watched
  bool load = false;          // a burst of requests
};

/// One address. Lives as long as its run().
class AddressProbe {
 public:
  /// `tls`: checks certificates as the target wants it; `lenient` does not. Null unless the target
  /// speaks TLS. `facts.address` is set. All outlive the probe.
  AddressProbe(Engine& engine, const DoctorTarget& target, const DoctorSettings& settings,
               const TlsClientContext* tls, const TlsClientContext* lenient, AddressFacts& facts)
      : engine_(engine),
        target_(target),
        settings_(settings),
        tls_(tls),
        lenient_(lenient),
        facts_(facts) {}

  Task<void> run();
  /// Some requests one at a time, then so many at once, on connections of their own.
  Task<void> burst(LoadFacts& load);

 private:
  Task<void> look();
  Task<SocketPtr> connect();
  std::string introduction() const;
  Task<void> introduce(ByteStream& stream);
  Task<std::unique_ptr<ByteStream>> shake_hands(SocketPtr socket);
  Task<void> look_behind_refusal();
  Task<std::unique_ptr<ByteStream>> open();
  Task<void> talk(std::unique_ptr<ByteStream> first);
  Task<bool> ask(Http1ClientConnection& http, bool reused);
  Task<Result<void, StreamError>> exchange(ClientStream& http, TalkFacts& talk, Stage& stage);
  Task<Result<void, StreamError>> read_body(ClientStream& http, TalkFacts& talk);
  bool has_enough(Instant began, int talks) const;
  Task<void> talk_http2(std::unique_ptr<ByteStream> first);
  Task<bool> ask_http2(Http2Talk& connection, bool reused);
  void note_no_greeting(Http2Talk& connection);
  Task<void> watch_idle(Http1ClientConnection& http);
  Task<void> find_out_why();
  Task<void> try_other_introduction();
  Task<bool> has_answer_to(std::string_view header);
  Task<void> try_tls();
  Task<void> try_plain();
  Task<void> ask_once(LoadFacts& load, std::vector<Duration>& times);
  std::string host_field() const;
  void classify_talk(TalkFacts& talk, const ClientStream& http, const ByteStream& bytes,
                     Stage stage, const StreamError& error);

  Engine& engine_;
  const DoctorTarget& target_;
  const DoctorSettings& settings_;
  const TlsClientContext* tls_;
  const TlsClientContext* lenient_;
  AddressFacts& facts_;
  HeadLimits limits_;
};

}  // namespace gg
