// SPDX-License-Identifier: Apache-2.0
// What of a response is worth keeping for the doctor's judgement. Pure.
#pragma once

#include <string_view>

#include "diagnose/doctor/facts.h"
#include "http/head.h"

namespace gg {

/// Keeps what the final head says of itself and of those it came through.
void note_head(const ResponseHead& head, TalkFacts& talk);
/// Keeps the first 2 KiB.
void keep_body_start(std::string_view bytes, TalkFacts& talk);

}  // namespace gg
