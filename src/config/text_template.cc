// SPDX-License-Identifier: Apache-2.0
#include "config/text_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace gg {
namespace {

struct VariableWord {
  Variable variable;
  std::string_view name;
};

constexpr std::array<VariableWord, 11> plain_words = {{
    {Variable::client, "client"},
    {Variable::peer, "peer"},
    {Variable::id, "id"},
    {Variable::listener, "listener"},
    {Variable::method, "method"},
    {Variable::scheme, "scheme"},
    {Variable::host, "host"},
    {Variable::authority, "authority"},
    {Variable::path, "path"},
    {Variable::query, "query"},
    {Variable::target, "target"},
}};

constexpr std::string_view all_names =
    "client, peer, id, listener, method, scheme, host, authority, path, query, target, "
    "header:NAME, cookie:NAME";

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t{}:;,=\"\\/()<>@?[]") == std::string_view::npos;
}

/// What stands between braces, put into `piece`.
bool read_variable(std::string_view text, TemplatePiece& piece) {
  for (const VariableWord& word : plain_words) {
    if (word.name != text) continue;
    piece.variable = word.variable;
    return true;
  }
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_name(text.substr(colon + 1))) return false;
  std::string_view kind = text.substr(0, colon);
  piece.name = text.substr(colon + 1);
  if (kind == "cookie") {
    piece.variable = Variable::cookie;
    return true;
  }
  if (kind != "header") return false;
  piece.variable = Variable::header;
  std::ranges::transform(piece.name, piece.name.begin(), ascii_lower);
  return true;
}

Misreading unknown(std::string_view text) {
  std::vector<std::string_view> names;
  for (const VariableWord& word : plain_words) names.push_back(word.name);
  return {fmt::format("{} is no variable", in_quotes("{" + std::string(text) + "}")),
          did_you_mean(text, names, fmt::format("known: {}; a brace is written twice", all_names))};
}

}  // namespace

Result<std::vector<TemplatePiece>, Misreading> read_template(std::string_view text) {
  std::vector<TemplatePiece> pieces;
  TemplatePiece piece;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool is_brace = text[i] == '{' || text[i] == '}';
    bool is_doubled = is_brace && i + 1 < text.size() && text[i + 1] == text[i];
    if (!is_brace || is_doubled) {
      piece.literal += text[i];
      if (is_doubled) ++i;
      continue;
    }
    std::size_t end = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      return Failure(Misreading{fmt::format("{} has a brace without its partner", in_quotes(text)),
                                "write a brace twice where it is meant as such"});
    }
    std::string_view name = text.substr(i + 1, end - i - 1);
    if (!read_variable(name, piece)) return Failure(unknown(name));
    pieces.push_back(std::move(piece));
    piece = {};
    i = end;
  }
  if (!piece.literal.empty()) pieces.push_back(std::move(piece));
  return pieces;
}

}  // namespace gg
