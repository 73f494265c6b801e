// SPDX-License-Identifier: Apache-2.0
#include "config/environment.h"

#include <fmt/format.h>

#include <cstdlib>

#include "config/whole_file.h"

namespace gg {
namespace {

constexpr std::size_t file_most = 64 << 10;
constexpr std::string_view of_file = "file:";

bool is_variable_name(std::string_view text) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return !text.empty() && (text[0] < '0' || text[0] > '9') &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

/// Without the line end that editors leave.
Result<std::string, std::string> read_value(const std::string& name) {
  Result<std::string, int> text = read_whole_file(name, file_most);
  if (!text) return Failure(unreadable_text(text.error(), file_most));
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  return std::move(*text);
}

/// What stands between "${" and "}", or what is wrong with it.
Result<std::string, Misreading> value_of(std::string_view inside, const ValueSource& source) {
  if (inside.starts_with(of_file)) {
    std::string name(inside.substr(of_file.size()));
    Result<std::string, std::string> content = source.file(name);
    if (content) return std::move(*content);
    return Failure(
        Misreading{fmt::format("the file {} cannot be read: {}", in_quotes(name), content.error()),
                   "check its name and who may read it"});
  }
  std::size_t separator = inside.find(":-");
  std::string name(inside.substr(0, separator));
  if (!is_variable_name(name)) {
    return Failure(Misreading{in_quotes("${" + std::string(inside) + "}") + " names no variable",
                              "write ${NAME}, ${NAME:-default} or ${file:NAME}; $${ is ${"});
  }
  std::optional<std::string> value = source.variable(name);
  bool has_default = separator != std::string_view::npos;
  // As in a shell, ":-" is for what is empty too.
  if (has_default && (!value || value->empty())) return std::string(inside.substr(separator + 2));
  if (value) return std::move(*value);
  return Failure(Misreading{fmt::format("the environment has no variable {}", name),
                            fmt::format("set it, or give a default: ${{{}:-value}}", name)});
}

Result<std::string, Misreading> substituted(std::string_view text, const ValueSource& source) {
  std::string out;
  while (!text.empty()) {
    std::size_t dollar = text.find("${");
    if (dollar == std::string_view::npos) break;
    bool is_meant_so = dollar > 0 && text[dollar - 1] == '$';
    out += text.substr(0, is_meant_so ? dollar - 1 : dollar);
    if (is_meant_so) {
      out += "${";
      text.remove_prefix(dollar + 2);
      continue;
    }
    std::size_t end = text.find('}', dollar);
    if (end == std::string_view::npos) {
      return Failure(Misreading{in_quotes(text.substr(dollar)) + " does not end",
                                "write ${NAME}, or $${ where it is meant so"});
    }
    Result<std::string, Misreading> value =
        value_of(text.substr(dollar + 2, end - dollar - 2), source);
    if (!value) return value;
    out += *value;
    text.remove_prefix(end + 1);
  }
  return out + std::string(text);
}

}  // namespace

ValueSource values_of_this_process() {
  return {.variable = [](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            if (value == nullptr) return std::nullopt;
            return std::string(value);
          },
          .file = read_value};
}

void substitute(YamlNode& node, const ValueSource& source, ComplaintList& complaints) {
  for (YamlNode& item : node.items) substitute(item, source, complaints);
  bool may_hold_some = node.kind == YamlNode::Kind::scalar && node.text.contains("${");
  if (!may_hold_some) return;
  Result<std::string, Misreading> text = substituted(node.text, source);
  if (text) {
    node.text = std::move(*text);
    return;
  }
  complaints.error(node.mark, node.key, text.error().problem, text.error().remedy);
}

}  // namespace gg
