// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/read_message.h"

namespace gg {
namespace {

/// Does the message speak of a request that was passed on, and not of the program itself?
bool is_about_request(const MessageFacts& facts, const ReadLine& out) {
  return out.status >= 500 || facts.text.find("502 Bad Gateway") != std::string_view::npos ||
         facts.text.find("504 Gateway Timeout") != std::string_view::npos ||
         facts.text.find("500 Internal Server Error") != std::string_view::npos ||
         facts.text.find("499 Client Closed Request") != std::string_view::npos;
}

}  // namespace

std::string_view endpoint_in_go(std::string_view message) {
  for (std::string_view before : {"->", "dial tcp "}) {
    std::size_t at = message.find(before);
    if (at == std::string_view::npos) continue;
    std::string_view rest = message.substr(at + before.size());
    std::size_t end = rest.find(": ");
    if (end != std::string_view::npos && end < 80 && !rest.starts_with("lookup")) {
      return rest.substr(0, end);
    }
  }
  return {};
}

void judge_message(const MessageFacts& facts, ReadLine& out) {
  out.is_message = true;
  std::string_view words = facts.error.empty() ? facts.text : facts.error;
  const Sign* sign = find_sign(go_signs(), words);
  bool is_request = is_about_request(facts, out);
  if (sign == nullptr || (!facts.is_error && !is_request)) {
    out.kind = facts.is_error ? LineKind::unknown : LineKind::notice;
    return;
  }
  out.sign = sign;
  out.kind = is_request ? LineKind::failure : LineKind::notice;
  if (out.endpoint.empty()) out.endpoint = endpoint_in_go(words);
}

}  // namespace gg
