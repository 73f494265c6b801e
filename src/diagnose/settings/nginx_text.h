// SPDX-License-Identifier: Apache-2.0
// nginx's configuration as a tree of directives, with what it includes in
// place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diagnose/settings/remark.h"

namespace gg {

struct NginxDirective {
  std::string name;
  std::vector<std::string> values;
  std::vector<NginxDirective> block;
  bool has_block = false;
  std::string file;
  int line = 0;
};

struct NginxSettings {
  std::vector<NginxDirective> directives;
  std::vector<std::string> files;
  std::string error;  // why it could not be read; empty: it could
};

/// Relative includes are looked for beside `path`. An include that cannot be
/// read is left out.
NginxSettings read_nginx_settings(const std::string& text, const std::string& path,
                                  SettingsFiles& files);

}  // namespace gg
