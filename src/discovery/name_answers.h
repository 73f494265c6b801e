// SPDX-License-Identifier: Apache-2.0
// What name servers say of an upstream, as endpoints. Pure; used by NameSource.
#pragma once

#include <vector>

#include "config/model.h"
#include "dns/services.h"

namespace gg {

/// Every address is an endpoint, at the port that the upstream's `discover` says; in an order of
/// their own, whatever the name server's was. By https where the upstream has `tls`.
std::vector<EndpointConfig> endpoints_of(const Resolved& resolved, const UpstreamConfig& upstream);

/// Every target is an endpoint. The lowest priority is tier 1, the next tier 2; weights are kept as
/// far as 1 to 1000 can say them.
std::vector<EndpointConfig> endpoints_of(const Services& services, const UpstreamConfig& upstream);

}  // namespace gg
