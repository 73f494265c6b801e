// SPDX-License-Identifier: Apache-2.0
// Runs each compiler check and names the one that fails; a crash follows the name it printed.
#include <cstdio>

namespace check {
bool parameters();
bool temporaries();
bool conditions();
bool transfer();
bool destruction();
bool results();
bool shapes();
}  // namespace check

namespace {

struct Check {
  const char* name;
  bool (*passes)();
};

constexpr Check checks[] = {
    {"parameters", check::parameters},   {"temporaries", check::temporaries},
    {"conditions", check::conditions},   {"transfer", check::transfer},
    {"destruction", check::destruction}, {"results", check::results},
    {"shapes", check::shapes},
};

}  // namespace

int main() {
  for (const Check& each : checks) {
    std::printf("%s ", each.name);
    std::fflush(stdout);
    bool passed = each.passes();
    std::printf("%s\n", passed ? "ok" : "FAILED");
    if (!passed) return 1;
  }
  return 0;
}
