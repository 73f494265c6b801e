// SPDX-License-Identifier: Apache-2.0
// The four forms of a request target (RFC 9112 3.2). Used by the head parser only.
#pragma once

#include <string_view>

#include "http/head.h"
#include "http/method.h"

namespace gg {

/// Views borrow from the target, or are literals.
struct TargetParts {
  TargetForm form = TargetForm::origin;
  std::string_view authority;
  std::string_view path;
  std::string_view query;
  bool has_query = false;
};

/// `target` has only bytes of CharacterClass::target. False if it is of no form, or of one that
/// does not fit `method`.
bool split_target(Method method, std::string_view target, TargetParts& parts);

}  // namespace gg
