// SPDX-License-Identifier: Apache-2.0
// HTTP/2 frame by frame: what a test says, right or wrong, and what it hears. Header only, for unit
// tests and fuzzing.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gg {

namespace http2 {

using FieldPairs = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum FrameType : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};
inline constexpr std::uint8_t end_stream = 1;
inline constexpr std::uint8_t ack = 1;
inline constexpr std::uint8_t end_headers = 4;
inline constexpr std::uint8_t padded = 8;
inline constexpr std::uint8_t with_priority = 32;

/// `value` in so many bytes, the highest first.
inline std::string number(std::uint64_t value, unsigned bytes) {
  std::string text;
  while (bytes-- > 0) text += static_cast<char>(value >> (8 * bytes));
  return text;
}

inline std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload) {
  std::string text = number(payload.size(), 3);
  text += static_cast<char>(type);
  text += static_cast<char>(flags);
  return text + number(stream, 4) + std::string(payload);
}

/// HPACK without compression: literals that are not to be indexed (RFC 7541 6.2.2).
inline std::string block(const FieldPairs& fields) {
  auto text = [](const std::string& of) {
    std::string length;
    if (of.size() < 127) {
      length += static_cast<char>(of.size());
    } else {
      length += '\x7f';
      std::size_t rest = of.size() - 127;
      for (; rest >= 128; rest /= 128) length += static_cast<char>(128 | (rest % 128));
      length += static_cast<char>(rest);
    }
    return length + of;
  };
  std::string bytes;
  for (const auto& [name, value] : fields) {
    bytes += '\0';
    bytes += text(name) + text(value);
  }
  return bytes;
}

inline FieldPairs request(const std::string& method, const std::string& path) {
  return {{":method", method}, {":scheme", "http"}, {":authority", "h"}, {":path", path}};
}

inline std::string headers_frame(std::uint32_t stream, const FieldPairs& fields,
                                 std::uint8_t flags = end_stream) {
  return frame(headers, flags | end_headers, stream, block(fields));
}
inline std::string get_frame(std::uint32_t stream, const std::string& path) {
  return headers_frame(stream, request("GET", path));
}
inline std::string setting(std::uint16_t id, std::uint32_t value) {
  return number(id, 2) + number(value, 4);
}
inline std::string settings_frame(std::string_view entries = {}) {
  return frame(settings, 0, 0, entries);
}
inline std::string window_frame(std::uint32_t stream, std::uint32_t increment) {
  return frame(window_update, 0, stream, number(increment, 4));
}
inline std::string reset_frame(std::uint32_t stream, std::uint32_t code) {
  return frame(rst_stream, 0, stream, number(code, 4));
}
/// What every client says first.
inline std::string hello(std::string_view entries = {}) {
  return std::string(preface) + settings_frame(entries) + frame(settings, ack, 0, {});
}

}  // namespace http2

/// Reads what a server said.
class Http2Ear {
 public:
  struct Answer {
    std::vector<std::string> heads;  // the status of each, interim ones included
    http2::FieldPairs fields;        // of the last head
    http2::FieldPairs trailers;
    std::string body;
    bool has_ended = false;
    std::int64_t reset = -1;  // the code
  };

  Http2Ear() { nghttp2_hd_inflate_new(&inflater_); }
  Http2Ear(const Http2Ear&) = delete;
  Http2Ear& operator=(const Http2Ear&) = delete;
  ~Http2Ear() { nghttp2_hd_inflate_del(inflater_); }

  /// `all` is everything that came since the beginning.
  void hear(std::string_view all) {
    while (all.size() >= at_ + 9) {
      std::string_view head = all.substr(at_, 9);
      std::size_t size = number_in(head.substr(0, 3));
      if (all.size() < at_ + 9 + size) return;
      take(static_cast<std::uint8_t>(head[3]), static_cast<std::uint8_t>(head[4]),
           static_cast<std::uint32_t>(number_in(head.substr(5, 4))), all.substr(at_ + 9, size));
      at_ += 9 + size;
    }
  }

  const Answer& answer(std::uint32_t stream) { return answers_[stream]; }
  std::string status(std::uint32_t stream) {
    const Answer& its = answers_[stream];
    return its.heads.empty() ? "" : its.heads.back();
  }
  /// The code of the last GOAWAY; -1: none came.
  std::int64_t goaway() const { return goaway_; }
  std::uint32_t last_stream() const { return last_stream_; }
  int goaways() const { return goaways_; }
  /// Of each of its streams, as its settings say.
  std::uint64_t first_window() const { return first_window_; }
  /// Bytes by which the server has enlarged a window.
  std::uint64_t window_given(std::uint32_t stream) { return windows_[stream]; }
  int pongs() const { return pongs_; }
  std::vector<std::string> pings;  // whose answers are due

 private:
  static std::uint64_t number_in(std::string_view bytes) {
    std::uint64_t value = 0;
    for (char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  void take(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    Answer& answer = answers_[stream];
    bool ends = (flags & http2::end_stream) != 0;
    switch (type) {
      case http2::data:
        answer.body += payload;
        answer.has_ended = ends;
        break;
      case http2::headers:
      case http2::continuation:
        block_ += payload;
        block_ends_ = type == http2::headers ? ends : block_ends_;
        if ((flags & http2::end_headers) != 0) take_block(answer);
        break;
      case http2::rst_stream:
        answer.reset = static_cast<std::int64_t>(number_in(payload));
        break;
      case http2::goaway:
        ++goaways_;
        last_stream_ = static_cast<std::uint32_t>(number_in(payload.substr(0, 4)));
        goaway_ = static_cast<std::int64_t>(number_in(payload.substr(4, 4)));
        break;
      case http2::window_update:
        windows_[stream] += number_in(payload);
        break;
      case http2::settings:
        for (; payload.size() >= 6; payload.remove_prefix(6)) {
          bool is_window = number_in(payload.substr(0, 2)) == 4;
          if (is_window) first_window_ = number_in(payload.substr(2, 4));
        }
        break;
      case http2::ping:
        if ((flags & http2::ack) != 0) ++pongs_;
        if ((flags & http2::ack) == 0) pings.emplace_back(payload);
        break;
      default:
        break;
    }
  }

  void take_block(Answer& answer) {
    http2::FieldPairs fields;
    const auto* in = reinterpret_cast<const std::uint8_t*>(block_.data());
    std::size_t left = block_.size();
    for (;;) {
      nghttp2_nv field{};
      int flags = 0;
      ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, in, left, 1);
      if (used < 0) break;
      in += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                            std::string(reinterpret_cast<char*>(field.value), field.valuelen));
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    block_.clear();
    bool is_head = !fields.empty() && fields.front().first == ":status";
    if (is_head) answer.heads.push_back(fields.front().second);
    (is_head ? answer.fields : answer.trailers) = std::move(fields);
    answer.has_ended = block_ends_;
  }

  nghttp2_hd_inflater* inflater_ = nullptr;
  std::size_t at_ = 0;
  std::string block_;
  bool block_ends_ = false;
  std::map<std::uint32_t, Answer> answers_;
  std::map<std::uint32_t, std::uint64_t> windows_;
  std::uint64_t first_window_ = 65535;
  std::int64_t goaway_ = -1;
  std::uint32_t last_stream_ = 0;
  int goaways_ = 0;
  int pongs_ = 0;
};

}  // namespace gg
