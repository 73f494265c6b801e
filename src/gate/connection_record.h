// SPDX-License-Identifier: Apache-2.0
// A record about a connection rather than a request: what a client's connection was refused or
// ended for stands in the log, is counted and explained like a request that could not be read.
#pragma once

#include "gate/client_session.h"

namespace gg {

/// Makes it, of now. Nobody is answered.
GG_RARE Task<void> record_connection(const SessionContext& context, const ClientFacts& facts,
                                     std::uint32_t request_number, HttpVersion version,
                                     Fault fault);

}  // namespace gg
