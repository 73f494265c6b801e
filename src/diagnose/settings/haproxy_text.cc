// SPDX-License-Identifier: Apache-2.0
#include "diagnose/settings/haproxy_text.h"

#include <algorithm>
#include <utility>

namespace gg {
namespace {

constexpr std::string_view kinds[] = {
    "global",      "defaults", "frontend",    "backend",   "listen", "resolvers",
    "peers",       "userlist", "mailers",     "program",   "cache",  "ring",
    "http-errors", "fcgi-app", "log-forward", "crt-store", "traces"};

bool is_kind(std::string_view word) { return std::ranges::find(kinds, word) != std::end(kinds); }

/// The words of a line; quotes and backslashes as HAProxy reads them, up to a
/// #.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool is_in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      is_in_word = true;
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      is_in_word = true;
    } else if (c == '#') {
      break;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      if (is_in_word) words.push_back(std::exchange(word, {}));
      is_in_word = false;
    } else {
      word += c;
      is_in_word = true;
    }
  }
  if (is_in_word) words.push_back(word);
  return words;
}

template <class Function>
void for_each_line(std::string_view text, Function&& function) {
  int number = 0;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    function(++number, line);
  }
}

}  // namespace

bool looks_like_haproxy(std::string_view text) {
  bool found = false;
  for_each_line(text, [&](int, std::string_view line) {
    if (line.find('{') != std::string_view::npos || line.find(';') != std::string_view::npos)
      return;
    std::vector<std::string> words = words_of(line);
    bool starts_section = !words.empty() && words.size() <= 4 && is_kind(words[0]) &&
                          (words[0] == "global" || words[0] == "defaults" ||
                           words[0] == "frontend" || words[0] == "backend" || words[0] == "listen");
    found = found || starts_section;
  });
  return found;
}

HaproxySettings read_haproxy_settings(std::string_view text, std::string file) {
  HaproxySettings settings;
  settings.file = std::move(file);
  for_each_line(text, [&](int number, std::string_view line) {
    std::vector<std::string> words = words_of(line);
    if (words.empty()) return;
    if (is_kind(words[0])) {
      settings.sections.push_back({.kind = words[0],
                                   .name = words.size() > 1 ? words[1] : "",
                                   .number = number,
                                   .lines = {}});
    } else if (!settings.sections.empty()) {
      settings.sections.back().lines.push_back({.words = std::move(words), .number = number});
    }
  });
  return settings;
}

}  // namespace gg
