// SPDX-License-Identifier: Apache-2.0
// The last members of each upstream that is looked up, in memory that worker processes share: one
// that starts while its source cannot be asked goes on with them. Used by gate/discovery_desk.h.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config/model.h"

namespace gg {

/// No lock, for whoever holds one may be killed. Of two processes that note at once one wins; what
/// they garble is as if it were not there.
class MemberNotes {
 public:
  /// All zero is an empty one.
  struct Head {
    std::atomic<std::uint64_t> key{0};    // what it is about; 0: free
    std::atomic<std::uint64_t> check{0};  // over the text; 0: it is being written
    std::atomic<std::uint64_t> size{0};   // of the text
  };
  /// Room for one list; of a longer one the first endpoints are kept.
  static constexpr std::size_t text_most = std::size_t{64} << 10;
  /// In untouched memory, of which only what is used is ever taken.
  static constexpr std::size_t lists_most = 256;

  /// Both outlive the notes; `texts` has `text_most` for each head.
  MemberNotes(std::span<Head> heads, std::span<char> texts) : heads_(heads), texts_(texts) {}

  /// `source` in any words that tell it from others.
  void note(std::string_view upstream, std::string_view source,
            std::span<const EndpointConfig> members);
  /// Empty: nothing is known.
  std::vector<EndpointConfig> recall(std::string_view upstream, std::string_view source) const;

 private:
  enum class Claim : std::uint8_t { no, yes };
  std::optional<std::size_t> find(std::uint64_t key, Claim claim) const;
  std::span<char> text(std::size_t place) const {
    return texts_.subspan(place * text_most, text_most);
  }

  std::span<Head> heads_;
  std::span<char> texts_;
};

}  // namespace gg
