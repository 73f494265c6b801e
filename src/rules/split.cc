// SPDX-License-Identifier: Apache-2.0
#include "rules/split.h"

#include <algorithm>
#include <limits>

namespace gg {
namespace {

RequestKey key_of(const SplitKey& by) {
  switch (by.kind) {
    case SplitKey::Kind::header:
      return {RequestKey::Source::header, by.text};
    case SplitKey::Kind::cookie:
      return {RequestKey::Source::cookie, by.text};
    case SplitKey::Kind::client_ip:
    case SplitKey::Kind::random:
      break;
  }
  return {};
}

}  // namespace

Split::Split(const SplitConfig& config)
    : key_(key_of(config.by)), is_random_(config.by.kind == SplitKey::Kind::random) {
  std::uint64_t total = 0;
  for (const SplitTarget& target : config.among) total += target.weight;
  std::uint64_t unit =
      std::numeric_limits<std::uint64_t>::max() / std::max<std::uint64_t>(total, 1);
  std::uint64_t end = 0;
  for (const SplitTarget& target : config.among) {
    end += target.weight * unit;
    ends_.push_back(end);
  }
}

std::size_t Split::at(std::uint64_t point) const {
  auto part = std::ranges::upper_bound(ends_, point);
  if (part != ends_.end()) return static_cast<std::size_t>(part - ends_.begin());
  // What division left over at the line's end: the last one that has a part at all.
  std::size_t last = ends_.size() - 1;
  while (last > 0 && ends_[last] == ends_[last - 1]) --last;
  return last;
}

std::size_t Split::choose(const RequestHead& head, const Address& client,
                          std::uint64_t dice) const {
  return at(is_random_ ? dice : hash_of(key_, head, client));
}

}  // namespace gg
