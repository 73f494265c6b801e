// SPDX-License-Identifier: Apache-2.0
// What c-ares reports, in our words; for the resolver and the survey of name servers.
#pragma once

#include <ares.h>

#include "dns/resolver.h"

namespace gg {

/// `status` is not ARES_SUCCESS.
inline DnsError dns_error_of(int status) {
  switch (status) {
    case ARES_ENODATA:
      return DnsError::no_address;
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
    case ARES_ENONAME:
      return DnsError::no_such_name;
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return DnsError::timeout;
    case ARES_ECONNREFUSED:
    case ARES_EFILE:
    case ARES_ENOMEM:
    case ARES_ENOTINITIALIZED:
      return DnsError::no_resolver;
    default:
      return DnsError::server_failure;
  }
}

}  // namespace gg
