// SPDX-License-Identifier: Apache-2.0
// What reached the clients: no lie, no nonsense, nobody else's bytes.
#include "support/checks.h"

namespace gg {

Complaints check_answers(const History& history) {
  Complaints complaints;
  for (const SimOutcome* outcome : history.outcomes) {
    std::string who = "request " + std::to_string(outcome->id);
    bool whole = outcome->how == SimOutcome::How::whole;
    if (whole && !outcome->body_is_complete) {
      complaints.push_back(who + ": an answer passed off as whole that was not (" +
                           std::to_string(outcome->body.size()) + " bytes of it came)");
    }
    if (!outcome->body_is_right) {
      complaints.push_back(who + ": its answer has bytes that are not its own");
    }
    if (outcome->how == SimOutcome::How::malformed) {
      complaints.push_back(who + ": answered with what is no answer: " + outcome->complaint);
    }
  }
  if (history.stray_bytes > 0) {
    complaints.push_back(std::to_string(history.stray_bytes) + " bytes came that nobody asked for");
  }
  return complaints;
}

}  // namespace gg
