// SPDX-License-Identifier: Apache-2.0
// A value, or the one reason there is none. Each layer has its own small error type.
#pragma once

#include <expected>
#include <string_view>
#include <utility>

namespace gg {

template <class T, class E>
using Result = std::expected<T, E>;

/// The failing side of a Result: `co_return Failure(error);`
template <class E>
using Failure = std::unexpected<E>;

/// Drops a result on purpose. `why` is for the reader.
template <class T, class E>
void ignore(const Result<T, E>& /*result*/, std::string_view /*why*/) {}

}  // namespace gg
