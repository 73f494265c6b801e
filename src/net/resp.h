// SPDX-License-Identifier: Apache-2.0
// What is said to a Redis and what it answers (RESP, version 2). Pure; gate/limit_share.h speaks
// it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gg {

/// Appends a command: its name and arguments, which may be any bytes.
void append_resp_command(std::string& out, std::initializer_list<std::string_view> words);

struct RespReply {
  enum class Kind : std::uint8_t { text, error, number, nothing };
  Kind kind = Kind::nothing;
  std::int64_t number = 0;
  std::string text;  // of a text or an error

  bool operator==(const RespReply&) const = default;
};

enum class RespError : std::uint8_t {
  not_resp,  // something else answers there
  too_long,  // than any answer that is waited for
};

/// Reads replies from bytes as they come. Lists, which no command here is answered with, are
/// refused as not_resp.
class RespReader {
 public:
  void feed(std::string_view bytes) { unread_ += bytes; }
  /// The next whole one; none yet. After an error there is nothing more to be read.
  Result<std::optional<RespReply>, RespError> next();

 private:
  std::string unread_;
};

}  // namespace gg
