// SPDX-License-Identifier: Apache-2.0
#include "dns/resolver.h"

namespace gg {

std::string_view text_of(DnsError error) {
  switch (error) {
    case DnsError::timeout:
      return "timeout";
    case DnsError::no_such_name:
      return "no_such_name";
    case DnsError::server_failure:
      return "server_failure";
    case DnsError::no_address:
      return "no_address";
    case DnsError::no_resolver:
      return "no_resolver";
  }
  return "";
}

}  // namespace gg
