// SPDX-License-Identifier: Apache-2.0
// What the demo's origins answer: a greeting for people, payloads that the built-in clients can
// check to the last byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/head.h"

namespace gg {

/// A body that both sides can make: `size` letters drawn from `seed`.
struct DemoPayload {
  static constexpr std::size_t size_max = 16384;

  std::size_t size = 0;
  std::uint64_t seed = 0;

  /// "/payload/SIZE/SEED".
  std::string path() const;
  std::string text() const;
  /// The payload that a path names, if it names one of at most size_max bytes.
  static std::optional<DemoPayload> named_by(std::string_view path);
};

/// The answer to a person: who answers, what was asked, and what the gateway added.
/// `origin` counts from 1.
std::string demo_greeting(std::size_t origin, const RequestHead& head);

/// Something that is no HTTP response; another one for each `variant`. Static.
std::string_view demo_garbage(std::uint64_t variant);

}  // namespace gg
