// SPDX-License-Identifier: Apache-2.0
// What the facts mean: what is wrong, whose it is, what to do. Pure: facts in, findings out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diagnose/doctor/facts.h"

namespace gg {

enum class Weight : std::uint8_t {
  wrong,  // requests fail by it
  risk,   // they will, or do now and then
  note,   // good to know
};
std::string_view name_of(Weight weight);

/// One thing that was found. All but `proof` are whole sentences.
struct Finding {
  Weight weight = Weight::note;
  Fault cause = Fault::none;  // none: about no cause of the catalogue
  Blame blame = Blame::upstream;
  std::string what;
  std::string remedy;
  std::string proof;  // the facts behind it, half a sentence
};

/// The gravest first; of equal ones, the earlier stage first. Empty: all is well.
std::vector<Finding> judge(const DoctorFacts& facts);

}  // namespace gg
