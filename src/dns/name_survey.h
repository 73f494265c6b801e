// SPDX-License-Identifier: Apache-2.0
// What each name server of this machine says of some names, one beside the other. For `goodgate
// doctor`: it blocks, so never on a thread that serves.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "dns/resolver.h"
#include "engine/address.h"

namespace gg {

/// One name server's answer for one name.
struct ServerAnswer {
  std::string server;              // "10.0.0.53:53"
  std::vector<Address> addresses;  // IPv4 first, port 0, sorted
  Duration ttl{};                  // the least
  std::optional<DnsError> error;   // why there is no address
};

/// Everything about one name.
struct NameSurvey {
  std::string name;
  std::vector<Address> in_hosts_file;  // which comes before any name server
  std::vector<ServerAnswer> servers;
  std::vector<std::string> search;  // the domains that are tried behind the name
};

/// Asks all servers of /etc/resolv.conf for all names at once, for A and AAAA; at most for
/// `patience` in all.
std::vector<NameSurvey> survey_names(std::span<const std::string> names, Duration patience);

/// What a gateway takes: the hosts file, else the first server that has an answer. An error of the
/// first server if there is none.
Result<std::vector<Address>, DnsError> chosen_of(const NameSurvey& survey);

}  // namespace gg
