// SPDX-License-Identifier: Apache-2.0
// HAProxy's configuration as sections of lines of words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gg {

struct HaproxyLine {
  std::vector<std::string> words;
  int number = 0;
};

struct HaproxySection {
  std::string kind;  // "backend"
  std::string name;  // may be empty
  int number = 0;
  std::vector<HaproxyLine> lines;
};

struct HaproxySettings {
  std::string file;
  std::vector<HaproxySection> sections;
};

/// Does a section of HAProxy's begin somewhere?
bool looks_like_haproxy(std::string_view text);

HaproxySettings read_haproxy_settings(std::string_view text, std::string file);

}  // namespace gg
