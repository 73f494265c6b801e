// SPDX-License-Identifier: Apache-2.0
#include "net/resp.h"

#include <charconv>

namespace gg {
namespace {

constexpr std::size_t longest = 4096;  // of a line, or of a text
constexpr std::string_view line_end = "\r\n";

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  std::from_chars_result read = std::from_chars(text.data(), end, number);
  bool is_all = read.ec == std::errc() && read.ptr == end;
  return is_all ? std::optional(number) : std::nullopt;
}

}  // namespace

void append_resp_command(std::string& out, std::initializer_list<std::string_view> words) {
  out += "*" + std::to_string(words.size());
  out += line_end;
  for (std::string_view word : words) {
    out += "$" + std::to_string(word.size());
    out += line_end;
    out += word;
    out += line_end;
  }
}

Result<std::optional<RespReply>, RespError> RespReader::next() {
  std::size_t end = unread_.find(line_end);
  if (end == std::string::npos) {
    if (unread_.size() > longest) return Failure(RespError::too_long);
    return std::nullopt;
  }
  if (end > longest) return Failure(RespError::too_long);
  std::string_view line(unread_.data(), end);
  std::size_t behind = end + line_end.size();
  char type = line.empty() ? '\0' : line.front();
  std::string_view rest = line.empty() ? line : line.substr(1);
  RespReply reply;
  if (type == '+' || type == '-') {
    reply.kind = type == '+' ? RespReply::Kind::text : RespReply::Kind::error;
    reply.text = rest;
  } else if (type == ':' || type == '$') {
    std::optional<std::int64_t> number = number_of(rest);
    if (!number || (type == '$' && *number < -1)) return Failure(RespError::not_resp);
    reply.kind = type == ':' ? RespReply::Kind::number : RespReply::Kind::nothing;
    reply.number = type == ':' ? *number : 0;
    bool is_text = type == '$' && *number >= 0;
    if (is_text) {
      auto size = static_cast<std::size_t>(*number);
      if (size > longest) return Failure(RespError::too_long);
      if (unread_.size() < behind + size + line_end.size()) return std::nullopt;
      if (unread_.compare(behind + size, line_end.size(), line_end) != 0) {
        return Failure(RespError::not_resp);
      }
      reply.kind = RespReply::Kind::text;
      reply.text = unread_.substr(behind, size);
      behind += size + line_end.size();
    }
  } else {
    return Failure(RespError::not_resp);
  }
  unread_.erase(0, behind);
  return reply;
}

}  // namespace gg
