// SPDX-License-Identifier: Apache-2.0
// Which fields of a head a route removes, sets and adds.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "config/rules_model.h"
#include "http/head.h"
#include "rules/text_template.h"

namespace gg {

/// Immutable: any number of threads may ask at once.
class HeaderRules {
 public:
  /// A field to be written.
  struct Written {
    std::string name;
    FieldName id = FieldName::other;
    TextTemplate text;
  };

  explicit HeaderRules(const HeaderChanges& changes);

  bool empty() const { return removed_.empty() && written_.empty(); }
  /// Is a field of that name to go, because it is removed or written anew?
  bool removes(const Field& field) const;
  /// What is written after that, in order; one whose text is empty is left out.
  std::span<const Written> written() const { return written_; }
  /// Bytes of all their texts.
  std::size_t text_size(const RequestView& request) const;

 private:
  struct Name {
    std::string text;
    FieldName id = FieldName::other;
  };

  std::vector<Name> removed_;
  std::vector<Written> written_;
};

}  // namespace gg
