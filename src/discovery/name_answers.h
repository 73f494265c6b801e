// SPDX-License-Identifier: Apache-2.0
// What name servers say of an upstream, as endpoints. Pure; used by NameSource.
#pragma once

#include <vector>

#include "config/model.h"
#include "dns/resolver.h"

namespace gg {

/// Every address is an endpoint, at the port that the upstream's `discover` says; in an order of
/// their own, whatever the name server's was. By https where the upstream has `tls`.
std::vector<EndpointConfig> endpoints_of(const Resolved& resolved, const UpstreamConfig& upstream);

}  // namespace gg
