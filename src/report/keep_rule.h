// SPDX-License-Identifier: Apache-2.0
// Which requests a log tells of when it does not tell of all. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "config/values.h"
#include "record/exchange_record.h"

namespace gg {

/// What failed, was rescued or was slow is always kept, and of the rest a share. Chance is drawn
/// from the request's id: gateways that share ids keep the same requests.
class KeepRule {
 public:
  /// Keeps everything.
  constexpr KeepRule() = default;
  /// `slow`: from how long on a request is kept for that; zero: never.
  constexpr KeepRule(Share share, Duration slow) : slow_(slow) {
    if (share.percent >= 100) return;
    keeps_all_ = false;
    constexpr double two_to_64 = 18446744073709551616.0;
    below_ = static_cast<std::uint64_t>(std::max(share.fraction(), 0.0) * two_to_64);
  }

  bool keeps(const ExchangeRecord& record) const {
    return keeps_all_ || lot_of(record.id.view()) < below_ || is_worth_it(record);
  }

  /// A number that ids are spread evenly over.
  static std::uint64_t lot_of(std::string_view id) {
    std::uint64_t lot = 0x9e3779b97f4a7c15U;
    while (!id.empty()) {
      std::uint64_t part = 0;
      std::size_t size = std::min(id.size(), sizeof part);
      std::memcpy(&part, id.data(), size);
      id.remove_prefix(size);
      lot = stirred(lot ^ part);
    }
    return lot;
  }

 private:
  /// The last steps of MurmurHash3 (public domain, A. Appleby).
  static constexpr std::uint64_t stirred(std::uint64_t value) {
    value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdU;
    value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53U;
    return value ^ (value >> 33);
  }

  bool is_worth_it(const ExchangeRecord& record) const {
    bool is_slow = slow_ > Duration::zero() && record.total >= slow_;
    return is_slow || record.fault != Fault::none || record.status >= 500 ||
           record.has_failed_attempt();
  }

  std::uint64_t below_ = 0;
  Duration slow_{};
  bool keeps_all_ = true;
};

}  // namespace gg
