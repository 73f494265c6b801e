// SPDX-License-Identifier: Apache-2.0
#include "discovery/source.h"

namespace gg {

std::string_view source_kind(const DiscoverConfig& discover) {
  if (!discover.file.empty()) return "file";
  if (!discover.dns.empty()) return "dns";
  if (!discover.srv.empty()) return "srv";
  return "etcd";
}

std::string source_text(const DiscoverConfig& discover) {
  const std::string* name = &discover.etcd;
  for (const std::string* given : {&discover.file, &discover.dns, &discover.srv}) {
    if (!given->empty()) name = given;
  }
  return std::string(source_kind(discover)) + " " + *name;
}

}  // namespace gg
