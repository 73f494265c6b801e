// SPDX-License-Identifier: Apache-2.0
// Reads a stream of HTTP/1 messages with the product's parsers and writes down what it saw, so that
// two readings can be compared as text. Used by unit tests, fuzz targets and the differential test.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/framing.h"
#include "http1/chunked.h"
#include "http1/head_parser.h"

namespace gg::testing {

enum class Side { requests, responses };

/// Feed it pieces, then end() it; the transcript is the same however the bytes were cut, or there
/// is a bug.
class MessageReader {
 public:
  explicit MessageReader(Side side, Method request_method = Method::get)
      : side_(side), request_method_(request_method), decoder_(pool_) {}

  void feed(std::string_view piece) {
    held_ += piece;
    while (!is_over_ && step()) {
    }
  }

  /// The connection's clean end: the whole transcript.
  std::string end() {
    if (!is_over_) {
      bool is_between = !in_body_ && held_.empty();
      if (in_body_ && framing_.kind == Framing::Kind::until_close) {
        end_message();
      } else {
        text_ += in_body_ ? "unfinished body " + body_ + "\n"
                          : (is_between ? std::string("end\n") : std::string("unfinished head\n"));
      }
    }
    return text_;
  }

  MessageError error() const { return error_; }
  int messages() const { return static_cast<int>(messages_.size()); }
  /// Each whole message as "start line, fields, empty line, body", without trailers.
  const std::vector<std::string>& whole_messages() const { return messages_; }

 private:
  /// True if it may be called again with what is held.
  bool step() { return in_body_ ? step_body() : step_head(); }

  bool step_head() {
    if (held_.empty()) return false;
    RequestHead request;
    ResponseHead response;
    HeadOutcome outcome = side_ == Side::requests
                              ? parse_request_head(held_, limits_, progress_, pool_, request)
                              : parse_response_head(held_, limits_, progress_, pool_, response);
    if (outcome.state == HeadOutcome::State::need_more) return false;
    if (outcome.state == HeadOutcome::State::failed) {
      fail(outcome.fault.error);
      text_ += " at " + std::to_string(outcome.fault.offset) + "\n";
      return false;
    }
    held_.erase(0, outcome.consumed);
    progress_ = {};
    if (side_ == Side::requests) {
      note_request(request);
      return begin_body(decide_request_framing(request));
    }
    note_response(response);
    return begin_body(decide_response_framing(request_method_, response));
  }

  bool begin_body(Result<Framing, MessageError> framing) {
    if (!framing) {
      fail(framing.error());
      text_ += "\n";
      return false;
    }
    framing_ = *framing;
    left_ = framing->length;
    in_body_ = true;
    body_.clear();
    decoder_ = ChunkedDecoder(pool_);
    text_ += "framing " + std::to_string(static_cast<int>(framing_.kind)) + " " +
             std::to_string(framing_.length) +
             (framing_.persistence == Framing::Persistence::close ? " close\n" : "\n");
    return true;
  }

  bool step_body() {
    switch (framing_.kind) {
      case Framing::Kind::none:
        end_message();
        return true;
      case Framing::Kind::length: {
        std::size_t count = std::min<std::uint64_t>(left_, held_.size());
        take(count);
        left_ -= count;
        if (left_ > 0) return false;
        end_message();
        return true;
      }
      case Framing::Kind::chunked:
        return step_chunked();
      case Framing::Kind::tunnel:  // what follows is not HTTP
        end_message();
        return false;
      case Framing::Kind::until_close:
        take(held_.size());
        return false;
    }
    return false;
  }

  bool step_chunked() {
    ChunkedStep step = decoder_.next(held_);
    body_ += step.data;
    held_.erase(0, step.consumed);
    switch (step.state) {
      case ChunkedStep::State::need_more:
        return false;
      case ChunkedStep::State::data:
        return true;
      case ChunkedStep::State::failed:
        fail(step.error);
        text_ += " after " + body_ + "\n";
        return false;
      case ChunkedStep::State::end:
        break;
    }
    Fields trailers = decoder_.take_trailers();
    for (const Field& field : trailers.all()) note_field("trailer ", field);
    end_message();
    return true;
  }

  void take(std::size_t count) {
    body_ += held_.substr(0, count);
    held_.erase(0, count);
  }

  void end_message() {
    text_ += "body " + body_ + "\n";
    in_body_ = false;
    messages_.push_back(message_ + "\n" + body_);
    bool is_last = framing_.persistence == Framing::Persistence::close;
    if (is_last) text_ += "closed\n";
    is_over_ = is_last;
  }

  void fail(MessageError error) {
    error_ = error;
    is_over_ = true;
    text_ += "error ";
    text_ += text_of(error);
  }

  void note_request(const RequestHead& head) {
    message_ = std::string(head.method_text) + " " + std::string(head.target) + "\n";
    text_ += "request ";
    text_ += head.version == HttpVersion::http10 ? "1.0 " : "1.1 ";
    for (std::string_view part :
         {head.method_text, head.target, head.authority, head.path, head.query}) {
      text_ += part;
      text_ += '|';
    }
    text_ += "\n";
    for (const Field& field : head.fields.all()) note_field("field ", field);
  }

  void note_response(const ResponseHead& head) {
    message_ = std::to_string(head.status) + "\n";
    text_ += "response ";
    text_ += head.version == HttpVersion::http10 ? "1.0 " : "1.1 ";
    text_ += std::to_string(head.status) + " ";
    text_ += head.reason;
    text_ += "\n";
    for (const Field& field : head.fields.all()) note_field("field ", field);
  }

  void note_field(std::string_view kind, const Field& field) {
    if (kind == "field ") {
      message_ += std::string(field.name) + ": " + std::string(field.value) + "\n";
    }
    text_ += kind;
    text_ += field.name;
    text_ += "|" + std::to_string(static_cast<int>(field.id)) + "|";
    text_ += field.value;
    text_ += "\n";
  }

  Side side_;
  Method request_method_;
  BufferPool pool_;
  HeadLimits limits_;
  HeadProgress progress_;
  ChunkedDecoder decoder_;
  Framing framing_;
  std::uint64_t left_ = 0;
  bool in_body_ = false;
  bool is_over_ = false;
  MessageError error_ = MessageError::none;
  std::vector<std::string> messages_;
  std::string message_;  // up to its body
  std::string held_;
  std::string body_;
  std::string text_;
};

/// The transcript of `bytes` in pieces of `piece` bytes.
inline std::string read_in_pieces(Side side, std::string_view bytes, std::size_t piece,
                                  Method request_method = Method::get) {
  MessageReader reader(side, request_method);
  for (std::size_t at = 0; at < bytes.size(); at += piece) reader.feed(bytes.substr(at, piece));
  return reader.end();
}

/// In one piece.
inline std::string read_whole(Side side, std::string_view bytes,
                              Method request_method = Method::get) {
  return read_in_pieces(side, bytes, std::max<std::size_t>(bytes.size(), 1), request_method);
}

}  // namespace gg::testing
