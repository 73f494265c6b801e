// SPDX-License-Identifier: Apache-2.0
// A connection of ours to an endpoint that speaks HTTP/2, for tests of the client side.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http2/client.h"
#include "http2/client_stream.h"
#include "support/http2_talk.h"
#include "support/sim_pair.h"

namespace gg {

/// A connection of ours and an endpoint that says frame by frame what a test wants.
class Http2Client : public SimPair, private Http2ClientConnection::Owner {
 protected:
  Http2Client() {
    settings_.idle = 60s;
    settings_.send = 10s;
    settings_.answer = 2s;
    Connected connected = connect();
    peer_ = connected.peer;
    Http2ClientConnection::Owner& owner = *this;
    connection_.emplace(std::make_unique<PlainStream>(std::move(connected.socket)), settings_,
                        owner, Deadline::after(engine().now(), 2s));
    pass();
  }
  ~Http2Client() override {
    streams_.clear();
    connection_.reset();
    pass();
  }

  Http2ClientConnection& connection() { return *connection_; }
  SimPeer& peer() { return *peer_; }
  /// The endpoint says this and everything happens that follows.
  void say(std::string_view bytes, Duration time = 10ms) {
    peer().say(bytes);
    pass(time);
  }
  void greet(std::string_view settings = {}) {
    say(http2::settings_frame(settings) + http2::frame(http2::settings, http2::ack, 0, {}));
  }
  /// What the endpoint heard, behind the preface.
  Http2Ear& ear() {
    ear_.hear(std::string_view(peer().heard()).substr(http2::preface.size()));
    return ear_;
  }

  /// Of that request. To the ear, which listens to servers otherwise, they are no head.
  const http2::FieldPairs& fields_of(std::uint32_t id) { return ear().answer(id).trailers; }

  Http2ClientStream& stream(bool asks_first = false) {
    return *streams_.emplace_back(std::make_unique<Http2ClientStream>(connection(), asks_first));
  }
  static OutgoingRequest request_of(Method method, std::string_view text, BodyPlan body = {}) {
    return {.method = method, .method_text = text, .target = "/a", .authority = "h", .body = body};
  }
  /// Sends a GET and lets it arrive.
  Http2ClientStream& ask() {
    Http2ClientStream& asked = stream();
    EXPECT_TRUE(await(asked.send_head(get_, {}, Deadline::never())));
    pass();
    return asked;
  }
  static std::string head(std::uint32_t id, const std::string& status, bool ends,
                          http2::FieldPairs more = {}) {
    more.insert(more.begin(), {":status", status});
    return http2::headers_frame(id, more, ends ? http2::end_stream : 0);
  }
  static std::string data(std::uint32_t id, std::string_view bytes, bool ends = true) {
    return http2::frame(http2::data, ends ? http2::end_stream : 0, id, bytes);
  }
  static std::string goaway(std::uint32_t last, std::uint32_t code = 0) {
    return http2::frame(http2::goaway, 0, 0, http2::number(last, 4) + http2::number(code, 4));
  }
  Result<ResponseHead, StreamError> read_head(Http2ClientStream& from) {
    return await(from.read_head(Deadline::after(engine().now(), 5s)));
  }
  StreamError head_error(Http2ClientStream& from) {
    Result<ResponseHead, StreamError> head = read_head(from);
    EXPECT_FALSE(head);
    return head ? StreamError{} : head.error();
  }
  /// The rest of the body; what ends it too early is kept in `body_error_`.
  std::string body(Http2ClientStream& from) {
    std::string text;
    for (;;) {
      Result<BodyPart, StreamError> part =
          await(from.read_body(Deadline::after(engine().now(), 5s)));
      if (!part) {
        body_error_ = part.error();
        return text;
      }
      text += part->bytes;
      if (part->trailers != nullptr) trailers_ = part->trailers->size();
      if (part->last) return text;
    }
  }

  Http2ClientSettings settings_;
  OutgoingRequest get_ = request_of(Method::get, "GET");
  StreamError body_error_{};
  std::size_t trailers_ = 0;
  int changes_ = 0;
  std::vector<std::unique_ptr<Http2ClientStream>> streams_;

 private:
  void connection_changed(Http2ClientConnection& /*connection*/) override { ++changes_; }

  SimPeer* peer_ = nullptr;
  Http2Ear ear_;
  std::optional<Http2ClientConnection> connection_;
};

}  // namespace gg
