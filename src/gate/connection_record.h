// SPDX-License-Identifier: Apache-2.0
// A record about a connection rather than a request: what a client's connection was refused or
// ended for stands in the log, is counted and explained like a request that could not be read.
#pragma once

#include <memory>

#include "gate/client_session.h"

namespace gg {

/// Makes it, of now. Nobody is answered.
GG_RARE Task<void> record_connection(const SessionContext& context, const ClientFacts& facts,
                                     std::uint32_t request_number, HttpVersion version,
                                     Fault fault);

/// Makes one of a connection that is not let in, and answers it with that fault if `bytes` is not
/// null, without having read from it. Takes two seconds at most.
GG_RARE Task<void> refuse_connection(const SessionContext& context, ClientFacts facts,
                                     std::unique_ptr<ByteStream> bytes, Fault fault);

}  // namespace gg
