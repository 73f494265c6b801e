// SPDX-License-Identifier: Apache-2.0
// llhttp's reading of a byte stream, in the form in which ours is compared with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vectors/message_reader.h"

namespace gg::testing {

struct ForeignReading {
  enum class End { waits, refuses, stops };

  std::vector<std::string> messages;  // as MessageReader::whole_messages()
  End end = End::waits;               // stops: at an upgrade, or behind the last message
  std::string error;                  // HPE_…
};

ForeignReading read_with_llhttp(Side side, std::string_view bytes);

}  // namespace gg::testing
