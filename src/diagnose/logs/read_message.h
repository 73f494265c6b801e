// SPDX-License-Identifier: Apache-2.0
// Messages of Traefik: the words of Go's libraries, whatever stands around them.
#pragma once

#include <string_view>

#include "diagnose/logs/line.h"

namespace gg {

struct MessageFacts {
  std::string_view text;
  std::string_view error;  // what is said apart from the text; may be empty
  bool is_error = false;   // its level says that something failed
};

/// Sets kind, sign and, where the words name it, the endpoint.
void judge_message(const MessageFacts& facts, ReadLine& out);

/// Whom "dial tcp 10.0.0.1:80: connect: ..." or "read tcp 10.0.0.9:5->10.0.0.1:80: ..." was about;
/// empty: nobody is named.
std::string_view endpoint_in_go(std::string_view message);

}  // namespace gg
