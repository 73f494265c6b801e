// SPDX-License-Identifier: Apache-2.0
// Which fields end at this hop, in both directions (RFC 9110 7.6.1). Rewriting asks it for each
// field that it is about to pass on.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/head.h"

namespace gg {

/// Made from one head, used for its fields. Borrows from them. A plain value of 100 bytes.
class HopFilter {
 public:
  enum class Upgrade : std::uint8_t { no, yes };

  /// `Upgrade::yes` keeps the Upgrade field; whoever writes the head adds "Connection: upgrade".
  static HopFilter for_request(const RequestHead& head, Upgrade upgrade = Upgrade::no);
  static HopFilter for_response(const ResponseHead& head, Upgrade upgrade = Upgrade::no);

  /// May `field`, an element of the head's own fields.all(), go further?
  bool passes(const Field& field) const;

 private:
  static constexpr std::size_t fields_max = 512;

  explicit HopFilter(const Fields& fields);
  void remove_named_by_connection(std::span<const Field> all);
  void remove_named(std::string_view option, std::span<const Field> all);
  void remove(FieldName id) { removed_ids_ |= std::uint64_t{1} << static_cast<unsigned>(id); }
  void keep(FieldName id) { removed_ids_ &= ~(std::uint64_t{1} << static_cast<unsigned>(id)); }

  const Field* first_ = nullptr;
  bool is_request_ = false;
  std::uint64_t removed_ids_ = 0;    // a bit per FieldName
  std::bitset<fields_max> removed_;  // a bit per field, for names without an id
};

/// Would a careless reader take this name for another one that frames, routes or vouches for a
/// request ("Transfer_Encoding", "X_Forwarded_For")? CGI and WSGI read '_' and '-' alike. Only
/// names with '_' or "--" are.
bool is_lookalike(std::string_view name);

}  // namespace gg
