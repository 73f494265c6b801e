// SPDX-License-Identifier: Apache-2.0
// The catalogue's causes, each provoked in a world of its own or named with the reason why not.
// faults_test.cc holds the gateway and the catalogue against it.
#pragma once

#include <span>
#include <string_view>

#include "fault/catalogue.h"
#include "support/world.h"

namespace gg {

/// What a cause has to come out as. The expectations are written by hand, not read from the table.
struct Provocation {
  Fault fault = Fault::none;
  std::string_view id;
  Blame blame = Blame::upstream;
  int status = 0;  // that the client got; 0: none
  /// Does what leads to the fault in a world of one origin. The record that is finished last tells.
  void (*provoke)(World& world) = nullptr;
};
std::span<const Provocation> provocations();
/// Those of TLS with endpoints, which are among them.
std::span<const Provocation> tls_provocations();

/// A cause that no simulation over plain HTTP/1.1 can provoke now.
struct Unprovoked {
  Fault fault = Fault::none;
  std::string_view reason;
};
std::span<const Unprovoked> unprovoked_faults();

}  // namespace gg
