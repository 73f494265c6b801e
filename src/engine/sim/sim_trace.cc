// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/sim_trace.h"

#include <bit>
#include <cstdio>
#include <cstring>

namespace gg {

void SimTrace::mix(std::uint64_t value) {
  // One round of the splitmix64 finisher over the running value.
  std::uint64_t z = hash_ ^ (value + 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  hash_ = z ^ (z >> 31);
}

void SimTrace::note(const Entry& entry) {
  ++entries_;
  mix(static_cast<std::uint64_t>(entry.at.since_start.count()));
  mix((std::uint64_t{static_cast<std::uint8_t>(entry.what)} << 56) ^ entry.who);
  mix(entry.amount);
  if (keep_ == 0) return;
  kept_.push_back(entry);
  if (kept_.size() > keep_) kept_.pop_front();
}

void SimTrace::fold(std::string_view bytes) {
  // FNV-1a by words, which is quick, and one good mixing for all of them.
  std::uint64_t folded = bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    std::size_t size = bytes.size() < sizeof word ? bytes.size() : sizeof word;
    std::memcpy(&word, bytes.data(), size);
    folded = std::rotl((folded ^ word) * 0x100000001b3, 23);
    bytes.remove_prefix(size);
  }
  mix(folded);
}

std::string SimTrace::text() const {
  std::string lines;
  for (const Entry& entry : kept_) {
    char line[128];
    std::string_view what = text_of(entry.what);
    std::int64_t at = entry.at.since_start.count();
    std::snprintf(line, sizeof line, "%lld.%09lld connection %llu %.*s %llu\n",
                  static_cast<long long>(at / 1'000'000'000),
                  static_cast<long long>(at % 1'000'000'000),
                  static_cast<unsigned long long>(entry.who), static_cast<int>(what.size()),
                  what.data(), static_cast<unsigned long long>(entry.amount));
    lines += line;
  }
  return lines;
}

std::string_view text_of(SimTrace::What what) {
  using What = SimTrace::What;
  switch (what) {
    case What::syn:
      return "syn";
    case What::established:
      return "established";
    case What::refused:
      return "refused";
    case What::accepted:
      return "accepted";
    case What::shed:
      return "shed";
    case What::sent:
      return "sent";
    case What::arrived:
      return "arrived";
    case What::received:
      return "received";
    case What::end_sent:
      return "end sent";
    case What::end_arrived:
      return "end arrived";
    case What::reset_sent:
      return "reset sent";
    case What::reset_arrived:
      return "reset arrived";
    case What::closed:
      return "closed";
    case What::stalled:
      return "stalled";
    case What::resumed:
      return "resumed";
    case What::cut:
      return "cut";
    case What::completed:
      return "completed";
    case What::noted:
      return "noted";
  }
  return "unknown";
}

}  // namespace gg
